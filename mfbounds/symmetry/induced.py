"""The finite-horizon mean-field game that a dynamic game induces (P2, Definition 6)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.symmetry.extensions import Function, kirszbraun_extension, kuhn_extension, mcshane_extension

Extension: TypeAlias = Literal["auto", "analytic", "kuhn", "mcshane", "kirszbraun"]
EXTENSIONS = ("auto", "analytic", "kuhn", "mcshane", "kirszbraun")
NAMES: Mapping[str, str] = MappingProxyType(
    {"analytic": "analytic", "kuhn": "Kuhn", "mcshane": "McShane", "kirszbraun": "Kirszbraun"}
)
# What a game declares of its closed form, or, where it has none, of the default extension.
CLOSED_FORM = ("K_mu", "L_mu", "L_pop", "slope")


def induced_game(game: DynamicGame, extension: Extension = "auto") -> FiniteHorizonGame:
    """MFG(game): the players' average of the symmetrised P^i and R^i, extended from the lattice to the simplex.

    The extension is a choice: alpha and beta do not depend on it (they look at the lattice only), the moduli, the flow
    and the equilibrium do. What each guarantees (`mfbounds.symmetry.moduli` computes the numbers):

    - "analytic": the game's own closed form, with the moduli that it declares.
    - "kuhn": linear between at most D lattice points, for any number of players. The l1 modulus of a row that looks at k
      pairs is at most floor((min(k, D - 1) + 1)/2) times that on the lattice: kept for D <= 3 or k <= 2. Laws stay laws.
    - "mcshane": keeps the l1 modulus of each reward, and of each law over two states.
    - "kirszbraun": keeps the l2 modulus of each law, to the accuracy of a quadratic program that is certified at each
      evaluation (better than 1e-5 of the modulus), and of each reward. Laws stay laws.
    - "auto": "analytic" where the game has a closed form, else "kuhn".

    Raises:
        InputError: "analytic" for a game without closed forms; "mcshane" for laws over more states that depend on the
            others; a lattice too large for "mcshane" or "kirszbraun".
        UnknownNameError: another extension.
    """
    if extension not in EXTENSIONS:
        raise UnknownNameError("extension", extension, EXTENSIONS)
    chosen = extension
    if chosen == "auto":
        chosen = "kuhn" if closed_form(game) is None else "analytic"
    builders = {"kuhn": kuhn_extension, "mcshane": mcshane_extension, "kirszbraun": kirszbraun_extension}
    functions = closed_form(game) if chosen == "analytic" else builders[chosen](game)
    if functions is None:
        raise InputError(
            f"extension == 'analytic', must be 'kuhn' for {game!r}: the game has no closed form of its lifted functions"
        )
    kept = CLOSED_FORM if chosen == "analytic" or (chosen == "kuhn" and closed_form(game) is None) else ()
    return FiniteHorizonGame.of(
        functions[0] if game.mean_kernel is None else game.mean_kernel,
        functions[1],
        n_states=game.n_states,
        n_actions=game.n_actions,
        horizon=game.horizon,
        reward_range=game.reward_range,
        start=game.start,
        declared={key: value for key, value in game.declared.items() if key in kept},
        extension=NAMES[chosen],
        name=f"MFG({game.name or type(game).__name__})",
    )


def closed_form(game: DynamicGame) -> tuple[Function, Function] | None:
    """P and R on the whole simplex where the game has them in closed form."""
    if not isinstance(game, CountGame) or game.lifted_reward is None:
        return None
    fixed = game.mean_kernel
    if fixed is not None:
        return lambda mu: fixed, game.lifted_reward  # noqa: ARG005
    return None if game.lifted_kernel is None else (game.lifted_kernel, game.lifted_reward)
