"""Lemma E.1: how far the law after M steps moves with the policy and the population.

Repaired: ||xi P^M - xi P'^M||_1 <= Sigma_M (kappa_A max_s ||pi - pi'||_1 + L_P ||mu - mu'||_2). Proof: telescope
P^M - P'^M; zero-mass measures contract by delta_m; sum_a (pi - pi')(a|s) P(.|s,a) has l1 norm at most
kappa_A ||pi - pi'||_1. Sharpened: the same, averaged over the law at each step instead of maximised.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.cases import distribution, policies, population_pairs, random_policy, vertex
from mfbounds.bounds.hypotheses import a1, a3
from mfbounds.bounds.norms import l1, l2, row_l1, sup
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import (
    HALF,
    L1,
    Bound,
    Case,
    Defect,
    DefectKind,
    HypothesisResult,
    Quantities,
    Reading,
    Statement,
    Tier,
    Witness,
)
from mfbounds.bounds.symbols import L_P, C_Erg_M, Sigma_M, kappa_A, measured
from mfbounds.checks import FloatArray
from mfbounds.games.affine import AffineGame
from mfbounds.mdp.frozen import Frozen
from mfbounds.mdp.stationary import frozen_stationary
from mfbounds.numbers import Measured, Provenance

d_law, d_pi_sup, d_pi_mean, d_mu = map(measured, ("d_law", "d_pi_sup", "d_pi_mean", "d_mu"))
w_pi, w_one = map(measured, ("w_pi", "w_one"))

QUANTITIES = {
    "d_law": (r"\|\xi(P_\mu^\pi)^M-\xi(P_{\mu'}^{\pi'})^M\|_1", "l1 distance of the laws after M steps"),
    "d_pi_sup": (r"\max_s\|\pi-\pi'\|_1(s)", "largest l1 distance of the policies"),
    "d_pi_mean": (r"\sum_s\xi(s)\|\pi-\pi'\|_1(s)", "l1 distance of the policies, averaged under xi"),
    "d_mu": (r"\|\mu-\mu'\|_2", "l2 distance of the populations"),
    "w_pi": (
        r"\sum_m\delta_m\sum_s(\xi(P_\mu^\pi)^{M-m-1})(s)\|\pi-\pi'\|_1(s)",
        "l1 distance of the policies, averaged along the path and weighted by the contractions",
    ),
}
STEPS: tuple[int | float, ...] = (1, 2, 5, math.inf)


def cases(problem: Problem) -> Iterator[Case]:
    """Pairs of populations and of policies, point-mass and random starts, several M."""
    game, rng = problem.game, problem.rng("E.1")
    shape = (game.n_states, game.n_actions)
    pairs = list(population_pairs(problem, "E.1/mu")) or [(game.start, game.start)]
    for i, policy in enumerate(policies(problem, "E.1/pi")):
        mu, mu_2 = pairs[i % len(pairs)] if i % 3 else (game.start, game.start)
        xi = vertex(shape[0], int(rng.integers(shape[0]))) if i % 2 else distribution(rng, shape[0])
        other = random_policy(rng, shape, 3.0)
        if i % 2:  # two policies that agree at one state: the average under xi may then be blind to the difference
            agree = int(np.argmax(xi))
            other[agree] = policy[agree]
        yield {"policy": policy, "policy_2": other, "mu": mu, "mu_2": mu_2, "xi": xi, "M": STEPS[i % len(STEPS)]}


def measure(problem: Problem, case: Case) -> Quantities:
    """Both laws and all distances; M = infinity compares the stationary laws."""
    first, second = problem.frozen(case["mu"]), problem.frozen(case["mu_2"])
    paths, error = _laws(first, case["policy"], case)
    others, other_error = _laws(second, case["policy_2"], case)
    distance = row_l1(case["policy"], case["policy_2"])
    return {
        "d_law": l1(paths[-1] - others[-1], error + other_error),
        "d_pi_sup": sup(distance, 0.0),
        "d_pi_mean": Measured(float(case["xi"] @ distance), 1e-15 * float(distance.max())),
        "d_mu": l2(case["mu"] - case["mu_2"]),
        "w_pi": _weighted(problem, case, paths, distance),
    }


def _laws(frozen: Frozen, policy: FloatArray, case: Case) -> tuple[list[FloatArray], float]:
    """The laws after 0, 1, ..., M steps (or only the stationary one) and the l1 rounding of the last."""
    if case["M"] == math.inf:
        limit = frozen_stationary(frozen, policy)
        return [limit.law], limit.error
    chain = frozen.chain(policy)
    laws = list(itertools.accumulate(range(case["M"]), lambda law, _: law @ chain, initial=case["xi"]))
    return laws, 2.3e-16 * case["M"] * (frozen.n_states + frozen.n_actions + 2)


def _weighted(problem: Problem, case: Case, laws: list[FloatArray], distance: FloatArray) -> Measured:
    mixing = problem.regularity.mixing
    if case["M"] == math.inf:
        total = mixing.block / (1.0 - mixing.contraction) if mixing.contraction < 1.0 else math.inf
        value = total * float(laws[0] @ distance)
    else:
        M = int(case["M"])
        value = sum(mixing.contraction ** (m // mixing.block) * float(laws[M - m - 1] @ distance) for m in range(M))
    return Measured(value, 1e-14 * value)


def mixing_when_infinite(problem: Problem, case: Case) -> HypothesisResult:
    """A-3 is needed only for the stationary laws: for finite M every contraction is at most 1."""
    if case["M"] == math.inf:
        return a3(problem, case)
    return HypothesisResult(
        name="A-3 for M = infinity",
        holds=True,
        value=float(case["M"]),
        margin=math.inf,
        provenance=Provenance.CERTIFIED,
        reason=f"not needed: M == {case['M']} is finite",
    )


def _printed(reading: Reading) -> list[Bound]:
    scale = sp.Integer(1) if reading.tv == "l1" else sp.Rational(1, 2)
    forms = {"mean under xi": d_pi_mean, "sup": d_pi_sup}
    return [
        Bound(
            tier=Tier.PRINTED,
            form=form,
            reading=reading,
            left=scale * d_law,
            right=C_Erg_M * (scale * distance + d_mu),
            trivial=2 * scale,
            hypotheses=(a1, a3),
        )
        for form, distance in forms.items()
    ]


def _doors() -> AffineGame:
    kernel = np.array([[[0.5, 0.5], [0.5, 0.5]], [[0.9, 0.1], [0.1, 0.9]]])
    return AffineGame(kernel, np.zeros((2, 2)), gamma=0.5, eta=1.0, name="one door decides")


def _case(M: int | float, xi: list[float]) -> Case:
    mu = np.array([0.5, 0.5])
    return {
        "policy": np.array([[1.0, 0.0], [1.0, 0.0]]),
        "policy_2": np.array([[1.0, 0.0], [0.0, 1.0]]),
        "mu": mu,
        "mu_2": mu,
        "xi": np.array(xi),
        "M": M,
    }


def _blind_policy_term() -> Witness:
    return Witness(game=_doors(), case=_case(1, [0.0, 1.0]), bound="printed / sup / TV = l1")


def _wrong_time() -> Witness:
    """A kernel that does depend on mu, so that C_Erg_M > 0 and only the average under xi is at fault."""
    base = _doors().fixed_kernel
    assert isinstance(base, np.ndarray)
    shift = np.zeros_like(base)
    shift[0, :, 0], shift[0, :, 1] = 0.01, -0.01
    kernels = np.stack([base + shift, base - shift])
    game = AffineGame(kernels, np.zeros((2, 2)), gamma=0.5, eta=1.0, name="one door decides, slightly crowded")
    return Witness(game=game, case=_case(2, [1.0, 0.0]), bound="printed / mean under xi / TV = l1")


def _wrong_limit() -> Witness:
    found = _wrong_time()
    return Witness(game=found.game, case=_case(math.inf, [1.0, 0.0]), bound="printed / mean under xi / TV = l1")


BOTH_FORMS = tuple(f"printed / {form} / {r}" for form in ("mean under xi", "sup") for r in (L1, HALF))
MEAN_FORMS = tuple(f"printed / mean under xi / {r}" for r in (L1, HALF))

STATEMENT = Statement(
    id="P1.E.1",
    title="Sensitivity of the M-step law and of the stationary law",
    source="Appendix E.1, Lemma E.1",
    claim="The law after M steps (M = infinity: the stationary law) moves at most in proportion to the change of the "
    "policy and of the population.",
    quantities=QUANTITIES,
    cases=cases,
    measure=measure,
    bounds=(
        *_printed(L1),
        *_printed(HALF),
        Bound(
            tier=Tier.REPAIRED,
            left=d_law,
            right=Sigma_M * (kappa_A * d_pi_sup + L_P * d_mu),
            trivial=sp.Integer(2),
            hypotheses=(a1, mixing_when_infinite),
        ),
        Bound(
            tier=Tier.SHARPENED,
            left=d_law,
            right=kappa_A * w_pi + Sigma_M * L_P * d_mu,
            trivial=sp.Integer(2),
            hypotheses=(a1, mixing_when_infinite),
        ),
    ),
    defects=(
        Defect(
            name="E.1(a)",
            text="The policy term carries L_P: with L_P = 0 (all games of the paper's experiments) the lemma says that "
            "the policy does not move the population.",
            kind=DefectKind.FALSE,
            bounds=BOTH_FORMS,
            witness=_blind_policy_term,
        ),
        Defect(
            name="E.1(b)",
            text="The average is under xi, but the kernels differ at later times, under xi P^m: two policies that agree "
            "where xi lives may still part later.",
            kind=DefectKind.FALSE,
            bounds=MEAN_FORMS,
            witness=_wrong_time,
        ),
        Defect(
            name="E.1(c)",
            text="For M = infinity the left side does not contain xi, so the average under an arbitrary xi cannot bound it.",
            kind=DefectKind.FALSE,
            bounds=MEAN_FORMS,
            witness=_wrong_limit,
        ),
        Defect(
            name="E.1(d)",
            text="A-3 is about the policies pi_mu only, yet the proof applies it to an arbitrary policy; A-3 is read here "
            "as uniform over policies.",
            kind=DefectKind.PROOF,
        ),
    ),
)
