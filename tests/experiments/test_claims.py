"""Claims measured on made-up tables whose answers are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mfbounds.experiments import claims as c
from mfbounds.experiments.claim import Claim, Verdict
from mfbounds.experiments.claims_comparison import comparison
from mfbounds.experiments.geometry import effective_states, near_target, on_second_island, uniform_near_target, where
from mfbounds.experiments.tables import of_method, rank, solved_at, with_choice
from mfbounds.games.catalogue import build

GRID = build("crowd_grid", target=(4, 4)).layout


def by_name(claims: Any) -> dict[tuple[str, str], Claim]:
    return {(claim.name, claim.reading): claim for claim in claims}


def run_table(values: list[float], eta: float = 0.05, seed: int = 0) -> pd.DataFrame:
    return pd.DataFrame({"eta": eta, "seed": seed, "step": range(len(values)), "exploitability": values})


def test_an_exploitability_settles_where_it_stays_within_twice_its_last_quarter() -> None:
    reached, step, level = c.settling(run_table([8.0, 4.0, 1.9, 2.1, 1.0, 1.0, 1.0, 1.0]))
    assert reached == 2
    assert (step, level) == (4, 1.0)  # 2.1 at step 3 is the last one above 2
    assert c.settling(run_table([1.0] * 8)) == (0, 0, 1.0)
    assert c.settling(run_table([1.0] * 7 + [3.0]))[1] == 0  # its own level rises to 2
    assert c.settling(run_table([1.0] * 11 + [9.0]))[1] == math.inf  # outside to the last


def test_convergence_counts_seeds_by_eta() -> None:
    quick, slow = [9.0] * 5 + [1.0] * 96, [9.0] * 50 + [1.0] * 51
    table = pd.concat([run_table(quick), run_table(slow, seed=1), run_table(quick, eta=0.3)])
    found = by_name(c.convergence({"curves": table}))
    name = "sampled: converges after a few iterations"
    assert (found[name, "eta = 0.05"].met, found[name, "eta = 0.05"].cases) == (1, 2)
    assert found[name, "eta = 0.05"].verdict is Verdict.PARTLY
    assert (
        found[name, "eta = 0.05"].measured
        == "first there at step 5 to 50, for good at step 5 to 50; mean of the last quarter 1"
    )
    assert found[name, "eta = 0.3"].verdict is Verdict.YES


def test_a_run_that_ends_outside_its_level_is_said_never_to_settle() -> None:
    table = pd.concat([run_table([1.0] * 11 + [9.0]), run_table([1.0] * 12, seed=1)])
    (claim,) = c.convergence({"curves": table})
    assert (claim.met, claim.cases) == (1, 2)
    assert "for good at step 0, never in 1 of 2;" in claim.measured


def test_geometry() -> None:
    assert math.isclose(effective_states(np.full(7, 1 / 7)), 7.0, rel_tol=1e-12)
    assert effective_states(np.eye(5)[2]) == 1.0
    assert on_second_island(np.array([0.1, 0.2, 0.3, 0.4])) == pytest.approx(0.7, abs=1e-15)
    # Within two moves of (4, 4) on the 5x5 grid: (4,4), (3,4), (4,3), (2,4), (4,2), (3,3); the wall (3, 2) is farther.
    assert uniform_near_target(GRID) == pytest.approx(6 / 22, abs=1e-15)
    cells = [tuple(cell) for cell in GRID["cells"]]
    assert near_target(GRID, np.eye(22)[cells.index((2, 4))]) == 1.0
    assert near_target(GRID, np.eye(22)[cells.index((1, 4))]) == 0.0
    assert math.isnan(where(build("crowd_grid").layout, np.full(22, 1 / 22)))
    assert where(build("two_islands").layout, np.eye(14)[13]) == 1.0


def populations(states: int, masses: dict[str, dict[int, Any]], kappas: tuple[float, ...] = (0.2,)) -> pd.DataFrame:
    rows = [
        {"variant": variant, "kappa": kappa, "seed": 0, "step": step, "state": state, "mass": mass}
        for variant, steps in masses.items()
        for kappa in kappas
        for step, mu in steps.items()
        for state, mass in enumerate(mu)
    ]
    assert all(len(mu) == states for steps in masses.values() for mu in steps.values())
    return pd.DataFrame(rows).sample(frac=1.0, random_state=0)  # the order of rows must not matter


def islands(share: float) -> Any:
    return np.concatenate([np.full(7, (1.0 - share) / 7), np.full(7, share / 7)])


def test_concentration_on_the_second_island() -> None:
    masses = {
        "M=1": {0: islands(0.0), 2000: islands(0.4), 5000: islands(0.6)},
        "M=100": {0: islands(0.0), 2000: islands(0.7), 5000: islands(0.6)},  # falls again
        "M=inf": {0: islands(0.0), 2000: islands(0.4), 5000: islands(0.45)},  # not the half
    }
    found = by_name(c.populations_on_islands({"populations": populations(14, masses, kappas=(0.2, 0.4))}))
    verdicts = {reading: claim.verdict for (_, reading), claim in found.items()}
    assert verdicts == {"M=1": Verdict.YES, "M=100": Verdict.NO, "M=inf": Verdict.NO}
    assert found["two islands: concentrates on the second", "M=1"].measured == "share 0 at 0, 0.4 at 2000, 0.6 at 5000"


def test_what_stands_still_or_falls_slowly_does_not_grow() -> None:
    """Each fall is below what counts, all of them together are not."""
    masses = {
        "flat": {step: islands(0.6) for step in (0, 1000, 2000, 5000)},
        "falling": {step: islands(0.6 * (1.0 - 5e-7) ** place) for place, step in enumerate((0, 1000, 2000, 5000))},
        "rounded": {0: islands(0.1), 1000: islands(0.6), 2000: islands(0.6 - 1e-7), 5000: islands(0.6)},
    }
    found = by_name(c.populations_on_islands({"populations": populations(14, masses)}))
    verdicts = {reading: claim.verdict for (_, reading), claim in found.items()}
    assert verdicts == {"flat": Verdict.NO, "falling": Verdict.NO, "rounded": Verdict.YES}
    assert all("by more than 1e-06 of it" in claim.criterion for claim in found.values())


def test_spread_over_the_rooms() -> None:
    even, corner = np.full(104, 1 / 104), np.eye(104)[0]
    half = np.concatenate([np.full(52, 1 / 52), np.zeros(52)])
    masses = {"M=1": {0: corner, 1000: half, 5000: even}, "M=inf": {0: corner, 1000: corner, 5000: half}}
    found = by_name(c.populations_in_rooms({"populations": populations(104, masses)}))
    assert found["four rooms: ever more uniform", "M=1"].verdict is Verdict.YES
    assert found["four rooms: ever more uniform", "M=1"].measured == "exp(entropy) 1 at 0, 52 at 1000, 104 at 5000"
    assert found["four rooms: ever more uniform", "M=inf"].verdict is Verdict.NO


def test_gathering_needs_more_than_the_even_share() -> None:
    even, near = np.full(22, 1 / 22), np.array([1.0 if sum(cell) >= 6 else 0.01 for cell in GRID["cells"]])
    masses = {"": {0: np.eye(22)[0], 200: near / near.sum()}}
    found = {claim.name: claim for claim in c.sampled_spread({"populations": populations(22, masses)})}
    assert found["sampled: gathers at the point of interest"].verdict is Verdict.YES
    assert found["sampled: stays spread over the grid"].verdict is Verdict.NO
    masses = {"": {0: np.eye(22)[0], 200: even}}
    found = {claim.name: claim for claim in c.sampled_spread({"populations": populations(22, masses)})}
    assert found["sampled: gathers at the point of interest"].verdict is Verdict.NO
    assert found["sampled: stays spread over the grid"].verdict is Verdict.YES


def outcome(method: str, variant: str, left: float, **changes: Any) -> dict[str, Any]:
    row = {"game": "four rooms", "kappa": 0.2, "eta": 0.05, "method": method, "variant": variant}
    row |= {"exploitability": left, "exploitability_error": 1e-10, "solved_at": 50.0 if left <= 1e-8 else math.nan}
    return row | {"quality": left / 4.0, "first": 2.0, "highest": 4.0, "chosen": True, **changes}


def compared(ours: float, fp: float, omd: float, **changes: Any) -> dict[str, Claim]:
    rows = [
        outcome("exact-mf-trpo", "M=1", ours, **changes),
        outcome("fictitious-play", "step 0.1", fp),
        outcome("online-mirror-descent", "step 1.0", omd),
    ]
    found = comparison({"tuning": pd.DataFrame(rows)})
    return {claim.name: claim for claim in found if claim.reading in ("M=1", "M=1; FP, OMD with the bonus, tuned")}


COMPETITIVE, SUPERIOR = "exact: competitive with FP and OMD", "exact: superior in the long run"


@pytest.mark.parametrize(
    ("ours", "fp", "omd", "competitive", "superior"),
    [
        (1e-4, 1e-3, 1e-2, True, True),
        (5e-3, 1e-3, 1e-2, True, False),  # better than one of them alone
        (2e-2, 1e-3, 1e-2, False, False),
        (1e-20, 1e-9, 1e-12, True, False),  # all below what counts: level
        (1e-20, 1e-3, 1e-12, True, False),
        (1e-3 - 1e-10, 1e-3, 1.0, True, False),  # the error bounds, 2e-10 together, do not decide
    ],
)
def test_comparison_at_the_last_step(ours: float, fp: float, omd: float, competitive: bool, superior: bool) -> None:
    found = compared(ours, fp, omd)
    assert (found[COMPETITIVE].verdict is Verdict.YES) is competitive
    assert (found[SUPERIOR].verdict is Verdict.YES) is superior


def test_comparison_says_how_settings_divide_and_how_far_errors_rise() -> None:
    assert compared(1e-20, 1e-9, 1e-12)[SUPERIOR].measured == "below in 0, level in 1, above in 0 of 1"
    assert compared(1.0, 1e-3, 1e-3)[SUPERIOR].measured == "below in 0, level in 0, above in 1 of 1"
    assert compared(1.0, 1e-3, 1e-3)[COMPETITIVE].measured == "ratio 1e+03"
    assert compared(9.9e-3, 1e-3, 1e-3)[COMPETITIVE].verdict is Verdict.YES
    assert compared(9.9e-3, 1e-3, 1e-3, exploitability_error=1e-4)[COMPETITIVE].verdict is Verdict.NO  # not decided
    lagging = compared(1.0, 1e-3, 1e-3, quality=1e-3)["exact: competitive, had it been measured at mu_k"]
    assert (lagging.verdict, lagging.measured) == (Verdict.YES, "ratio 4")  # 1e-3 to 1e-3 / 4
    rising = compared(1.0, 1.0, 1.0)["exact: improves continually"]
    assert (rising.verdict, rising.measured) == (Verdict.NO, "rises to 2 times its start on the way")
    assert compared(1.0, 1.0, 1.0, highest=2.0)["exact: improves continually"].verdict is Verdict.YES


def test_the_chosen_step_size_solves_first_or_leaves_least() -> None:
    rows = [
        outcome("fictitious-play", "slow", 1e-9, solved_at=900.0),
        outcome("fictitious-play", "fast", 9e-9, solved_at=90.0),
        outcome("fictitious-play", "never", 2e-8),
        outcome("fictitious-play", "lost", math.nan),
        outcome("online-mirror-descent", "more left", 0.5),
        outcome("online-mirror-descent", "less left", 0.1),
    ]
    table = with_choice(pd.DataFrame(rows))
    assert list(table[table["chosen"]]["variant"]) == ["fast", "less left"]
    assert rank(rows[2]) < rank(rows[3])


def test_solved_from_a_step_on() -> None:
    def at(values: list[float]) -> float:
        rows = pd.DataFrame({"step": range(len(values)), "exploitability": values, "exploitability_error": 1e-10})
        return solved_at(rows)

    assert at([1.0, 1e-9, 1.0, 1e-9, 1e-9]) == 3.0
    assert at([0.0, 0.0]) == 0.0
    assert math.isnan(at([1e-9, 1.0]))


def test_rows_of_a_method() -> None:
    table = pd.DataFrame([outcome("a", "x", 1.0), outcome("a", "y", 1.0, eta=0.3), outcome("b", "x", 1.0)])
    assert list(of_method(table, "a", eta=0.1 + 0.2).index) == [1]
    assert list(of_method(table, "a", variant="x").index) == [0]
