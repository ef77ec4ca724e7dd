"""The search: what it must find, what it must not report, and that it can be repeated and resumed."""

from __future__ import annotations

import math
import sys
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

import mfbounds as mb
from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.statement import Tier
from mfbounds.errors import FileFormatError, InputError, UnknownNameError
from mfbounds.verification.falsify import falsify
from mfbounds.verification.falsify.edge_cases import simple_laws
from mfbounds.verification.falsify.effort import tightness
from mfbounds.verification.falsify.fields import RECIPES, exact_inequalities, recipe_of, searchable
from mfbounds.verification.falsify.genes import draw, expressed, propose
from mfbounds.verification.falsify.realise import Individual
from mfbounds.verification.falsify.record import from_csv, recorded, rows, to_csv
from mfbounds.verification.falsify.result import STATE
from mfbounds.verification.falsify.state import Found, complexity
from mfbounds.verification.status import Status
from mfbounds.verification.witness import replay

# The printed inequalities that edge cases alone break, with the number of edge cases that suffices.
BY_EDGE_CASES = {
    "eq2": 100,
    "2.2": 100,
    "B.2": 100,
    "B.4": 400,
    "C.3": 400,
    "W": 200,
    "Alg.3": 200,
    "Alg.8": 200,
    "21": 400,
}


@pytest.mark.parametrize("name", BY_EDGE_CASES)
def test_edge_cases_break_the_printed_inequalities_with_recorded_defects(name):
    statement = find_statement(name)
    false = {key for defect in statement.defects for key in defect.bounds}
    found = falsify(name, "printed", budget=0, edge_cases=BY_EDGE_CASES[name])
    broken = {attempt.bound for attempt in found.attempts if attempt}
    assert broken == false
    for attempt in found.attempts:
        if attempt:
            assert attempt.smallest.status is Status.VIOLATED
            assert attempt.smallest.certified
            assert attempt.smallest.game.n_states <= 3
            assert attempt.smallest.defects


def test_the_array_search_breaks_e6_and_c1_and_the_witness_replays(tmp_path):
    for name, keys in {"E.6": {"monotone / TV = l1", "monotone / TV = l1/2"}, "C.1": {"L = 1 / TV = l1"}}.items():
        found = falsify(name, "printed", family="reward", budget=20_000, edge_cases=0)
        assert {f"printed / {key}" for key in keys} <= {attempt.bound for attempt in found.attempts if attempt}
        assert found.effort.games == 30_720  # two restarts
        for path in found.write(tmp_path / name):
            if path.suffix == ".npz":
                assert replay(path).status is Status.VIOLATED
    assert mb.load_run is not None  # the public names are there
    assert mb.falsify is falsify


def planted(factor: float):
    """E.4 sharpened with its constant multiplied: below 1 it is false, because the bound is attained."""
    statement = find_statement("E.4")
    true = statement.bound("sharpened")
    return replace(statement, bounds=(replace(true, right=sp.Rational(str(factor)) * true.right),), defects=())


@pytest.mark.parametrize("factor", [0.5, 0.9])
def test_a_planted_false_factor_is_found(factor):
    found = falsify(planted(factor), "sharpened", family="reward", budget=40_000, edge_cases=0)
    assert found
    assert found.worst.status is Status.VIOLATED
    assert 1.0 < found.tightest_ratio <= 1.0 / factor + 1e-9
    assert found.tightest_ratio > 0.98 / factor


def test_a_true_bound_is_not_reported_and_its_tightness_is_told():
    found = falsify(planted(1.0), "sharpened", family="reward", budget=40_000, edge_cases=50)
    assert not found
    assert found.smallest is None
    assert found.worst is None
    assert 0.9 < found.tightest_ratio <= 1.0
    (attempt,) = found.attempts
    assert attempt.tightest.status in (Status.HOLDS, Status.VACUOUS, Status.INCONCLUSIVE)
    assert attempt.words.startswith(("tight to", "attained"))


@pytest.mark.parametrize(("name", "tier"), [("C.3", "repaired"), ("eq2", "repaired")])
def test_proved_statements_survive_the_checking_path(name, tier):
    found = falsify(name, tier, budget=1, edge_cases=20, seed=3)
    assert not found, str(found)
    assert found.effort.games >= 1


def test_shrinking_yields_a_small_game():
    """The worst games of a search are as large as they come; what is shown as smallest is not."""
    found = falsify("E.1", "printed", family="kernel", budget=1, edge_cases=0, seed=2)
    key = "printed / sup / TV = l1"
    states, actions, bits = found.state.smallest[key].complexity
    assert (states, actions) <= (2.0, 2.0)
    assert bits < 100.0  # a number that is no small fraction counts 60
    assert found.state.smallest[key].individual.settings["scale"] == 1.0


def test_the_result_depends_on_the_seed_alone():
    first, second, other = (falsify("E.6", "sharpened", budget=1, edge_cases=10, seed=seed) for seed in (5, 5, 6))
    assert same(first, second)
    assert not same(first, other)


def same(first, second):
    told = [
        [found.to_record() for found in (*search.state.worst.values(), *search.state.smallest.values())]
        for search in (first, second)
    ]
    np.testing.assert_equal(first.state.next_restart, second.state.next_restart)
    try:
        np.testing.assert_equal(*told)
    except AssertionError:
        return False
    return first.effort.games == second.effort.games


def test_resumed_searches_end_like_one_go(tmp_path):
    whole = falsify("E.4", "repaired", budget=40_000, edge_cases=10, seed=1)
    half = falsify("E.4", "repaired", budget=10_000, edge_cases=10, seed=1)
    half.write(tmp_path)
    assert same(whole, falsify("E.4", "repaired", budget=40_000, edge_cases=10, seed=1, resume=tmp_path / STATE))
    assert same(whole, falsify("E.4", "repaired", budget=40_000, edge_cases=10, seed=1, resume=half))


def test_workers_do_not_change_the_result():
    one = falsify("E.4", "repaired", budget=1, edge_cases=0)
    assert same(one, falsify("E.4", "repaired", budget=1, edge_cases=0, workers=2))


def test_time_bounds_a_call_and_says_what_was_not_reached():
    found = falsify("E.3", "repaired", seconds=0.05, seed=1)
    assert "no whole restart with the family both, kernel, reward, none" in found.not_reached
    assert "edge cases" in found.not_reached
    assert "give more seconds" in str(found)


def test_state_of_another_search_or_version_is_refused(tmp_path):
    falsify("E.4", "repaired", budget=0, edge_cases=0).write(tmp_path)
    path = tmp_path / STATE
    with pytest.raises(InputError, match=r"seed == 1, must be 0 to resume"):
        falsify("E.4", "repaired", budget=0, edge_cases=0, seed=1, resume=path)
    with pytest.raises(InputError, match=r"statement == 'P1.E.6', must be 'P1.E.4'"):
        falsify("E.6", "repaired", budget=0, edge_cases=0, resume=path)
    text = path.read_text()
    path.write_text(text.replace("mfbounds falsify 1", "mfbounds falsify 0"))
    with pytest.raises(FileFormatError, match="start the search anew"):
        falsify("E.4", "repaired", budget=0, edge_cases=0, resume=path)
    path.write_text(text[:-40])
    with pytest.raises(FileFormatError, match=rf"path == '{path}', must be the state of a search"):
        falsify("E.4", "repaired", budget=0, edge_cases=0, resume=path)
    with pytest.raises(InputError, match="must be an existing file"):
        falsify("E.4", "repaired", budget=0, edge_cases=0, resume=tmp_path / "none.json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"statement": "D.2"}, "high probability"),
        ({"statement": "C.7"}, "exponents"),
        ({"statement": "Z.1"}, "must be a known name"),
        ({"statement": "E.2", "tier": "repaired"}, "must be one that P1.E.2 has: printed, sharpened"),
        ({"statement": "E.2", "family": "rooms"}, "known are both, kernel, none, reward"),
        ({"statement": "E.2", "seconds": 0.0}, "must be > 0"),
        ({"statement": "E.2", "budget": -1}, "must be an integer >= 0"),
        ({"statement": "E.2", "edge_cases": -1}, "must be an integer >= 0"),
    ],
)
def test_bad_input_is_told(arguments, message):
    with pytest.raises(InputError, match=message):
        falsify(**arguments)


def test_a_missing_hypothesis_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(InputError, match=r"mfbounds\[falsify\]"):
        falsify("E.4", "repaired", budget=0)
    assert not falsify("E.4", "repaired", budget=0, edge_cases=0)


def test_every_exact_statement_has_a_recipe_whose_cases_can_be_measured():
    """Recipes give exactly what the statement's own cases give."""
    for statement, tier in exact_inequalities():
        assert searchable(statement, tier)
    with pytest.raises(UnknownNameError):
        falsify("E.4", "best")
    assert {statement.id for statement, _ in exact_inequalities()} == set(RECIPES)


@pytest.mark.parametrize("name", ["E.1", "W", "C.5", "21"])
def test_moves_keep_games_legal(name):
    recipe = recipe_of(find_statement(name))
    settings = {"n_states": 3, "n_actions": 2, "coupling": "both", "scale": 1.0}
    settings |= {key: values[0] for key, values in recipe.choices.items()}
    rng = np.random.default_rng(0)
    genes = draw(rng, 16, settings, recipe)
    for _ in range(60):
        genes = propose(rng, genes, rng.random(16))
        for law in ("kernels", *recipe.laws, *recipe.policies):
            assert np.abs(genes[law].sum(axis=-1) - 1.0).max() < 1e-12
            assert genes[law].min() >= 0.0
        assert ((genes["gamma"] >= 0.0) & (genes["gamma"] < 1.0)).all()
        assert ((genes["eta"] > 0.0) & (genes["rewards"].max() <= 1.0)).all()
        if recipe.positive:
            assert expressed(genes, recipe)["policy"].min() > 0.0


def test_simple_laws_are_few_distinct_distributions():
    laws = simple_laws(3)
    assert np.abs(laws.sum(axis=1) - 1.0).max() < 1e-15
    assert len(laws) == len(np.unique(laws, axis=0)) == 3 + 3 + 9
    assert np.array_equal(laws[:3].sum(axis=0), np.ones(3))  # the point masses come first


def test_words_come_from_the_number():
    def at(ratio: float, status: Status = Status.HOLDS) -> Found:
        nothing = Individual(genes={}, settings={})
        return Found(bound="", status=status, ratio=ratio, share=0.0, complexity=(), individual=nothing)

    assert tightness(None) == "it applied to no game tried"
    assert tightness(at(math.inf, Status.VIOLATED)) == "violated: right side 0"
    assert tightness(at(0.0)) == "the left side was never above 0"
    assert tightness(at(0.95)) == "tight to 5%"
    assert tightness(at(1e-4)) == "loose by 4.0 decades"


def test_complexity_counts_states_then_bits():
    settings = {"n_states": 2, "n_actions": 1}
    plain = Individual(genes={"mu": np.array([0.5, 0.5])}, settings=settings)
    odd = Individual(genes={"mu": np.array([0.123456789, 0.876543211])}, settings=settings)
    assert complexity(plain) == (2.0, 1.0, 4.0)  # twice 1/2: one bit above, one below
    assert complexity(plain) < complexity(odd)


def test_the_record_survives_csv_and_speaks_of_every_proved_inequality():
    search = falsify("E.4", "sharpened", budget=1, edge_cases=0)
    found = rows([search])
    assert from_csv(to_csv(found)) == tuple(found)
    proved = {
        (statement.id, bound.key)
        for statement, tier in exact_inequalities()
        if tier is not Tier.PRINTED
        for bound in searchable(statement, tier)
    }
    kept = {(row.statement, row.bound): row for row in recorded()}
    assert proved <= kept.keys()
    assert not any(kept[place].violated for place in proved)
    assert all(kept[place].games > 0 for place in proved)
