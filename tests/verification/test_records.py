"""Records survive JSON without loss."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mfbounds.errors import FileFormatError, InputError
from mfbounds.verification.records import from_line, to_line

SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)


@given(st.dictionaries(st.text(), st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=5)))
def test_scalars_and_lists_come_back(record):
    assert from_line(to_line(record)) == record


@given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4)))
def test_arrays_come_back_bit_by_bit(array):
    again = from_line(to_line({"mu": array}))["mu"]
    assert again.shape == array.shape
    assert again.dtype == array.dtype
    assert np.array_equal(again, array, equal_nan=True)
    assert np.array_equal(np.signbit(again), np.signbit(array)) or np.isnan(array).any()


def test_lines_are_strict_json():
    line = to_line({"M": math.inf, "slack": math.nan, "mu": np.array([1.0, -math.inf])})
    json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    again = from_line(line)
    assert again["M"] == math.inf
    assert math.isnan(again["slack"])
    assert again["mu"].tolist() == [1.0, -math.inf]


def test_values_that_cannot_be_replayed_are_refused():
    with pytest.raises(InputError, match="must be a number, text, array"):
        to_line({"policy": lambda mu: mu})
    with pytest.raises(InputError, match="dtype == object"):
        to_line({"policy": np.array([None])})


def test_broken_lines_are_refused():
    with pytest.raises(FileFormatError, match="must be one line of JSON"):
        from_line('{"kind": ')
    with pytest.raises(FileFormatError, match="must be a JSON object"):
        from_line("[1, 2]")
