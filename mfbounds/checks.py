"""Validators of everything that comes from outside, in one place.

They return read-only float64 copies, so that what was checked cannot change afterwards; nothing is repaired.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from mfbounds.errors import InputError

FloatArray: TypeAlias = npt.NDArray[np.float64]
SparseKernel: TypeAlias = "sp.csr_array[Any, Any]"
Kernel: TypeAlias = "FloatArray | SparseKernel"

SUM_TOLERANCE = 1e-12  # a row of float64 numbers that was normalised once passes; float32 rows do not


def frozen_array(values: Any, name: str) -> FloatArray:
    """A finite, read-only float64 copy; raises `InputError` for anything else (complex, text, NaN, inf)."""
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(f"{name} == rows of unequal length, must be an array: as many entries in every row") from None
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name}.dtype == {array.dtype}, must be a real number type; convert it to float64")
    result = np.array(array, dtype=np.float64)
    if not np.isfinite(result).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(result))[0])
        raise InputError(f"{name}{list(where)} == {result[where]}, must be finite; remove NaN and infinities")
    result.setflags(write=False)
    return result


def check_shape(array: FloatArray, shape: tuple[int, ...], name: str) -> None:
    """Raises unless ``array.shape == shape``."""
    if array.shape != shape:
        raise InputError(f"{name}.shape == {array.shape}, must be {shape}")


def check_rows(rows: FloatArray, name: str) -> None:
    """Raises unless every row along the last axis is a probability distribution."""
    if rows.size == 0:
        raise InputError(f"{name}.shape == {rows.shape}, must not be empty: a game has states and actions")
    if (rows < 0.0).any():
        where = tuple(int(i) for i in np.argwhere(rows < 0.0)[0])
        raise InputError(f"{name}{list(where)} == {rows[where]}, must be >= 0: it is a probability")
    _check_sums(rows.sum(axis=-1), rows.shape[-1], name)


def _check_sums(sums: FloatArray, length: int, name: str) -> None:
    off = np.abs(sums - 1.0)
    if off.size and float(off.max()) > SUM_TOLERANCE * max(1.0, length / 100):
        where = tuple(int(i) for i in np.argwhere(off == off.max())[0])
        raise InputError(
            f"{name}{list(where) or ''}.sum() == {float(sums[where]):.17g}, must be 1: rows are probability "
            "distributions; divide each row by its sum in float64"
        )


def check_distribution(values: Any, n: int, name: str) -> FloatArray:
    """A probability distribution over `n` points, shape (n,)."""
    array = frozen_array(values, name)
    check_shape(array, (n,), name)
    check_rows(array, name)
    return array


def check_policy(values: Any, n_states: int, n_actions: int, name: str = "policy") -> FloatArray:
    """A policy pi(a|s), shape (S, A), each row a distribution over actions."""
    array = frozen_array(values, name)
    check_shape(array, (n_states, n_actions), name)
    check_rows(array, name)
    return array


def check_dense_kernel(values: Any, name: str) -> FloatArray:
    """A transition kernel P(s'|s,a), shape (S, A, S)."""
    array = frozen_array(values, name)
    if array.ndim != 3 or array.shape[0] != array.shape[2]:
        raise InputError(f"{name}.shape == {array.shape}, must be (S, A, S)")
    check_rows(array, name)
    return array


def check_sparse_kernel(matrix: Any, name: str) -> SparseKernel:
    """A transition kernel as CSR of shape (S*A, S), row s*A + a holding P(.|s,a)."""
    if any(size == 0 for size in matrix.shape):
        raise InputError(f"{name}.shape == {matrix.shape}, must not be empty: a game has states and actions")
    if matrix.shape[0] % matrix.shape[1]:
        raise InputError(f"{name}.shape == {matrix.shape}, must be (S*A, S): rows a multiple of columns")
    csr = sp.csr_array(matrix, dtype=np.float64, copy=True)
    csr.sum_duplicates()
    csr.data = frozen_array(csr.data, f"{name}.data")
    if (csr.data < 0.0).any():
        raise InputError(f"{name}.data.min() == {csr.data.min()}, must be >= 0: it is a probability")
    _check_sums(np.asarray(csr.sum(axis=1)), csr.shape[1], name)
    return csr


def check_kernel(values: Any, name: str) -> Kernel:
    """A dense (S, A, S) or sparse (S*A, S) kernel."""
    return check_sparse_kernel(values, name) if sp.issparse(values) else check_dense_kernel(values, name)


def check_flag(value: Any, name: str) -> bool:
    """True or False; a number or a word that could stand for one of them is refused."""
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name} == {value!r}, must be True or False")
    return bool(value)


def check_real(value: Any, name: str) -> float:
    """A finite real number (not text, not a truth value)."""
    try:
        if isinstance(value, str | bytes | bool | np.bool_) or (isinstance(value, np.ndarray) and value.ndim):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} == {value!r}, must be a real number") from None
    if not math.isfinite(number):
        raise InputError(f"{name} == {number}, must be finite")
    return number


def check_positive(value: Any, name: str, *, why: str = "") -> float:
    """A finite real number > 0."""
    number = check_real(value, name)
    if number <= 0.0:
        raise InputError(f"{name} == {number}, must be > 0{': ' + why if why else ''}")
    return number


def check_gamma(value: Any) -> float:
    """A discount factor in [0, 1)."""
    number = check_real(value, "gamma")
    if not 0.0 <= number < 1.0:
        raise InputError(f"gamma == {number}, must be in [0, 1): the discounted sum must converge")
    return number


def check_eta(value: Any) -> float:
    """An entropy temperature > 0 (reward units per nat)."""
    return check_positive(value, "eta", why="the soft-optimal policy softmax(Q/eta) needs a temperature")


def check_count(value: Any, name: str, *, least: int = 1) -> int:
    """An integer >= `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InputError(f"{name} == {value!r}, must be an integer >= {least}")
    if value < least:
        raise InputError(f"{name} == {value}, must be an integer >= {least}")
    return int(value)


def check_steps(value: Any, name: str = "M") -> int | float:
    """A number of population steps: an integer >= 1, or ``math.inf`` for the stationary law."""
    if isinstance(value, float | np.floating) and value == math.inf:
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise InputError(f"{name} == {value!r}, must be an integer >= 1, or math.inf for the stationary law")
    return int(value)
