"""Draws `benchmarks/data/peers.csv`: exploitability against processor time, one panel a method, into peers.png beside it."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import matplotlib.pyplot as plt

DATA = Path(__file__).with_name("data")
STATES = 404
LABELS = {
    "mfbounds": "mfbounds, with the entropy bonus",
    "mfbounds, no bonus": "mfbounds, without",
    "bench-mfg-suite": "bench-mfg-suite",
    "mfglib": "mfglib, horizon 40",
    "open_spiel": "OpenSpiel, horizon 40",
}
LEAST = 1e-8  # of the first exploitability: what lies below is drawn here


def main() -> None:
    with (DATA / "peers.csv").open() as stream:
        rows = [row for row in csv.DictReader(stream) if int(row["states"]) == STATES]
    methods = sorted({row["method"] for row in rows}, reverse=True)
    figure, panels = plt.subplots(1, len(methods), figsize=(5.0 * len(methods), 3.8), sharey=True, squeeze=False)
    for axes, method in zip(panels[0], methods, strict=True):
        curves: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for row in rows:
            if row["method"] == method:
                curves[row["contender"]].append((float(row["processor_seconds"]), float(row["own_exploitability"])))
        for contender, label in LABELS.items():
            if len(curve := curves[contender]) > 1:
                seconds, gains = zip(*curve[1:], strict=True)
                left = [max(gain / curve[0][1], LEAST) for gain in gains]
                axes.loglog(seconds, left, marker="o", markersize=3, label=label)
        axes.set_title(f"{method.replace('-', ' ')}, {STATES} states", fontsize=10)
        axes.set_xlabel("processor seconds")
        axes.grid(alpha=0.3)
    panels[0][0].set_ylabel(
        "exploitability over that of the uniform policy,\neach as its package measures it", fontsize=9
    )
    panels[0][-1].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(DATA / "peers.png", dpi=110)


if __name__ == "__main__":
    main()
