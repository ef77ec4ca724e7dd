from __future__ import annotations

from mfbounds.bounds.statement import Tier
from mfbounds.verification.informative import informative


def record(status: str, family: str, *, tier: Tier = Tier.SHARPENED, bound: str = "sharpened") -> dict[str, object]:
    origin = {"factory": "random_dynamic", "arguments": {"family": family, "seed": 1}}
    return {
        "kind": "verdict",
        "statement": "X.1",
        "bound": bound,
        "tier": tier,
        "status": status,
        "game": {"origin": origin},
    }


def test_games_are_counted_by_family_most_telling_first() -> None:
    records = [record("vacuous", "dense"), record("vacuous", "dense"), record("vacuous", "affine")]
    records += [record("holds", "affine"), record("holds", "independent"), record("not applicable", "independent")]
    (found,) = informative([*records, {"kind": "facts"}])
    assert (found.said, found.decided) == (2, 5)
    assert found.where == "1 of 1 independent; 1 of 2 affine; none of dense (2)"


def test_only_proved_inequalities_that_are_vacuous_somewhere_are_listed() -> None:
    printed = record("vacuous", "dense", tier=Tier.PRINTED, bound="printed")
    assert informative([record("holds", "dense"), printed, record("inconclusive", "dense")]) == ()


def test_games_without_a_family_go_by_their_factory() -> None:
    named = record("vacuous", "dense") | {"game": {"origin": {"factory": "two_doors", "arguments": {"gamma": 0.3}}}}
    unknown = record("holds", "dense") | {"game": {"origin": None}}
    (found,) = informative([named, unknown])
    assert found.where == "1 of 1 games without a factory; none of two_doors (1)"
