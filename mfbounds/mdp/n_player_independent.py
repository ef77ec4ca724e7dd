"""Exact exploitability of every player where no player's dynamics depend on the others (P2, Definition 2).

States and actions of different players are then independent. A player's expected reward at a step is the expectation of
R^i over the independent others, whatever its own past, so that best responses are found by backward induction. Rewards
affine in the counts need the others' expected counts only; others need the law of the counts.
"""

from __future__ import annotations

import numpy as np

from mfbounds.checks import FloatArray
from mfbounds.errors import InputError, NotEnumerableError
from mfbounds.games.dynamic.counts import CountGame
from mfbounds.games.dynamic.game import DynamicGame, IntArray
from mfbounds.games.dynamic.lattice import Lattice
from mfbounds.games.dynamic.tabular import TabularGame
from mfbounds.mdp.n_player_responses import Responses, respond
from mfbounds.words import size_text

WORK = 50_000_000  # terms of the expectations over the others' counts that are summed at most, per step


def independent_responses(game: DynamicGame, policies: FloatArray, players: IntArray) -> Responses:
    """Values and best responses of `players` when all play `policies`, (1, H, S, A) or (N, H, S, A).

    Raises:
        InputError: the dynamics depend on the others.
        NotEnumerableError: the law of their counts is too large to be listed.
    """
    kernels = own_kernels(game)
    own = kernels if len(kernels) == 1 else kernels[players]
    rewards = [expected_rewards(game, laws, players) for laws in pair_laws(kernels, policies, game.start)]
    chosen = policies if len(policies) == 1 else policies[players]
    return respond([own] * game.horizon, rewards, chosen, game.start)


def can_respond(game: DynamicGame) -> bool:
    """Whether `independent_responses` gives the responses of all players to one policy that all of them play."""
    if not game.independent or not isinstance(game, CountGame):
        return game.independent and isinstance(game, TabularGame)
    alike = len(own_kernels(game)) == 1
    return game.affine_rewards or _terms(game, game.n_players, alike=alike) <= WORK


def terms_summed(game: DynamicGame) -> int:
    """Terms of the longest sum behind an expected reward beside those over players, pairs and steps; rounding grows with it."""
    if isinstance(game, TabularGame):
        return int(game.reward_table.shape[3])
    return game.lattice.size if isinstance(game, CountGame) and not game.affine_rewards else 0


def own_kernels(game: DynamicGame) -> FloatArray:
    """P^i, (N, S, A, S), or (1, S, A, S) where all players are alike.

    Raises:
        InputError: the dynamics depend on the others.
    """
    if game.independent and isinstance(game, CountGame):
        assert game.fixed_kernels is not None
        return game.fixed_kernels
    if game.independent and isinstance(game, TabularGame):
        kernels: FloatArray = game.kernels[:, :, :, 0]
        return kernels
    raise InputError(f"game == {game!r}, must have dynamics that ignore the others: use another method")


def pair_laws(kernels: FloatArray, policies: FloatArray, start: FloatArray) -> list[FloatArray]:
    """The law of each player's pair at every step, H arrays (N, S, A), or (1, S, A) where all players are alike."""
    law = np.broadcast_to(start, (max(len(kernels), len(policies)), len(start)))
    found = []
    for h in range(policies.shape[1]):
        found.append(law[:, :, None] * policies[:, h])
        law = np.einsum("psa,psat->pt", found[-1], np.broadcast_to(kernels, (len(law), *kernels.shape[1:])))
    return found


def expected_rewards(game: DynamicGame, laws: FloatArray, players: IntArray) -> FloatArray:
    """E R^i(s, a, rho^{-i}) for the players (P,), (P, S, A), when the others' pairs have the laws (N or 1, S, A).

    Raises:
        NotEnumerableError: the law of the others' counts is too large to be listed.
    """
    flat = laws.reshape(len(laws), -1)
    if isinstance(game, TabularGame):
        return np.stack([_over_arrangements(game, flat, int(i)) for i in players])
    assert isinstance(game, CountGame)
    everybody = np.broadcast_to(flat, (game.n_players, game.n_pairs))
    if game.affine_rewards:
        total = game.n_players * flat[0] if len(flat) == 1 else flat.sum(axis=0)
        return _rewards(game, players, total - everybody[players])
    return _over_counts(game, everybody, len(flat) == 1, players)


def _rewards(game: CountGame, players: IntArray, others: FloatArray) -> FloatArray:
    """R^i(s, a, .) of player p where its others' counts are others[p], (P, D): (P, S, A)."""
    rows, states, actions = np.indices((len(players), game.n_states, game.n_actions))
    seen = np.broadcast_to(others[:, None, None, :], (*rows.shape, game.n_pairs))
    return game.rewards_at(players[rows], states, actions, seen)  # type: ignore[arg-type]  # expected counts


def _over_arrangements(game: TabularGame, laws: FloatArray, player: int) -> FloatArray:
    """The expectation over the joint pairs of the others of a table, (S, A)."""
    table = game.reward_table[player]
    if table.shape[-1] == 1:
        only: FloatArray = table[..., 0]
        return only
    weights = np.ones(1)
    for j in range(game.n_players):
        if j != player:
            weights = np.outer(weights, laws[j if len(laws) > 1 else 0]).ravel()
    expected: FloatArray = table @ weights
    return expected


def _over_counts(game: CountGame, laws: FloatArray, alike: bool, players: IntArray) -> FloatArray:
    """The expectation over the law of the others' counts, (P, S, A)."""
    lattice, work = game.lattice, _terms(game, len(players), alike=alike)
    if work > WORK:
        raise NotEnumerableError(
            f"{game!r}: the expected rewards are sums of {size_text(work)} terms a step, must be <= {WORK:.3g}: declare "
            "affine_rewards where they are affine in the counts, ask for fewer players, or use method='monte carlo'"
        )
    shared = counts_law(laws[1:]) if alike else None
    found = []
    for i in players:
        weights = counts_law(np.delete(laws, i, axis=0)) if shared is None else shared
        rows, states, actions = np.indices((lattice.size, game.n_states, game.n_actions))
        rewards = game.rewards_at(np.full(rows.shape, i), states, actions, lattice.points[rows])
        found.append(np.tensordot(weights, rewards, axes=1))
    return np.stack(found)


def _terms(game: CountGame, asked: int, *, alike: bool) -> int:
    """Terms a step of the expectations over the others' counts for `asked` players; `alike`: all have one law."""
    return game.lattice.size * game.n_pairs * (asked + (1 if alike else asked) * game.n_others)


def counts_law(laws: FloatArray) -> FloatArray:
    """The law of the counts of independent agents with laws (K, D), over the points of `Lattice(K, D)`."""
    agents, cells = laws.shape
    law: FloatArray = laws[0][Lattice(1, cells).points.argmax(axis=1)]
    for k in range(1, agents):
        before, after = Lattice(k, cells), Lattice(k + 1, cells)
        grown = np.zeros(after.size)
        for cell in range(cells):
            moved = before.points.copy()
            moved[:, cell] += 1
            grown[after.index(moved)] += laws[k, cell] * law
        law = grown
    return law
