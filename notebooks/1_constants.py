# %% [markdown]
# # What drives the constants
#
# Every bound of the paper is built from a few constants. The one that decides whether the theorems apply at all is
# $C_{op}$, the constant of the monotonicity assumption A-2: when $C_{op} < 1$ the equilibrium is unique and the
# algorithms converge. This notebook takes one small game, shows its constants, and asks what each of them depends on.
#
# **The game.** Three rooms. Action $a$ walks to room $a$ and gets in with probability $0.7 - j\,\mu(a)$, where $j$ is
# the *jam*: a full room is harder to enter. Who does not get in ends in one of the other two rooms. Being in room $s$
# costs $c\,\mu(s)$, where $c$ is the *crowd aversion* ($c < 0$: the crowd attracts). So $c$ couples the rewards to the
# population and sets $L_r$; $j$ couples the transitions and sets $L_P$.

# %%
import numpy as np
import pandas as pd
import sympy as sp
from IPython.display import HTML, Markdown
from matplotlib.figure import Figure

import mfbounds as mb
from mfbounds.bounds.definitions import DEFINITIONS
from mfbounds.bounds.paper import latex
from mfbounds.bounds.statement import Tier

# %matplotlib inline
PRINTED, REPAIRED, SHARPENED = Tier
STYLE = {
    PRINTED: {"color": "#8e4bb5", "linestyle": "--"},
    REPAIRED: {"color": "#1f77b4", "linestyle": "-."},
    SHARPENED: {"color": "#2e8b57", "linestyle": "-"},
}


def rooms(crowd=0.2, jam=0.1, gamma=0.5, eta=1.0):
    """Three rooms, given by their transitions and rewards when everybody is in room x."""
    kernels = np.empty((3, 3, 3, 3))  # (x, s, a, next state)
    for x in range(3):
        for a in range(3):
            enter = 0.7 - jam * (x == a)
            kernels[x, :, a, :] = (1 - enter) / 2
            kernels[x, :, a, a] = enter
    rewards = -crowd * np.eye(3)[:, :, None] * np.ones((3, 3, 3))  # (x, s, a)
    return mb.AffineGame(kernels, rewards, gamma=gamma, eta=eta, name="three rooms")


table = mb.constants(rooms(), M=2)
shown = ["L_r", "L_P", "kappa_A", "q", "Sigma_M", "C_pi_mu", "K_pi", "C_Erg_M", "K_F", "C_op", "C_op_measured"]
columns = ["printed", "repaired", "sharpened", "provenance", "driver"]
HTML(table.to_pandas().loc[shown, columns].to_html(float_format="{:.4g}".format, na_rep="", border=0))

# %% [markdown]
# How to read it:
#
# - **Tiers.** *printed* is the formula of the paper, *repaired* is proved true, *sharpened* is proved and tighter. An
#   empty cell means that the tier does without this constant: the proofs replace the paper's $C_{\pi,\mu}$ (a Hölder
#   constant that the paper uses as a Lipschitz constant) by $K_\pi$, and its $C_{Erg,M}$ by $\Sigma_M$.
# - **Provenance.** *certified* means exact, or proved to be an upper bound. The last row is *estimated*: the largest
#   slope that a search found, so a **lower** bound on every valid $C_{op}$. The truth lies between it and the
#   sharpened $C_{op}$.
# - **Driver.** The ingredient with the largest elasticity: `1/(1-gamma)^2` says that one percent more of
#   $1/(1-\gamma)$ makes about two percent more of the constant.
#
# Here the printed $C_{op}$ is far above 1, so Lemma E.6 as printed does not establish A-2 on this game; the repaired and
# the sharpened one are below 1, so they do. The measured slope is negative: aversion sends players where others are not,
# which no formula in $L_r$ can see, since $L_r$ does not know the sign of $c$.
#
# ## The formulas
#
# Numbers and formulas have one source: symbolic expressions in the package.

# %%
chosen = [("C_pi_mu", PRINTED), ("K_pi", REPAIRED), ("K_pi", SHARPENED), ("Sigma_M", REPAIRED)]
chosen += [("C_op", PRINTED), ("K_F", REPAIRED)]
Markdown(
    "\n".join(
        f"- {table[name].meaning}, {tier}:\n  $${table[name].latex} = {latex(DEFINITIONS[name].formulas[tier])}$$"
        for name, tier in chosen
    )
)

# %% [markdown]
# $\kappa_A$ is the largest total variation between the next-state laws of two actions: how much an action matters. $q$
# is the total variation by which $n$ steps contract two populations. $\Sigma_M = 1 + q + \dots + q^{M-1}$ (for $n = 1$)
# adds up what $M$ population steps with a slightly wrong policy do. The product $\kappa_A K_\pi \Sigma_M$ reads: the
# population moves, so the optimal policy moves by $K_\pi$, so one step moves by $\kappa_A K_\pi$, $M$ steps by
# $\Sigma_M$ times that.
#
# Written out, each constant is a function of a dozen numbers of the game, which can be evaluated on whole arrays:


# %%
def written_out(name, tier):
    """The formula of a constant down to the numbers of the game; closed forms of games without interaction are left out."""
    if name in ("C_op_linear", "K_F_linear"):
        return sp.oo
    expression = DEFINITIONS[name].formula(tier)
    inner = [symbol for symbol in expression.free_symbols if symbol.name in {*DEFINITIONS, "C_op_linear", "K_F_linear"}]
    return expression.subs({symbol: written_out(symbol.name, tier) for symbol in inner})


def value(name, tier, numbers):
    """A constant at arrays of numbers."""
    expression = written_out(name, tier)
    symbols = sorted(expression.free_symbols, key=str)
    arrays = np.broadcast_arrays(*(np.asarray(numbers[symbol.name], dtype=float) for symbol in symbols))
    return sp.lambdify(symbols, expression, "numpy")(*arrays)


def numbers_of(game, M):
    """What the formulas need to know of a game."""
    known = mb.constants(game, M=M, measure=False)
    numbers = {name: known[name].repaired for name in ("L_r", "L_P", "kappa_A", "q", "n")}
    return numbers | {"R": game.R, "gamma": game.gamma, "eta": game.eta, "n_S": 3, "n_A": 3, "M": M}


base = numbers_of(rooms(), M=2)
for name, tier in [("C_op", PRINTED), ("C_op", REPAIRED), ("C_op", SHARPENED), ("K_pi", SHARPENED)]:
    assert np.isclose(value(name, tier, base), getattr(table[name], tier.value), rtol=1e-9)
sorted(map(str, written_out("C_op", SHARPENED).free_symbols))

# %% [markdown]
# ## One ingredient at a time
#
# Above: how strongly the optimal policy reacts to the population. Below: $C_{op}$, with the line 1 that it has to stay
# under. The dotted vertical line is the game of the table.

# %%
SWEEPS = {
    "gamma": ("discount $\\gamma$", np.linspace(0.0, 0.99, 200)),
    "eta": ("temperature $\\eta$", np.geomspace(0.05, 20, 200)),
    "M": ("population steps $M$", np.arange(1, 31)),
    "L_P": ("kernel coupling $L_P$", np.linspace(0.0, 0.6, 200)),
}


def sweep_figure(numbers):
    figure = Figure(figsize=(12, 6), layout="constrained")
    panels = figure.subplots(2, len(SWEEPS), sharex="col", sharey="row")
    for (name, (label, values)), (above, below) in zip(SWEEPS.items(), panels.T, strict=True):
        moved = numbers | {name: values}
        for tier in Tier:
            policy = "C_pi_mu" if tier is PRINTED else "K_pi"
            for axes, constant in ((above, policy), (below, "C_op")):
                axes.plot(
                    values, np.broadcast_to(value(constant, tier, moved), values.shape), **STYLE[tier], label=tier
                )
        below.axhline(1.0, color="black", linewidth=1)
        below.set_xlabel(label)
        for axes in (above, below):
            axes.axvline(numbers[name], color="#666666", linestyle=":", linewidth=1)
            axes.set_yscale("log")
            axes.set_xscale("log" if name in ("eta", "M") else "linear")
            axes.grid(color="#e6eaf0", linewidth=0.6)
    panels[0, 0].set_ylabel("$C_{\\pi,\\mu}$ (printed), $K_\\pi$ (others)")
    panels[1, 0].set_ylabel("$C_{op}$")
    panels[0, 0].legend(title="tier")
    return figure


sweep_figure(base)

# %% [markdown]
# Four things to see.
#
# - **Discount.** The printed $C_{\pi,\mu}$ grows like $(1-\gamma)^{-3}$, the repaired $K_\pi$ like $(1-\gamma)^{-2}$. The
#   sharpened one stays bounded, because in a game that mixes ($q < 1$) the value functions forget their start: what
#   counts is their spread over states, not their size.
# - **Temperature.** A larger $\eta$ makes the policy less nervous, but only down to a floor: $\eta \log |A|$ is itself part
#   of the values that the kernel coupling $L_P$ multiplies. A large $\eta$ removes $L_r$, not $L_P$.
# - **Population steps.** More steps forget the start ($q^M \to 0$) and add up more policy errors ($\Sigma_M \to 1/(1-q)$).
#   When the coupling is weak the first effect wins, and $M$ should be large.
# - **Kernel coupling.** The printed $C_{op}$ falls to its mixing term as $L_P \to 0$, and the others do not: we come back
#   to this below, because it is a defect.
#
# The same as numbers: elasticities at the game of the table. An entry $p$ says that the constant grows like the $p$-th
# power of the ingredient there.

# %%
INGREDIENTS = ("1/(1-gamma)", "eta", "R", "L_r", "L_P", "kappa_A", "q", "M")


def nudged(numbers, name, step=1e-6):
    if name == "1/(1-gamma)":
        return numbers | {"gamma": 1 - (1 - numbers["gamma"]) / (1 + step)}
    return numbers | {name: numbers[name] * (1 + step)}


def elasticities(numbers, step=1e-6):
    rows = {}
    for constant in ("C_pi_mu", "K_pi", "Sigma_M", "C_op"):
        for tier in Tier:
            if tier in DEFINITIONS[constant].formulas or constant == "C_op":
                before = value(constant, tier, numbers)
                moved = [value(constant, tier, nudged(numbers, name, step)) for name in INGREDIENTS]
                rows[f"{constant}, {tier}"] = np.log(np.array(moved) / before) / np.log1p(step)
    return pd.DataFrame(rows, index=INGREDIENTS).T.round(2) + 0.0


def elasticity_figure(rows):
    figure = Figure(figsize=(8.5, 3.8), layout="constrained")
    axes = figure.add_subplot(title="elasticity of each constant in each ingredient")
    axes.imshow(rows, cmap="RdBu_r", vmin=-3, vmax=3, aspect="auto")
    axes.set_xticks(range(rows.shape[1]), rows.columns)
    axes.set_yticks(range(rows.shape[0]), rows.index)
    for (i, j), number in np.ndenumerate(rows.to_numpy()):
        if number:
            axes.text(j, i, f"{number:g}", ha="center", va="center", color="white" if abs(number) > 1.8 else "black")
    return figure


elasticity_figure(elasticities(base))

# %% [markdown]
# ## Where is $C_{op} < 1$?
#
# Colour: the region of $(\gamma, \eta)$ in which each tier claims $C_{op} < 1$, for weak and for stronger coupling. The
# sharpened region contains the repaired one and reaches $\gamma \to 1$: sharpening is what makes the theorems apply to
# games with a long horizon. The printed region is the smallest, except in the first panel near $\gamma = 0$, where it
# sticks out below the others. There the paper claims more than is proved; the next section shows that it claims too much.

# %%
GAMMA, ETA = np.meshgrid(np.linspace(0.0, 0.99, 120), np.geomspace(0.02, 50, 120))
FILL = {SHARPENED: "#cfe8d6", REPAIRED: "#a9cbe6", PRINTED: "#c9a4dd"}


def region(axes, numbers, title, tiers=tuple(FILL)):
    for tier in tiers:
        colour = FILL[tier]
        inside = value("C_op", tier, numbers | {"gamma": GAMMA, "eta": ETA})
        axes.contourf(GAMMA, ETA, inside, levels=[-np.inf, 1.0], colors=[colour])
        if inside.min() < 1.0 < inside.max():
            axes.contour(GAMMA, ETA, inside, levels=[1.0], colors=STYLE[tier]["color"], linewidths=1.2)
        axes.plot([], [], color=colour, linewidth=8, label=tier)
    axes.set(yscale="log", xlabel="discount $\\gamma$", title=title)


def region_figure(crowd, jams, M):
    figure = Figure(figsize=(4.0 * len(jams) + 0.8, 3.9), layout="constrained")
    panels = figure.subplots(1, len(jams), sharey=True, squeeze=False)[0]
    for axes, jam in zip(panels, jams, strict=True):
        region(axes, numbers_of(rooms(crowd, jam), M), f"c = {crowd:g}, j = {jam:g}, M = {M}")
    panels[0].set_ylabel("temperature $\\eta$")
    panels[0].legend(title="$C_{op} < 1$", loc="upper left", fontsize=8)
    return figure


region_figure(0.2, (0.02, 0.05, 0.15), M=10)

# %% [markdown]
# ## A printed $C_{op}$ that is below 1 for the wrong reason
#
# In the paper $C_{Erg,M}$ carries the factor $L_P$ even where a change of *policy* is meant. So with $L_P = 0$ (no jam) the
# printed $C_{op}$ is the mixing term $2\,|S|\,C_{Erg}\,\rho^M$ alone. It tends to 0 with $M$ whatever the rewards do, as if
# the policy did not move the population.
#
# Let the crowd attract, $c = -1$. By symmetry $F_M$ maps populations $(x, (1-x)/2, (1-x)/2)$ to such populations, so it can
# be drawn as a curve. Each crossing with the diagonal is an equilibrium.


# %%
def population_step(game, mu, M):
    """F_M(mu): M steps under the policy that is optimal while the population stays mu."""
    chain = np.einsum("sa,sax->sx", mb.soft_optimal(game, mu).policy, game.kernel(mu))
    return mu @ np.linalg.matrix_power(chain, M)


def line(x):
    return np.array([x, (1 - x) / 2, (1 - x) / 2])


def curve_figure(etas, M=50):
    figure = Figure(figsize=(4.0 * len(etas), 4.0), layout="constrained")
    x = np.linspace(0.0, 1.0, 50)
    for axes, eta in zip(figure.subplots(1, len(etas), sharey=True), etas, strict=True):
        game = rooms(crowd=-1.0, jam=0.0, gamma=0.9, eta=eta)
        y = np.array([population_step(game, line(point), M)[0] for point in x])
        known = mb.constants(game, M=M, measure=False)["C_op"]
        axes.plot(x, x, color="#999999", linewidth=1)
        axes.plot(x, y, color="#c0281c")
        i = np.flatnonzero(np.diff(np.sign(y - x)) != 0)
        crossings = x[i] + (y - x)[i] * (x[1] - x[0]) / ((y - x)[i] - (y - x)[i + 1])
        axes.plot(crossings, crossings, "ko", markersize=6)
        title = f"$\\eta$ = {eta:g}: printed $C_{{op}}$ = {known.printed:.0e}, sharpened {known.sharpened:.3g}"
        axes.set(xlabel="$x$ = mass in room 1", title=title, aspect="equal")
        axes.title.set_fontsize(10)
    figure.axes[0].set_ylabel("mass in room 1 after $F_M$")
    return figure


curve_figure((2.0, 0.2, 0.05))

# %% [markdown]
# At $\eta = 0.05$ there are three equilibria on this line, so A-2 fails for every $C_{op} < 1$, and yet the printed formula
# gives $10^{-12}$. The sharpened constant is above 1 there, as it has to be. At $\eta = 0.2$ it is above 1 although the
# equilibrium is unique: a sufficient condition may be unmet without harm, but must never be met wrongly.
#
# The next picture compares what the formulas promise with the truth, for the same attracting game. On the red line the
# slope of $F_M$ at the uniform population is 1; below it A-2 is false.


# %%
def slope_at_uniform(game, M, h=1e-4):
    """<F(mu + h d) - F(mu - h d), d>/(2h) along d = (1, -1, 0)/sqrt 2: a lower bound for C_op."""
    uniform, d = np.full(3, 1 / 3), np.array([1.0, -1.0, 0.0]) / np.sqrt(2)
    return (population_step(game, uniform + h * d, M) - population_step(game, uniform - h * d, M)) @ d / (2 * h)


def truth_figure(M=50):
    figure = Figure(figsize=(6.8, 4.4), layout="constrained")
    axes = figure.add_subplot()
    game = rooms(crowd=-1.0, jam=0.0)
    region(axes, numbers_of(game, M), "three rooms that attract: c = -1, j = 0, M = 50", tiers=(SHARPENED, REPAIRED))
    gammas, etas = np.linspace(0.01, 0.99, 14), np.geomspace(0.02, 1, 14)
    slopes = [[slope_at_uniform(game.replace(gamma=g, eta=e), M) for g in gammas] for e in etas]
    axes.contourf(gammas, etas, slopes, levels=[1.0, np.inf], colors=["#f3c6c2"])
    axes.contour(gammas, etas, slopes, levels=[1.0], colors="#c0281c", linewidths=2)
    axes.plot([], [], color="#f3c6c2", linewidth=8, label="A-2 is false")
    axes.set_ylabel("temperature $\\eta$")
    axes.legend(loc="upper left", fontsize=8)
    return figure


truth_figure()

# %% [markdown]
# The printed region is not drawn because it is the whole rectangle: $C_{op} \approx 10^{-12}$ everywhere, the red part
# included. The repaired and the sharpened region stay clear of the red part, as they must; the white gap is the price of a
# constant that knows only $L_r$, $\kappa_A$, $q$ and the sizes.
#
# ## Try it
#
# With a kernel behind this page the next cell makes sliders.

# %% tags=["live"]
try:
    from ipywidgets import interact
except ImportError:
    print("Sliders need ipywidgets; call region_figure(crowd, (jam,), M) and sweep_figure(numbers) with your numbers.")
else:

    @interact(crowd=(0.0, 1.0, 0.05), jam=(0.0, 0.6, 0.02), M=(1, 50))
    def explore(crowd=0.2, jam=0.04, M=10):
        return region_figure(crowd, (jam,), M)
