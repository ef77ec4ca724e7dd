"""What the pictures show is what they were given."""

from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import mfbounds as mb
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.plots import Curve, draw_curves, draw_legend, draw_population, plot_populations, plot_run, to_png
from mfbounds.plots.graph import LARGEST_NODE, SMALLEST_NODE

GRID = mb.games.crowd_grid(target=(4, 4))
ISLANDS = mb.games.two_islands()


def axes() -> Axes:
    return Figure().add_subplot()


def test_a_grid_shows_each_cells_mass_its_walls_and_its_target() -> None:
    mu, panel = np.arange(22.0) / 231.0, axes()
    image = draw_population(panel, GRID.layout, mu)
    shown = np.ma.filled(image.get_array(), np.nan)
    assert shown.shape == (5, 5)
    np.testing.assert_array_equal(shown[~np.isnan(shown)], mu)  # row by row, as cells are numbered
    assert [tuple(place) for place in np.argwhere(np.isnan(shown))] == [(1, 2), (2, 2), (3, 2)]
    (bricks,) = panel.collections
    corners = [tuple(path.get_extents().min + 0.5) for path in bricks.get_paths()]
    assert corners == [(2.0, 1.0), (2.0, 2.0), (2.0, 3.0)]  # x is the column
    (star,) = panel.lines
    assert star.get_xydata().tolist() == [[4.0, 4.0]]
    assert image.get_clim() == (0.0, mu.max())


def test_a_grid_without_a_target_has_no_star() -> None:
    panel = axes()
    draw_population(panel, mb.games.crowd_grid().layout, np.full(22, 1 / 22), largest=0.5)
    assert not panel.lines
    assert panel.images[0].get_clim() == (0.0, 0.5)


def test_nodes_of_a_graph_grow_with_their_mass() -> None:
    mu, panel = np.arange(14.0) / 91.0, axes()
    nodes = draw_population(panel, ISLANDS.layout, mu)
    sizes = nodes.get_sizes()
    assert (np.diff(sizes) > 0.0).all()
    assert math.isclose(sizes[0], SMALLEST_NODE)
    assert math.isclose(sizes[-1], LARGEST_NODE)
    assert [text.get_text() for text in panel.texts] == [str(state) for state in range(14)]
    assert len(panel.collections[0].get_segments()) == len(ISLANDS.layout["edges"])


def test_a_game_without_a_layout_and_a_population_of_another_size_are_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"layout\.kind == 'None'"):
        draw_population(axes(), {}, [1.0])
    with pytest.raises(InputError, match=r"mu\.shape == \(3,\), must be \(22,\)"):
        draw_population(axes(), GRID.layout, [0.2, 0.3, 0.5])
    with pytest.raises(InputError, match="must fit the names and titles"):
        plot_populations(GRID.layout, [[GRID.start]], titles=["a", "b"], names=["c"], title="d")


def test_curves_leave_out_what_has_no_logarithm_and_lift_what_is_too_small_to_tell() -> None:
    panel = axes()
    curve = Curve(steps=[0, 1, 2, 3, 4], values=[1.0, 0.5, 0.0, math.nan, 1e-12], label="x", dashed=True, ends=True)
    draw_curves(panel, [curve], floor=1e-8)
    floor, line, end = panel.lines
    assert floor.get_ydata() == pytest.approx([1e-8, 1e-8])
    assert line.get_xydata().tolist() == [[1.0, 0.5], [2.0, 1e-8], [4.0, 1e-8]]
    assert line.get_linestyle() == "--"
    assert end.get_xydata().tolist() == [[4.0, 1e-8]]
    assert (panel.get_xscale(), panel.get_yscale()) == ("log", "log")
    draw_curves(panel := axes(), [curve])
    assert panel.lines[0].get_xydata().tolist() == [[1.0, 0.5], [4.0, 1e-12]]


def test_a_legend_names_the_lines_of_all_panels_once() -> None:
    one, other = Figure().subplots(1, 2)
    draw_curves(
        one, [Curve(steps=[1], values=[1.0], label="x"), Curve(steps=[1], values=[1.0], label="x", dashed=True)]
    )
    draw_curves(other, [Curve(steps=[1], values=[1.0], label="y"), Curve(steps=[1], values=[1.0])])
    draw_legend([one, other])
    assert one.get_legend() is None
    assert [text.get_text() for text in other.get_legend().get_texts()] == ["x", "y"]
    draw_legend([unnamed := axes()])
    assert unnamed.get_legend() is None


def test_each_step_of_a_table_of_populations_has_one_colour_scale() -> None:
    start, even = np.eye(22)[0], np.full(22, 1 / 22)
    rows = [[start, 0.5 * start + 0.5 * even, even], [start, even, even]]
    figure = plot_populations(GRID.layout, rows, titles=["0", "1", "2"], names=["a", "b"], title="")
    limits = [panel.images[0].get_clim()[1] for panel in figure.axes[:6]]
    assert limits == pytest.approx([1.0, 23 / 44, 1 / 22] * 2, rel=1e-12)
    assert len(figure.axes) == 6 + 3  # a bar below each column


def test_a_band_and_step_zero_on_a_linear_axis() -> None:
    panel = axes()
    draw_curves(panel, [Curve(steps=[0, 1], values=[2.0, 1.0], low=[1.0, 0.5], high=[3.0, 2.0])], log_steps=False)
    assert panel.lines[0].get_xydata().tolist() == [[0.0, 2.0], [1.0, 1.0]]
    assert len(panel.collections) == 1
    assert (panel.get_xscale(), panel.get_yscale()) == ("linear", "log")
    draw_curves(panel, [Curve(steps=[1], values=[math.nan])])
    assert len(panel.lines) == 1


def test_pictures_are_the_same_bytes_each_time() -> None:
    def picture() -> bytes:
        rows = [[GRID.start, np.full(22, 1 / 22)]]
        return to_png(plot_populations(GRID.layout, rows, titles=["a", "b"], names=["c"], title="d"))

    assert picture() == picture()
    assert picture().startswith(b"\x89PNG")


def test_a_run_is_still_drawn_by_the_name_it_had() -> None:
    run = mb.solve(ISLANDS, "exact-mf-trpo", K=3, L=2)
    labels = [line.get_label() for line in plot_run(run).axes[0].lines]
    assert "exploitability (reward units)" in labels
    assert len(run.plot().axes[0].lines) == len(labels)
