"""Inequality (21) (Remark D.1): the mixture of policies is at least as good as the policies on average.

For the mixture of Algorithm 7 (one index drawn for a whole trajectory) it is an equality. It is true for the Markov
policy with the averaged occupation measure, because the entropy is concave there; Algorithm 7 does not output that
policy. It is false for the per-state average of probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from mfbounds.bounds.cases import populations, random_policy
from mfbounds.bounds.problem import Problem
from mfbounds.bounds.statement import Bound, Case, Defect, DefectKind, Quantities, Statement, Tier, Witness
from mfbounds.bounds.symbols import V_max, measured
from mfbounds.games.affine import AffineGame
from mfbounds.mdp.values import policy_values
from mfbounds.numbers import Measured
from mfbounds.solvers.mixture import UniformMixture
from mfbounds.solvers.trpo import trpo_iterates

loss_state, loss_occupation = measured("loss_state", signed=True), measured("loss_occupation", signed=True)
UNIT = float(np.finfo(np.float64).eps)


def cases(problem: Problem) -> Iterator[Case]:
    """Iterates of exact TRPO, and random policies, mild and nearly deterministic."""
    if problem.game.n_actions == 1:
        return
    rng, shape = problem.rng("21"), (problem.game.n_states, problem.game.n_actions)
    for i, mu in enumerate(populations(problem, "21")):
        if i == 0:
            iterates = trpo_iterates(problem.frozen(mu), 5)
            yield {"mu": mu, "policies": np.array([iterate.policy for iterate in iterates])}
        else:
            yield {"mu": mu, "policies": np.array([random_policy(rng, shape, (1.0, 5.0)[i % 2]) for _ in range(3)])}


def measure(problem: Problem, case: Case) -> Quantities:
    """mean_l J(pi_l) - J(mixture) for the per-state average and for the averaged occupation."""
    mu, mixture, frozen = case["mu"], UniformMixture(case["policies"]), problem.frozen(case["mu"])
    each = [policy_values(frozen, policy) for policy in mixture.policies]
    mean, doubt = float(np.mean([mu @ values.V for values in each])), max(values.error for values in each)
    found = {}
    for name, policy in (
        ("loss_state", mixture.by_state()),
        ("loss_occupation", mixture.by_occupation(problem.game, mu)),
    ):
        values = policy_values(frozen, policy)
        # Entries of the mixture are off by a few units: l1 changes of order |A| UNIT times the spread of scores.
        rounding = 64 * UNIT * mu.size * policy.shape[1] * float(np.abs(values.Q).max() + 40 * frozen.eta) * frozen.gain
        found[name] = Measured(mean - float(mu @ values.V), doubt + values.error + rounding)
    return found


def _coordination() -> Witness:
    """State 0 leads to 1 or 2; each policy plays well where it goes. The per-state average plays well half of the time."""
    kernel = np.zeros((4, 2, 4))
    kernel[0, 0, 1] = kernel[0, 1, 2] = 1.0
    kernel[1:, :, 3] = 1.0
    reward = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    game = AffineGame(kernel, reward, gamma=0.5, eta=0.01, name="two rooms, two habits")
    left, right = np.eye(2)[[0, 0, 0, 0]], np.eye(2)[[1, 1, 1, 0]]
    case = {"mu": np.eye(4)[0], "policies": np.array([left, right])}
    return Witness(game=game, case=case, bound="printed / per-state average / TV = l1")


STATEMENT = Statement(
    id="P1.21",
    title="A mixture is as good as its policies on average",
    source="Appendix D.1, Remark D.1, (21), Algorithm 7",
    claim="The mean of the values of the policies is at most the value of their uniform mixture: an equality for the mixture "
    "over trajectories, true for the averaged occupation measure, false for the per-state average.",
    quantities={
        "loss_state": (
            r"\frac1{L+1}\sum_\ell J(\pi_\ell)-J(\bar\pi)",
            "what the per-state average loses against the mean, reward units",
        ),
        "loss_occupation": (
            r"\frac1{L+1}\sum_\ell J(\pi_\ell)-J(\pi_{\bar d})",
            "what the policy of the averaged occupation loses, reward units",
        ),
    },
    cases=cases,
    measure=measure,
    bounds=(
        Bound(tier=Tier.PRINTED, form="per-state average", left=loss_state, right=sp.Integer(0), trivial=V_max),
        Bound(tier=Tier.REPAIRED, form="averaged occupation", left=loss_occupation, right=sp.Integer(0), trivial=V_max),
    ),
    defects=(
        Defect(
            name="(21)",
            text="False for the per-state average of the policies; a trivial equality for the mixture that Algorithm 7 draws.",
            kind=DefectKind.FALSE,
            bounds=("printed / per-state average / TV = l1",),
            witness=_coordination,
        ),
    ),
    aliases=("P1.D.1",),
)
