"""What pictures have in common: colours that colour-blind readers can tell apart, and how a figure becomes a file."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

# Okabe and Ito's colours; lines are told apart by their markers too.
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
SKY, YELLOW, BLACK, GREY = "#56B4E9", "#E69F00", "#000000", "#999999"
WALL = "#3a3a3a"
MASSES = "viridis"  # of even lightness steps, also in print and for colour-blind readers


def to_png(figure: Figure, *, dpi: float = 110.0) -> bytes:
    """The picture as PNG, the same bytes for the same figure: without the date and the name of the library's version."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()
