"""Slack attribution: how many decades each inequality of a bound's proof loses on a game.

A bound's proof is a chain left = X_0 <= X_1 <= ... <= X_n = right. Each X_i replaces one measured quantity, or one exact
recursion, by what a lemma says about it, so that log10(X_i/X_(i-1)) is what that lemma loses on this game. The chain is
also a check: a link that loses less than nothing would be a false step of the proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flint import arb, ctx

from mfbounds.bounds.ledger import find_statement
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.bounds.problems import check_subject, parameters_for
from mfbounds.bounds.statement import Case, Tier
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.games.game import MeanFieldGame
from mfbounds.numbers import PRECISION
from mfbounds.verification.slack import policy, population
from mfbounds.verification.slack.chain import Chain
from mfbounds.verification.status import Status, show
from mfbounds.verification.trial import Trial, try_case
from mfbounds.verification.verdict import game_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

CHAINS: tuple[Chain, ...] = (*policy.CHAINS, *population.CHAINS)


@dataclass(frozen=True, kw_only=True)
class Link:
    """One inequality of the chain.

    Attributes:
        name: the lemma, or the step.
        before, after: the two sides, as text with their errors.
        decades: log10(after/before).
        error: bound on the error of `decades`.
    """

    name: str
    before: str
    after: str
    decades: float
    error: float

    @property
    def broken(self) -> bool:
        """Whether the step is certainly false on this game."""
        return self.decades < -self.error


@dataclass(frozen=True, eq=False, kw_only=True)
class SlackAttribution:
    """Where the slack of one bound on one game comes from.

    Attributes:
        statement, bound: id and key of the inequality.
        game: its name.
        case: the numbers of the run.
        links: from the left side to the right side.
        decades, error: log10(right/left), and a bound on its error.
        left, right: the two sides as text.
    """

    statement: str
    bound: str
    game: str
    case: Case = field(repr=False)
    links: tuple[Link, ...]
    decades: float
    error: float
    left: str
    right: str

    @property
    def largest(self) -> Link:
        """The link that loses most."""
        return max(self.links, key=lambda link: link.decades)

    def to_pandas(self) -> pd.DataFrame:
        """One row a link: link, before, after, decades, error, share of the whole slack."""
        import pandas as pd

        rows = [
            {"link": k.name, "before": k.before, "after": k.after, "decades": k.decades, "error": k.error}
            for k in self.links
        ]
        table = pd.DataFrame(rows)
        return table.assign(share=table["decades"] / self.decades if self.decades > 0 else 0.0)

    def to_record(self) -> dict[str, Any]:
        """JSON types only."""
        links = self.to_pandas().to_dict(orient="records")
        named = {"statement": self.statement, "bound": self.bound, "game": self.game}
        return {
            **named,
            "left": self.left,
            "right": self.right,
            "decades": self.decades,
            "error": self.error,
            "links": links,
        }

    def plot(self) -> Figure:
        """The links as a waterfall from the left side up to the right side."""
        from mfbounds.plots.waterfall import plot_waterfall

        names, steps = [link.name for link in self.links], [link.decades for link in self.links]
        title = f"{self.statement} [{self.bound}] on {self.game}"
        start, end = (text.partition(" +-")[0] for text in (self.left, self.right))
        return plot_waterfall(names, steps, title=title, start=start, end=end)

    def __str__(self) -> str:
        width = max(len(link.name) for link in self.links)
        lines = [f"{self.statement} [{self.bound}] on {self.game}: {self.decades:.2f} decades"]
        lines += [
            f"  {link.name:<{width}}  {link.decades:+6.2f}   {link.before} -> {link.after}" for link in self.links
        ]
        return "\n".join(lines)


def slack_attribution(
    statement: str, game: MeanFieldGame, *, tier: Tier | str = Tier.REPAIRED, form: str | None = None, **parameters: Any
) -> SlackAttribution:
    """Attribute the slack of a proved bound to the inequalities of its proof, on one run from the game's start.

    Args:
        statement: id or alias of one with a chain: C.1, C.3, C.5, C.6, E.4, W.
        tier: repaired or sharpened; printed proofs have false steps.
        form: which inequality, where the tier has several (C.5 sharpened: ``"norm"`` or ``"contraction"``).
        parameters: L (one number), K, M, beta, ... as in `check`; L = 10 and K = 20 by default.

    Raises:
        UnknownNameError: the statement is not known.
        InputError: it has no chain in that tier, does not apply to the game, or its left side is not above its error.

    Example:
        >>> from mfbounds.bounds.statements.p1.theorem_c5 import one_room_pays
        >>> found = slack_attribution("C.5", one_room_pays(), L=5, K=60)
        >>> [link.name for link in found.links]
        ['C.3: contraction', 'Young', 'geometric sum, worst error', 'E.1: law from policy', 'E.2: policy from gap', 'C.1: gap']
        >>> abs(sum(link.decades for link in found.links) - found.decades) < 1e-9
        True
    """
    found = find_statement(statement)
    chain = _chain(found.id, Tier(tier) if tier in list(Tier) else tier, form)
    check_subject(found, game)
    numbers: dict[str, Any] = {"L": 10, "K": 20, **parameters}
    checked = parameters_for(game, numbers)
    assert isinstance(checked, Parameters)
    problem = Problem(game, checked)
    case, bound = chain.case(problem), found.bound(chain.bound)
    (trial,) = try_case(found, [bound], problem, case)
    _check(trial, found.id, game)
    return _attributed(found.id, chain, problem, trial)


def _chain(statement: str, tier: Tier | str, form: str | None) -> Chain:
    fitting = [chain for chain in CHAINS if chain.statement == statement and chain.bound.partition(" / ")[0] == tier]
    if form is not None:
        fitting = [chain for chain in fitting if chain.bound.partition(" / ")[2] == form]
    if fitting:
        return fitting[0]
    if tier not in list(Tier):
        raise UnknownNameError("tier", str(tier), [item.value for item in Tier])
    known = "; ".join(f"{chain.statement} [{chain.bound}]" for chain in CHAINS)
    asked = f"{statement} [{tier}{'' if form is None else f' / {form}'}]"
    raise InputError(f"statement == {asked!r}, must be a proved bound whose chain is written out: {known}")


def _check(trial: Trial, statement: str, game: MeanFieldGame) -> None:
    if trial.status is Status.NOT_APPLICABLE or trial.measured is None:
        broken = "; ".join(f"{r.name}: {r.reason}" for r in trial.hypotheses if not r.holds) or trial.trouble
        raise InputError(f"game == {game_name(game)!r}, must be one to which {statement} applies: {broken}")
    if not trial.left > 0:
        raise InputError(
            f"left side of {statement} == {show(trial.left)}, must be above its error for decades to be counted: take fewer "
            "iterations, or a game whose left side is not 0"
        )


def _attributed(statement: str, chain: Chain, problem: Problem, trial: Trial) -> SlackAttribution:
    with ctx.workprec(PRECISION):
        steps = chain.quantities(problem, trial)
        values = [trial.left, *(value for _, value in steps)]
        if not values[-1].overlaps(trial.right):
            raise AssertionError(
                f"the chain of {statement} ends at {show(values[-1])}, the right side is {show(trial.right)}"
            )
        pairs = zip(steps, values[:-1], values[1:], strict=True)
        links = tuple(_link(name, before, after) for (name, _), before, after in pairs)
        whole = _decades(trial.left, trial.right)
    return SlackAttribution(
        statement=statement,
        bound=chain.bound,
        game=problem.game.name,
        case=trial.case,
        links=links,
        decades=float(whole.mid()),
        error=float(whole.rad()),
        left=show(trial.left),
        right=show(trial.right),
    )


def _link(name: str, before: arb, after: arb) -> Link:
    decades = _decades(before, after)
    return Link(
        name=name, before=show(before), after=show(after), decades=float(decades.mid()), error=float(decades.rad())
    )


def _decades(before: arb, after: arb) -> arb:
    return (after / before).log() / arb(10).log()


def attributable() -> Mapping[str, tuple[str, ...]]:
    """Statements with a chain, and the keys of their bounds."""
    found: dict[str, tuple[str, ...]] = {}
    for chain in CHAINS:
        found[chain.statement] = (*found.get(chain.statement, ()), chain.bound)
    return found
