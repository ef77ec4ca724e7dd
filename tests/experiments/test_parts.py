"""The plan of the experiments: the paper's settings, and names that tell parts apart."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import pytest

from mfbounds.experiments import experiments
from mfbounds.experiments.part import digest, log_steps, solved
from mfbounds.experiments.parts import GAMES, exact_part, part_seed, sampled_parts, trust_region_parts
from mfbounds.experiments.readings import STATES, reading_parts
from mfbounds.experiments.scale import Scale, full_scale, reduced_scale

SCALES = (full_scale(), reduced_scale())


def test_the_sampled_settings_are_those_of_table_1() -> None:
    parts = list(sampled_parts(full_scale(), seed=0))
    assert [part.arguments["eta"] for part in parts] == [0.05] * 10 + [0.3] * 3
    for part in parts:
        shown = {name: part.options[name] for name in ("L", "beta", "I", "P", "M")}
        assert shown == {"L": 100, "beta": 0.1, "I": 300_000, "P": 300_000, "M": 100}
        assert (part.K, part.arguments["gamma"], part.arguments["kappa"]) == (200, 0.9, 0.2)
        assert set(part.snapshots) == {0, 10, 200}
        assert part.build().n_states == 22


def test_the_exact_settings_are_those_of_table_1() -> None:
    parts = list(trust_region_parts(full_scale()))
    assert {(part.label, part.arguments["kappa"], part.arguments["eta"]) for part in parts} == {
        (label, kappa, eta) for label in GAMES for kappa in (0.2, 0.4) for eta in (0.05, 0.3)
    }
    for part in parts:
        assert (part.K, part.options["L"], part.options["beta"], part.options["warm_start"]) == (5000, 10, 0.01, True)
        assert {0, 1000, 2000, 5000} <= set(part.steps)


@pytest.mark.parametrize("scale", SCALES, ids=["full", "reduced"])
def test_no_two_different_parts_share_a_file(scale: Scale) -> None:
    """Experiments share parts; two parts of one name must be the same part."""
    found: dict[str, str] = {}
    for item in experiments().values():
        for part in item.parts(scale, 0):
            settings = json.dumps(part.settings, sort_keys=True)
            assert found.setdefault(part.name, settings) == settings, part.name
            assert all(letter.isalnum() or letter in ".-" for letter in part.name)


@pytest.mark.parametrize("scale", SCALES, ids=["full", "reduced"])
def test_every_part_builds_its_game_and_ends_at_its_last_step(scale: Scale) -> None:
    for part in reading_parts(scale, 0):
        assert part.steps[0] == 0
        assert part.steps[-1] == part.K
        assert set(part.snapshots) <= set(part.steps)
        if part.label in STATES:
            assert part.build().n_states == STATES[part.label]


def test_settings_tell_what_differs() -> None:
    scale = reduced_scale()
    one = exact_part("two islands", 0.2, 0.05, scale, "exact-mf-trpo", "x", M=1)
    other = exact_part("two islands", 0.2, 0.05, scale, "exact-mf-trpo", "x", M=math.inf)
    assert one.name == other.name
    assert one.settings != other.settings
    assert digest([one]) != digest([other])
    assert digest([one, other]) != digest([other, one])
    assert json.loads(json.dumps(one.settings)) == one.settings


def test_seeds_differ_between_runs_and_between_experiment_seeds() -> None:
    seeds = [part_seed(seed, number) for seed in range(20) for number in range(20)]
    assert len(set(seeds)) == 400


def test_steps_are_evenly_spaced_in_their_logarithm() -> None:
    steps = log_steps(5000, 50, also=[1000, 7000])
    assert steps[0] == 0
    assert steps[1] == 1
    assert steps[-1] == 5000
    assert 1000 in steps
    late = [step for step in steps if step > 100]
    assert all(1.0 < b / a < 1.3 for a, b in pairwise(late))
    assert log_steps(1, 5) == (0, 1)


@pytest.mark.parametrize(
    ("value", "error", "expected"),
    [(0.0, 0.0, True), (9e-9, 5e-10, True), (9e-9, 2e-9, False), (0.0, math.nan, False), (math.nan, 0.0, False)],
)
def test_solved_needs_a_certificate(value: float, error: float, expected: bool) -> None:
    assert solved(value, error) is expected
