"""Every error the package raises on purpose.

Each message has the form ``name == value, must be ...``, names the rule or hypothesis that is broken and says
what to change.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

NEAR = 0.6  # of difflib's ratio: one letter in three may be wrong


class MfboundsError(Exception):
    """Base class: catch this to catch everything that mfbounds raises on purpose."""


class InputError(MfboundsError, ValueError):
    """An argument breaks an input rule."""


class UnknownNameError(InputError):
    """A statement, game, method or option is not known; the message suggests the nearest names.

    It names all that are known, or where they are listed, if `listed` says so of names too many for a message.
    """

    def __init__(self, kind: str, name: object, known: Iterable[str], listed: str = "") -> None:
        names = sorted(known)
        nearest = difflib.get_close_matches(str(name), names, n=3, cutoff=NEAR)
        hint = f"did you mean {' or '.join(repr(n) for n in nearest)}? " if nearest else ""
        rest = listed or f"known are {', '.join(names)}"
        super().__init__(f"{kind} == {name!r}, must be a known name: {hint}{rest}")


class NotEnumerableError(InputError):
    """A number of a game is not to be had by enumeration: too much to list, or neither tables nor functions of counts."""


class FileFormatError(InputError):
    """A file is corrupt, or was not written by this package."""


def why_unreadable(error: Exception) -> str:
    """What NumPy's reader says of a file, less its advice to load what is no array unsafely."""
    return "it holds more than plain arrays, or is another kind of file" if "allow_pickle" in str(error) else str(error)


class NotUnichainError(MfboundsError, ValueError):
    """A chain has several recurrent classes: hypothesis A-3 fails, and no stationary law is singled out."""


class NotConvergedError(MfboundsError, RuntimeError):
    """An iteration stopped before it reached what was asked of it."""


class NotCertifiableError(MfboundsError):
    """No enclosure is known for a statement or a game: its verdicts rest on computed values with error bounds."""
