"""Seconds that certified verdicts take: every certain statement on games of five states, and single enclosures.

OPENBLAS_NUM_THREADS=1 python benchmarks/certified.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

from flint import ctx

from mfbounds.bounds.ledger import ledger
from mfbounds.bounds.problem import Problem
from mfbounds.certified.problem import at_precision
from mfbounds.certified.runs import outer_run, trpo
from mfbounds.certified.trial import LADDER
from mfbounds.games.random import random_game
from mfbounds.verification.check import check_problem

AIM = 10.0  # seconds for one game
RANDOM = {"P1.D.2", "P1.D.3", "P1.D.4", "P1.D.5"}  # judged over seeded runs
FORMULAS = {"P1.C.7", "P1.D.7"}  # exponents of formulas, derived once a process
GAMES = (
    ("dense", 0),
    ("contractive", 5),
    ("no-interaction", 3),
    ("crowd-attracting", 7),
    ("absorbing", 9),
    ("zero-rewards", 13),
)


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def whole_games() -> None:
    statements = [s for s in ledger() if s.paper == "P1" and s.id not in RANDOM]
    warm = random_game("one-state", 0)
    first = seconds(lambda: [check_problem(s, Problem(warm), certify=True) for s in statements if s.id in FORMULAS])
    print(f"exponents of C.7 and D.7, once a process {first:6.1f} s")
    print(f"{len(statements)} statements, 5 states, 3 actions, s of processor time (aim: {AIM:.0f})")
    for family, seed in GAMES:
        game = random_game(family, seed, n_states=5, n_actions=3)
        counted = {}
        for certify in (False, True):
            problem = Problem(game)
            found: list[object] = []
            taken = seconds(
                lambda problem=problem, found=found, certify=certify: found.extend(
                    verdict for s in statements for verdict in check_problem(s, problem, certify=certify)
                )
            )
            counted[certify] = (taken, found)
        statuses = [(v.status.value, v.certified) for v in counted[True][1]]
        said = [
            f"{sum(proof for _, proof in statuses)} certified",
            f"{sum(s == 'inconclusive' for s, _ in statuses)} open",
        ]
        before = sum(v.status.value == "inconclusive" for v in counted[False][1])
        print(
            f"  {family:20s} certified {counted[True][0]:5.1f}   with error bounds {counted[False][0]:5.1f}   "
            f"{len(statuses)} verdicts: {', '.join(said)} ({before} open before)"
        )


def single_enclosures() -> None:
    problem = Problem(random_game("contractive", 5, n_states=5, n_actions=3))
    print("bits    soft optimum   200 TRPO iterations   40 outer rounds, L = 10   width of pi_200")
    for bits in LADDER:
        with ctx.workprec(bits):
            known = at_precision(problem, bits)
            start = known.known.game.start
            best = seconds(lambda known=known, start=start: known.process(start).optimum())
            inner = seconds(lambda known=known, start=start: trpo(known, start, 200))
            rounds = seconds(lambda known=known, start=start: outer_run(known, start, L=10, K=40, beta=0.3, M=1))
            width = max(float(p.rad()) for row in trpo(known, start, 200).probabilities for p in row)
        print(f"{bits:4d}    {1e3 * best:9.1f} ms   {1e3 * inner:16.0f} ms   {1e3 * rounds:20.0f} ms   {width:.0e}")


if __name__ == "__main__":
    whole_games()
    single_enclosures()
