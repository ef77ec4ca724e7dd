"""What a search has to say about an inequality that resists, in words computed from the number."""

from __future__ import annotations

import math

from mfbounds.verification.falsify.state import Effort, Found


def tightness(found: Found | None) -> str:
    """How close the left side came to the right one.

    >>> from mfbounds.verification.status import Status
    >>> from mfbounds.verification.falsify.realise import Individual
    >>> def at(ratio):
    ...     nothing = Individual(genes={}, settings={})
    ...     return Found(bound="", status=Status.HOLDS, ratio=ratio, share=0.0, complexity=(), individual=nothing)
    >>> for ratio in (1 - 1e-13, 0.998, 0.4, 0.001):
    ...     print(tightness(at(ratio)))
    attained up to 1e-13
    tight to 0.2%
    loose by a factor 2.5
    loose by 3.0 decades
    """
    if found is None or math.isnan(found.ratio):
        return "it applied to no game tried"
    if found.violated:
        return (
            f"violated: left/right at least {found.ratio:.4g}" if found.ratio < math.inf else "violated: right side 0"
        )
    return _words(found.ratio)


def _words(ratio: float) -> str:
    if ratio <= 0.0:
        return "the left side was never above 0"
    missing = 1.0 - ratio
    if missing < 1e-6:
        return f"attained up to {max(missing, 1e-16):.0e}"
    if ratio > 0.9:
        return f"tight to {100.0 * missing:.2g}%"
    return f"loose by a factor {1.0 / ratio:.2g}" if ratio > 0.1 else f"loose by {-math.log10(ratio):.1f} decades"


def tried(effort: Effort) -> str:
    """The effort in one line.

    >>> tried(Effort(games=20480, edge_cases=200, restarts=4, seconds=3.25))
    '20480 games in 4 restarts and 200 edge cases, 3.2 s'
    """
    text = (
        f"{effort.games} games in {effort.restarts} restarts and {effort.edge_cases} edge cases, {effort.seconds:.1f} s"
    )
    return f"{text}; {effort.refuted} suspects refuted by the checking path" if effort.refuted else text
