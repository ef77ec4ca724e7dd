"""Pictures: of runs, of populations on grids and graphs, of errors against steps.

Figures are built without pyplot, so that drawing leaves no global state behind.
"""

from mfbounds.plots.curves import Curve, draw_curves, draw_legend
from mfbounds.plots.population import draw_population, plot_populations
from mfbounds.plots.run import LABELS, plot_run
from mfbounds.plots.style import to_png

__all__ = ["LABELS", "Curve", "draw_curves", "draw_legend", "draw_population", "plot_populations", "plot_run", "to_png"]
