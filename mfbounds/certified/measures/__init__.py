"""How each statement's quantities are enclosed: a twin in balls for each `measure` of `mfbounds.bounds.statements`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

from flint import arb

from mfbounds.bounds import outer
from mfbounds.bounds.statement import Case
from mfbounds.bounds.statements.p1 import (
    algorithm_3,
    algorithm_8,
    appendix_b2,
    appendix_b4,
    corollary_c2,
    corollary_c6,
    corollary_e4,
    definition_2_2,
    equation_2,
    equation_21,
    lemma_e1,
    lemma_e6,
    proposition_c3,
    proposition_e2,
    proposition_e3,
    proposition_e5,
    remark_c4,
    remark_c7,
    remark_d7,
    theorem_c1,
    theorem_c5,
    theorem_d2,
    theorem_w,
)
from mfbounds.certified.measures import chains, iterates, policies, sampled
from mfbounds.certified.numbers import Measurement
from mfbounds.certified.problem import CertifiedProblem

Twin: TypeAlias = Callable[[CertifiedProblem, Case], Measurement | Sequence[Measurement]]


@cache
def twins() -> Mapping[Callable[..., Any], Twin]:
    """The enclosure of each measure. One that returns several measurements claims the inequality for each of them."""
    return {
        equation_2.measure: policies.equation_2,
        definition_2_2.measure: policies.consistency,
        appendix_b2.measure: chains.appendix_b2,
        appendix_b4.measure: chains.appendix_b4,
        theorem_c1.measure: iterates.theorem_c1,
        corollary_c2.measure: iterates.corollary_c2,
        proposition_c3.measure: iterates.proposition_c3,
        remark_c4.measure: iterates.remark_c4_count,
        theorem_c5.measure: iterates.theorem_c5,
        corollary_c6.measure: iterates.corollary_c6,
        remark_c7.measure: iterates.remark_c7_exponents,
        theorem_w.measure: iterates.theorem_w,
        algorithm_3.measure: sampled.algorithm_3,
        algorithm_8.measure: sampled.algorithm_8,
        equation_21.measure: policies.equation_21,
        theorem_d2.measure: sampled.theorem_d2,
        remark_d7.measure: sampled.remark_d7,
        lemma_e1.measure: chains.lemma_e1,
        proposition_e2.measure: policies.proposition_e2,
        proposition_e3.measure: policies.proposition_e3,
        corollary_e4.measure: policies.corollary_e4,
        proposition_e5.measure: policies.consistency,
        lemma_e6.measure: chains.lemma_e6,
    }


@cache
def extras() -> Mapping[Callable[..., Any], Callable[[CertifiedProblem, Case], Mapping[str, arb]]]:
    """The enclosure of each `Bound.extra`."""
    return {outer.monotone: iterates.monotone, theorem_c1.recursive: iterates.recursive}
