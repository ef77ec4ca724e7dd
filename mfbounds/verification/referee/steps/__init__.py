"""Steps of the paper's proofs, and of ours, as claims between formulas."""

from __future__ import annotations

from mfbounds.verification.referee.algebra import Step
from mfbounds.verification.referee.steps import appendix_b, appendix_c, appendix_d, appendix_e, proved


def all_steps() -> tuple[Step, ...]:
    """Every step, in the order of the paper."""
    return (*appendix_b.STEPS, *appendix_c.STEPS, *appendix_d.STEPS, *appendix_e.STEPS, *proved.STEPS)
