"""Lemma 13: the performance difference, an identity for any flow: it holds up to the rounding of the computed sides."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import entr, rel_entr

from mfbounds.bounds.dynamic_cases import time_policies
from mfbounds.bounds.dynamic_problem import DynamicProblem
from mfbounds.bounds.dynamic_symbols import H, R, n_A, tau
from mfbounds.bounds.regularised import value_error
from mfbounds.bounds.statement import Bound, Case, Quantities, Statement, Tier
from mfbounds.bounds.symbols import measured
from mfbounds.checks import FloatArray
from mfbounds.mdp.finite_horizon import Flow, flow_values
from mfbounds.numbers import Measured

off, rounding = map(measured, ("off", "rounding"))


def cases(problem: DynamicProblem) -> Iterator[Case]:
    """A policy with full support and another one, against the flow of the first."""
    others = list(time_policies(problem, "L13"))
    for i, policy in enumerate(others[1:]):
        yield {"policy": policy, "policy_2": others[i]}


def measure(problem: DynamicProblem, case: Case) -> Quantities:
    """The computed difference of the two sides, and a bound on what rounding does to it."""
    flow, weight, first = problem.flow(case["policy"]), problem.parameters.tau, case["policy"]
    left, right = sides(flow, first, case["policy_2"], weight)
    logs = weight * float(np.abs(np.log(first)).max())
    allowed = 4 * value_error(flow, weight) + 1e-13 * first.shape[0] * first.shape[2] * logs
    return {"off": Measured(float(np.abs(left - right).max())), "rounding": Measured(allowed)}


def sides(flow: Flow, policy: FloatArray, other: FloatArray, tau: float) -> tuple[FloatArray, FloatArray]:
    """Both sides of the identity at every first state, (S,) each."""
    values = flow_values(flow, policy, tau)
    scores = values.Q - tau * entr(policy).sum(axis=2)[..., None] - tau * np.log(policy)
    gains = (scores * (other - policy)).sum(axis=2)
    distances = rel_entr(other, policy).sum(axis=2)
    right, apart = np.zeros(policy.shape[1]), np.zeros(policy.shape[1])
    for h in range(len(policy) - 1, -1, -1):
        moves = (other[h][:, :, None] * flow.kernels[h]).sum(axis=1)
        right, apart = gains[h] + moves @ right, distances[h] + moves @ apart
    return flow_values(flow, other, tau).V[0] - values.V[0] + tau * apart, right


STATEMENT = Statement(
    id="P2.L.13",
    title="Performance difference",
    source="Appendix D.2, Lemma 13",
    claim="The values of two policies against the flow of one of them differ by the expected advantages, less tau times the "
    "divergence. An identity, checked up to a bound on rounding.",
    quantities={
        "off": (
            r"\max_s|V_0^\tau(s|\mu,\tilde\pi)-V_0^\tau(s|\mu,\pi)+\tau\mathbb E\sum D_{\mathrm{KL}}-\mathbb E\sum\langle "
            r"q-\tau\log\pi,\tilde\pi-\pi\rangle|",
            "computed difference of the two sides, reward units",
        ),
        "rounding": (r"\epsilon", "bound on the rounding of the computed sides, reward units"),
    },
    cases=cases,
    measure=measure,
    bounds=(Bound(tier=Tier.PRINTED, left=off, right=rounding, trivial=H * (R + tau * (n_A + 1))),),
    aliases=("P2.L13",),
)
