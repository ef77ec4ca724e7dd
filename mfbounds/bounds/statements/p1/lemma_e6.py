"""Lemma E.6: the population step F_M is monotone (A-2), and the repaired constant makes it Lipschitz.

Repaired: F_M is K_F-Lipschitz in l2, K_F = (Sigma_M (kappa_A K_pi + L_P) + delta_M sqrt|S|)/sqrt 2. Proof: for zero-mass
x, ||x||_2 <= ||x||_1/sqrt 2 and <d, x> <= ||d||_2 ||x||_1/sqrt 2; F(mu') - F(mu) = mu'[P'^M - P^M] + (mu' - mu)P^M, the
first part by Lemma E.1 and Corollary E.4 repaired. Sharpened: a better K_pi, and an l1 contraction without sqrt|S|.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.cases import population_pairs
from mfbounds.bounds.hypotheses import a1, a3
from mfbounds.bounds.norms import l1, l2
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import HALF, L1, Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.statements.p1.lemma_e1 import mixing_when_infinite
from mfbounds.bounds.symbols import K_F, K_F_1, C_op, measured
from mfbounds.games.affine import AffineGame
from mfbounds.numbers import Measured

slope = measured("slope", signed=True)
d_F, d_F_1, d_mu, d_mu_1 = map(measured, ("d_F", "d_F_1", "d_mu", "d_mu_1"))

ROOT2 = sp.sqrt(2)


def cases(problem: Problem) -> Iterator[Case]:
    """Pairs of populations for M = 1, 5 and infinity in turn."""
    for i, (mu, mu_2) in enumerate(population_pairs(problem, "E.6")):
        yield {"mu": mu, "mu_2": mu_2, "M": (1, 5, math.inf)[i % 3]}


def measure(problem: Problem, case: Case) -> Quantities:
    """The population step at both populations; the error is that of the soft optimum carried through M steps."""
    one, two = (problem.population_step(case[key], case["M"]) for key in ("mu", "mu_2"))
    moved, apart = two.law - one.law, case["mu_2"] - case["mu"]
    constant = case["M"] == math.inf and not problem.game.interacts  # F is then one and the same law
    error = 0.0 if constant else one.error_l1 + two.error_l1
    distance = l2(apart)
    return {
        "slope": Measured(float(moved @ apart), (error + 1e-15 * float(np.abs(moved).sum())) * distance.value),
        "d_F": l2(moved, error),
        "d_F_1": l1(moved, error),
        "d_mu": distance,
        "d_mu_1": l1(apart),
    }


def two_doors(attraction: float = 1.0) -> AffineGame:
    """Two rooms and two doors; every action leads to its room with probability .9; r(s,a,mu) = attraction * mu(s)."""
    kernel = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)
    rewards = attraction * np.eye(2)[:, :, None] * np.ones((2, 2, 2))
    return AffineGame(kernel, rewards, gamma=0.9, eta=0.1, name="two doors, attracted")


def _attraction() -> Witness:
    """Two equilibria of the two doors, about .10261 and .89739: F maps the pair to itself, so the slope is 1."""
    case = {"mu": np.array([0.10261, 0.89739]), "mu_2": np.array([0.89739, 0.10261]), "M": 1000}
    return Witness(game=two_doors(), case=case, bound="printed / monotone / TV = l1", parameters={"M": 1000})


def _local_slope() -> Witness:
    case = {"mu": np.array([0.5, 0.5]), "mu_2": np.array([0.501, 0.499]), "M": 100}
    return Witness(game=two_doors(), case=case, bound="printed / monotone / TV = l1/2", parameters={"M": 100})


STATEMENT = Statement(
    id="P1.E.6",
    title="Monotonicity and Lipschitz constant of the population step",
    source="Appendix E.4, Lemma E.6",
    claim="The map mu -> mu (P_mu^pi_mu)^M is monotone with constant C_op; A-2 asks for C_op < 1.",
    quantities={
        "slope": (r"\langle F_M(\mu')-F_M(\mu),\mu'-\mu\rangle", "inner product of the moves"),
        "d_F": (r"\|F_M(\mu')-F_M(\mu)\|_2", "l2 distance of the images"),
        "d_F_1": (r"\|F_M(\mu')-F_M(\mu)\|_1", "l1 distance of the images"),
        "d_mu": (r"\|\mu'-\mu\|_2", "l2 distance of the populations"),
        "d_mu_1": (r"\|\mu'-\mu\|_1", "l1 distance of the populations"),
    },
    cases=cases,
    measure=measure,
    bounds=(
        *(
            Bound(
                tier=Tier.PRINTED,
                form="monotone",
                reading=reading,
                left=slope,
                right=C_op * d_mu**2,
                trivial=ROOT2 * d_mu,
                hypotheses=(a1, a3),
            )
            for reading in (L1, HALF)
        ),
        *(
            Bound(
                tier=tier,
                form=form,
                left=left,
                right=right,
                trivial=trivial,
                hypotheses=(a1, mixing_when_infinite),
            )
            for tier in (Tier.REPAIRED, Tier.SHARPENED)
            for form, left, right, trivial in (
                ("monotone", slope, K_F * d_mu**2, ROOT2 * d_mu),
                ("Lipschitz", d_F, K_F * d_mu, ROOT2),
            )
        ),
        Bound(
            tier=Tier.SHARPENED,
            form="Lipschitz, l1 norm",
            left=d_F_1,
            right=K_F_1 * d_mu_1,
            trivial=sp.Integer(2),
            hypotheses=(a1, mixing_when_infinite),
        ),
    ),
    defects=(
        Defect(
            name="E.6(a)",
            text="Inherits E.1(a): with L_P = 0 the printed C_op tends to 0 as M grows whatever the rewards do, but a reward "
            "that attracts the population gives a slope of 2.88 at the uniform law of the two doors.",
            kind=DefectKind.FALSE,
            bounds=("printed / monotone / TV = l1", "printed / monotone / TV = l1/2"),
            witness=_local_slope,
        ),
        Defect(
            name="E.6(b)",
            text="The sentence after the lemma (L_P small and M large give C_op < 1, hence a unique equilibrium) is false: "
            "the two doors have three equilibria for every M.",
            kind=DefectKind.FALSE,
            bounds=("printed / monotone / TV = l1", "printed / monotone / TV = l1/2"),
            witness=_attraction,
        ),
        Defect(
            name="E.6(c)",
            text="One proof step bounds a linear quantity by a quadratic one; the next uses E.4 as if it were Lipschitz.",
            kind=DefectKind.PROOF,
        ),
    ),
    rests_on=("P1.E.1", "P1.E.4"),
)
