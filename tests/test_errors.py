"""What a message suggests in place of an unknown name: what is near it, and nothing else."""

from __future__ import annotations

import pytest

from mfbounds.errors import UnknownNameError


@pytest.mark.parametrize(
    ("name", "known", "suggested"),
    [
        ("fictitious-pley", ["fictitious-play", "policy-iteration"], "did you mean 'fictitious-play'? "),
        ("exact-trpo", ["exact-mf-trpo", "sampled-mf-trpo"], "did you mean 'exact-mf-trpo'? "),
        ("Lr", ["L_P", "L_r", "rho_1"], "did you mean 'L_r'? "),  # L_P shares one letter of two
        ("temp", ["learning_rate", "temperature"], ""),
        ("rooms", ["both", "kernel", "none", "reward"], ""),
    ],
)
def test_near_names_alone_are_suggested(name: str, known: list[str], suggested: str) -> None:
    told = str(UnknownNameError("thing", name, known))
    assert told == f"thing == {name!r}, must be a known name: {suggested}known are {', '.join(known)}"


def test_names_too_many_for_a_message_are_listed_elsewhere() -> None:
    told = str(UnknownNameError("thing", "a10", [f"a{i}" for i in range(12, 200)], "`things` lists them all"))
    suggested, rest = told.split("? ")
    assert suggested.startswith("thing == 'a10', must be a known name: did you mean 'a1")
    assert suggested.count(" or ") == 2
    assert rest == "`things` lists them all"
