"""Slack attribution: the links add up, none is broken, and the quantities are those of an independent computation."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from typer.testing import CliRunner

import mfbounds as mb
from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.statements.p1.lemma_e6 import two_doors
from mfbounds.bounds.statements.p1.theorem_c5 import one_room_pays
from mfbounds.cli import app
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.random import random_game
from mfbounds.verification.slack import SlackAttribution, attributable, slack_attribution
from mfbounds.verification.trial import try_case

GAMES = {
    "one room pays": one_room_pays,
    "contractive 3": lambda: random_game("contractive", 3, n_states=3, n_actions=2, gamma=0.3, eta=1.0),
    "contractive 11": lambda: random_game("contractive", 11, n_states=3, n_actions=3, gamma=0.3, eta=2.0),
}
BOUNDS = [(statement, bound) for statement, bounds in attributable().items() for bound in bounds]
# The optimal policy of a game without interaction does not move: E.4 has nothing to attribute there.
CASES = [(*bound, name) for bound in BOUNDS for name in GAMES if bound[0] != "P1.E.4" or name != "one room pays"]


def attributed(statement: str, bound: str, game: MeanFieldGame, **parameters: object) -> SlackAttribution:
    tier, _, form = bound.partition(" / ")
    return slack_attribution(statement, game, tier=tier, form=form or None, **{"L": 5, "K": 30, **parameters})


@pytest.mark.parametrize(("statement", "bound", "name"), CASES)
def test_the_links_add_up_to_the_slack_and_none_is_broken(statement: str, bound: str, name: str) -> None:
    found = attributed(statement, bound, GAMES[name]())
    budget = found.error + sum(link.error for link in found.links)
    assert abs(sum(link.decades for link in found.links) - found.decades) <= budget + 1e-12
    assert math.isfinite(budget)
    assert not any(link.broken for link in found.links), str(found)
    assert found.decades > 0


@pytest.mark.parametrize(("statement", "bound"), BOUNDS)
def test_the_ends_are_those_of_the_verdict(statement: str, bound: str) -> None:
    found, listed = attributed(statement, bound, GAMES["contractive 3"]()), find_statement(statement)
    problem = Problem(GAMES["contractive 3"](), Parameters(L=(5,), K=30))
    (trial,) = try_case(listed, [listed.bound(bound)], problem, found.case)
    assert float((trial.right / trial.left).log().mid()) / math.log(10) == pytest.approx(found.decades, abs=1e-9)


def test_one_state_by_hand() -> None:
    """One state, two actions, gamma = 0: TRPO's policy after L steps is softmax(r L/(eta (L+1)))."""
    game = mb.AffineGame(np.ones((1, 2, 1)), np.array([[1.0, 0.0]]), gamma=0.0, eta=0.5)
    found = slack_attribution("C.1", game, L=3)

    def value(l: int) -> float:  # noqa: E741
        p = 1 / (1 + math.exp(-l / (0.5 * (l + 1))))
        return p - 0.5 * (p * math.log(p) + (1 - p) * math.log(1 - p))

    best = 0.5 * math.log(1 + math.exp(2.0))
    gaps = [best - value(l) for l in range(4)]  # noqa: E741
    assert found.links[0].decades == pytest.approx(math.log10(np.mean(gaps) / gaps[-1]), abs=1e-9)
    right = (0.5 * math.log(2) + math.log(5) / 4) / 4
    assert found.decades == pytest.approx(math.log10(right / gaps[-1]), abs=1e-9)


def test_the_better_of_two_bounds_has_its_own_chain() -> None:
    """A small temperature makes the scores wide: then the telescope from S0 is the better bound."""
    game = one_room_pays()
    cold, warm = (slack_attribution("C.1", game.replace(eta=eta), tier="sharpened", L=1) for eta in (0.05, 5.0))
    assert [link.name for link in cold.links] == ["three-point telescope", "start of the telescope <= S0"]
    assert len(warm.links) == 4
    assert not any(link.broken for link in (*cold.links, *warm.links))


def test_table_picture_and_command(tmp_path) -> None:
    found = slack_attribution("C.5", one_room_pays(), L=5, K=30)
    table = found.to_pandas()
    assert list(table["link"]) == [link.name for link in found.links]
    assert table["share"].sum() == pytest.approx(1.0)
    assert found.largest.name == "C.1: gap"
    figure = found.plot()
    assert len(figure.axes[0].patches) == len(found.links) + 1
    picture = tmp_path / "slack.png"
    arguments = ["slack", "E.4", "random_game", "--set", "family=contractive", "--set", "seed=3", "--json"]
    result = CliRunner().invoke(app, [*arguments, "--plot", str(picture)])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["links"][0]["link"] == "softmax is 1-Lipschitz"
    assert picture.stat().st_size > 1000


def test_what_cannot_be_attributed_says_why() -> None:
    game = one_room_pays()
    with pytest.raises(InputError, match="must be a proved bound whose chain is written out"):
        slack_attribution("C.5", game, tier="printed")
    with pytest.raises(InputError, match="must be a proved bound"):
        slack_attribution("D.4", game)
    with pytest.raises(UnknownNameError):
        slack_attribution("C.5", game, tier="proved")
    with pytest.raises(UnknownNameError):
        slack_attribution("C.5", game, rounds=3)
    with pytest.raises(InputError, match=r"left side of P1\.E\.4 == 0"):
        slack_attribution("E.4", game)
    with pytest.raises(InputError, match=r"to which P1\.C\.5 applies"):
        slack_attribution("C.5", two_doors(1.0))  # attracted: no C_op < 1
