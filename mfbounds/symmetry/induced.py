"""The finite-horizon mean-field game that a dynamic game induces (P2, Definition 6)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np

from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.numbers import Constant, Provenance
from mfbounds.symmetry.agreement import check_closed_form, check_moduli
from mfbounds.symmetry.extensions import (
    Function,
    kirszbraun_extension,
    kuhn_extension,
    kuhn_work,
    mcshane_extension,
    rows_of,
    tabulated,
)
from mfbounds.symmetry.lattice_moduli import distance_from_affine

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

    - "analytic": the game's own closed form, with the moduli that it declares; compared with the players' averages where all
      others are in one pair and at a few more laws, or at some of these for a great many players.
    - "kuhn": linear between at most D lattice points, for any number of players. The l1 modulus of a row that looks at k
      pairs is at most floor((min(k, D - 1) + 1)/2) times that on the lattice: kept for D <= 3 or k <= 2. Laws stay laws.
    - "mcshane": keeps the l1 modulus of each reward, and of each law over two states.
    - "kirszbraun": keeps the l2 modulus of each law, to the accuracy of a quadratic program that is certified at each
      evaluation (better than 1e-5 of the modulus), and of each reward. Laws stay laws.
    - "auto": "analytic" where the game has a closed form, else "kuhn".

    Raises:
        InputError: "analytic" for a game without closed forms, or with wrong ones; moduli that the user declared and that
            are too small; "mcshane" for laws over more states that depend on the others; a lattice
            too large for "mcshane" or "kirszbraun".
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
    known = {"affine": affine} if (affine := _distance_from_affine(game, chosen)) is not None else {}
    kept = CLOSED_FORM if chosen == "analytic" or (chosen == "kuhn" and closed_form(game) is None) else ()
    fixed = np.ones((1, game.n_actions, 1)) if game.n_states == 1 else game.mean_kernel
    induced = FiniteHorizonGame.of(
        functions[0] if fixed is None else fixed,
        functions[1],
        n_states=game.n_states,
        n_actions=game.n_actions,
        horizon=game.horizon,
        reward_range=game.reward_range,
        start=game.start,
        declared={key: value for key, value in game.declared.items() if key in kept} | known,
        extension=NAMES[chosen],
        name=f"MFG({game.name or type(game).__name__})",
        work=kuhn_work(game) if chosen == "kuhn" else 0,
    )
    if chosen == "analytic" and isinstance(game, CountGame):
        check_closed_form(game, induced)
    check_moduli(induced)
    return induced


def _distance_from_affine(game: DynamicGame, chosen: str) -> Constant | None:
    """How far the induced reward is from affine in mu, reward units, where that is known."""
    value, how = 0.0, "R^i is affine in the counts of the others"
    if not isinstance(game, CountGame) or not game.affine_rewards:
        tables = tabulated(game) if chosen == "kuhn" else None
        if tables is None:
            return None
        value = float(distance_from_affine(tables.lattice, rows_of(tables)[1]).max())
        how = "largest on the lattice"
    elif chosen not in ("analytic", "kuhn"):
        return None
    return Constant(value=value, provenance=Provenance.CERTIFIED, argument=f"distance of R from affine: {how}")


def closed_form(game: DynamicGame) -> tuple[Function, Function] | None:
    """P and R on the whole simplex where the game has them in closed form."""
    if not isinstance(game, CountGame) or game.lifted_reward is None:
        return None
    fixed = game.mean_kernel
    if fixed is not None:
        return lambda mu: fixed, game.lifted_reward  # noqa: ARG005
    return None if game.lifted_kernel is None else (game.lifted_kernel, game.lifted_reward)
