# %% [markdown]
# # The paper's figures
#
# Section 6 and Appendix F of the paper show Exact MF-TRPO against Fictitious Play (FP) and Online Mirror Descent (OMD) in
# four rooms and on two islands, and Sample-Based MF-TRPO on a 5x5 grid. The runs were done again at the paper's scale; their
# tables are kept in `reports/experiments`. This notebook draws them and runs nothing. The command that made a table stands
# in its first lines, for instance `mfbounds experiment figure-3`, and an interrupted command goes on where it stopped.

# %%
from pathlib import Path

import pandas as pd
from IPython.display import HTML, display
from matplotlib.figure import Figure

import mfbounds as mb
from mfbounds.experiments import account, draw, experiments, load
from mfbounds.plots import draw_population

# %matplotlib inline
FOLDERS = [folder / "reports" / "experiments" for folder in (Path.cwd(), *Path.cwd().parents)]
OUT = next(folder for folder in FOLDERS if folder.is_dir())


def show(frame, **options):
    """A data frame as a plain HTML table."""
    with pd.option_context("display.max_colwidth", None):
        return HTML(frame.to_html(float_format="{:.4g}".format, border=0, **options))


def pictures(name):
    """Shows the pictures of an experiment, or says how to make its data."""
    if not (OUT / name).is_dir():
        print(f"not in reports/experiments yet: run `mfbounds experiment {name}`")
        return
    for figure in draw(name, OUT).values():
        display(figure)


kept = [(item.source, item.title, f"mfbounds experiment {name}") for name, item in experiments().items()]
show(pd.DataFrame(kept, columns=["where", "what", "command"]), index=False)

# %% [markdown]
# ## Exploitability over the outer steps (Figure 3)
#
# $\gamma = 0.9$, $L = 10$, $\beta = 0.01$, 5,000 steps. The paper gives the number $M$ of population steps of the exact runs as
# "N/A", so three readings are shown: $M = 1$ (one step of the population per round), $M = 100$ (as in the sampled runs) and
# $M = \infty$ (the stationary law of the policy). FP, OMD and the damped fixed point were given the best step size of a
# grid in each setting; the grid is in the table below.
#
# Exploitability is the gain of the best deviation *against the policy's own stationary population*, entropy bonus included.
# Every point carries a certified error; below $10^{-8}$, the dotted line, a game counts as solved. In the second row FP and OMD
# play the game without the entropy bonus, as their authors state them: they then converge to another game's equilibrium.

# %%
pictures("figure-3")

# %% [markdown]
# The reading decides. With $M = 1$ a round moves a share $\beta = 0.01$ of the mass by one cell, so a crowd that starts in
# one corner needs thousands of rounds to cross the rooms. With $M = \infty$ the same method goes to the equilibrium. The first kept
# step at which MF-TRPO had certainly reached $10^{-8}$ (steps are kept on a logarithmic scale):

# %%
tuning = load("figure-3", OUT)["tuning"]
ours = tuning[tuning["method"] == "exact-mf-trpo"]
show(ours.pivot(index=["game", "kappa", "eta"], columns="variant", values="solved_at"), na_rep="not in 5000")

# %% [markdown]
# And it is the outer step, not TRPO, that sets the pace. These are the step sizes that were tried in four rooms; the *damped
# fixed point* is the same outer iteration as $M = \infty$ with an exact best response in place of TRPO. Compare it at the step
# 0.01, the one that MF-TRPO was given, with the table above; then see what larger steps do.

# %%
others = tuning[(tuning["method"] != "exact-mf-trpo") & (tuning["game"] == "four rooms") & (tuning["kappa"] == 0.2)]
columns = ["eta", "method", "variant", "last_step", "solved_at", "exploitability", "chosen"]
show(others.loc[others["eta"] == 0.05, columns], index=False, na_rep="not solved")

# %% [markdown]
# ## Where the population goes (Figures 4, 5 and 6)
#
# Everybody starts in one cell. Four rooms without a target: aversion to crowds spreads the population evenly, and the uniform
# law is the exact equilibrium (see the guide), so the last picture can be checked by eye.

# %%
pictures("figure-4")

# %% [markdown]
# Two islands joined by a bridge; all start on the first, and crowd aversion pays double on the second (states 7 to 13). Size
# and colour of a node show its mass.

# %%
pictures("figure-5")

# %% [markdown]
# Four rooms with a point of interest (the star) in the room that is farthest from the start.

# %%
pictures("figure-6")

# %% [markdown]
# ## The sampled algorithm (Figures 1 and 2)
#
# 5x5 grid, $L = 100$, $\beta = 0.1$, $I = P = 3 \cdot 10^5$ trajectories, $M = 100$, 200 steps. The batches are simulated exactly
# in law as vectors of counts.

# %%
pictures("figure-1")

# %%
pictures("figure-2")

# %% [markdown]
# ## The four panels of the slides
#
# (a) is the exploitability as above. (b), the *quality*, is the best gain against the *current mean field* $\mu_k$ instead of the
# policy's own law: it can be tiny while $\mu_k$ is still far from anything stationary. (c) and (d) are how far $\mu_k$ and the
# policy's own law move in one step.

# %%
pictures("slides")

# %% [markdown]
# ## Which claims are borne out
#
# Each claim of the paper about its experiments is measured by a number with a stated criterion. An entry says in how many of the
# settings (games, $\kappa$, $\eta$; seeds for the sampled runs) the criterion is met under that reading. The measured numbers and
# the criteria stand in `docs/experiments.md`.

# %%
claims = account(OUT)
exact = claims["reading"].str.startswith("M=")
steps, _, rivals = (claims["reading"].str.partition("; ")[i].where(exact, "") for i in range(3))
claims["against, or setting"] = rivals.where(exact, claims["reading"])
claims["steps"] = steps.where(exact, "sampled, M=100")
claims["met"] = claims["met"].astype(str) + " of " + claims["cases"].astype(str)
show(claims.pivot(index=["claim", "against, or setting"], columns="steps", values="met"), na_rep="", sparsify=False)

# %% [markdown]
# No single $M$ makes all the claims about the exact runs true. With $M = \infty$ every game is solved, and the populations
# end where the paper says; but the exploitability rises on the way, and tuned FP and OMD solve the same games with the bonus.
# "Superior" holds, mostly, against FP and OMD without the bonus.

# %% [markdown]
# ## Try it
#
# With a kernel behind this page the next cell shows the kept populations one by one.

# %% tags=["live"]
GAMES = {
    "figure-4": mb.games.four_rooms(),
    "figure-5": mb.games.two_islands(),
    "figure-6": mb.games.four_rooms(target=(10, 10)),
}


def one_population(experiment, variant, step):
    table = load(experiment, OUT)["populations"]
    table = table[(table["variant"] == variant) & (table["eta"] == table["eta"].min())]
    step = max(kept for kept in table["step"].unique() if kept <= step)
    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.add_subplot(title=f"{experiment}, {variant}, step {step}")
    mu = table[table["step"] == step].sort_values("state")["mass"].to_numpy()
    figure.colorbar(draw_population(axes, GAMES[experiment].layout, mu), ax=axes)
    return figure


try:
    from ipywidgets import interact
except ImportError:
    print('Sliders need ipywidgets; call one_population("figure-4", "M=inf", 1000) with your choice.')
else:
    interact(one_population, experiment=list(GAMES), variant=["M=1", "M=100", "M=inf"], step=[0, 1000, 2000, 5000])
