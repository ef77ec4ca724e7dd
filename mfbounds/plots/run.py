"""The history of one run."""

from __future__ import annotations

from matplotlib.figure import Figure

from mfbounds.solvers.run import Run

LABELS = {
    "exploitability": "exploitability (reward units)",
    "quality": "max J(., mu) - J(pi, mu) (reward units)",
    "gap": "certified bound on V* - V (reward units)",
    "delta_mu": "||mu_k - mu_(k-1)||_2",
    "policy_change": "max_s ||pi_l - pi_(l-1)||_1",
}


def plot_run(run: Run) -> Figure:
    """The error columns of a run's history over the steps, on logarithmic axes; zeros and NaN are left out."""
    figure = Figure(figsize=(7.0, 4.5), layout="constrained")
    axes = figure.add_subplot(xlabel="step", ylabel="error", title=f"{run.method} on {run.game['name']}")
    steps = run.history["step"]
    for column, label in LABELS.items():
        if column not in run.history:
            continue
        shown = (run.history[column] > 0.0) & (steps > 0)
        if shown.any():
            axes.plot(steps[shown], run.history[column][shown], label=label)
    if axes.lines:
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.legend()
    return figure
