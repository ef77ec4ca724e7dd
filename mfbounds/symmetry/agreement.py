"""Whether what is said of a game is so: its closed form the players' average (P2, Definition 6), its moduli no smaller."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import IntArray
from mfbounds.numbers import Constant, Provenance

WORK = 500_000  # entries of a count function's arguments that are looked at, about
LEAST = 4  # places (a law of the others and an own pair) that are looked at, however many players there are
MOST = 200_000_000  # entries of the same that are looked at for moduli
VERTICES = 60  # that moduli are compared at
STEP = 1e-2  # of the simplex, from its middle to a vertex
SHOWN = 6  # pairs that a message lists
INNER = 5  # laws of the others beside the vertices
CHUNK = 1_000_000  # entries of a count function's arguments that are held at once
SAME = 1e-9  # of the largest value: what rounding may do to a closed form
EPS = float(np.finfo(float).eps)


def check_closed_form(game: CountGame, induced: FiniteHorizonGame) -> None:
    """Compares `induced`, made of the closed form of `game`, with the players' own averages.

    Looked at are the vertices of the simplex (all others in one pair) and a few laws inside; with so many players or
    pairs that this would take long, some of these places, drawn with a fixed seed. A difference above rounding refutes
    the closed form; none found proves nothing elsewhere.

    Raises:
        InputError: the closed form differs from the average, or has another shape, or leaves the range or the simplex.
    """
    size = max(map(abs, game.reward_range))
    for at, rows in _places(game):
        states, actions = np.divmod(rows, game.n_actions)
        others = _others(game, at)
        laws, rewards = _averages(game, states, actions, others)
        mu = (others / game.n_others).reshape(game.n_states, game.n_actions)
        _compare(game, "reward", induced.reward_at(mu)[states, actions], rewards, rows, others, size)
        if laws is not None:
            _compare(game, "kernel", induced.kernel_at(mu)[states, actions], laws, rows, others, 1.0)


def check_moduli(induced: FiniteHorizonGame) -> None:
    """Compares K_mu and L_mu, where they are the user's word, with the changes of P and R that a few populations show.

    Looked at are the changes from one vertex of the simplex to another, of some where there are many, and, where
    evaluations are short, those between short steps from the middle to each of them.

    Raises:
        InputError: a change is larger than what is declared allows: bounds that rest on it would be none.
    """
    shape, D = (induced.n_states, induced.n_actions), induced.n_states * induced.n_actions
    functions: dict[str, Callable[[FloatArray], FloatArray]]
    functions = {"K_mu": induced.kernel_at, "L_mu": lambda mu: induced.reward_at(mu)[..., None]}
    moduli = {name: known for name, known in induced.declared.items() if name in functions and _is_word(known)}
    if not moduli or induced.work > MOST:
        return
    vertices = np.eye(D)[np.unique(np.linspace(0, D - 1, min(D, VERTICES)).astype(np.int64))]
    near = (1 - STEP) / D + STEP * vertices
    for points, apart in [(vertices, 2.0), (near, 2.0 * STEP)][: 1 if induced.work else 2]:
        for name, known in moduli.items():
            values = np.stack([functions[name](mu.reshape(shape)).reshape(D, -1) for mu in points])
            found = max(float(np.abs(values - value).sum(axis=-1).max()) for value in values) / apart
            slack = SAME * max(1.0, float(np.abs(values).max())) / apart
            if found > known.value + slack:
                raise InputError(
                    f"declared[{name!r}] == {known.value:.6g}, must be >= {found:.6g}: the change between two populations "
                    f"at the l1 distance {apart:g}, over that distance; correct it or leave it out"
                )


def _is_word(known: Constant) -> bool:
    return known.provenance is Provenance.DECLARED


def _others(game: CountGame, at: int) -> IntArray:
    """The law of the others number `at` as counts (D,): as even as can be, in half of the pairs, random, or a vertex."""
    K, D = game.n_others, game.n_pairs
    pairs, rng = np.arange(D), np.random.default_rng([0, at])
    if at == 0:
        counts = K // D + (pairs < K % D)
    elif at < INNER:
        weights = np.where(pairs < max(1, D // 2), 1.0, 0.0) if at == 1 else rng.dirichlet(np.ones(D))
        counts = rng.multinomial(K, weights / weights.sum())
    else:
        counts = np.where(pairs == at - INNER, K, 0)
    return counts.astype(np.int64)


def _places(game: CountGame) -> list[tuple[int, IntArray]]:
    """(number of a law of the others, own pairs): all, or as many as are affordable."""
    D = game.n_pairs
    n_laws, affordable = INNER + D, max(LEAST, WORK // (game.n_players * (D + game.n_states)))
    if affordable >= n_laws * D:
        return [(at, np.arange(D)) for at in range(n_laws)]
    rng = np.random.default_rng(1)
    half = affordable // 2
    drawn = np.append(rng.integers(INNER, size=half), rng.integers(n_laws, size=affordable - half))
    rows = rng.integers(D, size=affordable)
    return [(int(at), np.unique(rows[drawn == at])) for at in np.unique(drawn)]


def _averages(
    game: CountGame, states: IntArray, actions: IntArray, others: IntArray
) -> tuple[FloatArray | None, FloatArray]:
    """The players' averages of P^i (B, S), None where the others play no role in it, and of R^i (B,), others (D,)."""
    laws, rewards = np.zeros((len(states), game.n_states)), np.zeros(len(states))
    step = max(1, CHUNK // (len(states) * (game.n_pairs + game.n_states)))
    for first in range(0, game.n_players, step):
        ids = np.arange(first, min(first + step, game.n_players))
        shape = (len(ids), len(states))
        players, own, moves = (np.broadcast_to(array, shape).copy() for array in (ids[:, None], states, actions))
        counts = np.broadcast_to(others, (*shape, game.n_pairs)).copy()
        rewards += game.rewards_at(players, own, moves, counts).sum(axis=0)
        if not game.independent:
            laws += game.laws_at(players, own, moves, counts).sum(axis=0)
    return None if game.independent else laws / game.n_players, rewards / game.n_players


def _compare(
    game: CountGame, what: str, closed: FloatArray, average: FloatArray, rows: IntArray, others: IntArray, size: float
) -> None:
    gaps = np.abs(closed - average).reshape(len(rows), -1).max(axis=1)
    worst = int(gaps.argmax())
    if gaps[worst] <= (SAME + game.n_players * EPS) * size:
        return
    state, action = divmod(int(rows[worst]), game.n_actions)
    raise InputError(
        f"lifted_{what}(mu)[{state},{action}] == {closed[worst].tolist()}, must be {average[worst].tolist()}, the average of "
        f"{what}(players, {state}, {action}, others) over all {game.n_players} players of {game!r}, at mu = others/(N - 1), "
        f"others == {_shown(others)}: correct lifted_{what} or {what}, or leave lifted_{what} out"
    )


def _shown(others: IntArray) -> str:
    """Counts of the first few pairs s A + a where there are others."""
    pairs = np.flatnonzero(others)
    told = [f"{others[pair]} in pair {pair}" for pair in pairs[:SHOWN]] + ["..."] * bool(len(pairs) > SHOWN)
    return f"({', '.join(told)})"
