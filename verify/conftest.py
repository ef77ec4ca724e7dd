"""Every statement of the ledger against the paper's own games and random ones: ``pytest verify``.

Items run game by game, so that what was computed for one game serves all its statements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import count, islice
from pathlib import Path

import pytest

from mfbounds.bounds.dynamic_problem import DynamicParameters, DynamicProblem
from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.problems import AnyProblem
from mfbounds.bounds.statement import Defect, Statement, Tier
from mfbounds.checks import check_count
from mfbounds.errors import InputError
from mfbounds.games.catalogue import paper_games
from mfbounds.games.dynamic.random import dynamic_families, random_dynamic
from mfbounds.games.game import MeanFieldGame
from mfbounds.games.random import families, random_game, two_doors
from mfbounds.verification.check import check_problem, wanted_tiers
from mfbounds.verification.findings import defect_record, facts_record, is_ledger_true, is_reproduced
from mfbounds.verification.verdict import Verdict
from mfbounds.verification.witness import save_witness

CONTRACTIVE = "contractive"
# High-probability claims take many runs of a sampled algorithm: they are tried on these, where most are not vacuous.
SMALL: Mapping[str, Callable[[], MeanFieldGame]] = {
    "contractive 3": lambda: random_game(CONTRACTIVE, 3, n_states=3, n_actions=2, gamma=0.3, eta=1.0),
    "contractive 11": lambda: random_game(CONTRACTIVE, 11, n_states=3, n_actions=3, gamma=0.3, eta=2.0),
    "two doors that repel": lambda: two_doors(gamma=0.3, eta=2.0, attraction=-1.0),
    "corner start": lambda: random_game(CONTRACTIVE, 3, n_states=3, gamma=0.3, eta=1.0).replace(
        restart=[1.0, 0.0, 0.0]
    ),
}
SEEDS = 10**6  # random games of one --seed


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("verify", "verification of the ledger")
    group.addoption("--games", type=int, default=200, metavar="N", help="random games beside the paper's own (200)")
    group.addoption("--seed", type=int, default=0, help="of the random games and cases (0)")
    group.addoption("--certify", action="store_true", help="decide in ball arithmetic: verdicts that are proofs")
    group.addoption("--statement", action="append", metavar="ID", help="only this statement; repeatable")
    group.addoption("--tier", action="append", metavar="TIER", help="printed, repaired or sharpened; repeatable")


def pytest_configure(config: pytest.Config) -> None:
    try:
        check_count(config.getoption("games"), "--games", least=0)
        check_count(config.getoption("seed"), "--seed", least=0)
        wanted_tiers(config.getoption("tier"))
        for name in config.getoption("statement") or ():
            find_statement(name)
    except InputError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    statement = find_statement(metafunc.module.STATEMENT)
    if "problem" in metafunc.fixturenames:
        n_random, seed = metafunc.config.getoption("games"), metafunc.config.getoption("seed")
        asked = getattr(metafunc.module, "GAMES", "")
        if statement.paper == "P2":
            found = dynamic_places(n_random, seed, choice=asked == "with a choice")
            places = {i: f"{i:04d} {dynamic_family_of(i)}" for i in found}
        elif asked == "small":
            places = {-1 - i: f"small {name}" for i, name in enumerate(SMALL)}
        else:
            places = dict(enumerate(game_names(n_random)))
        metafunc.parametrize(
            "problem", [(statement.paper, i) for i in places], ids=list(places.values()), indirect=True
        )
    if "defect" in metafunc.fixturenames:
        metafunc.parametrize("defect", statement.defects, ids=[defect.name for defect in statement.defects])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = {find_statement(name).id for name in config.getoption("statement") or ()}
    printed = Tier.PRINTED in wanted_tiers(config.getoption("tier"))
    ours = [item for item in items if _is_statement(item)]  # tests/ may be run along with these
    dropped = {
        item
        for item in ours
        if (wanted and find_statement(item.module.STATEMENT).id not in wanted)
        or ("defect" in item.callspec.params and not printed)
    }
    config.hook.pytest_deselected(items=[item for item in items if item in dropped])
    others = [item for item in items if not _is_statement(item)]
    kept = [item for item in ours if item not in dropped]
    items[:] = [*others, *sorted(kept, key=lambda item: item.callspec.params.get("problem", ("", 0)))]


def _is_statement(item: pytest.Item) -> bool:
    return hasattr(getattr(item, "module", None), "STATEMENT")


def game_names(n_random: int) -> list[str]:
    """One name an item: the paper's games, which are the largest, then the random ones."""
    names = [*own_games(), *(family_of(i) for i in range(n_random))]
    return [f"{i:04d} {name}" for i, name in enumerate(names)]


def family_of(i: int) -> str:
    """The family of the i-th random game: every third is contractive, because C.3-C.6 apply to few others; the rest in turn."""
    others = [family for family in families() if family != CONTRACTIVE]
    return CONTRACTIVE if i % 3 == 2 else others[(i - i // 3) % len(others)]


def dynamic_family_of(i: int) -> str:
    """The family of the i-th random dynamic game."""
    families = dynamic_families()
    return families[i % len(families)]


def dynamic_places(n_random: int, seed: int, *, choice: bool) -> list[int]:
    """The first random dynamic games; with `choice` those in which a player can do one thing or another.

    A statement about what players gain by deviating has nothing to say where there is one action, which is about every
    third game: it asks for games with a choice, so that it is decided on as many games as were asked for.
    """
    wanted = (i for i in count() if not choice or random_dynamic(dynamic_family_of(i), SEEDS * seed + i).n_actions > 1)
    return list(islice(wanted, n_random))


@lru_cache(maxsize=1)
def own_games() -> Mapping[str, MeanFieldGame]:
    """The paper's own games, built once."""
    return paper_games()


@lru_cache(maxsize=4)  # items come game by game
def built_problem(index: int, seed: int) -> Problem:
    """The game of that place in `game_names`, with what was computed for it."""
    paper = own_games()
    if index < 0:
        name, build = list(SMALL.items())[-1 - index]
        return Problem(build().replace(name=name), Parameters(seed=seed))
    if index < len(paper):
        name = list(paper)[index]
        return Problem(paper[name].replace(name=name), Parameters(seed=seed))
    i = index - len(paper)
    return Problem(random_game(family_of(i), SEEDS * seed + i), Parameters(seed=seed))


@lru_cache(maxsize=4)
def built_dynamic_problem(index: int, seed: int) -> DynamicProblem:
    """The random dynamic game of that place, with what was computed for it."""
    return DynamicProblem(random_dynamic(dynamic_family_of(index), SEEDS * seed + index), DynamicParameters(seed=seed))


@pytest.fixture
def problem(request: pytest.FixtureRequest) -> AnyProblem:
    paper, index = request.param
    build = built_dynamic_problem if paper == "P2" else built_problem
    return build(index, request.config.getoption("seed"))


@pytest.fixture
def verify(request: pytest.FixtureRequest, record_verdicts: Callable[..., None]) -> Callable[[str, AnyProblem], None]:
    """Checks a statement on a problem, and fails where the ledger is not true."""

    def check(name: str, problem: AnyProblem) -> None:
        statement = find_statement(name)
        verdicts = check_problem(
            statement,
            problem,
            tiers=request.config.getoption("tier"),
            certify=request.config.getoption("certify"),
        )
        facts = facts_record(statement, problem)
        record_verdicts(*verdicts, *([facts] if facts else []))
        wrong = [verdict for verdict in verdicts if not is_ledger_true(verdict, statement)]
        if wrong:
            kept = keep(wrong, request.config.getoption("report_dir"))
            pytest.fail("\n".join(f"{verdict}{kept}" for verdict in wrong), pytrace=False)

    return check


def keep(wrong: list[Verdict], report_dir: str | None) -> str:
    """Saves witnesses next to the report; returns what to say about it."""
    if report_dir is None:
        return " (run with --report-dir to keep the witness)"
    folder = Path(report_dir) / "witnesses"
    for verdict in wrong:
        name = re.sub(r"[^A-Za-z0-9.=]+", "-", f"{verdict.statement} {verdict.bound} {verdict.game.name}")
        save_witness(verdict, folder / f"{name}.npz")
    return f" (witness kept in {folder})"


@pytest.fixture
def verify_defect(
    request: pytest.FixtureRequest, record_verdicts: Callable[..., None]
) -> Callable[[str, Defect], None]:
    """Replays the witness of a recorded defect."""

    def check(name: str, defect: Defect) -> None:
        statement: Statement = find_statement(name)
        record = defect_record(statement, defect, certify=request.config.getoption("certify"))
        record_verdicts(record)
        if defect.witness is None:
            pytest.skip(f"recorded without a witness, because it is {defect.kind.value}: {defect.text}")
        if not is_reproduced(record):
            pytest.fail(
                f"{statement.id} {defect.name} is not reproduced: {record['replayed']['reason']}", pytrace=False
            )

    return check
