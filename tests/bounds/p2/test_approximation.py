"""Definitions 7 and 8, Lemmas 2 to 10 and Theorem 1: measured sides against brute force, proved ones on random games."""

from __future__ import annotations

import itertools
import math

import mpmath as mp
import numpy as np
import pytest
from flint import arb

from mfbounds.bounds.dynamic_play import exploitability, flow_gain, flow_return, play, returns
from mfbounds.bounds.dynamic_problem import DynamicParameters, DynamicProblem
from mfbounds.bounds.dynamic_sums import geometric_sums
from mfbounds.bounds.formula import evaluate
from mfbounds.bounds.ledger import find_statement, ledger
from mfbounds.bounds.statement import Tier
from mfbounds.bounds.statements.p2 import equation_7, equation_9, lemma_10
from mfbounds.games.dynamic.affine import affine_game
from mfbounds.games.dynamic.random import dynamic_families, random_dynamic
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.games.dynamic.witnesses import at_own_state, motionless, one_shot, one_stays, ordered_pair, unbalanced
from mfbounds.mdp.exchangeable import ExchangeableGame
from mfbounds.numbers import Constant, Provenance
from mfbounds.verification.check import check_problem
from mfbounds.verification.status import Status
from mfbounds.verification.trial import try_case

OWN = ("P2.Def.7", "P2.Def.8", "P2.L.2", "P2.Ex.1", "P2.T.1", "P2.eq7", "P2.eq9", "P2.eq12", "P2.L.10")
OWN_ALL = (*OWN, *(f"P2.L.{i}" for i in range(3, 10)))
STATEMENTS = [statement for statement in ledger() if statement.id in OWN_ALL]


def paths(game: TabularGame, policies: np.ndarray) -> list[tuple[float, list[tuple[int, ...]], list[tuple[int, ...]]]]:
    """Every joint trajectory with its probability: (weight, states, actions), by plain loops."""
    N, S, A = game.n_players, game.n_states, game.n_actions
    found = [(math.prod(game.start[s] for s in joint), [joint], []) for joint in itertools.product(range(S), repeat=N)]
    for h in range(game.horizon):
        acted = [
            (w * math.prod(policies[i][h, states[-1][i], a] for i, a in enumerate(joint)), states, [*actions, joint])
            for w, states, actions in found
            if w > 0.0
            for joint in itertools.product(range(A), repeat=N)
        ]
        acted = [path for path in acted if path[0] > 0.0]
        if h + 1 == game.horizon:
            return acted
        found = []
        for w, states, actions in acted:
            laws = game.laws(np.array([states[-1]]), np.array([actions[-1]]))[0]
            for joint in itertools.product(range(S), repeat=N):
                p = math.prod(laws[i][s] for i, s in enumerate(joint))
                if p > 0.0:
                    found.append((w * p, [*states, joint], actions))
    return found


def tiny() -> DynamicProblem:
    rng = np.random.default_rng(3)
    kernels = rng.dirichlet(np.ones(2), size=(3, 2, 2, 16))
    game = TabularGame.of(kernels, rng.random((3, 2, 2, 16)), horizon=2, start=[0.4, 0.6])
    return DynamicProblem(game)


PROBLEM = tiny()
RNG = np.random.default_rng(5)
POLICY, DEVIATION = (RNG.dirichlet([1.0, 1.0], size=(2, 2)) for _ in range(2))


def profile(player: int) -> np.ndarray:
    policies = np.repeat(POLICY[None], 3, axis=0)
    policies[player] = DEVIATION
    return policies


def test_distances_are_those_of_all_trajectories() -> None:
    game = PROBLEM.game
    mu = PROBLEM.flow(POLICY).mu
    for h, player in itertools.product(range(2), range(3)):
        sums = np.zeros(4)
        law = np.zeros(2)
        means = np.zeros((2, 2))
        for w, states, actions in paths(game, profile(player)):
            pairs = [(s, a) for i, (s, a) in enumerate(zip(states[h], actions[h], strict=True)) if i != player]
            share = np.zeros((2, 2))
            for pair in pairs:
                share[pair] += 1 / 2
            sums[0] += w * np.abs(share - mu[h]).sum() ** 2
            law[states[h][player]] += w
        for w, states, actions in paths(game, np.repeat(POLICY[None], 3, axis=0)):
            share = np.zeros((2, 2))
            for pair in zip(states[h], actions[h], strict=True):
                share[pair] += 1 / 3
            means += w * share
            sums[1:] += w * np.array(
                [np.abs(share - mu[h]).sum(), np.abs(share - mu[h]).sum() ** 2, ((share - mu[h]) ** 2).sum()]
            )
        case = {"policy": POLICY, "deviation": DEVIATION, "player": player, "h": h}
        seven, ten = equation_7.measure(PROBLEM, case), lemma_10.measure(PROBLEM, case)
        assert seven["others_apart"].value == pytest.approx(math.sqrt(sums[0]), abs=1e-10)
        assert seven["apart"].value == pytest.approx(sums[1], abs=1e-11)
        assert seven["mean_apart"].value == pytest.approx(np.abs(means - mu[h]).sum(), abs=1e-11)
        assert ten["rms"].value == pytest.approx(math.sqrt(sums[2]), abs=1e-10)
        assert ten["square"].value == pytest.approx(sums[3], abs=1e-11)
        against = PROBLEM.game.start
        if h:
            flow = PROBLEM.flow(POLICY)
            against = np.einsum("s,sa,sat->t", PROBLEM.game.start, DEVIATION[0], flow.kernels[0])
        nine = equation_9.measure(PROBLEM, case)
        assert nine["moved"].value == pytest.approx(np.abs(law - against).sum(), abs=1e-11)


def value(policies: np.ndarray, player: int) -> float:
    game = PROBLEM.game
    return sum(
        w * sum(game.rewards(np.array([s]), np.array([a]))[0, player] for s, a in zip(states, actions, strict=True))
        for w, states, actions in paths(game, policies)
    )


def test_returns_and_exploitability_are_those_of_all_trajectories() -> None:
    expected = [value(profile(player), player) for player in range(3)]
    np.testing.assert_allclose(returns(PROBLEM, DEVIATION, POLICY)[0], expected, atol=1e-12)
    gains = []
    for player in range(3):
        policies = np.repeat(POLICY[None], 3, axis=0)
        own = value(policies, player)
        best = -math.inf
        for choice in itertools.product(range(2), repeat=4):
            policies[player] = np.eye(2)[np.array(choice).reshape(2, 2)]
            best = max(best, value(policies, player))
        gains.append(best - own)
    found = exploitability(PROBLEM, POLICY)
    assert abs(found.value - max(gains)) <= max(found.error, 1e-12)


def test_mean_field_gain_is_the_best_of_all_deterministic_policies() -> None:
    values = [
        flow_return(PROBLEM, np.eye(2)[np.array(choice).reshape(2, 2)], POLICY).value
        for choice in itertools.product(range(2), repeat=4)
    ]
    expected = max(values) - flow_return(PROBLEM, POLICY, POLICY).value
    assert flow_gain(PROBLEM, POLICY).value == pytest.approx(expected, abs=1e-12)


def test_large_games_are_played_at_count_level_and_small_ones_by_enumeration() -> None:
    always_0 = np.tile([1.0, 0.0], (2, 2, 1))
    small, large = (DynamicProblem(unbalanced(n_players=n)) for n in (5, 101))
    assert exploitability(small, always_0).value == pytest.approx(
        ExchangeableGame(unbalanced(n_players=5)).exploitability(always_0), abs=1e-12
    )
    assert exploitability(large, always_0).error < 1e-9


def test_mixed_policies_of_many_players_who_are_alike_are_measured_where_dynamics_ignore_the_others() -> None:
    doors = np.broadcast_to(np.eye(2), (40, 2, 2, 2))
    rewards = np.random.default_rng(0).random((1, 2, 2, 4))
    problem = DynamicProblem(affine_game(doors, np.broadcast_to(rewards, (40, 2, 2, 4)), horizon=1))
    assert isinstance(play(problem), ExchangeableGame)
    policy = np.array([[[0.3, 0.7], [0.6, 0.4]]])
    expected = rewards[0] @ (policy[0] / 2).ravel()  # of a player in (s, a): the others are independent of it
    gain = (expected.max(axis=1) - (policy[0] * expected).sum(axis=1)).mean()
    assert exploitability(problem, policy).value == pytest.approx(gain, abs=1e-12)


def test_geometric_sums_have_a_limit_where_the_paper_has_h() -> None:
    def modulus(value: float, *, exact: bool) -> Constant:
        return Constant(value=value, provenance=Provenance.CERTIFIED, argument="", exact=exact)

    for L in (0.5, 1.0, 1.75):
        found = geometric_sums(modulus(L, exact=True), 5)
        assert [float(ball) for ball in found] == [sum(L**j for j in range(h + 1)) for h in range(5)]
    assert [float(ball) for ball in geometric_sums(modulus(1.0, exact=True), 4, printed=True)] == [0, 1, 2, 3]
    above = geometric_sums(modulus(1.0, exact=False), 4, printed=True)
    assert [float(ball) for ball in above] == [1, 2, 3, 4], "a modulus that is only bounded by 1 need not be 1"
    assert float(geometric_sums(modulus(3.0, exact=True), 3, power=2)[2]) == 1 + 9 + 81


def test_constant_of_lemma_10_is_the_product_of_its_proof() -> None:
    product = mp.nprod(lambda h: 1 + 1 / (1 + h**2), [0, mp.inf])
    assert float(evaluate(lemma_10.C, {})) == pytest.approx(float(product), rel=1e-9)
    assert float(evaluate(lemma_10.C, {})) == pytest.approx(5.20487, abs=5e-6)


def test_drift_of_one_step_is_attained_by_two_balanced_pairs() -> None:
    """e_0 = sqrt((D-1)/(N-1)) and a_0 of Lemma 10: equalities for uniform pairs and D = 2."""
    problem = DynamicProblem(motionless(n_players=5))
    case = {"policy": np.ones((1, 2, 1)), "deviation": np.ones((1, 2, 1)), "player": 0, "h": 0}
    for name, key in (("P2.eq7", "sharpened"), ("P2.L.10", "sharpened / l1"), ("P2.L.10", "sharpened / l2")):
        statement = find_statement(name)
        (trial,) = try_case(statement, [statement.bound(key)], problem, case)
        assert float(trial.left.mid()) == pytest.approx(float(trial.right.mid()), rel=1e-10), key


@pytest.mark.parametrize("family", dynamic_families())
@pytest.mark.parametrize("seed", range(1000, 1003))
def test_no_proved_inequality_is_violated(family: str, seed: int) -> None:
    """And a printed one only where a defect is recorded."""
    problem = DynamicProblem(random_dynamic(family, seed), DynamicParameters(seed=seed))
    for statement in STATEMENTS:
        for found in check_problem(statement, problem):
            if found.status is Status.VIOLATED:
                assert found.tier is Tier.PRINTED, str(found)
                assert found.defects, str(found)


@pytest.mark.parametrize(
    "game",
    [
        at_own_state(),
        motionless(horizon=3),
        one_shot(n_players=5),
        one_stays(),
        ordered_pair(),
        unbalanced(n_players=4),
    ],
)
def test_no_proved_inequality_is_violated_on_the_witnesses(game: TabularGame) -> None:
    problem = DynamicProblem(game)
    for statement in STATEMENTS:
        if statement.id in ("P2.L.3", "P2.L.4") and not isinstance(game, TabularGame):
            continue
        for found in check_problem(statement, problem):
            assert found.status is not Status.VIOLATED or found.defects, str(found)


@pytest.mark.parametrize("family", ["dense", "independent", "affine"])
def test_proved_inequalities_do_not_depend_on_the_unit_of_reward(family: str) -> None:
    """Rewards times 4: both sides of an inequality about rewards scale alike, the others stay."""
    small = random_dynamic(family, 8)
    large = TabularGame.of(
        small.kernels, 4 * small.reward_table, horizon=small.horizon, start=small.start,
        reward_range=[4 * end for end in small.reward_range],
    )  # fmt: skip
    pair = [DynamicProblem(game) for game in (small, large)]
    compared = 0
    for name in ("P2.L.2", "P2.T.1", "P2.eq7", "P2.eq9", "P2.eq12", "P2.L.10"):
        statement = find_statement(name)
        bounds = [bound for bound in statement.bounds if bound.tier is not Tier.PRINTED]
        for case in list(statement.cases(pair[0]))[:5]:
            for one, two in zip(*(try_case(statement, bounds, problem, case) for problem in pair), strict=True):
                sides = [float(ball.mid()) for ball in (one.left, one.right, two.left, two.right)]
                if one.measured is None or not all(map(math.isfinite, sides)) or min(map(abs, sides)) < 1e-6:
                    continue
                compared += 1
                assert sides[2] / sides[0] == pytest.approx(sides[3] / sides[1], rel=1e-6), (name, one.bound.key)
    assert compared > 10


def test_natural_names() -> None:
    for name, expected in (
        ("Lemma 7", "P2.L.7"),
        ("Definition 7", "P2.Def.7"),
        ("Theorem 1", "P2.T.1"),
        ("eq12", "P2.eq12"),
    ):
        assert find_statement(name).id == expected


def test_theorem_1_is_not_vacuous_for_many_players_who_are_alike() -> None:
    """A-RPS has independent dynamics and affine rewards: 2 beta H above delta, without 1/sqrt N."""
    from mfbounds.bounds.approximation import affine_drift_sums
    from mfbounds.games.dynamic.rps import a_rps

    game = a_rps(n_players=50, beta=0.01, horizon=3)
    problem = DynamicProblem(game)
    statement = find_statement("P2.T.1")
    bound = statement.bound("sharpened / independent dynamics, affine rewards")
    values = {name: arb(constant.value) for name, constant in problem.primitives.items()}
    values |= {name: quantity.ball for name, quantity in affine_drift_sums(problem, {}).items()}
    right = evaluate(bound.right, {**values, "delta": arb(0)})
    assert float(right) == pytest.approx(2 * 0.01 * 3, rel=1e-9)
