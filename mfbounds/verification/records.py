"""Values as JSON and back, without loss: arrays, infinities and float64 numbers survive a round trip bit for bit."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mfbounds.errors import FileFormatError, InputError


def plain(value: Any) -> Any:
    """`value` in JSON types: arrays as ``{"array": ..., "dtype": ...}``, infinities and NaN as strings.

    Raises:
        InputError: the value holds something that JSON and this package cannot say.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else {"float": repr(float(value))}
    if isinstance(value, np.integer | np.bool_):
        return value.item()
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    raise InputError(f"value == {value!r}, must be a number, text, array, list or mapping: it has to be replayable")


def _plain_array(array: np.ndarray[Any, Any]) -> dict[str, Any]:
    if array.dtype.kind not in "fiub":
        raise InputError(f"array.dtype == {array.dtype}, must be a real number type: it has to be replayable")
    values = array.tolist()
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        values = np.vectorize(repr, otypes=[object])(array.astype(float)).tolist()
    return {"array": values, "dtype": array.dtype.str}


def restored(value: Any) -> Any:
    """The inverse of `plain` (tuples come back as lists)."""
    if isinstance(value, Mapping):
        if value.keys() == {"array", "dtype"}:
            return _restored_array(value)
        if value.keys() == {"float"}:
            return float(value["float"])
        return {key: restored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [restored(item) for item in value]
    return value


def _restored_array(value: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    array = np.array(value["array"], dtype=value["dtype"])
    array.setflags(write=False)
    return array


def to_line(record: Mapping[str, Any]) -> str:
    """The record as one line of strict JSON."""
    return json.dumps(plain(record), allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def from_line(line: str) -> dict[str, Any]:
    """The record of one line.

    Raises:
        FileFormatError: the line is not a JSON object.
    """
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise FileFormatError(f"record == {line[:60]!r}, must be one line of JSON: {error}") from None
    if not isinstance(record, dict):
        raise FileFormatError(f"record == {line[:60]!r}, must be a JSON object")
    values: dict[str, Any] = restored(record)
    return values
