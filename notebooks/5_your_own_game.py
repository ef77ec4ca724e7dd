# %% [markdown]
# # Your own game
#
# A game can be given by functions of the population, or by its values at the vertices of the simplex. This notebook does
# both for one example, finds its equilibrium, asks which theorems apply to it, and shows what an error looks like.
#
# **Lunch.** Five restaurants stand in a circle. At each step you stay or move to a neighbour; with probability 1/2 you end
# up anywhere instead. Restaurant $s$ has an appeal, and a queue that grows with the square of the crowd:
# $r(s, a, \mu) = \mathrm{appeal}(s) - c\,\mu(s)^2$.

# %%
import numpy as np
import pandas as pd
from IPython.display import HTML
from matplotlib.figure import Figure

import mfbounds as mb

# %matplotlib inline
APPEAL = np.array([0.0, 0.2, 1.0, 0.4, 0.1])
S, A = len(APPEAL), 3


def show(frame, **options):
    """A data frame as a plain HTML table."""
    return HTML(frame.to_html(float_format="{:.4g}".format, border=0, **options))


circle = np.full((S, A, S), 0.5 / S)  # (s, a, next state)
for s in range(S):
    for a, move in enumerate((-1, 0, 1)):
        circle[s, a, (s + move) % S] += 0.5


def lunch(c=1.0, declared=None, gamma=0.6, eta=0.5):
    return mb.from_functions(
        circle,  # the same for every mu; a function of mu would do as well
        lambda mu: np.repeat((APPEAL - c * mu**2)[:, None], A, axis=1),
        n_states=S,
        n_actions=A,
        gamma=gamma,
        eta=eta,
        reward_range=(-c, 1.0),
        declared=declared,
        name="lunch",
    )


game = lunch()
game

# %% [markdown]
# ## How regular is it?
#
# The bounds need Lipschitz constants. The package cannot read them off your code, so it searches, and says so: an
# *estimated* constant is the largest ratio found, hence a **lower** bound on the true one. It is shown, and nothing is
# certified with it.

# %%
SHOWN = ["L_r", "L_P", "kappa_A", "q", "K_pi", "C_op"]
COLUMNS = ["sharpened", "provenance", "argument"]
found = mb.constants(game, measure=False).to_pandas().loc[SHOWN[:4], COLUMNS]
show(found)

# %% [markdown]
# To have theorems you must give your word, an upper bound: `declared={"L_r": ...}`. Then what follows from it is labelled
# *declared*. Think before you give it. Here is a plausible argument: $|\mu(s)^2 - \mu'(s)^2| \le 2\,|\mu(s) - \mu'(s)|$, and
# a difference of populations has zero mass, so $|\mu(s) - \mu'(s)| \le \|\mu - \mu'\|_2/\sqrt 2$; so $L_r = \sqrt 2\,c$?
# The search above refutes it, for it *found* a larger ratio:

# %%
estimated = found.loc["L_r", "sharpened"]
for claimed in (np.sqrt(2), 2 * np.sqrt(1 - 1 / S)):
    verdict = "refuted" if estimated > claimed else "not refuted"
    print(f"claimed {claimed:.3f}, found {estimated:.3f}: {verdict}")

# %% [markdown]
# One coordinate of a zero-mass vector can be as large as $\sqrt{1 - 1/S}$ times its $\ell_2$ norm (all the others equal),
# so $L_r = 2c\sqrt{1 - 1/S}$ is right. Before you declare a constant, look at the estimate of the game without it: a
# declaration below the estimate is false.


# %%
def regular_lunch(c=1.0, **options):
    return lunch(c, declared={"L_r": 2 * c * np.sqrt(1 - 1 / S)}, **options)


show(mb.constants(regular_lunch(), measure=False).to_pandas().loc[SHOWN, [*COLUMNS[:2], "driver"]])

# %% [markdown]
# **Or let it be certified.** If kernel and reward are affine in $\mu$, give their values at the vertices, and every constant
# is found by enumeration. With a queue proportional to the crowd, $r = \mathrm{appeal}(s) - c\,\mu(s)$:


# %%
def affine_lunch(c=1.0, gamma=0.6, eta=0.5):
    rewards = APPEAL[None, :] - c * np.eye(S)  # (x, s): the reward in s when everybody is in x
    return mb.AffineGame(circle, np.repeat(rewards[:, :, None], A, axis=2), gamma=gamma, eta=eta, name="affine lunch")


show(mb.constants(affine_lunch(), measure=False).to_pandas().loc[SHOWN, [*COLUMNS[:2], "driver"]])

# %% [markdown]
# ## Solve it
#
# Every method returns a run with the exploitability of its iterates. MF-TRPO takes one population step a round by default
# (`M=1`), the other two methods go to the policy's stationary law (`M=math.inf`).

# %%
METHODS = {
    "MF-TRPO": ("exact-mf-trpo", {"L": 10, "beta": 0.2}),
    "MF-TRPO, warm start": ("exact-mf-trpo", {"L": 10, "beta": 0.2, "warm_start": True}),
    "fictitious play": ("fictitious-play", {}),
    "online mirror descent": ("online-mirror-descent", {}),
}
runs = {label: mb.solve(regular_lunch(), name, K=300, **options) for label, (name, options) in METHODS.items()}


def runs_figure(runs):
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.add_subplot(xscale="log", yscale="log", xlabel="outer iterations", ylabel="exploitability")
    for label, run in runs.items():
        known = run.history["exploitability"] > run.history["exploitability_error"]  # below that it is rounding
        shown = run.history[known & (run.history["step"] > 0)]
        axes.plot(shown["step"], shown["exploitability"], label=label)
    axes.grid(color="#e6eaf0", linewidth=0.6)
    axes.legend(fontsize=8)
    return figure


runs_figure(runs)

# %% [markdown]
# MF-TRPO as printed restarts from the uniform policy in each round, and $L = 10$ inner iterations from there do not
# find the best response: it stops at a floor (see notebook 2). Started from the last policy, as in the paper's
# experiments, it does not. Curves end where the exploitability is below the error of computing it. A single run draws
# itself: `run.plot()`. The equilibrium itself comes with a residual and, where $C_{op} < 1$ is certified, with a
# bound on the distance to it:


# %%
def equilibria_figure(values, eta=0.5):
    figure = Figure(figsize=(6.4, 3.4), layout="constrained")
    axes = figure.add_subplot(xlabel="restaurant (appeal)", ylabel="share of the population")
    width = 0.8 / len(values)
    for i, c in enumerate(values):
        mu = mb.equilibrium(regular_lunch(c, eta=eta)).mu
        axes.bar(np.arange(S) + (i - (len(values) - 1) / 2) * width, mu, width, label=f"c = {c:g}")
    axes.set_xticks(range(S), [f"{s} ({appeal:g})" for s, appeal in enumerate(APPEAL)])
    axes.legend(title="weight of the queue", fontsize=8)
    return figure


equilibria_figure((0.0, 3.0, 30.0), eta=0.1)

# %%
mb.equilibrium(regular_lunch()).reason, mb.equilibrium(affine_lunch(eta=4.0), M=2).reason

# %% [markdown]
# ## Which theorems apply?
#
# Each statement is checked as in notebook 2. At $\eta = 0.5$ the bound on $C_{op}$ is above 1, so that the convergence
# theorem C.5 does not apply; those about best responses (C.1, E.4) do. At $\eta = 4$ it applies.

# %%
rows = []
for eta in (0.5, 4.0):
    for name in ("C.1", "E.4", "E.6", "C.5"):
        for verdict in mb.check(name, affine_lunch(eta=eta), tiers=["sharpened"], K=40):
            if verdict.form in ("", "monotone", "contraction"):
                rows.append(
                    (eta, verdict.statement, verdict.bound, verdict.status.value, verdict.slack, verdict.reason)
                )
verdicts = pd.DataFrame(rows, columns=["eta", "statement", "inequality", "verdict", "slack", "reason"])
with pd.option_context("display.max_colwidth", None):
    table = show(verdicts, index=False, na_rep="")
table

# %% [markdown]
# ## What an error looks like
#
# Input is checked where it enters. A message names the value, the rule that it breaks, and what to change; nothing is
# repaired silently. All errors raised on purpose are `mb.MfboundsError`.

# %%
MISTAKES = {
    "rows that do not sum to 1": lambda: mb.AffineGame(circle * 0.9, np.zeros((S, A)), gamma=0.6, eta=0.5),
    "a reward outside its declared range": lambda: mb.solve(
        mb.from_functions(
            circle,
            lambda mu: np.repeat((APPEAL - 2 * mu)[:, None], A, axis=1),
            n_states=S,
            n_actions=A,
            gamma=0.6,
            eta=0.5,
            reward_range=(-0.2, 1.0),
        ),
        "fictitious-play",
        K=5,
    ),
    "a reward of the wrong shape": lambda: mb.from_functions(
        circle, lambda mu: APPEAL - mu, n_states=S, n_actions=A, gamma=0.6, eta=0.5, reward_range=(-1.0, 1.0)
    ).reward(np.full(S, 1 / S)),
    "a population that is none": lambda: game.reward([0.3, 0.3, 0.3, 0.3, 0.3]),
    "a discount of 1": lambda: game.replace(gamma=1.0),
    "a step beyond 1": lambda: mb.solve(game, "exact-mf-trpo", K=10, L=2, beta=1.5),
    "a misspelt method": lambda: mb.solve(game, "fictitious-pley", K=10),
    "a misspelt constant": lambda: lunch(declared={"Lr": 2.0}),
    "code cannot be stored in a data file": lambda: mb.games.save(game, "lunch.npz"),
}
rows = []
for what, mistake in MISTAKES.items():
    try:
        mistake()
    except mb.MfboundsError as error:
        rows.append((what, type(error).__name__, str(error)))
assert len(rows) == len(MISTAKES)
with pd.option_context("display.max_colwidth", None):
    table = show(pd.DataFrame(rows, columns=["mistake", "error", "message"]), index=False)
table

# %% [markdown]
# ## Beyond Python
#
# An affine game is saved with `mb.games.save(game, "lunch.npz")` and read with `mb.games.load`; the command line takes the
# file, or a factory in your own module: `mfbounds constants lunch.npz`, `mfbounds check C.5 my_games.py:lunch`.
#
# ## Try it
#
# With a kernel behind this page the next cell makes sliders.

# %% tags=["live"]
try:
    from ipywidgets import FloatLogSlider, interact
except ImportError:
    print("Sliders need ipywidgets; call equilibria_figure((c,), eta) with your numbers.")
else:

    @interact(c=(0.0, 30.0, 0.5), eta=FloatLogSlider(0.1, min=-1.5, max=1))
    def explore(c=3.0, eta=0.1):
        return equilibria_figure((c,), eta)
