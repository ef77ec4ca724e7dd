# %% [markdown]
# # Sample sizes for a target accuracy
#
# Suppose you want a policy whose exploitability is at most $\varepsilon$, with probability at least $1 - \delta$, and all
# you have is a restart oracle of the game. How many iterations and trajectories are enough?
#
# | number | meaning |
# |---|---|
# | $K$ | outer iterations: best response, then population step |
# | $L$ | TRPO iterations per best response |
# | $I$ | trajectories per TRPO iteration |
# | $T$ | their horizon, steps |
# | $P$ | trajectories per population step |
#
# Corollary D.5 gives numbers that suffice; Corollary C.6 gives $L$ and $K$ for the algorithm that knows the game.
# `mb.plan` searches for the smallest numbers for which the bound is at most $\varepsilon$, in ball arithmetic, so they
# certainly suffice for the bound used.
#
# **The game.** Three rooms that pay 0, 1/2 and 1, minus $0.2\,\mu(s)$ for the crowd. Action $a$ gets into room $a$ with
# probability $0.7 - 0.02\,\mu(a)$ and else ends in one of the other two. The coupling is weak, because every plan rests
# on $C_{op} < 1$.

# %%
import dataclasses

import numpy as np
import pandas as pd
from IPython.display import HTML
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

import mfbounds as mb
from mfbounds.bounds.planning_orders import PAPER, orders
from mfbounds.bounds.planning_result import show_count
from mfbounds.bounds.statement import Tier

# %matplotlib inline
COLOUR = {"printed": "#8e4bb5", "repaired": "#1f77b4", "sharpened": "#2e8b57"}
DELTA, M = 0.05, 2


def rooms(crowd=0.2, jam=0.02, gamma=0.5, eta=0.5):
    """Three rooms, given by their transitions and rewards when everybody is in room x."""
    kernels = np.empty((3, 3, 3, 3))  # (x, s, a, next state)
    for x in range(3):
        for a in range(3):
            enter = 0.7 - jam * (x == a)
            kernels[x, :, a, :] = (1 - enter) / 2
            kernels[x, :, a, a] = enter
    pay = np.array([0.0, 0.5, 1.0])
    rewards = pay[None, :, None] - crowd * np.eye(3)[:, :, None] * np.ones((3, 3, 3))  # (x, s, a)
    return mb.AffineGame(kernels, rewards, gamma=gamma, eta=eta, name="three rooms")


def show(frame, **options):
    """A data frame as a plain HTML table."""
    return HTML(frame.to_html(float_format="{:.4g}".format, border=0, **options))


game = rooms()
plans = {tier: mb.plan(game, epsilon=0.1, delta=DELTA, M=M, tier=tier) for tier in COLOUR}
NUMBERS = ("exact_L", "exact_K", "L", "K", "I", "T", "P", "oracle_calls")
show(pd.DataFrame({tier: {n: show_count(getattr(plan, n)) for n in NUMBERS} for tier, plan in plans.items()}).T)

# %% [markdown]
# For exploitability 0.1, in a game whose values spread over at most 3.5. The columns `exact_L` and `exact_K` are
# for the exact algorithm, the others for the sampled one; `oracle_calls` is the expected total.
#
# The printed row must be read with care: it is what the formulas give, not what is enough. The plan says so:

# %%
HTML("<ul>" + "".join(f"<li>{note}</li>" for note in plans["printed"].notes) + "</ul>")

# %% [markdown]
# ## Which term binds
#
# The bound on the exploitability is a sum. Each number of the plan is set by one part of it. (The printed bound is one
# formula in one inner accuracy and has no such parts.)

# %%
bindings = {tier: plans[tier].binding for tier in ("repaired", "sharpened")}
show(pd.DataFrame(bindings).loc[list("LKITP")])


# %%
def terms_figure(plans):
    figure = Figure(figsize=(9, 2.6), layout="constrained")
    axes = figure.add_subplot(xlabel="part of the bound (reward units)")
    shades = ("#264653", "#2a9d8f", "#8ab17d", "#e9c46a", "#e76f51")
    for row, plan in enumerate(plans):
        left = 0.0
        for (name, size), shade in zip(plan.terms.items(), shades, strict=True):
            axes.barh(row, size, left=left, color=shade, label=name if row == 0 else None)
            left += size
    axes.set_yticks(range(len(plans)), [plan.tier.value for plan in plans])
    axes.axvline(plans[0].epsilon, color="black", linewidth=1)
    axes.set_xlim(0.0, 1.02 * plans[0].epsilon)
    axes.legend(ncols=5, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=8)
    return figure


terms_figure([plans["repaired"], plans["sharpened"]])

# %% [markdown]
# - *policy, run*: the error of the policy of each round moves the population, round after round. It takes most of
#   $\varepsilon$, because it enters as the **square root** of the value gap, and so asks for the largest $L$.
# - *policy, law*: the last policy against the law that it induces. *gap*: its value gap, which is negligible once the
#   other policy terms are small.
# - *population*: noise of $P$ trajectories. *start*: what is left of the initial distance, $\propto$ a contraction to the
#   power $K$, so $K$ is small.
#
# How $\varepsilon$ is shared is part of the search; the total always ends at $\varepsilon$.
#
# ## How the numbers grow
#
# Each panel is one number over $\varepsilon$, on logarithmic axes. The slope is the power of $1/\varepsilon$.

# %%
EPSILONS = (0.3, 0.1, 0.03, 0.01, 0.003)
table = mb.plan_table(game, EPSILONS, delta=DELTA, M=M)


def growth_figure(table):
    shown = {"L": "$L$", "K": "$K$", "I": "$I$", "P": "$P$", "oracle_calls": "oracle calls"}
    figure = Figure(figsize=(12, 3.4), layout="constrained")
    for axes, (name, label) in zip(figure.subplots(1, len(shown)), shown.items(), strict=True):
        for tier, rows in table.groupby("tier", sort=False):
            axes.plot(rows["epsilon"], rows[f"log10_{name}"], ".-", color=COLOUR[tier], label=tier)
        axes.set(xscale="log", title=label, xlabel="$\\varepsilon$")
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        axes.yaxis.set_major_formatter(lambda value, _: f"$10^{{{value:g}}}$")
        axes.invert_xaxis()
        axes.grid(color="#e6eaf0", linewidth=0.6)
    figure.axes[0].legend(fontsize=8)
    return figure


growth_figure(table)

# %%
growth = {tier.value: {name: int(orders(tier)[name]) for name in ("L", "K", "I", "P", "total")} for tier in Tier}
growth["paper, Remark D.7"] = {name: PAPER[name] for name in ("L", "K", "I", "P", "total")}
show(pd.DataFrame(growth).T)

# %% [markdown]
# The exponents of $1/\varepsilon$, derived from the formulas, logarithms aside. Sharpening saves two powers in the total:
# by a martingale argument the noise of the $L$ TRPO iterations averages out, so that it is their $I \cdot L$ trajectories
# together that have to be enough, and not the $I$ of each iteration.
#
# ## What makes a game expensive
#
# The discount, above all: the total over $\gamma$, at $\varepsilon = 0.1$.

# %%
GAMMAS = (0.0, 0.3, 0.5, 0.7, 0.9)


def calls(game, tier):
    try:
        return mb.plan_table(game, [0.1], delta=DELTA, M=M, tiers=[tier])["log10_oracle_calls"].iloc[0]
    except mb.MfboundsError:
        return np.nan  # no plan: a hypothesis of the bound is not established


def discount_figure(gammas):
    figure = Figure(figsize=(5.6, 3.8), layout="constrained")
    axes = figure.add_subplot(xlabel="discount $\\gamma$", ylabel="oracle calls", title="$\\varepsilon = 0.1$")
    for tier in COLOUR:
        axes.plot(gammas, [calls(rooms(gamma=g), tier) for g in gammas], ".-", color=COLOUR[tier], label=tier)
    axes.yaxis.set_major_formatter(lambda value, _: f"$10^{{{value:g}}}$")
    axes.grid(color="#e6eaf0", linewidth=0.6)
    axes.legend(fontsize=8)
    return figure


discount_figure(GAMMAS)

# %% [markdown]
# ## And in practice?
#
# With `empirical=True` a plan also searches for small numbers (powers of 2) at which three seeded runs reach the accuracy
# that the proof promises: the value gap plus $C_\phi$ times the inconsistency of the population is at most $\varepsilon$.

# %%
rows = {}
for epsilon in (0.1, 0.01):
    plan = mb.plan(game, epsilon=epsilon, delta=DELTA, M=M, tier="sharpened", empirical=True)
    for label, numbers in (("sharpened plan", plan), ("found", plan.empirical)):
        rows[f"{label}, epsilon = {epsilon:g}"] = {
            n: show_count(getattr(numbers, n)) for n in (*"LKITP", "oracle_calls")
        }
show(pd.DataFrame(rows).T)

# %% [markdown]
# Found numbers are no promise: other seeds may need more, other games certainly do. But the distance is instructive.
# Much of it is the hypothesis itself: where $C_{op} < 1$ can be *proved*, the interaction is so weak that one or two
# rounds settle it, while the bound must prepare for the worst game with the same constants.
#
# The reverse question, what accuracy a budget buys, is `mb.affordable_epsilon(game, budget=10**16, delta=0.05)`.
#
# ## When there is no plan
#
# A plan is refused when a hypothesis is not established, with the number that forbids it and what to change.

# %%
try:
    mb.plan(rooms(crowd=1.0, eta=0.2), epsilon=0.1, delta=DELTA, M=M)
except mb.MfboundsError as error:
    print(error)

# %% [markdown]
# ## Try it
#
# With a kernel behind this page the next cell makes a slider.

# %% tags=["live"]
try:
    from ipywidgets import FloatLogSlider, interact
except ImportError:
    print("Sliders need ipywidgets; call mb.plan(game, epsilon=...) with your numbers.")
else:

    @interact(epsilon=FloatLogSlider(0.1, min=-3, max=0), gamma=(0.0, 0.9, 0.1))
    def explore(epsilon=0.1, gamma=0.5):
        found = mb.plan(rooms(gamma=gamma), epsilon=epsilon, delta=DELTA, M=M, tier="sharpened")
        print(dataclasses.replace(found, seconds=float("nan")))
