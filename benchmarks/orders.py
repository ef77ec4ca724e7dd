"""How the oracle calls grow with 1/epsilon: what runs need, what the sharpened plan asks for, what the paper says."""

from __future__ import annotations

import numpy as np

import mfbounds as mb
from mfbounds.bounds.planning_orders import orders
from mfbounds.bounds.statement import Tier

EPSILONS = (0.2, 0.1, 0.05, 0.025, 0.0125)


def exponent(calls: list[float]) -> float:
    """The slope of log(calls) over log(1/epsilon), by least squares."""
    return float(np.polyfit(np.log(1.0 / np.array(EPSILONS)), np.log(calls), 1)[0])


def main() -> None:
    """Prints calls and exponents for two games."""
    doors = mb.AffineGame(
        np.array([[[0.75, 0.25], [0.25, 0.75]]] * 2),
        -np.eye(2)[:, :, None] * np.ones((2, 2, 2)),
        gamma=0.5,
        eta=1.0,
        start=[1.0, 0.0],
        name="two doors, crowd-averse",
    )
    for game in (doors, mb.games.random_game("contractive", 11)):
        plans = [mb.plan(game, epsilon=e, delta=0.05, tier="sharpened", empirical=True) for e in EPSILONS]
        found = [float(plan.empirical.oracle_calls) for plan in plans if plan.empirical is not None]
        asked = [float(plan.oracle_calls) for plan in plans]
        print(f"{game.name}: epsilon {', '.join(map(str, EPSILONS))}")
        print(f"  found by seeded runs   {', '.join(f'{c:.2g}' for c in found)}: exponent {exponent(found):.2f}")
        print(f"  sharpened plan         {', '.join(f'{c:.2g}' for c in asked)}: exponent {exponent(asked):.2f}")
    for tier in Tier:
        print(f"total of the {tier} plan, up to logarithms: 1/epsilon^{orders(tier)['total']}")


if __name__ == "__main__":
    main()
