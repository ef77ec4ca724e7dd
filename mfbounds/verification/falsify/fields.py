"""What a case of each statement is made of, so that a search can vary it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mfbounds.bounds.formula import symbols_of
from mfbounds.bounds.statement import Bound, Statement, Tier
from mfbounds.errors import InputError, UnknownNameError

COUPLINGS = ("both", "kernel", "reward", "none")  # where the population enters the game
SIZES = ((2, 2), (2, 2), (3, 2), (2, 3), (1, 2), (2, 1), (3, 3), (3, 1), (4, 1), (4, 1), (4, 2))  # states, actions
N_POLICIES = 3  # of a case that holds several
STEPS = (1, 2, 3, 5, math.inf)
LEVELS = (1, 2, 3, 5, 10, 40)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The parts of a statement's case.

    Attributes:
        laws: distributions over states, (S,).
        policies: (S, A), or (N_POLICIES, S, A) for the name "policies".
        choices: numbers and words, with the values to choose from.
        step: whether the case has a step size beta, which the search places below the limit of the inequality.
        positive: whether policies must have full support.
        common: a measured quantity that is a summand of both sides, taken off before they are compared.
    """

    laws: tuple[str, ...] = ("mu",)
    policies: tuple[str, ...] = ()
    choices: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    step: bool = False
    positive: bool = False
    common: str = ""

    def shared(self, bound: Bound) -> str:
        """The quantity taken off both sides of an inequality; "" where its right side does not contain it."""
        return self.common if self.common in symbols_of(bound.right) else ""


PAIR = ("mu", "mu_2")
_RUN = {"M": (1, 2, math.inf), "L": (1, 2, 5, 10), "K": (1, 5, 40)}

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "P1.eq2": Recipe(policies=("policy",)),
        "P1.2.2": Recipe(policies=("policy",), common="phi"),
        "P1.B.2": Recipe(laws=("mu", "xi"), policies=("policy",), choices={"gamma": (0.5, 0.9, 0.99, 0.9999)}),
        "P1.B.4": Recipe(),
        "P1.C.1": Recipe(choices={"L": LEVELS}),
        "P1.C.2": Recipe(choices={"L": LEVELS}),
        "P1.C.3": Recipe(choices={"M": STEPS}, step=True),
        "P1.C.4": Recipe(
            choices={
                "M": STEPS,
                "accuracy": (1e-2, 1e-4, 1e-6),
                "schedule": ("constant step", "step C/k"),
            },
            step=True,
        ),
        "P1.C.5": Recipe(choices=_RUN, step=True),
        "P1.C.6": Recipe(choices=_RUN, step=True),
        "P1.W": Recipe(laws=PAIR, policies=("policy",), choices={"L": LEVELS}, positive=True),
        "P1.Alg.3": Recipe(
            policies=("policy",), choices={"share": (0.05, 0.5), "sizes": ("printed", "repaired")}, positive=True
        ),
        "P1.Alg.8": Recipe(policies=("policies",), choices={"M": (1, 2), "P": (100,), "delta": (0.05,)}, step=True),
        "P1.21": Recipe(policies=("policies",)),
        "P1.E.1": Recipe(laws=(*PAIR, "xi"), policies=("policy", "policy_2"), choices={"M": STEPS}),
        "P1.E.2": Recipe(policies=("policy",)),
        "P1.E.3": Recipe(laws=PAIR, policies=("policy",)),
        "P1.E.4": Recipe(laws=PAIR),
        "P1.E.5": Recipe(policies=("policy",), common="gap"),
        "P1.E.6": Recipe(laws=PAIR, choices={"M": STEPS}),
    }
)
BY_GAME_ALONE = ("P1.C.7", "P1.D.7")  # their two sides are exponents, the same on every game


def searchable(statement: Statement, tier: Tier) -> tuple[Bound, ...]:
    """The inequalities of a tier that a search can attack.

    Raises:
        InputError: there is none; the message says why.
    """
    bounds = tuple(bound for bound in statement.bounds if bound.tier is tier)
    if not bounds:
        tiers = ", ".join(dict.fromkeys(bound.tier.value for bound in statement.bounds))
        raise InputError(f"tier == {tier.value!r}, must be one that {statement.id} has: {tiers}")
    certain = tuple(bound for bound in bounds if bound.failure is None)
    if not certain:
        raise InputError(
            f"statement == {statement.id!r}, must be certain in the tier {tier.value!r}: it is claimed with high "
            "probability, so that one game and one run refute nothing; run pytest verify, which repeats seeded runs"
        )
    if statement.id in BY_GAME_ALONE:
        raise InputError(
            f"statement == {statement.id!r}, must depend on the game: it compares exponents, the same on every game, "
            "which one check decides"
        )
    return certain


def recipe_of(statement: Statement) -> Recipe:
    """The parts of the statement's case.

    Raises:
        InputError: the statement is about dynamic games, or not one of the ledger, so that the search does not know its
            case.
    """
    if statement.paper == "P2":
        raise InputError(
            f"statement == {statement.id!r}, must be about mean-field games: the search varies no others; check judges it "
            "on a dynamic game"
        )
    if statement.id not in RECIPES:
        raise InputError(f"statement == {statement.id!r}, must be one whose case is known: {', '.join(RECIPES)}")
    return RECIPES[statement.id]


def couplings(family: str | None) -> tuple[str, ...]:
    """The couplings to search; None means all.

    Raises:
        UnknownNameError: there is no such family.
    """
    if family is None:
        return COUPLINGS
    if family not in COUPLINGS:
        raise UnknownNameError("family", family, COUPLINGS)
    return (family,)


def exact_inequalities() -> tuple[tuple[Statement, Tier], ...]:
    """Every statement and tier of the ledger that a search can attack, in the order of the papers."""
    from mfbounds.bounds.ledger import ledger

    found = []
    for statement in ledger():
        for tier in Tier:
            known = statement.id in RECIPES
            if known and any(bound.tier is tier and bound.failure is None for bound in statement.bounds):
                found.append((statement, tier))
    return tuple(found)
