"""Numbers in words and digits, as tables and messages show them."""

from __future__ import annotations

import math
from typing import Any


def number(value: float | None) -> str:
    """Four digits; near 1 what is missing to 1, ``-`` where there is none, and a word for NaN.

    Example:
        >>> number(0.123456), number(1 - 1e-9), number(None), number(float("nan"))
        ('0.1235', '1-1e-09', '-', 'undefined')
    """
    if value is None:
        return "-"
    if 0.0 < 1.0 - value < 1e-4:
        return f"1-{1.0 - value:.2g}"
    return "undefined" if math.isnan(value) else f"{value:.4g}"


def size_text(count: int) -> str:
    """A count of any size: three digits beyond a million, a power of ten where it is more than a float holds.

    Example:
        >>> size_text(1234), size_text(3 * 10**9), size_text(10**400)
        ('1234', '3e+09', '10^400')
    """
    if count < 10**6:
        return str(count)
    return f"{count:.3g}" if count < 10**300 else f"10^{math.log10(count):.0f}"


def shortened(value: Any) -> str:
    """How a value is shown in a message: its repr, cut to 80 characters.

    Example:
        >>> shortened("few"), len(shortened(list(range(100))))
        ("'few'", 80)
    """
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
