"""Checks that the factories of games share: named choices, and sizes that would not fit in memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mfbounds.errors import InputError, UnknownNameError

LARGEST = 2**27  # numbers in an array: 1 GiB


def check_choice(value: Any, name: str, known: Iterable[str]) -> str:
    """One of the known names."""
    names = tuple(known)
    if not isinstance(value, str) or value not in names:
        raise UnknownNameError(name, value, names)
    return value


def check_entries(entries: int, name: str, value: int, *, advice: str = "") -> None:
    """Raises when an array of that many numbers would be needed; `name` is the size to reduce."""
    if entries > LARGEST:
        raise InputError(
            f"{name} == {value if value < 10**12 else 'a huge number'}, must be smaller: an array would hold more than "
            f"{LARGEST} numbers{'; ' + advice if advice else ''}"
        )
