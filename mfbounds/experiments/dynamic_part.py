"""Parts of the experiments on dynamic games (P2): one game, one method, one setting, one seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from mfbounds.experiments.part import file_name, settings_of
from mfbounds.experiments.parts import part_seed
from mfbounds.experiments.scale import Scale
from mfbounds.games.dynamic.catalogue import build_dynamic
from mfbounds.games.dynamic.game import DynamicGame

FORMAT = "mfbounds-dynamic-part-1"  # to be raised when the numbers of a part change their meaning
EQUILIBRIUM = "regularised-equilibrium"  # of the induced mean-field game, in place of a method that learns
TAU = 0.05  # reward units a nat, everywhere in these experiments
SHORT = 4  # steps of a game with another number of players than the paper's
SHARES = (0.0, 0.05, 0.1, 0.25)  # alpha and beta of P2, Figure 2(a)


@dataclass(frozen=True, eq=False, kw_only=True)
class DynamicPart:
    """What one worker computes in one go; the twin of `Part` for dynamic games.

    Attributes:
        game, arguments: name of the catalogue of dynamic games, and what it is built with.
        setting: which game that is, in a few words, and `variant`: which options of the method.
        method, options: of `mfbounds.solve`, or `EQUILIBRIUM`.
        K: epochs.
        steps: the epochs whose measures are kept, increasing, from 0 to K.
        seed: of the draws.
    """

    game: str
    arguments: Mapping[str, Any]
    setting: str
    method: str
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    variant: str = ""
    K: int
    steps: tuple[int, ...]
    seed: int | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """Everything that the numbers depend on, in JSON types, the versions included."""
        return settings_of(self, FORMAT)

    @cached_property
    def name(self) -> str:
        """A name for files, made of letters, digits, dots, dashes."""
        return file_name(self.game, self.setting, self.method, self.variant, seed=self.seed)

    def build(self) -> DynamicGame:
        return build_dynamic(self.game, **self.arguments)


# the paper gives neither c nor the scale of the step sizes: each is shown for two values, and mixing on and off
VARIANTS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "printed": {},
        "no mixing": {"mixing": "none"},
        "xi_0 = 4, no mixing": {"xi_0": 4.0, "mixing": "none"},
    }
)


def rps_parts(scale: Scale, seed: int) -> Iterator[DynamicPart]:
    """P2, Figure 1(b): A-RPS, monotone along flows (c = 3) and not (c = 1); one seed after the other."""
    plans = (
        (3.0, "symm-pmd", "printed"),
        (3.0, "symm-pmd", "no mixing"),
        (1.0, "symm-pmd", "printed"),
        (1.0, "symm-pmd", "no mixing"),
        (3.0, "independent-pmd", "printed"),
    )
    for number in range(scale.dynamic_seeds):
        for crowding, method, variant in plans:
            arguments = {"crowding": crowding, **_players(scale)}
            yield _learner("a_rps", arguments, f"c = {crowding:g}", (method, variant), scale, part_seed(seed, number))


def sis_parts(scale: Scale, seed: int) -> Iterator[DynamicPart]:
    """P2, Figure 1(c): A-SIS; one seed after the other."""
    for number in range(scale.dynamic_seeds):
        for variant in ("printed", "xi_0 = 4, no mixing"):
            for method in ("symm-pmd", "independent-pmd"):
                plan = method, variant
                yield _learner("a_sis", _players(scale), "alpha = beta = 0.1", plan, scale, part_seed(seed, number))


def sensitivity_parts(scale: Scale, seed: int) -> Iterator[DynamicPart]:
    """P2, Figure 2(a): the equilibrium of A-SIS played by players of more and more heterogeneity."""
    for varied in ("alpha", "beta"):
        for share in SHARES:
            for number in range(scale.dynamic_seeds):
                heterogeneity = {"alpha": 0.0, "beta": 0.0, varied: share, "seed": part_seed(seed, number)}
                yield DynamicPart(
                    game="a_sis",
                    arguments={**heterogeneity, **_players(scale)},
                    setting=f"{varied} = {share:g}",
                    method=EQUILIBRIUM,
                    options={"tau": TAU, "tol": 1e-6},
                    K=0,
                    steps=(0,),
                    seed=part_seed(seed, number),
                )


def _players(scale: Scale) -> dict[str, int]:
    return {} if scale.players is None else {"n_players": scale.players, "horizon": SHORT}


def _learner(
    game: str, arguments: Mapping[str, Any], setting: str, plan: tuple[str, str], scale: Scale, seed: int
) -> DynamicPart:
    """A run of a method and variant."""
    (method, variant), K = plan, scale.dynamic_K
    return DynamicPart(
        game=game,
        arguments=arguments,
        setting=setting,
        method=method,
        options={"M": scale.dynamic_M, "tau": TAU, **VARIANTS[variant]},
        variant=variant,
        K=K,
        steps=tuple(sorted({*range(min(K, 10) + 1), *range(0, K + 1, 5), K})),
        seed=seed,
    )
