"""Exploitability against processor time, one panel a method: `benchmarks/data/peers.csv` drawn into peers.png beside it.

`benchmarks/peers.py` draws it after a run; `python benchmarks/peers_figure.py` draws it again.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import matplotlib.pyplot as plt

DATA = Path(__file__).with_name("data")
STATES = 404  # or the nearest number that was run
LABELS = {
    "mfbounds": "mfbounds, with the entropy bonus (own game)",
    "mfbounds, no bonus": "mfbounds, without",
    "bench-mfg-suite": "bench-mfg-suite",
    "mfglib": "mfglib (own game, horizon 40)",
    "open_spiel": "OpenSpiel (own game, horizon 40)",
}
RESCORED = ("mfbounds, no bonus", "bench-mfg-suite")  # at the law that the policy keeps, without the bonus, by mfbounds


def draw(curves_file: Path, picture: Path) -> None:
    with curves_file.open() as stream:
        everything = list(csv.DictReader(stream))
    states = min({int(row["states"]) for row in everything}, key=lambda n: abs(n - STATES))
    rows = [row for row in everything if int(row["states"]) == states]
    methods = sorted({row["method"] for row in rows}, reverse=True)
    figure, panels = plt.subplots(1, len(methods), figsize=(5.0 * len(methods), 3.8), sharey=True, squeeze=False)
    for axes, method in zip(panels[0], methods, strict=True):
        curves: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for row in rows:
            gain = row["stationary_exploitability" if row["contender"] in RESCORED else "own_exploitability"]
            if row["method"] == method and gain and row["iteration"] != "0":
                curves[row["contender"]].append((float(row["processor_seconds"]), float(gain)))
        for contender, label in LABELS.items():
            if curve := curves[contender]:
                axes.loglog(*zip(*curve, strict=True), marker="o", markersize=3, label=label)
        axes.set_title(f"{method.replace('-', ' ')}, {states} states", fontsize=10)
        axes.set_xlabel("processor seconds")
        axes.grid(alpha=0.3)
    panels[0][0].set_ylabel("exploitability, reward units")
    panels[0][0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(picture, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    draw(DATA / "peers.csv", DATA / "peers.png")
