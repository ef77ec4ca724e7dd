"""Functions that make games: found in a file of yours, and called with arguments that are checked by name."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mfbounds.errors import InputError, UnknownNameError


def called(factory: Callable[..., Any], name: str, arguments: Mapping[str, Any]) -> Any:
    """What the factory makes of the arguments.

    Raises:
        UnknownNameError: it has no such argument.
        InputError: an argument is missing that it cannot do without.
    """
    parameters = inspect.signature(factory).parameters
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    for key in arguments:
        if key not in parameters and not open_ended:
            raise UnknownNameError(f"argument of {name}", key, parameters)
    for key, parameter in parameters.items():
        optional = parameter.default is not parameter.empty or parameter.kind in (
            parameter.VAR_KEYWORD,
            parameter.VAR_POSITIONAL,
        )
        if key not in arguments and not optional:
            raise InputError(f"{key} is missing, must be given: {name} needs it")
    return factory(**arguments)


def factory_in(path: Path, function: str) -> Callable[..., Any]:
    """The function of that name in a Python file, whose code is run.

    Raises:
        InputError: there is no such file, or it holds no function at all.
        UnknownNameError: it has no such function.
    """
    if not path.is_file():
        raise InputError(f"module == {str(path)!r}, must be a Python file: there is none")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    factory = getattr(module, function, None)
    if not callable(factory):
        known = [key for key, value in vars(module).items() if inspect.isfunction(value)]
        if not known:
            raise InputError(f"module == {str(path)!r}, must hold a function {function!r}: it holds none")
        raise UnknownNameError(f"factory in {path}", function, known)
    return factory  # type: ignore[no-any-return]
