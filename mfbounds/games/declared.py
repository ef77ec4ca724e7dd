"""Constants that come with a game on somebody's word: checked where the game is made, whatever its kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from mfbounds.checks import check_real
from mfbounds.errors import InputError, UnknownNameError
from mfbounds.numbers import Constant, Provenance


def check_declared(values: Any, names: Collection[str], *, signed: Collection[str] = ()) -> Mapping[str, Constant]:
    """`values`, a mapping from some of `names` to numbers or `Constant`s, as constants; a bare number counts as *declared*.

    Args:
        values: None for nothing declared.
        names: what may be declared.
        signed: those of `names` that may be below 0.

    Raises:
        InputError: no mapping, a value that is no number, or one below 0.
        UnknownNameError: another name.

    Example:
        >>> check_declared({"alpha": 0.5}, ("alpha", "beta"))["alpha"]
        Constant(value=0.5, provenance=<Provenance.DECLARED: 'declared'>, argument='declared by the user', exact=False)
    """
    if values is None:
        return MappingProxyType({})
    if not isinstance(values, Mapping):
        example = {next(iter(names)): 1.0}
        raise InputError(f"declared == {values!r}, must be a mapping from names to numbers, like {example}")
    return MappingProxyType({_known(key, names): _constant(key, value, signed) for key, value in values.items()})


def _known(key: Any, names: Collection[str]) -> str:
    if key not in names:
        raise UnknownNameError("declared constant", key, names)
    return str(key)


def _constant(key: str, value: Any, signed: Collection[str]) -> Constant:
    known = value if isinstance(value, Constant) else _vouched(check_real(value, f"declared[{key!r}]"))
    if key not in signed and not known.value >= 0.0:
        raise InputError(f"declared[{key!r}] == {known.value}, must be >= 0: it bounds a distance from above")
    return known


def _vouched(number: float) -> Constant:
    return Constant(value=number, provenance=Provenance.DECLARED, argument="declared by the user")
