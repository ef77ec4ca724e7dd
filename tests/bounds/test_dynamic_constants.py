"""The table of constants of a dynamic game."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from typer.testing import CliRunner

import mfbounds as mb
from mfbounds.cli import app
from mfbounds.games.dynamic import DynamicGame
from mfbounds.games.dynamic.catalogue import build_dynamic
from mfbounds.games.dynamic.random import dynamic_families, random_dynamic
from mfbounds.games.dynamic.witnesses import at_own_state
from mfbounds.mdp.finite_horizon import flow_of
from mfbounds.numbers import Provenance
from mfbounds.symmetry import induced_game

SYMBOLS = {
    "alpha", "beta", "K_mu", "L_mu", "K_sa", "K_s", "K_a", "L_a", "L_sa", "kappa", "C_1", "C_2", "L_pop", "slope", "slope_flow",
}  # fmt: skip
GAMES = [
    *(random_dynamic(family, 2) for family in dynamic_families()),
    build_dynamic("a_rps", n_players=50),
    build_dynamic("a_sis", n_players=50),
    build_dynamic("congestion", n_players=20),
    build_dynamic("affine_players", n_players=20),
]


@pytest.mark.parametrize("game", GAMES, ids=repr)
def test_every_constant_is_there_and_the_printed_modulus_is_the_larger(game: DynamicGame) -> None:
    table = mb.constants(game)
    assert {row.symbol for row in table} == SYMBOLS
    assert all(row.provenance is Provenance.CERTIFIED for row in table if row.symbol not in ("slope", "slope_flow"))
    printed, sharpened = table["L_pop"].printed, table["L_pop"].sharpened
    assert printed is not None
    assert sharpened is not None
    assert sharpened <= printed + 1e-12
    assert sharpened <= 1 + table["K_mu"].sharpened + 1e-12
    assert table["alpha"].printed == table["alpha"].sharpened


@pytest.mark.parametrize("game", GAMES, ids=repr)
def test_one_step_of_the_population_moves_no_further_than_it_says(game: DynamicGame) -> None:
    induced, rng = induced_game(game), np.random.default_rng(0)
    L_pop = mb.constants(game)["L_pop"].sharpened
    for near, far in rng.dirichlet(np.full(game.n_pairs, 0.5), (40, 2)).reshape(40, 2, game.n_states, game.n_actions):
        ends = [np.tensordot(mu, induced.kernel(mu), 2) for mu in (near, far)]
        assert np.abs(ends[0] - ends[1]).sum() <= L_pop * np.abs(near - far).sum() + 1e-12
    uniform = np.full((game.horizon, game.n_states, game.n_actions), 1 / game.n_actions)
    assert flow_of(induced, uniform).mu.shape == uniform.shape


def test_what_is_sampled_or_unknown_says_so() -> None:
    table = mb.constants(at_own_state(n_players=3000))
    assert table["alpha"].provenance is Provenance.ESTIMATED
    assert table["K_mu"].sharpened == 0.0
    assert table["L_mu"].sharpened == pytest.approx(0.5, rel=1e-9)
    assert table["kappa"].argument.startswith("at most")
    bent = mb.games.dynamic.CountGame.of(
        lambda players, states, actions, others: np.ones((*players.shape, 1)),
        lambda players, states, actions, others: (others[..., 0] / 2999) ** 2,
        n_players=3000, n_states=1, n_actions=4, horizon=1, reward_range=(0.0, 1.0),
    )  # fmt: skip
    assert mb.constants(bent)["L_mu"].sharpened == math.inf


def test_the_table_as_text_html_and_pandas_has_no_population_steps() -> None:
    table = mb.constants(build_dynamic("congestion", n_players=10))
    assert str(table).splitlines()[0] == "Constants of congestion: N=10, S=3, A=3, H=5"
    assert "M =" not in table._repr_html_()
    assert table.to_pandas().loc["kappa", "sharpened"] == 1.0


def test_the_command_serves_both_kinds_of_games() -> None:
    run = CliRunner().invoke(app, ["constants", "congestion", "--set", "n_players=10", "--json"])
    assert run.exit_code == 0, run.output
    answer = json.loads(run.stdout)
    assert answer["game"] == "congestion: N=10, S=3, A=3, H=5"
    assert set(answer["constants"]) == SYMBOLS
    assert "M" not in answer
    shown = CliRunner().invoke(app, ["constants", "a_sis", "--set", "n_players=50"])
    assert shown.exit_code == 0
    assert "P depends on mu" in shown.stdout
    assert "M =" not in shown.stdout


@pytest.mark.parametrize(
    "options", [["-M", "3"], ["-L", "5"], ["--C-prime", "2"], ["--reading", "half"], ["--no-measure"]]
)
def test_options_of_the_first_paper_are_refused_on_a_dynamic_game(options: list[str]) -> None:
    run = CliRunner().invoke(app, ["constants", "congestion", "--set", "n_players=10", *options])
    assert run.exit_code == 2
    assert "leave the option out" in " ".join(run.stderr.split())
