"""Judging "with probability at least 1 - delta" from seeded runs, looked at after every run.

Three questions, each with a stated error that holds under optional stopping (Ville's inequality):

- is the claim false? `evidence` is an e-process against P(failure) <= delta: a mixture of likelihood ratios over failure
  probabilities above delta, a non-negative supermartingale of mean at most 1 under the claim. The claim is rejected at
  `REJECT` = TESTS/LEVEL, so a report of at most TESTS such tests rejects a true claim with probability at most LEVEL.
- is it confirmed? `upper_bound` lies above the failure probability, at all times at once, with probability 1 - LEVEL.
- what could the runs have seen? `resolvable` is the smallest failure probability that as many runs would have rejected.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flint import arb
from scipy.stats import binom

from mfbounds.numbers import log10
from mfbounds.verification.status import Status

LEVEL = 1e-6  # family-wise error of all rejections in a report; error of each upper bound
TESTS = 10_000  # probabilistic tests that a report may hold
REJECT = TESTS * 10**6  # TESTS/LEVEL
POWER = 0.99  # of `resolvable`
PATIENCE = 10**7  # runs beyond which `more_runs` gives up
STEPS = 60  # bisections: more digits than a float holds


@dataclass(frozen=True)
class Tally:
    """Outcomes of seeded runs so far; `open` are runs whose error does not decide."""

    runs: int = 0
    failures: int = 0
    open: int = 0

    def add(self, outcome: bool | None) -> Tally:
        """One more run: True held, False failed, None is open."""
        return replace(
            self,
            runs=self.runs + 1,
            failures=self.failures + (outcome is False),
            open=self.open + (outcome is None),
        )


def evidence(runs: int, failures: int, delta: arb) -> arb:
    """The e-value against P(failure) <= delta: the mean over q, uniform in (delta, 1], of the likelihood ratio of q.

    For P(failure) = p <= delta each factor has mean p q/delta + (1-p)(1-q)/(1-delta) <= 1.

    Example:
        >>> evidence(300, 0, arb(0.05)) < 1, evidence(10, 10, arb(0.05)) > 10**10
        (True, True)
    """
    held = runs - failures
    # With x = 1 - q the integral starts at 0: no cancellation.
    integral = (1 - delta).beta_lower(arb(held + 1), arb(failures + 1))
    return integral / (1 - delta) / (delta**failures * (1 - delta) ** held)


def upper_bound(runs: int, failures: int) -> float:
    """A bound above the failure probability with confidence 1 - LEVEL, valid at all times at once.

    The e-process for p mixes likelihood ratios: half at failure probability 0, half uniform; p is excluded where its
    e-value reaches 1/LEVEL.

    Example:
        >>> upper_bound(300, 0) < 0.05 < upper_bound(250, 0)
        True
    """
    low, high = arb(failures) / max(runs, 1), arb(1)
    for _ in range(STEPS):
        middle = ((low + high) / 2).mid()
        low, high = (low, middle) if _excluded(runs, failures, middle) else (middle, high)
    return min(1.0, float(high.mid()) * (1.0 + 1e-15))


def _excluded(runs: int, failures: int, p: arb) -> bool:
    held = runs - failures
    uniform = arb(1).beta_lower(arb(failures + 1), arb(held + 1))
    mixed = (uniform + (1 if failures == 0 else 0)) / 2
    return bool(mixed >= 10**6 * p**failures * (1 - p) ** held)


def more_runs(tally: Tally, delta: float) -> int | None:
    """How many more runs, all without failure, bring the upper bound to delta; None beyond 10^7."""
    failures, target = tally.failures + tally.open, arb(delta)
    low, high = tally.runs, max(2 * tally.runs, 16)
    while not _excluded(high, failures, target) or failures > delta * high:
        low, high = high, 2 * high
        if high > PATIENCE:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        enough = _excluded(middle, failures, target) and failures <= delta * middle
        low, high = (low, middle) if enough else (middle, high)
    return high - tally.runs


def resolvable(runs: int, delta: float) -> float:
    """The smallest failure probability that `runs` runs reject with probability at least 99%; 1 where none is.

    Example:
        >>> 0.1 < resolvable(300, 0.05) < 0.3
        True
    """
    enough = next((k for k in range(runs + 1) if evidence(runs, k, arb(delta)) >= REJECT and k > delta * runs), None)
    if enough is None:
        return 1.0
    low, high = delta, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if binom.sf(enough - 1, runs, middle) >= POWER else (middle, high)
    return high


def decided(tally: Tally, delta: float) -> Status | None:
    """Violated or holds once the runs decide it; None as long as they do not."""
    if evidence(tally.runs, tally.failures, arb(delta)) >= REJECT:
        return Status.VIOLATED
    # The upper bound is at most delta where delta is excluded and lies above the observed frequency.
    failures = tally.failures + tally.open
    confirmed = _excluded(tally.runs, failures, arb(delta)) and failures <= delta * tally.runs
    return Status.HOLDS if confirmed else None


def tell(tally: Tally, delta: float) -> str:
    """What the runs say about the failure probability, in words with the numbers."""
    counted = f"{tally.failures} failures in {tally.runs} runs" + (f" ({tally.open} open)" if tally.open else "")
    status = decided(tally, delta)
    if status is Status.VIOLATED:
        power = log10(evidence(tally.runs, tally.failures, arb(delta)))
        return f"{counted}: P(failure) <= {delta:g} is rejected, e-value 10^{power:.1f} >= 10^{log10(arb(REJECT)):.0f}"
    bound = upper_bound(tally.runs, tally.failures + tally.open)
    seen = f"a failure probability of {resolvable(tally.runs, delta):.3g} would have been rejected"
    if status is Status.HOLDS:
        return (
            f"{counted}: P(failure) <= {bound:.3g} at any time with confidence 1 - {LEVEL:g}, allowed {delta:g}; {seen}"
        )
    more = more_runs(tally, delta)
    how = "no feasible number of further runs decides" if more is None else f"{more} more without failure decide"
    return f"{counted}: P(failure) <= {bound:.3g} with confidence 1 - {LEVEL:g}, allowed {delta:g}: {how}"
