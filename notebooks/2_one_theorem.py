# %% [markdown]
# # One theorem, from hypotheses to verdict
#
# Theorem C.5 (Proposition 4.2 in the main text) is the paper's convergence result for Exact MF-TRPO: after $K$ outer
# iterations with step $\beta$, each running $L$ iterations of TRPO, the population $\mu_K$ is near the equilibrium
# $\mu_\star$. The bound has two terms: what is left of the initial distance, which decays geometrically in $K$, and a
# floor, because $L$ iterations of TRPO do not find the exact best response.
#
# We take one small game, test the hypotheses, measure both sides, and look at the verdicts. One of them is a violation
# of the printed inequality, which we then verify by hand.

# %%
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from IPython.display import HTML, Markdown
from matplotlib.figure import Figure
from scipy.special import expit

import mfbounds as mb
from mfbounds.bounds.paper import latex
from mfbounds.bounds.problem import Parameters, Problem
from mfbounds.verification.check import check_case
from mfbounds.verification.witness import save_witness

# %matplotlib inline
COLOUR = {"printed": "#8e4bb5", "repaired": "#1f77b4", "sharpened": "#2e8b57"}


def show(frame, **options):
    """A data frame as a plain HTML table."""
    return HTML(frame.to_html(float_format="{:.4g}".format, border=0, **options))


statement = next(item for item in mb.ledger() if item.id == "P1.C.5")
names = {name: text for name, (text, _) in statement.quantities.items()}
lines = [f"**{statement.id}** ({statement.source}): {statement.claim}\n"]
for key in ("printed / L >= 2 / TV = l1", "repaired", "sharpened / contraction"):
    bound = statement.bound(key)
    lines.append(f"- *{key}*: $${latex(bound.left, names)} \\le {latex(bound.right, names)}$$")
Markdown("\n".join(lines))

# %% [markdown]
# The printed floor is the term with $\log L / L$. It is a product of constants, one of which is $C_{Erg,M}$; the other two
# floors come from $e$ (`e_F`), a bound on the error of one population step whose policy comes from TRPO($L$).
#
# ## The game
#
# Two rooms. Action $a$ leads to room $a$ with probability 0.9. Room 0 pays 1, room 1 pays nothing, whatever the
# population does. Nobody interacts: the population follows the optimal policy, and that is all. A convergence theorem
# for mean-field games should find this easy.

# %%
doors = np.array([[[0.9, 0.1], [0.1, 0.9]]] * 2)  # (s, a, next state)
game = mb.AffineGame(doors, np.array([[1.0, 1.0], [0.0, 0.0]]), gamma=0.5, eta=0.2, name="one room pays")
verdicts = mb.check("C.5", game, M=1, K=200, beta=0.4)
printed = next(verdict for verdict in verdicts if verdict.bound == "printed / L >= 2 / TV = l1")
rows = [(h.name, h.holds, h.margin, h.provenance.value, h.reason) for h in printed.hypotheses]
show(pd.DataFrame(rows, columns=["hypothesis", "holds", "margin", "known", "why"]), index=False)

# %% [markdown]
# Every hypothesis of the printed theorem holds with room to spare: the margin says how far inside the hypothesis the game
# is, in the units of its number. (A-1 has margin infinity because its constants only have to be finite. A-3, mixing, is
# used in the proof and not assumed in the theorem; it is tested all the same.)
#
# ## The verdicts
#
# Left is measured, right is computed; both with an error bound. Each line is about the most telling of the cases tried
# (two initial populations, $L \in \{1, 2, 10\}$, $K \in \{1, 200\}$).

# %%
rows = [
    (v.bound, v.status.value, v.case["L"], v.case["K"], v.lhs, v.rhs, v.slack, ", ".join(v.defects)) for v in verdicts
]
show(
    pd.DataFrame(rows, columns=["inequality", "verdict", "L", "K", "left", "right", "slack", "recorded defects"]),
    index=False,
)

# %% [markdown]
# *Slack* is right/left: 1 is tight, below 1 is a violation. *Vacuous* is true and useless: two populations are never
# farther apart than $\sqrt 2$ in $\ell_2$ (2 when squared), and the right side says no more than that.
#
# The printed inequality is violated, far beyond any rounding: the left side is about $10^{-2}$, the right $10^{-18}$.
#
# ## What happens
#
# Both sides along the iterations, from the uniform population.

# %%
STEPS = (1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200)
FORMS = {"printed": "printed / L >= 2 / TV = l1", "repaired": "repaired", "sharpened": "sharpened / contraction"}


def both_sides(game, key, *, L, beta=0.4):
    """A verdict for each K of STEPS, about that one inequality from the game's start."""
    problem = Problem(game, Parameters(M=1, K=max(STEPS), beta=beta))
    if key.startswith("printed") and L == 1:
        key = key.replace("L >= 2", "L = 1")
    case = {"mu": game.start, "beta": beta, "L": L, "M": 1}
    return [check_case(statement, statement.bound(key), problem, case | {"K": K}) for K in STEPS]


def sides_figure(game, levels, beta=0.4):
    figure = Figure(figsize=(4.2 * len(levels), 4.0), layout="constrained")
    for axes, L in zip(figure.subplots(1, len(levels), sharey=True, squeeze=False)[0], levels, strict=True):
        for tier, key in FORMS.items():
            found = both_sides(game, key, L=L, beta=beta)
            power = 0.5 if tier != "sharpened" else 1.0  # the first two bound the square of the distance
            right = np.array([v.rhs for v in found]) ** power
            axes.plot(STEPS, right, "-", color=COLOUR[tier], label=f"right side, {tier}")
            if tier == "sharpened":
                axes.plot(STEPS, [v.lhs for v in found], "k.-", linewidth=1.2, label="measured distance")
        axes.axhline(np.sqrt(2), color="#9aa5b1", linestyle="--", label="no two populations are farther apart")
        axes.set(xscale="log", yscale="log", ylim=(1e-5, 10), xlabel="outer iterations $K$", title=f"$L$ = {L}")
        axes.grid(color="#e6eaf0", linewidth=0.6)
    figure.axes[0].set_ylabel("distance to the equilibrium, $\\ell_2$")
    figure.axes[0].legend(fontsize=8, loc="lower left")
    return figure


sides_figure(game, (1, 2, 10))

# %% [markdown]
# The measured distance stops at a floor that shrinks with $L$, as TRPO becomes more exact. The printed right side has no
# floor and dives through it: **the second term of the printed bound is zero on this game**. It contains $C_{Erg,M}$, in
# which the paper puts a factor $L_P$ in front of the effect of a wrong *policy*; and $L_P = 0$ here, because the
# transitions do not depend on the population. The repaired and the sharpened bound have a floor, above the true one.
#
# ## By hand
#
# The example is small enough for pencil and paper. The rows of the kernel do not depend on the state, so the values of the
# two rooms differ by exactly 1, the reward, and $Q(s, 0) - Q(s, 1) = 0.5 \cdot 0.8 \cdot 1 = 0.4$ for every policy that
# does not depend on the state. TRPO's $L$-th policy is $\mathrm{softmax}\big(\sum_{j<L} Q_j / (\eta (L+1))\big)$: its
# logit for room 0 is $\frac{L}{L+1} \cdot \frac{0.4}{0.2} = \frac{2L}{L+1}$, against 2 at the optimum. A population that
# plays $p$ for room 0 sits there with mass $0.1 + 0.8\,p$. So the squared distance in the limit $K \to \infty$ is
# $2\,\big(0.8\,(\sigma(2) - \sigma(\tfrac{2L}{L+1}))\big)^2$.

# %%
rows = []
for L in (1, 2, 10):
    found = both_sides(game, FORMS["printed"], L=L)[-1]
    rows.append((L, 2 * (0.8 * (expit(2.0) - expit(2.0 * L / (L + 1)))) ** 2, found.lhs, found.lhs_error, found.rhs))
    assert abs(rows[-1][1] - rows[-1][2]) <= found.lhs_error
by_hand = pd.DataFrame(rows, columns=["L", "by hand", "measured", "error of measurement", "printed right side"])
show(by_hand, index=False)

# %% [markdown]
# ## A witness is kept and replayed
#
# A violation counts only if it can be shown again. The game, the case and the inequality go to a file, and are judged
# anew from the file alone. The ledger keeps such witnesses for every false statement that it records, and the test suite
# replays them.

# %%
with tempfile.TemporaryDirectory() as folder:
    save_witness(printed, Path(folder) / "witness.npz")
    again = mb.replay(Path(folder) / "witness.npz")
again

# %%
defects = [(d.name, d.kind.value, d.text) for d in statement.defects]
with pd.option_context("display.max_colwidth", None):
    table = show(pd.DataFrame(defects, columns=["defect", "kind", "what is wrong"]), index=False)
table

# %% [markdown]
# ## How tight are the proved bounds?
#
# On random games with weak interaction, where all hypotheses hold, with $L = 10$ and $K = 40$, each point is one game.
# Between the diagonal and the grey line a bound is true and informative; above the grey line it is vacuous. The printed
# points lie to the right because (17) admits only tiny steps $\beta$: after 40 rounds the population is still on its way.
# The two proved tiers share the larger step of the repaired one.

# %%
GAMES = [mb.games.contractive(seed=seed, n_states=3, n_actions=2, eta=2.0) for seed in range(12)]


def late_verdict(game, key):
    """The verdict at L = 10 and K = 40, at the largest step that this inequality admits."""
    problem = Problem(game, Parameters(K=40))
    late = (case for case in statement.cases(problem) if (case["L"], case["K"]) == (10, 40))
    found = [check_case(statement, statement.bound(key), problem, case) for case in late]
    return max((v for v in found if v.status.value != "not applicable"), key=lambda v: v.case["beta"])


def slack_figure(games):
    figure = Figure(figsize=(6.4, 4.6), layout="constrained")
    axes = figure.add_subplot(xscale="log", yscale="log", xlabel="left side (measured)", ylabel="right side")
    slacks = {}
    for marker, (tier, key) in zip("so^", FORMS.items(), strict=True):
        found = [late_verdict(game, key) for game in games]
        power = 0.5 if tier != "sharpened" else 1.0
        axes.plot([v.lhs**power for v in found], [v.rhs**power for v in found], marker, color=COLOUR[tier], label=tier)
        slacks[tier] = [v.slack**power for v in found]
    ends = np.array(axes.get_xlim())
    axes.plot(ends, ends, "k-", linewidth=1, label="tight")
    axes.axhline(np.sqrt(2), color="#9aa5b1", linestyle="--", label="trivial")
    axes.legend(fontsize=8)
    return figure, slacks


figure, slacks = slack_figure(GAMES)
figure

# %%
median = {tier: (np.median(values), np.min(values), np.max(values)) for tier, values in slacks.items()}
show(pd.DataFrame(median, index=["median slack", "smallest", "largest"]).T)

# %% [markdown]
# The slack is that of the distance, not of its square, so that the three tiers can be compared.
#
# ## Try it
#
# With a kernel behind this page the next cell makes sliders.

# %% tags=["live"]
try:
    from ipywidgets import interact
except ImportError:
    print("Sliders need ipywidgets; call sides_figure(game, (L,), beta) with your numbers.")
else:

    @interact(L=(1, 40), eta=(0.1, 2.0, 0.1), beta=(0.05, 0.45, 0.05))
    def explore(L=3, eta=0.2, beta=0.4):
        return sides_figure(game.replace(eta=eta), (L,), beta)
