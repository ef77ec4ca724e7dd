"""Corollary D.5 (Corollary 5.3): the exploitability that Sample-Based MF-TRPO reaches.

Exploitability and the stationary law need one Markov policy. Repaired: the per-state average pibar of the last TRPO's
iterates, for which V* - V^pibar <= (averaged gap)/(1-gamma), because KL is convex, and
||pibar - pi_mu||_1^2 <= (2/eta) (averaged gap); then as C.6, with the distance of D.4.
"""

from __future__ import annotations

from collections.abc import Iterator

from mfbounds.bounds.hypotheses import a3
from mfbounds.bounds.outer import distance, monotone
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.sampled_bounds import exploitability_bound
from mfbounds.bounds.sampled_runs import sampled_level, sampled_populations, seed_of
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Hypothesis, Quantities, Statement, Tier
from mfbounds.bounds.statements.p1 import theorem_d4
from mfbounds.bounds.statements.p1.theorem_d4 import PROVED, coverage, hypotheses, starts_at
from mfbounds.bounds.symbols import K, V_max, delta, measured
from mfbounds.mdp.exploitability import measured_exploitability
from mfbounds.simulation.streams import child

phi, d_0 = measured("phi"), measured("d_0")


def cases(problem: Problem) -> Iterator[Case]:
    """The runs of Theorem D.4."""
    return theorem_d4.cases(problem)


def measure(problem: Problem, case: Case) -> Quantities:
    """Exploitability of (pibar, muhat_K), pibar from one more run of TRPO at muhat_K."""
    seed = seed_of(problem, case, "D.4")
    path = sampled_populations(problem, case, seed)
    mu = path[-1] / path[-1].sum()
    policy = sampled_level(problem, mu, case, child(seed, case["K"] + 1, 0)).average
    return {
        "d_0": distance(problem, path[0], case["M"]),
        "phi": measured_exploitability(problem.game, policy, mu),
        **coverage(problem),
    }


def _hypotheses(tier: Tier) -> tuple[Hypothesis, ...]:
    return tuple(dict.fromkeys((*hypotheses(tier, K + 1), a3)))


STATEMENT = Statement(
    id="P1.D.5",
    title="Exploitability reached by Sample-Based MF-TRPO",
    source="Appendix D.5, Corollary D.5, Remark D.6; Section 5, Corollary 5.3",
    claim="With probability 1 - delta the pair of the averaged policy and muhat_K is an epsilon-equilibrium. The claim is about "
    "the average of the iterates, not about the last one (Remark D.6).",
    quantities={
        "phi": (r"\phi(\bar\pi,\hat\mu_K)", "exploitability of the per-state average, reward units"),
        "d_0": (r"\|\mu_0-\mu_\star\|_2", "distance to the equilibrium at the start"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(
            tier=Tier.PRINTED,
            left=phi,
            right=exploitability_bound(Tier.PRINTED, "printed"),
            trivial=V_max,
            hypotheses=_hypotheses(Tier.PRINTED),
            where=starts_at("printed"),
            extra=monotone,
            failure=delta,
        ),
        *(
            Bound(
                tier=tier,
                form="Algorithm 8 repaired" if initial == "repaired" else "generative reset",
                left=phi,
                right=exploitability_bound(tier, initial),
                trivial=V_max,
                hypotheses=_hypotheses(tier),
                where=starts_at(initial),
                extra=monotone,
                failure=delta,
            )
            for tier in (Tier.REPAIRED, Tier.SHARPENED)
            for initial in PROVED
        ),
    ),
    defects=(
        Defect(
            name="D.5(a)",
            text="The trajectory mixture that Algorithm 7 outputs is not a Markov policy: its exploitability and stationary law "
            "are not defined as used; the per-state average has both.",
            kind=DefectKind.UNDEFINED,
        ),
        Defect(
            name="D.5(b)",
            text="Corollary 5.3 prints epsilon where D.5 gives its root; Propositions 5.1, 5.2 and Corollary 5.3 drop the "
            "probability 1 - delta; no union bound over the runs of TRPO.",
            kind=DefectKind.PROOF,
        ),
        Defect(
            name="D.5(c)",
            text="Repeats the lost root of C.6(b): 2 sqrt|S|/(eta (1-gamma)) for sqrt(2/(eta (1-gamma))).",
            kind=DefectKind.PROOF,
        ),
    ),
    rests_on=("P1.D.2", "P1.D.4", "P1.E.2", "P1.E.5"),
    aliases=("P1.5.3", "P1.D.6"),
)
