"""What a printed proof rests on: the chain of statements, with the recorded defects of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mfbounds.bounds.ledger import find_statement, ledger
from mfbounds.bounds.statement import DefectKind, Statement, Tier
from mfbounds.errors import UnknownNameError
from mfbounds.verification.referee.findings import Check, Finding, Weight

FAULTS = (DefectKind.FALSE, DefectKind.PROOF)  # what a proof that rests on a statement inherits


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A statement, what is wrong with it, and the chains of what its printed proof uses.

    Attributes:
        id, title: of the statement.
        defects: names of its recorded defects that are false or proved falsely.
        below: what it rests on.
    """

    id: str
    title: str
    defects: tuple[str, ...]
    below: tuple[Chain, ...]

    @property
    def faulty(self) -> tuple[Chain, ...]:
        """The defective statements that it rests on, directly or not, each once."""
        found = {chain.id: chain for chain in self._all_below() if chain.defects}
        return tuple(found.values())

    def _all_below(self) -> Iterator[Chain]:
        for chain in self.below:
            yield chain
            yield from chain._all_below()

    def to_text(self) -> str:
        """The chain as a tree of text."""
        return "\n".join(self._lines("", ""))

    def _lines(self, first: str, later: str) -> Iterator[str]:
        marked = f"  ! {', '.join(self.defects)}" if self.defects else ""
        yield f"{first}{self.id} {self.title}{marked}"
        for index, chain in enumerate(self.below):
            last = index == len(self.below) - 1
            yield from chain._lines(f"{later}{'`-' if last else '|-'} ", f"{later}{'  ' if last else '| '} ")

    def __str__(self) -> str:
        return self.to_text()


def chain_of(statement: Statement | str) -> Chain:
    """The chain below a statement's printed proof.

    Raises:
        UnknownNameError: no statement has that name.

    Example:
        >>> print(chain_of("E.4"))
        P1.E.4 The optimal policy is continuous in the population  ! E.4 misuse
        |- P1.E.2 From value gaps to policy distances  ! E.2(a)
        `- P1.E.3 Values are Lipschitz in the population  ! A-1
    """
    found = find_statement(statement) if isinstance(statement, str) else statement
    return Chain(
        id=found.id,
        title=found.title,
        defects=tuple(defect.name for defect in found.defects if defect.kind in FAULTS),
        below=tuple(map(_below, found.rests_on)),
    )


def _below(name: str) -> Chain:
    """The chain of what a proof uses; a statement of one's own may rest on what the ledger does not hold."""
    try:
        return chain_of(name)
    except UnknownNameError:
        return Chain(id=name, title="(not in the ledger)", defects=(), below=())


def check_statement(statement: Statement) -> list[Finding]:
    """A remark on the printed tier of a statement whose proof rests on defective ones."""
    faulty = chain_of(statement).faulty
    if not faulty:
        return []
    text = "; ".join(f"{chain.id} has {', '.join(chain.defects)}" for chain in faulty)
    return [
        Finding(
            check=Check.DEPENDENCIES,
            statement=statement.id,
            tier=Tier.PRINTED,
            place="rests on " + ", ".join(chain.id.removeprefix("P1.") for chain in faulty),
            text=text,
            weight=Weight.REMARK,
        )
    ]


def to_mermaid() -> str:
    """All statements that rest on others as a Mermaid graph; defective ones are filled."""
    lines = ["graph TD", "    classDef defective fill:#fbe3e1,stroke:#c0281c"]
    drawn: list[str] = []
    for statement in ledger():
        for below in statement.rests_on:
            lines.append(f"    {_node(statement)} --> {_node(find_statement(below))}")
            drawn += [statement.id, below]
    faulty = [name for name in dict.fromkeys(drawn) if chain_of(name).defects]
    lines.append(f"    class {','.join(map(_key, faulty))} defective")
    return "\n".join(lines) + "\n"


def _node(statement: Statement) -> str:
    return f'{_key(statement.id)}["{statement.id.removeprefix("P1.")} {statement.title}"]'


def _key(name: str) -> str:
    return name.replace(".", "_").replace(" ", "_")
