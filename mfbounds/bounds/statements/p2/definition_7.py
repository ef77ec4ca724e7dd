"""Definition 7: alpha and beta, how far the players are from the induced game.

The maximum is over mu in the whole simplex of a maximum over joint state-actions of the others with empirical
distribution mu, which is empty off the lattice Delta_{X,N-1}; the conference version takes mu in Delta_{X,N}, which meets
Delta_{X,N-1} in the D vertices only (K/N is in lowest terms), so that only joint state-actions of equal entries are
looked at. Repaired: the maximum over players, pairs and joint state-actions of the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import sympy as sp

from mfbounds.bounds.dynamic_play import joint_game
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_structure import laws_differ, rewards_differ
from mfbounds.bounds.dynamic_symbols import R, alpha, beta
from mfbounds.bounds.norms import UNIT, l1
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.symbols import measured
from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import IntArray
from mfbounds.games.dynamic.lattice import digits
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.games.dynamic.witnesses import ordered_pair
from mfbounds.numbers import Measured

d_law, d_reward, alpha_disc, beta_disc = map(measured, ("d_law", "d_reward", "alpha_disc", "beta_disc"))

ON_N = ", over Delta_{X,N}"

QUANTITIES = {
    "d_law": (r"\|P^i(s,a,\rho)-P(s,a,\sigma(\rho))\|_1", "distance of one player's law from the induced one"),
    "d_reward": (r"|R^i(s,a,\rho)-R(s,a,\sigma(\rho))|", "distance of one player's reward from the induced one"),
    "alpha_disc": (r"\alpha_{\mathrm{disc}}", "largest such distance of laws where all others are in one pair"),
    "beta_disc": (r"\beta_{\mathrm{disc}}", "largest such distance of rewards where all others are in one pair"),
}


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Joint state-actions: where the others differ and a player is furthest from the rest, then random ones."""
    game, rng = problem.game, problem.rng("D.7")
    if joint_game(problem) is None:
        return  # too many joint state-actions to look at
    if isinstance(game, TabularGame):
        yield from (_told(*place, furthest=True) for place in _furthest(game))
    for _ in range(problem.parameters.draws):
        others = rng.integers(game.n_pairs, size=game.n_others)
        yield _told(int(rng.integers(game.n_players)), int(rng.integers(game.n_pairs)), others)


def _told(player: int, pair: int, others: IntArray, *, furthest: bool = False) -> Case:
    return {"player": player, "joint": np.insert(others, player, pair), "furthest": furthest}


def _others_differ(case: Case) -> bool:
    others = np.delete(case["joint"], case["player"])
    return len(set(others.tolist())) > 1  # else the printed maximum contains it


def _not_the_largest(case: Case) -> bool:
    return not case["furthest"]  # which attains the maximum: an equality decides nothing


def _furthest(game: TabularGame) -> Iterator[tuple[int, int, IntArray]]:
    """For laws, then for rewards: the player, pair and others that are furthest from the players' mean."""
    joint = digits(game.n_others, game.n_pairs)
    agree = (joint == joint[:, :1]).all(axis=1)
    if agree.all():
        return
    for table in (game.kernels, game.reward_table[..., None]):
        distance = np.abs(table - table.mean(axis=0)).sum(axis=-1)  # (N, S, A, D^K or 1)
        distance = np.where(agree, -1.0, distance)
        i, s, a, rho = np.unravel_index(int(distance.argmax()), distance.shape)
        yield int(i), int(s) * game.n_actions + int(a), joint[rho]


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """One player's law and reward against the induced ones, and both where all others are in one pair."""
    disc = problem.remember("disc", lambda: _where_others_agree(problem))
    laws, rewards = _distances(problem, np.asarray(case["joint"])[None])
    scale = max(1.0, *map(abs, problem.game.reward_range))
    error = 64 * problem.game.n_pairs * UNIT * _lattice_slope(problem)
    return {
        "d_law": l1(laws[0, case["player"]], error),
        "d_reward": Measured(abs(float(rewards[0, case["player"]])), error + 8 * UNIT * scale),
        "alpha_disc": Measured(disc[0], error),
        "beta_disc": Measured(disc[1], error + 8 * UNIT * scale),
    }


def _lattice_slope(problem: DynamicProblem) -> float:
    """How much the induced functions change with a rounding of mu, in units of that rounding, and at least the rounding."""
    constants = problem.primitives
    return problem.game.n_others * (2.0 + constants["K_mu"].value + constants["L_mu"].value + problem.game.R)


def _where_others_agree(problem: DynamicProblem) -> tuple[float, float]:
    """The largest distances of laws and of rewards over players and joint state-actions (own pair, x, ..., x)."""
    game, found = problem.game, np.zeros(2)
    for player in range(game.n_players):
        for own, x in np.ndindex(game.n_pairs, game.n_pairs):
            joint = np.full(game.n_players, x)
            joint[player] = own
            laws, rewards = _distances(problem, joint[None])
            found = np.maximum(found, (np.abs(laws[0, player]).sum(), abs(rewards[0, player])))
    return float(found[0]), float(found[1])


def _distances(problem: DynamicProblem, joint: IntArray) -> tuple[FloatArray, FloatArray]:
    """P^i - P at the others' empirical distribution, (B, N, S), and R^i - R, (B, N), in joint state-actions (B, N)."""
    game, induced = problem.game, problem.induced
    states, actions = joint // game.n_actions, joint % game.n_actions
    laws, rewards = game.laws(states, actions).copy(), game.rewards(states, actions).copy()
    for b, i in np.ndindex(*joint.shape):
        counts = np.bincount(np.delete(joint[b], i), minlength=game.n_pairs)
        mu = (counts / game.n_others).reshape(game.n_states, game.n_actions)
        kernel, reward = problem.remember(("lattice point", counts.tobytes()), partial(_values, induced, mu))
        laws[b, i] -= kernel[states[b, i], actions[b, i]]
        rewards[b, i] -= reward[states[b, i], actions[b, i]]
    return laws, rewards


def _values(induced: FiniteHorizonGame, mu: FloatArray) -> tuple[FloatArray, FloatArray]:
    return induced.kernel_at(mu), induced.reward_at(mu)


def _ordered_pair() -> Witness:
    """Player 0 in state 0, the others in 0 and 1 in this order: it moves for sure, the average player with 1/6."""
    case = {"player": 0, "joint": np.array([0, 0, 1]), "furthest": True}
    return Witness(game=ordered_pair(), case=case, bound="printed / laws, over Delta_{X,N} / TV = l1")


STATEMENT = Statement(
    id="P2.Def.7",
    title="alpha and beta: approximate symmetry",
    source="Section 2.3, Definition 7 (Definition 6 of the conference version)",
    claim="No player's law is further than alpha from the induced one, and no player's reward further than beta, whatever the "
    "others do.",
    quantities=QUANTITIES,
    cases=cases,
    measure=measure,
    bounds=tuple(
        Bound(
            tier=tier,
            form=form,
            left=left,
            right=right,
            trivial=trivial,
            hypotheses=(differ,),
            where=where,
        )
        for tier, where, forms in (
            (Tier.PRINTED, _others_differ, (f"laws{ON_N}", f"rewards{ON_N}")),
            (Tier.REPAIRED, _not_the_largest, ("laws", "rewards")),
        )
        for form, left, right, trivial, differ in zip(
            forms,
            (d_law, d_reward),
            (alpha_disc, beta_disc) if tier is Tier.PRINTED else (alpha, beta),
            (sp.Integer(2), R),
            (laws_differ, rewards_differ),
            strict=True,
        )
    ),
    defects=(
        Defect(
            name="Def.7(a)",
            text="The conference version's disc ranges over mu in Delta_{X,N}, but the others' empirical distributions are in "
            "Delta_{X,N-1}, and only the D vertices are in both: a game whose players differ only where the others are not "
            "all in one pair counts as symmetric. In the witness alpha is 5/3 and alpha_disc 0.",
            kind=DefectKind.FALSE,
            bounds=("printed / laws, over Delta_{X,N} / TV = l1", "printed / rewards, over Delta_{X,N} / TV = l1"),
            witness=_ordered_pair,
        ),
        Defect(
            name="Def.7(b)",
            text="The long version takes the maximum over the whole simplex of a maximum over an empty set, off the lattice "
            "Delta_{X,N-1}. It is read as the maximum over joint state-actions of the others.",
            kind=DefectKind.UNDEFINED,
        ),
        Defect(
            name="Def.7(c)",
            text="'alpha <= 2, beta <= 1' is for rewards in [0, 1]. The paper's own benchmarks have others, in whose units "
            "beta is at most the width of the range.",
            kind=DefectKind.UNDEFINED,
        ),
    ),
    aliases=("P2.D.7", "P2.Definition 7"),
)
