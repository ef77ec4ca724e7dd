"""Numbers in words and digits, as tables and messages show them."""

from __future__ import annotations

import math


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
