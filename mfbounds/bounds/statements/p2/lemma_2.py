"""Lemma 2: Lipschitz moduli of the induced game, from what one other player changes and from sparsity.

Sharpened, on the lattice: with K = N - 1 others, n(d) = K max(sum_U d^+, sum_U d^-) of them are moved at least to change
the distribution by d on the pairs U that are looked at (the rest goes to one dummy pair), and n(d) <= K ||d||_1/2 and
n(d) <= K c ||d||_2, c = sqrt(p (D-p)/D), p = min(kappa, floor(D/2)). So the l1 moduli are C_1 K/2 and C_2 K/2, the l2 moduli
C_1 K c/sqrt 2 (laws differ by zero mass) and C_2 K c. Extensions that keep a modulus carry it to the simplex: Kirszbraun's
keeps l2, McShane's any norm for numbers, Kuhn's the l1 modulus up to a factor that K_mu and L_mu contain.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.dynamic_cases import pair_laws
from mfbounds.bounds.dynamic_play import joint_game
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_structure import found_sparsity, laws_look, rewards_look
from mfbounds.bounds.dynamic_symbols import C_1, C_2, D, K_mu, L_mu, N, R, kappa
from mfbounds.bounds.norms import UNIT, l1, l2
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.lattice import Lattice
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.numbers import Measured
from mfbounds.symmetry.lattice_moduli import single_moves
from mfbounds.symmetry.symmetrise import symmetrise

d_P, d_P_1, d_R, d_mu, d_mu_1 = map(measured, ("d_P", "d_P_1", "d_R", "d_mu", "d_mu_1"))
HALF = sp.Min(kappa, sp.floor(D / 2))
SPARSE = sp.sqrt(HALF * (D - HALF) / D)
POINTS = 5000  # of a lattice whose single moves are all compared


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Points of the lattice: the single moves that change most, random pairs; then pairs anywhere in the simplex."""
    game, rng = problem.game, problem.rng("2")
    if not isinstance(game, TabularGame | CountGame) or game.n_pairs == 1 or joint_game(problem) is None:
        return
    lattice = problem.remember("lattice", lambda: Lattice(game.n_others, game.n_pairs))
    shape = (game.n_states, game.n_actions)
    if lattice.size <= POINTS:
        for first, second in _furthest_moves(problem, lattice):
            yield _pair(lattice, first, second, shape)
    for _ in range(problem.parameters.draws):
        first, second = rng.multinomial(game.n_others, np.full(game.n_pairs, 1 / game.n_pairs), size=2)
        if (first != second).any():
            yield _pair(lattice, first, second, shape)
    for mu, other in pair_laws(problem, "2/mu"):
        yield {"mu": mu, "mu_2": other, "on_lattice": False}


def _pair(lattice: Lattice, first: np.ndarray, second: np.ndarray, shape: tuple[int, int]) -> Case:
    mu, other = (counts.reshape(shape) / lattice.agents for counts in (first, second))
    return {"mu": mu, "mu_2": other, "on_lattice": True}


def _furthest_moves(problem: DynamicProblem, lattice: Lattice) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For laws and for rewards: the two points one move apart with the largest change."""
    tables = problem.remember("lattice tables", lambda: symmetrise(problem.game))
    for values in (
        tables.kernels.reshape(lattice.size, -1, problem.game.n_states),
        tables.rewards.reshape(lattice.size, -1, 1),
    ):
        largest, best = -1.0, None
        for source, target, change in single_moves(lattice, values):
            sizes = np.abs(change).sum(axis=-1).max(axis=-1)
            if sizes.max() > largest:
                movable = lattice.points[lattice.points[:, source] > 0]
                largest, best = float(sizes.max()), (movable[int(sizes.argmax())], source, target)
        assert best is not None
        moved = best[0].copy()
        moved[best[1]] -= 1
        moved[best[2]] += 1
        yield best[0], moved


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """The largest changes over state-action pairs, and the game's C_1, C_2 and kappa."""
    induced, constants = problem.induced, problem.primitives
    kernels = [induced.kernel_at(case[key]).reshape(-1, induced.n_states) for key in ("mu", "mu_2")]
    rewards = [induced.reward_at(case[key]).ravel() for key in ("mu", "mu_2")]
    apart = (case["mu"] - case["mu_2"]).ravel()
    step = 16 * problem.game.n_pairs * UNIT * problem.game.n_others
    error = 0.0 if induced.fixed_kernel is not None else step * (2.0 + constants["K_mu"].value)
    scale = max(map(abs, problem.game.reward_range))
    found = found_sparsity(problem)
    change = kernels[0] - kernels[1]
    return {
        "d_P": Measured(float(np.linalg.norm(change, axis=1).max()), error),
        "d_P_1": Measured(float(np.abs(change).sum(axis=1).max()), error),
        "d_R": Measured(float(np.abs(rewards[0] - rewards[1]).max()), step * (scale + constants["L_mu"].value)),
        "d_mu": l2(apart, apart.size * UNIT),
        "d_mu_1": l1(apart, apart.size * UNIT),
        "C_1": Measured(found.C_1.value),
        "C_2": Measured(found.C_2.value),
        "kappa": Measured(float(found.kappa)),
    }


def _on_lattice(case: Case) -> bool:
    return bool(case["on_lattice"])


STATEMENT = Statement(
    id="P2.L.2",
    title="Lipschitz moduli of the induced game",
    source="Section 2.4, Lemma 2; proof in Appendix B.1",
    claim="When one other player changes laws by at most C_1 and rewards by at most C_2, and these look at kappa pairs, the "
    "induced kernel and reward are Lipschitz with moduli C_1 N kappa and C_2 N sqrt kappa in l2.",
    quantities={
        "d_P": (r"\max_{s,a}\|P(s,a,\mu)-P(s,a,\mu')\|_2", "largest l2 change of a row of the induced kernel"),
        "d_P_1": (r"\max_{s,a}\|P(s,a,\mu)-P(s,a,\mu')\|_1", "largest l1 change of a row of the induced kernel"),
        "d_R": (r"\max_{s,a}|R(s,a,\mu)-R(s,a,\mu')|", "largest change of the induced reward"),
        "d_mu": (r"\|\mu-\mu'\|_2", "l2 distance of the populations"),
        "d_mu_1": (r"\|\mu-\mu'\|_1", "l1 distance of the populations"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            form="laws",
            left=d_P,
            right=C_1 * N * kappa * d_mu,
            trivial=sp.sqrt(2),
            hypotheses=(laws_look,),
            where=_on_lattice,
        ),
        Bound(
            tier=Tier.PRINTED,
            form="rewards",
            left=d_R,
            right=C_2 * N * sp.sqrt(kappa) * d_mu,
            trivial=R,
            hypotheses=(rewards_look,),
            where=_on_lattice,
        ),
        *(
            Bound(
                tier=Tier.SHARPENED,
                form=form,
                left=left,
                right=right,
                trivial=trivial,
                hypotheses=(looks,),
                where=where,
            )
            for form, left, right, trivial, looks, where in (
                ("laws, l2", d_P, C_1 * (N - 1) * SPARSE / sp.sqrt(2) * d_mu, sp.sqrt(2), laws_look, _on_lattice),
                ("laws, l1", d_P_1, C_1 * (N - 1) / 2 * d_mu_1, sp.Integer(2), laws_look, _on_lattice),
                ("rewards, l2", d_R, C_2 * (N - 1) * SPARSE * d_mu, R, rewards_look, _on_lattice),
                ("rewards, l1", d_R, C_2 * (N - 1) / 2 * d_mu_1, R, rewards_look, _on_lattice),
                ("laws, extended", d_P_1, K_mu * d_mu_1, sp.Integer(2), laws_look, None),
                ("rewards, extended", d_R, L_mu * d_mu_1, R, rewards_look, None),
            )
        ),
    ),
    defects=(
        Defect(
            name="L.2(a)",
            text="N stands for the N - 1 others, kappa for sqrt kappa in the first modulus, and K||.||_1 for the number of "
            "players that differ, which is K||.||_1/2.",
            kind=DefectKind.LOOSE,
        ),
        Defect(
            name="L.2(b)",
            text="The proof takes two distributions that agree outside U and keep their values on it: impossible where the "
            "masses on U differ. One dummy pair takes the difference; two of its equality signs are inequalities.",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="L.2(c)",
            text="Kirszbraun's extension keeps l2 moduli only, but Lemma 9 and Theorem 1 take l1 to l1: K_mu <= sqrt(|S|/2) M "
            "and L_mu <= M/sqrt 2 for l2 moduli M. The domain of the lifted functions is Delta_{X,N-1}, printed Delta_{X,N}.",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="L.2(d)",
            text="'The particular formulation is not important': alpha and beta do not depend on the extension, but K_mu, L_mu, "
            "the flow and the equilibria do. Definition 6 averages extensions, the proof extends the average, which is the "
            "same for linear extensions only; rewards, too, need values in their range.",
            kind=DefectKind.UNDEFINED,
        ),
    ),
    rests_on=("P2.L.3", "P2.L.4", "P2.L.6"),
    aliases=("P2.L2", "P2.Lemma 2"),
)
