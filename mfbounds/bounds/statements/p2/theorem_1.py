"""Theorem 1: a policy of small mean-field exploitability is an approximate equilibrium of the N-player game.

Stated for delta, the exploitability of the policy in the induced game, so that it speaks about every policy. Repaired:
the printed proof with its slips mended. Sharpened: with the drifts e_h, d_h (`dynamic_recursions`), twice
B = sum_h [(L_sa/2) d_h + L_mu e_h + beta] above delta. Proof: track the N - 1 players who do not deviate, so that no
policy differs; Minkowski in L2 for their empirical distribution; Dobrushin for the deviator's state law; a change of the
state law moves the expected reward by L_sa/2 times its l1 size. Independent dynamics: trajectories are independent, so
nothing is amplified; affine rewards need the mean of the empirical distribution only, and sum_i (P^i - P) = 0.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mfbounds.bounds.approximation import QUANTITIES, approximation_bounds
from mfbounds.bounds.dynamic_play import exploitability, flow_gain, played_policies, responses_known
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import delta
from mfbounds.bounds.statement import Case, Defect, DefectKind, Quantities, Statement, Witness
from mfbounds.bounds.symbols import measured
from mfbounds.checks import FloatArray
from mfbounds.games.dynamic.witnesses import one_shot, unbalanced

gain = measured("gain")


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """Policies near the mean-field equilibrium and elsewhere; none with one action, where nobody can do otherwise."""
    if problem.game.n_actions > 1:
        yield from ({"policy": policy} for policy in played_policies(problem, "T.1"))


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """Exploitability in both games."""
    return {"gain": exploitability(problem, case["policy"]), "delta": flow_gain(problem, case["policy"])}


def _unbalanced() -> Witness:
    """E = 2 E|Bin(N-1, 1/2)/(N-1) - 1/2| of always 0, N = 10001: .00798; printed 48/N = .00480."""
    return Witness(game=unbalanced(n_players=10_001), case={"policy": _always_0(2)}, bound=STEP_4)


def _one_shot() -> Witness:
    """E = E|Bin(N-1, 1/2)/(N-1) - 1/2| of always 0, N = 101: .03979; printed 6 L_mu/N = .02970."""
    return Witness(game=one_shot(n_players=101), case={"policy": _always_0(1)}, bound=STEP_4)


def _always_0(horizon: int) -> FloatArray:
    return np.tile(np.array([1.0, 0.0]), (horizon, 2, 1))


STEP_4 = "printed / step 4 / TV = l1"

STATEMENT = Statement(
    id="P2.T.1",
    title="Mean-field equilibria are approximate equilibria of the N-player game",
    source="Section 2.4, Theorem 1; explicit bound in Appendix B.3, Step 4",
    claim="When all players play a policy of exploitability delta in the induced mean-field game, no player gains more than "
    "delta + epsilon by deviating, epsilon of order 1/sqrt N + alpha + beta.",
    quantities={
        "gain": (r"\max_i\mathcal E^{(i)}(\pi,\dots,\pi)", "largest exploitability in the N-player game"),
        "delta": (r"\mathcal E(\pi)", "exploitability in the mean-field game"),
        **QUANTITIES,
    },
    cases=cases,
    measure=measure,
    bounds=approximation_bounds(gain, responses_known, printed_form="step 4", right=lambda B: delta + 2 * B),
    defects=(
        Defect(
            name="T.1(a)",
            text="(1 - L^{h+1})/(1 - L) is set to h where L = 1; the limit is h + 1. So E^(0) = 0, although the empirical "
            "distribution of a first step is random: with one step and N = 101 players the printed bound is .02970 and the "
            "exploitability .03979.",
            kind=DefectKind.FALSE,
            bounds=(STEP_4,),
            witness=_one_shot,
        ),
        Defect(
            name="T.1(b)",
            text="Term (I) weighs a change of the state law with L_a/2, the sensitivity to actions; it costs half the spread "
            "over states and actions. With rewards of states only (L_a = 0) the printed bound is 48/N; at N = 10001 that is "
            ".00480 and the exploitability .00798, and the ratio grows like sqrt N/60.",
            kind=DefectKind.FALSE,
            bounds=(STEP_4,),
            witness=_unbalanced,
        ),
        Defect(
            name="T.1(c)",
            text="The theorem itself is an order of magnitude without constants, in which D, K_mu, L_mu and the reward range "
            "are hidden: no game can violate it. Step 4 of its proof is what is checked.",
            kind=DefectKind.UNDEFINED,
        ),
        Defect(
            name="T.1(d)",
            text="2/N + 3 K_mu/N is written 5 K_mu/N, too small for K_mu < 1: one deviating player moves the empirical "
            "distribution by 2/N even where nobody looks at it.",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="T.1(e)",
            text="||sigma(rho^{-i}) - mu_hat||_1 is at most 2/N; 3/N is used. A line of Step 2 has 3/N without K_mu; the "
            "inequality before Step 4 is for h = 0..N-1 instead of H-1, and a sum over h runs up to h-1.",
            kind=DefectKind.LOOSE,
        ),
    ),
    rests_on=("P2.L.7", "P2.L.9"),
    aliases=("P2.T1", "P2.Theorem 1"),
)
