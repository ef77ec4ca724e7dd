"""`mfbounds ledger`: the statements, and the document that is generated from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfbounds.cli.options import VIOLATED, Json
from mfbounds.cli.output import check_target, console, facts, grid, note, print_json
from mfbounds.errors import FileFormatError, InputError

if TYPE_CHECKING:
    from mfbounds.bounds.statement import Bound, Statement


def command(
    statement: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Show this statement in full: an id or an alias.")
    ] = None,
    write: Annotated[Path | None, typer.Option(help="Write the whole ledger to this Markdown file.")] = None,
    check: Annotated[Path | None, typer.Option(help="Exit with 1 unless this file is what --write writes.")] = None,
    as_json: Json = False,
) -> None:
    """List the statements, show one in full, or write them all as a document.

    \b
    Examples:
      mfbounds ledger
      mfbounds ledger C.5
      mfbounds ledger --write paper_constants.md
      mfbounds ledger --check paper_constants.md
    """
    if sum(choice is not None for choice in (statement, write, check)) > 1:
        raise InputError("ID, --write and --check are given together, must be given one at a time")
    if write is not None:
        _write(write, as_json)
    elif check is not None:
        _check(check, as_json)
    elif statement is not None:
        _show(statement, as_json)
    else:
        _list(as_json)


def _list(as_json: bool) -> None:
    from mfbounds.bounds.ledger import ledger

    if as_json:
        print_json([_head(statement) for statement in ledger()])
        return
    columns = ("id", "aliases", "inequalities", "defects", "title")
    table = grid("Statements", columns, numeric=("inequalities", "defects"))
    for statement in ledger():
        head = _head(statement)
        counts = (str(head["inequalities"]), str(head["defects"] or ""))
        table.add_row(head["id"], ", ".join(head["aliases"]), *counts, head["title"])
    console().print(table)


def _head(statement: Statement) -> dict[str, Any]:
    return {
        "id": statement.id,
        "aliases": list(statement.aliases),
        "title": statement.title,
        "inequalities": len(statement.bounds),
        "defects": len(statement.defects),
    }


def _show(name: str, as_json: bool) -> None:
    from mfbounds.bounds.ledger import find_statement

    shown = _full(find_statement(name))
    if as_json:
        print_json(shown)
        return
    out = console()
    out.print(facts([(key, shown[key]) for key in ("id", "title", "source", "claim")]))
    out.print("\nInequalities")
    for bound in shown["bounds"]:
        out.print(f"  {bound['key']}")
        out.print(f"    {bound['formula']}", soft_wrap=True)
        if bound["hypotheses"]:
            out.print(f"    under {', '.join(bound['hypotheses'])}", soft_wrap=True)
    out.print("\nwhere")
    out.print(facts((f"  {symbol}", meaning) for symbol, meaning in shown["symbols"].items()))
    if shown["rests_on"]:
        out.print(f"\nRests on {', '.join(shown['rests_on'])}")
    if shown["defects"]:
        out.print("\nDefects of the printed text")
        out.print(facts((f"  {item['name']} ({item['kind']})", item["text"]) for item in shown["defects"]))


def _full(statement: Statement) -> dict[str, Any]:
    """Everything that a statement says, in JSON types."""
    return {
        **_head(statement),
        "source": statement.source,
        "claim": statement.claim,
        "bounds": [_bound(bound, statement) for bound in statement.bounds],
        "symbols": dict(_symbols(statement)),
        "rests_on": list(statement.rests_on),
        "defects": [
            {
                "name": defect.name,
                "kind": defect.kind.value,
                "text": defect.text,
                "bounds": list(defect.bounds),
                "witness": defect.witness is not None,
            }
            for defect in statement.defects
        ],
    }


def _bound(bound: Bound, statement: Statement) -> dict[str, Any]:
    from mfbounds.bounds.paper import hypothesis_name, latex

    names: Mapping[str, str] = {name: tex for name, (tex, _) in statement.quantities.items()}
    return {
        "key": bound.key,
        "tier": bound.tier.value,
        "formula": f"{bound.left} <= {bound.right}",
        "latex": rf"{latex(bound.left, names, statement.paper)} \le {latex(bound.right, names, statement.paper)}",
        "hypotheses": [hypothesis_name(hypothesis) for hypothesis in bound.hypotheses],
    }


def _symbols(statement: Statement) -> Iterator[tuple[str, str]]:
    """Each symbol of the formulas with its meaning, what is measured first."""
    from mfbounds.bounds.formula import symbols_of
    from mfbounds.bounds.paper import LEGENDS

    legend = LEGENDS[statement.paper]
    used = {name for bound in statement.bounds for side in (bound.left, bound.right) for name in symbols_of(side)}
    yield from ((name, meaning) for name, (_, meaning) in statement.quantities.items() if name in used)
    for name in sorted(used - set(statement.quantities)):
        if name in legend:
            yield name, legend[name].meaning


def _write(path: Path, as_json: bool) -> None:
    from mfbounds.bounds.paper import to_markdown
    from mfbounds.output import write_files

    check_target(path, "write")
    write_files(path.parent, {path.name: to_markdown().encode()})
    if as_json:
        print_json({"written": str(path)})
    else:
        note(f"ledger written to {path}")


def _check(path: Path, as_json: bool) -> None:
    from mfbounds.bounds.paper import to_markdown

    try:
        found = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise FileFormatError(f"check == {str(path)!r}, must be a text file: {error}") from None
    wanted = to_markdown()
    line = None if found == wanted else _first_difference(found, wanted)
    if as_json:
        print_json({"file": str(path), "same": line is None, "first_difference": line})
    elif line is not None:
        note(f"{path} differs from the ledger from line {line} on: write it again with --write")
    if line is not None:
        raise typer.Exit(VIOLATED)


def _first_difference(found: str, wanted: str) -> int:
    """The number of the first line in which two different texts differ."""
    pairs = enumerate(zip(found.split("\n"), wanted.split("\n"), strict=False), 1)
    shared = min(found.count("\n"), wanted.count("\n")) + 1
    return next((line for line, (a, b) in pairs if a != b), shared + 1)
