"""The command line: what each verb prints, writes and exits with."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import mfbounds as mb
from mfbounds import words
from mfbounds.bounds.ledger import ledger
from mfbounds.bounds.paper import to_markdown
from mfbounds.bounds.statement import Tier
from mfbounds.cli import app, options, verdicts
from mfbounds.errors import InputError
from mfbounds.games.catalogue import catalogue
from mfbounds.games.dynamic.catalogue import dynamic_catalogue
from mfbounds.verification.records import restored
from mfbounds.verification.status import Status

VERBS = (
    *("games", "solve", "constants", "check", "falsify", "plan", "players", "ledger", "referee", "slack", "replay"),
    *("experiment", "rescore"),
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def good(*arguments: object, code: int = 0) -> Result:
    result = run(*arguments)
    assert result.exit_code == code, result.output
    return result


def read(*arguments: object, code: int = 0):
    """The JSON document that a verb prints, in Python values; anything else on stdout fails."""
    return restored(json.loads(good(*arguments, "--json", code=code).stdout))


def refused(*arguments: object) -> str:
    """The one line of a refusal."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def same(found: float | None, expected: float | None) -> bool:
    """Equality that takes NaN, and None, for equal to itself."""
    return found == expected or (found is not None and expected is not None and np.isnan(found) and np.isnan(expected))


class TestCommand:
    def test_without_arguments_it_prints_its_help(self) -> None:
        assert all(verb in good().stdout for verb in VERBS)
        assert good().stdout == good("--help").stdout

    @pytest.mark.parametrize("verb", VERBS)
    def test_help_has_examples_and_exit_codes(self, verb: str) -> None:
        text = re.sub(r"\x1b\[[0-9;]*m", "", good(verb, "--help").stdout)  # typer colours its help on some CI
        assert f"mfbounds {verb} " in text[text.index("Examples:") :]
        assert "Exit codes:" in text
        assert "--json" in text

    def test_version(self) -> None:
        assert good("--version").stdout.startswith("mfbounds ")

    @pytest.mark.parametrize(
        "arguments", [["chek"], ["--nope"], ["check", "C.5"], ["solve", "two_doors", "-K", "many"]]
    )
    def test_what_cannot_be_parsed_is_refused_in_one_line(self, arguments: list[str]) -> None:
        refused(*arguments)

    def test_an_unexpected_error_is_not_hidden(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken() -> None:
            raise ZeroDivisionError("not on purpose")

        monkeypatch.setattr("mfbounds.games.catalogue.catalogue", broken)
        assert isinstance(run("games").exception, ZeroDivisionError)

    def test_no_colour_and_no_bar_without_a_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        result = good("solve", "two_doors", "-K", 2)
        assert "\x1b" not in result.output
        assert result.stderr == ""

    def test_help_imports_nothing_heavy(self) -> None:
        code = (
            "import sys; from mfbounds.cli import main; sys.argv = ['mfbounds', '--help']\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            "heavy = {'numpy', 'scipy', 'sympy', 'pandas', 'flint', 'matplotlib'} & set(sys.modules)\n"
            "sys.exit(f'imported: {heavy}' if heavy else 0)"
        )
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)

    def test_python_dash_m(self) -> None:
        done = subprocess.run([sys.executable, "-m", "mfbounds", "games", "nope"], capture_output=True, text=True)
        assert done.returncode == 2
        assert done.stderr.startswith("error: game == 'nope'")


class TestLazyPackage:
    def test_every_public_name_is_found_and_listed(self) -> None:
        assert {name: getattr(mb, name) for name in mb.__all__}.keys() <= set(dir(mb))

    def test_names_for_type_checkers_are_the_ones_found_when_run(self) -> None:
        tree = ast.parse(Path(mb.__file__).read_text())
        found = {
            alias.name: node.module
            for branch in tree.body
            if isinstance(branch, ast.If)
            for node in branch.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        assert found.keys() == set(mb.__all__)
        for name, module in found.items():
            __import__(module)
            expected = sys.modules[f"{module}.{name}"] if name == "games" else getattr(sys.modules[module], name)
            assert getattr(mb, name) is expected

    def test_an_unknown_name_is_an_attribute_error(self) -> None:
        with pytest.raises(AttributeError, match="nope"):
            mb.nope  # noqa: B018


class TestOptions:
    def test_settings_are_json_or_text(self) -> None:
        texts = ["a=1", "b=0.5", "c=[1, 2]", "d=true", "e=stay", "f=x=y", "g=null", 'h="1"']
        values = {"a": 1, "b": 0.5, "c": [1, 2], "d": True, "e": "stay", "f": "x=y", "g": None, "h": "1"}
        assert options.parse_settings(texts) == values

    @pytest.mark.parametrize("texts", [["kappa"], ["=1"], ["a b=1"], ["a=1", "a=2"]])
    def test_bad_settings_are_refused(self, texts: list[str]) -> None:
        with pytest.raises(InputError, match="--set"):
            options.parse_settings(texts)

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (
                "players a_rps -N 10",
                "a mean-field game: it is a dynamic game of N players; `mfbounds solve` plays those",
            ),
            ("slack P2.T1 a_rps", "a mean-field game: it is a dynamic game of N players; `mfbounds check` judges"),
            ("rescore . --env a_rps", "a mean-field game: it is a dynamic game of N players; runs of bench-mfg-suite"),
            ("solve a_rps", "a MeanFieldGame for exact-mf-trpo: for this one there are symm-pmd"),
            ("solve four_rooms --method symm-pmd", "a dynamic game of N players for symm-pmd"),
            ("check C.5 a_rps -L 3", "a mean-field game: P1.C.5 speaks about no other"),
            ("check P2.T1 four_rooms -L 3", "a dynamic game of N players: P2.T.1 speaks about no other"),
            ("falsify P2.T1", "about mean-field games"),
            ("plan a_rps --epsilon 5 --delta 0.1", "for mean-field games, not for N players"),
            ("plan four_rooms --epsilon 5 --tau 1", "the entropy weight of dynamic games"),
        ],
    )
    def test_games_of_the_other_kind_are_told_from_unknown_ones(self, arguments: str, told: str) -> None:
        assert told in refused(*arguments.split())

    def test_files_are_told_by_what_they_hold(self, tmp_path: Path) -> None:
        path = tmp_path / "game.npz"
        good("games", "one_stays", "--save", path)
        assert read("games", path)["n_players"] == read("games", "one_stays")["n_players"]
        assert "a mean-field game: it is a dynamic game of N players" in refused("players", path)

    def test_dynamic_games_of_yours_come_from_files(self, tmp_path: Path) -> None:
        module, path = tmp_path / "ours.py", tmp_path / "ours.npz"
        module.write_text(
            "from mfbounds.games import build_dynamic\n\ndef ours():\n    return build_dynamic('one_stays')\n"
        )
        told = refused("check", "P2.T1", f"{module}:ours")
        assert "must return a MeanFieldGame; a dynamic game is taken from a file that mfbounds.games.save wrote" in told
        mb.games.save(mb.games.build_dynamic("one_stays"), path)
        assert read("check", "P2.T1", path)

    def test_a_module_without_functions_is_told(self, tmp_path: Path) -> None:
        module = tmp_path / "empty.py"
        module.write_text("gamma = 0.5\n")
        for verb in (("check", "P2.T1"), ("games",), ("players",)):
            assert refused(*verb, f"{module}:foo").endswith("must hold a function 'foo': it holds none\n")

    @pytest.mark.parametrize(("text", "value"), [("1", 1), ("12", 12), ("inf", np.inf), ("INF", np.inf)])
    def test_steps(self, text: str, value: float) -> None:
        assert options.parse_steps(text) == value

    @pytest.mark.parametrize("text", ["1.5", "", "nan", "many"])
    def test_bad_steps_are_refused(self, text: str) -> None:
        with pytest.raises(InputError, match="M =="):
            options.parse_steps(text)

    @pytest.mark.parametrize(
        ("value", "text"),
        [(0.0, "0"), (1.0, "1"), (12345.678, "1.235e+04"), (1 - 1e-6, "1-1e-06"), (np.inf, "inf"), (None, "-")],
    )
    def test_number(self, value: float | None, text: str) -> None:
        assert words.number(value) == text

    def test_factory_in_a_file(self, tmp_path: Path) -> None:
        module = tmp_path / "mine.py"
        module.write_text("import mfbounds as mb\ndef doors(slip=0.1): return mb.games.two_doors(slip=slip)\n")
        assert read("games", f"{module}:doors", "--set", "slip=0.3")["n_states"] == 2
        assert "did you mean 'doors'" in refused("games", f"{module}:door")

    def test_a_factory_that_fails_is_told_with_its_place(self, tmp_path: Path) -> None:
        module = tmp_path / "broken.py"
        module.write_text("def game():\n    return 1 / 0\n")
        assert "ZeroDivisionError: division by zero (line 2 of broken.py)" in refused("games", f"{module}:game")


class TestGames:
    def test_lists_the_whole_catalogue(self) -> None:
        rows = read("games")
        assert [row["name"] for row in rows] == [*catalogue(), *dynamic_catalogue()]
        sizes, L_P, L_r = ({row["name"]: row.get(key) for row in rows} for key in ("n_states", "L_P", "L_r"))
        assert (sizes["four_rooms"], L_P["two_doors"], L_r["no_interaction"]) == (104, 0, 0)
        text = good("games").stdout
        assert all(entry.summary in text for entry in (*catalogue().values(), *dynamic_catalogue().values()))

    def test_shows_a_dynamic_game(self, tmp_path: Path) -> None:
        shown = read("games", "one_stays")
        assert shown["constants"]["K_mu"]["value"] == 0  # nobody's law depends on the others
        assert shown["independent"]
        assert "Constants" in good("games", "one_stays", "--save", tmp_path / "game.npz").stdout
        assert (tmp_path / "game.npz").is_file()
        assert "family" in refused("games", "random_dynamic", "--set", "seed=1")

    def test_class_and_theory_are_not_said_of_other_arguments(self) -> None:
        averse = good("games", "two_doors", "--set", "attraction=-1").stdout  # A-2 holds there
        assert "are said of the default arguments" in averse
        assert "are said of the default arguments" not in good("games", "two_doors").stdout
        assert not read("games", "garnet", "--set", "seed=1")["said_of_defaults"]

    def test_shows_one(self) -> None:
        shown = read("games", "two_doors", "--set", "gamma=0.5")
        assert (shown["n_states"], shown["n_actions"], shown["gamma"]) == (2, 2, 0.5)
        assert shown["arguments"]["gamma"]["default"] == 0.9
        assert shown["regularity"]["L_P"] == {
            "value": 0.0,
            "provenance": "certified",
            "argument": "exact: mu plays no role in the kernel",
        }
        assert "kappa_A" in good("games", "two_doors").stdout

    def test_shows_what_a_factory_takes_before_all_of_it_is_given(self) -> None:
        assert read("games", "garnet")["arguments"]["seed"]["required"]
        assert "--set seed=..." in good("games", "garnet").stdout
        assert "seed is missing" in refused("games", "garnet", "--set", "n_states=5")

    def test_saves_a_file_that_is_a_game_again(self, tmp_path: Path) -> None:
        path = tmp_path / "doors.npz"
        good("games", "two_doors", "--set", "gamma=0.5", "--save", path)
        assert mb.games.load(path).gamma == 0.5
        assert read("games", path)["gamma"] == 0.5

    def test_refusals(self, tmp_path: Path) -> None:
        assert "did you mean 'four_rooms'" in refused("games", "four_room")
        assert "did you mean 'slip'" in refused("games", "two_doors", "--set", "slp=1")
        assert "must be given once" in refused("games", "two_doors", "--set", "slip=0", "--set", "slip=1")
        assert "must end in .npz" in refused("games", "two_doors", "--save", tmp_path / "doors.txt")
        assert "must be in an existing folder" in refused("games", "two_doors", "--save", tmp_path / "no" / "doors.npz")
        assert "GAME is missing" in refused("games", "--save", tmp_path / "doors.npz")
        damaged = tmp_path / "damaged.npz"
        damaged.write_bytes(b"PK\x03\x04 nothing")
        assert "damaged.npz" in refused("games", damaged)
        assert sorted(tmp_path.iterdir()) == [damaged]


class TestMethods:
    def test_methods_of_the_field_and_their_options(self) -> None:
        shown = read(
            "solve", "two_doors", "-K", 3, "--method", "online-mirror-descent", "--option", "learning_rate=0.5"
        )
        run = mb.solve(mb.games.two_doors(), "online-mirror-descent", K=3, learning_rate=0.5)
        assert shown["parameters"]["M"] == np.inf
        assert shown["parameters"]["learning_rate"] == 0.5
        assert shown["history"][-1]["exploitability"] == run.history.exploitability.iloc[-1]
        assert read("solve", "two_doors", "-K", 1)["parameters"]["M"] == 1

    def test_options_that_a_method_does_not_take(self) -> None:
        solve = ("solve", "two_doors", "-K", 3, "--method", "fictitious-play", "--option")
        assert "learning_rate" in refused(*solve, "learning_rate=0.5")
        assert "--warm-start" in refused(*solve, "warm_start=1")
        assert "KEY=VALUE" in refused(*solve, "regularised")
        for given, shown in ((("-L", 3), "L == 3"), (("--warm-start",), "warm_start == True")):
            told = refused(*solve[:-1], *given)
            assert f"{shown}, must be left out with fictitious-play: it takes no TRPO steps" in " ".join(told.split())

    def test_the_report_names_only_what_the_method_heard(self) -> None:
        assert "warm_start" not in good("solve", "two_doors", "-K", 3, "--method", "fictitious-play").stdout
        assert "warm_start = True" in good("solve", "two_doors", "-K", 3, "--warm-start").stdout


class TestSolve:
    ARGUMENTS = ("solve", "random_affine", "--set", "seed=5", "-L", 3, "--beta", 0.5, "--every", 4)

    def test_says_what_the_library_says(self) -> None:
        game = mb.games.random_affine(seed=5)
        expected = mb.solve(game, "exact-mf-trpo", K=10, L=3, beta=0.5, every=4)
        shown = read(*self.ARGUMENTS, "-K", 10)
        assert [row["step"] for row in shown["history"]] == [0, 4, 8, 10]
        assert shown["history"][-1] == expected.history.iloc[-1].to_dict()
        assert shown["parameters"]["beta"] == [0.5] * 10
        final = shown["final"]["exploitability"]
        assert abs(final["value"] - mb.exploitability(game, expected.policy, expected.mu)) <= final["error"]

    def test_residual_and_consistency_agree_with_a_plain_computation(self) -> None:
        game = mb.games.random_affine(seed=5)
        last = mb.solve(game, "exact-mf-trpo", K=2, L=3, M=2, beta=0.5, warm_start=True)
        options_ = ("-K", 2, "-L", 3, "-M", 2, "--beta", 0.5, "--warm-start")
        shown = read("solve", "random_affine", "--set", "seed=5", *options_)
        best = mb.soft_optimal(game, last.mu).policy
        chain = np.einsum("sa,sat->st", best, game.kernel(last.mu))
        residual = np.linalg.norm(last.mu @ chain @ chain - last.mu)
        law = mb.stationary_distribution(game, last.policy, last.mu)
        assert residual > 1e-4
        assert shown["final"]["residual"]["value"] == pytest.approx(residual, abs=1e-10)
        assert shown["final"]["consistency"]["value"] == pytest.approx(np.abs(law - last.mu).sum(), abs=1e-12)

    def test_prints_every_measure(self) -> None:
        text = good(*self.ARGUMENTS, "-K", 3, "-M", "inf").stdout
        assert all(word in text for word in ("exploitability", "quality", "residual", "consistency", "M = inf"))

    def test_a_chain_that_keeps_several_laws_has_no_exploitability(self, tmp_path: Path) -> None:
        module = tmp_path / "still.py"
        module.write_text(
            "import numpy as np\nimport mfbounds as mb\n"
            "def game(): return mb.AffineGame(np.eye(2)[:, None, :], np.zeros((2, 1)), gamma=0.5, eta=0.1)\n"
        )
        final = read("solve", f"{module}:game", "-K", 1)["final"]
        assert final["exploitability"] is final["consistency"] is None
        assert final["residual"]["value"] <= final["residual"]["error"]
        assert "several recurrent classes" in good("solve", f"{module}:game", "-K", 1).stdout
        assert "must be one class (A-3)" in refused("solve", f"{module}:game", "-K", 1, "-M", "inf")

    def test_saves_draws_and_resumes(self, tmp_path: Path) -> None:
        saved, picture = tmp_path / "run.npz", tmp_path / "run.png"
        good(*self.ARGUMENTS, "-K", 6, "--save", saved, "--plot", picture)
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert len(mb.load_run(saved).history) == 7
        resumed = good(*self.ARGUMENTS, "-K", 10, "--resume", saved, "--json")
        assert resumed.stdout == good(*self.ARGUMENTS, "-K", 10, "--json").stdout
        assert sorted(tmp_path.iterdir()) == [saved, picture]

    def test_a_dynamic_game_is_solved_by_its_own_methods(self, tmp_path: Path) -> None:
        from mfbounds.games.dynamic.rps import a_rps

        call = ["solve", "a_rps", "--set", "n_players=10", "--set", "horizon=2", "--method", "symm-pmd", "-M", "5"]
        saved = tmp_path / "run.npz"
        shown = json.loads(good(*call, "-K", "3", "--seed", "4", "--json", "--save", saved).stdout)
        run = mb.solve(a_rps(n_players=10, horizon=2), "symm-pmd", K=3, M=5, seed=4)
        assert shown["final"]["exploitability"] == run.history.exploitability.iloc[-1]
        assert shown["parameters"]["mixing"] == [1.0, 0.5, 1 / 3]
        more = json.loads(good(*call, "-K", "4", "--json", "--resume", saved).stdout)
        assert more["history"][:4] == shown["history"]
        assert "largest gain of a player" in good(*call, "-K", "1").output
        assert "tau*xi[0] == 1, must be < 1" in good(*call, "--option", "xi=20", code=2).output

    def test_refusals(self, tmp_path: Path) -> None:
        refuse = ("solve", "two_doors")
        assert "must be in (0, 1]" in refused(*refuse, "--beta", 1.5)
        assert "did you mean 'exact-mf-trpo'" in refused(*refuse, "--method", "exact-trpo")
        assert "M ==" in refused(*refuse, "-M", 0)
        assert "K ==" in refused(*refuse, "-K", 0)
        assert "must be an existing file" in refused(*refuse, "--resume", tmp_path / "nothing.npz")
        assert "must end in .npz" in refused(*refuse, "--save", tmp_path / "run.csv")
        assert "must end in .png or" in refused(*refuse, "--plot", tmp_path / "run.gif")
        assert "it is a folder" in refused(*refuse, "--plot", _folder(tmp_path / "dir.png"))
        good("games", "two_doors", "--save", tmp_path / "game.npz")
        assert "must be a file of Run.save" in refused(*refuse, "--resume", tmp_path / "game.npz")


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


class TestConstants:
    def test_says_what_the_library_says(self) -> None:
        shown = read("constants", "two_islands", "-M", 5, "-L", 20, "--no-measure")
        table = mb.constants(mb.games.two_islands(), 5, L=20, measure=False)
        assert list(shown["constants"]) == [row.symbol for row in table]
        for row in table:
            found = shown["constants"][row.symbol]
            tiers = ("printed", "printed_half", "repaired", "sharpened")
            assert all(same(found[tier], getattr(row, tier)) for tier in tiers), row.symbol
            assert (found["driver"], found["provenance"]) == (row.driver, row.provenance.value)

    def test_infinite_steps_and_the_search(self) -> None:
        shown = read("constants", "two_doors", "-M", "inf")
        assert shown["M"] == np.inf
        assert shown["constants"]["C_op_measured"]["provenance"] == "estimated"

    @pytest.mark.parametrize(("reading", "value"), [("l1", 2), ("half", 1)])
    def test_reading(self, reading: str, value: int) -> None:
        lines = good("constants", "two_doors", "--no-measure", "--reading", reading).stdout.splitlines()
        (line,) = [line for line in lines if line.split()[:1] == ["C_Erg"]]
        assert line.split()[1] == str(value)

    def test_both_readings(self) -> None:
        lines = good("constants", "two_doors", "--no-measure", "--reading", "both").stdout.splitlines()
        (line,) = [line for line in lines if line.split()[:1] == ["C_Erg"]]
        assert line.split()[1:3] == ["2", "1"]

    def test_refusals(self) -> None:
        assert "known are both, half, l1" in refused("constants", "two_doors", "--reading", "tv")
        assert "M ==" in refused("constants", "two_doors", "-M", 0)
        assert "L ==" in refused("constants", "two_doors", "-L", 0)


class TestCheck:
    def test_says_what_the_library_says(self) -> None:
        records = read("check", "C.1", "two_doors", "-L", 1, "-L", 5, "--draws", 1, "--seed", 3)
        found = mb.check("C.1", mb.games.two_doors(), L=(1, 5), draws=1, seed=3)
        keys = ("bound", "status", "reason", "parameters")
        assert [[r[key] for key in keys] for r in records] == [[v.to_record()[key] for key in keys] for v in found]

    def test_worst_first_with_reasons_and_recorded_defects(self) -> None:
        text = good("check", "E.1", "two_doors", "--tier", "printed", "--tier", "repaired").stdout
        assert text.index("violated") < text.index("repaired  ")
        assert "[E.1(a)" in text
        assert "each violation is a recorded defect" in text

    def test_all_statements(self) -> None:
        records = read("check", "all", "two_doors", "--tier", "repaired", "--draws", 0)
        about = [s for s in ledger() if s.paper == "P1"]
        bounds = [(s.id, b.key) for s in about for b in s.bounds if b.tier is Tier.REPAIRED]
        assert [(record["statement"], record["bound"]) for record in records] == bounds
        assert not any(record["status"] == "violated" for record in records)

    def test_parameters_reach_the_check(self) -> None:
        options_ = ("-M", "inf", "-K", 3, "--beta", 0.25, "--C-prime", 2, "--C-op", 0.5, "--tier", "printed")
        (record, *_) = read("check", "C.3", "two_doors", *options_)
        given = {"M": "inf", "K": 3, "beta": 0.25, "C_prime": 2.0, "C_op": 0.5}
        assert given.items() <= record["parameters"].items()

    def test_witnesses_are_saved_and_replayed(self, tmp_path: Path) -> None:
        folder = tmp_path / "witnesses"
        good("check", "E.1", "two_doors", "--tier", "printed", "--save-witness", folder)
        files = sorted(folder.iterdir())
        violated = [v for v in mb.check("E.1", mb.games.two_doors(), tiers=["printed"]) if v.status is Status.VIOLATED]
        assert len(files) == len(violated) > 0
        for file in files:
            (record,) = read("replay", file)
            assert record["found"] == record["status"] == "violated"

    def test_undecided_is_an_exit_code_only_when_strict(self) -> None:
        good("check", "E.5", "two_doors")
        assert "inconclusive" in good("check", "E.5", "two_doors", "--strict", code=3).stdout

    def test_refusals(self, tmp_path: Path) -> None:
        unknown = " ".join(refused("check", "C.55", "two_doors").split())
        assert "did you mean 'C.5'" in unknown
        assert "`mfbounds ledger` lists them all" in unknown
        assert "known are" not in unknown
        assert "did you mean" not in refused("check", "theorem", "two_doors")
        assert "did you mean 'printed'" in refused("check", "C.5", "two_doors", "--tier", "print")
        assert "must be in (0, 1]" in refused("check", "C.5", "two_doors", "--beta", 0)
        assert "seed ==" in refused("check", "C.5", "two_doors", "--seed", -1)
        occupied = tmp_path / "file"
        occupied.write_text("")
        assert "folder ==" in refused("check", "C.5", "two_doors", "--save-witness", occupied)


class TestExitCodes:
    """A violation counts unless the ledger records it: shown on verdicts whose status or defects are changed."""

    @pytest.fixture
    def found(self) -> list[mb.Verdict]:
        return mb.check("E.1", mb.games.two_doors(), draws=0)

    def test_recorded_violations_are_fine(self, found: list[mb.Verdict]) -> None:
        kept = [verdict for verdict in found if verdict.status is not Status.INCONCLUSIVE]
        assert any(verdict.status is Status.VIOLATED for verdict in kept)
        assert verdicts.exit_code(kept, strict=True) == 0

    @pytest.mark.parametrize("tier", [Tier.REPAIRED, Tier.SHARPENED])
    def test_a_violated_proved_inequality(self, found: list[mb.Verdict], tier: Tier) -> None:
        from dataclasses import replace

        (proved,) = [replace(verdict, status=Status.VIOLATED) for verdict in found if verdict.tier is tier]
        assert verdicts.exit_code([proved], strict=False) == 1
        assert "NOT RECORDED: 1" in verdicts.summary([proved])

    def test_a_violation_that_is_not_recorded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from dataclasses import replace

        from mfbounds.bounds.ledger import find_statement

        clean = replace(find_statement("E.1"), defects=())
        for module in ("mfbounds.bounds.ledger", "mfbounds.verification.check"):
            monkeypatch.setattr(f"{module}.find_statement", lambda _: clean)
        assert "NOT RECORDED" in good("check", "E.1", "two_doors", "--tier", "printed", code=1).stdout


WRITING = (
    ("solve", "two_doors", "-K", 1, "--plot", "a.png"),
    ("players", "two_doors", "-N", 10, "--replications", 5, "--horizon", 1, "--save", "a.svg"),
    ("slack", "C.5", "random_game", "--set", "family=contractive", "--set", "seed=3", "-K", 2, "--plot", "a.png"),
    ("plan", "random_game", "--set", "family=contractive", "--set", "seed=3", "--epsilon", 1, "--plot", "a.pdf"),
    ("falsify", "E.6", "--seconds", 0.1, "--budget", 2, "--edge-cases", 2, "--table", "a.csv"),
)


@pytest.mark.parametrize("arguments", WRITING, ids=lambda arguments: arguments[0])
class TestWriting:
    def test_the_file_is_what_its_name_says(self, arguments: tuple[object, ...], tmp_path: Path) -> None:
        *before, name = arguments
        run(*before, tmp_path / str(name))
        begins = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".csv": b"statement,"}
        assert (tmp_path / str(name)).read_bytes().startswith(begins[Path(str(name)).suffix])
        assert len(list(tmp_path.iterdir())) == 1

    def test_a_file_that_cannot_be_finished_is_not_begun(
        self, arguments: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", full)
        *before, name = arguments
        result = run(*before, tmp_path / str(name))
        assert result.exit_code == 2, result.output
        assert "No space left on device" in result.stderr
        assert list(tmp_path.iterdir()) == []


class TestReplay:
    def test_json_of_a_check(self, tmp_path: Path) -> None:
        file = tmp_path / "found.json"
        file.write_text(good("check", "C.1", "two_doors", "--json").stdout)
        before = restored(json.loads(file.read_text()))
        after = read("replay", file)
        assert [record["bound"] for record in after] == [record["bound"] for record in before]
        assert [record["status"] for record in after] == [record["found"] for record in after]

    def test_lines_of_a_report(self, tmp_path: Path) -> None:
        report = mb.check_all(["two_doors"], statements=["E.1"], draws=0)
        report.write(tmp_path)
        file = tmp_path / "verification.jsonl"
        assert len(read("replay", file)) == len(report.of_kind("verdict"))
        assert f"{len(report.of_kind('verdict'))} of" in good("replay", file).stdout

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.npz", b"no archive"),
            ("a.json", b"{"),
            ("a.json", b"3"),
            ("a.json", b'[{"kind": "verdict"}]'),
            ("a.json", b'[{"kind": "verdict", "status": "holds", "statement": "E.1", "bound": "none"}]'),
            ("a.jsonl", b"text\n"),
            ("a.jsonl", b"\xff\xfe"),
        ],
    )
    def test_what_holds_no_verdicts_is_refused(self, tmp_path: Path, name: str, content: bytes) -> None:
        file = tmp_path / name
        file.write_bytes(content)
        refused("replay", file)

    def test_a_record_without_one_of_its_parts_is_refused(self, tmp_path: Path) -> None:
        (record, *_) = json.loads(good("check", "C.1", "two_doors", "--json").stdout)
        damaged = [{**record, key: 3} for key in ("statement", "bound", "status", "game", "case", "parameters")]
        damaged += [
            {**record, "game": {**record["game"], "origin": origin}} for origin in (3, {"factory": "two_doors"})
        ]
        for content in damaged:
            (tmp_path / "found.json").write_text(json.dumps([content]))
            assert "error: record['" in refused("replay", tmp_path / "found.json")

    def test_a_mistake_of_the_library_is_not_blamed_on_the_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise KeyError("not on purpose")

        (tmp_path / "found.json").write_text(good("check", "C.1", "two_doors", "--json").stdout)
        monkeypatch.setattr("mfbounds.verification.witness.replay_witness", broken)
        assert isinstance(run("replay", tmp_path / "found.json").exception, KeyError)

    def test_a_missing_file_is_refused(self, tmp_path: Path) -> None:
        assert "No such file" in refused("replay", tmp_path / "none.jsonl")
        assert "must be an existing file" in refused("replay", tmp_path / "none.npz")


class TestLedger:
    def test_lists_every_statement(self) -> None:
        rows = read("ledger")
        assert [row["id"] for row in rows] == [statement.id for statement in ledger()]
        assert [row["defects"] for row in rows] == [len(statement.defects) for statement in ledger()]
        text = good("ledger").stdout
        assert all(statement.title in text for statement in ledger())

    @pytest.mark.parametrize("statement", ledger(), ids=lambda statement: statement.id)
    def test_shows_each_in_full(self, statement) -> None:
        shown = read("ledger", statement.id)
        assert [bound["key"] for bound in shown["bounds"]] == [bound.key for bound in statement.bounds]
        assert [defect["text"] for defect in shown["defects"]] == [defect.text for defect in statement.defects]
        text = good("ledger", statement.id).stdout
        assert all(bound["formula"] in text for bound in shown["bounds"])
        assert all(symbol in text for symbol in shown["symbols"])

    def test_an_alias_is_the_statement(self) -> None:
        assert read("ledger", "4.2") == read("ledger", "P1.C.5")

    def test_writes_and_checks_the_document(self, tmp_path: Path) -> None:
        file = tmp_path / "paper.md"
        good("ledger", "--write", file)
        assert file.read_bytes().decode() == to_markdown()
        good("ledger", "--check", file)
        assert list(tmp_path.iterdir()) == [file]

    @pytest.mark.parametrize(
        ("change", "line"),
        [
            (lambda text: text.replace("# Constants", "# constants", 1), 1),
            (lambda text: text + "more\n", to_markdown().count("\n") + 1),
            (lambda text: text.rsplit("\n", 2)[0] + "\n", to_markdown().count("\n")),
        ],
        ids=["changed", "longer", "shorter"],
    )
    def test_drift_is_an_exit_code(self, tmp_path: Path, change, line: int) -> None:
        file = tmp_path / "paper.md"
        file.write_bytes(change(to_markdown()).encode())
        assert f"from line {line} on" in good("ledger", "--check", file, code=1).stderr
        assert read("ledger", "--check", file, code=1)["first_difference"] == line

    def test_refusals(self, tmp_path: Path) -> None:
        assert "did you mean" in refused("ledger", "C.55")
        assert "No such file" in refused("ledger", "--check", tmp_path / "none.md")
        assert "one at a time" in refused("ledger", "C.5", "--check", tmp_path / "none.md")
        assert "existing folder" in refused("ledger", "--write", tmp_path / "no" / "paper.md")
        (tmp_path / "binary").write_bytes(b"\xff\xfe")
        assert "must be a text file" in refused("ledger", "--check", tmp_path / "binary")


def test_a_rule_of_step_sizes_is_given_by_its_name() -> None:
    arguments = ("solve", "two_doors", "-K", 3, "--method", "fictitious-play", "--json", "--beta")
    named = json.loads(run(*arguments, "2/(k+2)").stdout)
    assert named["parameters"]["beta"] == pytest.approx([2 / 3, 1 / 2, 2 / 5], abs=1e-15)
    refused = run(*arguments, "3/k")
    assert refused.exit_code == 2
    assert "known are 1/(k+1), 2/(k+2)" in refused.stderr
