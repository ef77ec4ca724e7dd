"""The uniform mixture of policies (P1, Algorithm 7), and the Markov policies that stand in for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.game import MeanFieldGame
from mfbounds.mdp.frozen import Frozen, freeze
from mfbounds.mdp.occupation import frozen_occupation
from mfbounds.mdp.population import push
from mfbounds.solvers.run import Run


@dataclass(frozen=True, eq=False)
class UniformMixture:
    """pi_0, ..., pi_L, one of which is drawn at the start of each trajectory and kept to its end.

    It is not a Markov policy: J of the mixture is the mean of the J(pi_l), an equality. Two Markov policies are built
    from it. `by_occupation` has the averaged occupation measure; its J is at least that mean, which is (21).
    `by_state` averages the probabilities state by state; (21) can fail for it.

    Attributes:
        policies: (L+1, S, A).
    """

    policies: FloatArray = field(repr=False)

    @staticmethod
    def of(run: Run) -> UniformMixture:
        """The policies of a run of `sampled_trpo`.

        Raises:
            InputError: the run is of another method.
        """
        if "log_policies" not in run.state:
            raise InputError(f"run.method == {run.method!r}, must be 'sampled-trpo': other runs keep no policies")
        return UniformMixture(np.exp(run.state["log_policies"]))

    def draw(self, seed: Any = None) -> FloatArray:
        """The policy of one trajectory, (S, A); `seed` as ``numpy.random.default_rng`` takes it."""
        policy: FloatArray = self.policies[np.random.default_rng(seed).integers(len(self.policies))]
        return policy

    def by_state(self) -> FloatArray:
        """pibar(a|s) = mean_l pi_l(a|s), (S, A): the policy whose exploitability Corollary D.5 can bound."""
        mean: FloatArray = self.policies.mean(axis=0)
        normalised: FloatArray = mean / mean.sum(axis=1, keepdims=True)
        return normalised

    def by_occupation(self, game: MeanFieldGame, mu: Any, start: Any = None) -> FloatArray:
        """The Markov policy whose occupation is the mean of the d^{pi_l}, (S, A).

        Args:
            mu, start: population and law of the first state, (S,); `start` is `mu` by default, as in (21).

        Raises:
            InputError: an argument is not a distribution.
        """
        population = game.population(mu)
        first = population if start is None else game.population(start, "start")
        frozen = freeze(game, population)
        weights = np.array([frozen_occupation(frozen, policy, first) for policy in self.policies])
        joint = (weights[:, :, None] * self.policies).sum(axis=0)
        mass = joint.sum(axis=1, keepdims=True)
        policy: FloatArray = np.divide(joint, mass, out=self.by_state(), where=mass > 0.0)
        return policy

    def push(self, frozen: Frozen, laws: list[FloatArray], M: int) -> list[FloatArray]:
        """For each law xi, mean_l xi (P^{pi_l})^M: where a trajectory of M steps under the mixture ends, (S,)."""
        ends = [np.mean([push(frozen, policy, law, M) for policy in self.policies], axis=0) for law in laws]
        return [end / end.sum() for end in ends]
