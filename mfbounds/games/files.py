"""Games in files: `save` and `load`, .npz without pickle, so that opening a file never runs what it holds.

An `AffineGame` is stored by its arrays and comes back bit by bit. A game of another factory of this package is stored
by its origin and built again; its rewards and kernels at two populations go along, so that a factory that has changed
since is noticed instead of quietly giving another game.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from mfbounds.checks import FloatArray
from mfbounds.errors import FileFormatError, InputError, MfboundsError, why_unreadable
from mfbounds.games.affine import AffineGame
from mfbounds.games.catalogue import catalogue, from_origin
from mfbounds.games.dynamic.files import KINDS, dynamic_arrays, dynamic_game, dynamic_header
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.game import MeanFieldGame, Origin
from mfbounds.games.origins import plain
from mfbounds.output import write_arrays

FORMAT = "mfbounds game"
VERSION = 1
SUFFIX = ".npz"
AGREEMENT = 1e-9  # relative: beyond what another machine's rounding does to a reward

Arrays = Mapping[str, Any]


def save(game: MeanFieldGame | DynamicGame, path: str | os.PathLike[str]) -> Path:
    """Writes the game to `path`, which ends in .npz; a file already there is replaced at once or not at all.

    Raises:
        InputError: the path does not end in .npz, the file cannot be written, or the game has neither arrays nor an origin
            to be stored by.
    """
    target = _npz_path(path)
    arrays, header = _content(game)
    arrays["header"] = np.array(json.dumps({"format": FORMAT, "version": VERSION, **header}))
    write_arrays(target, arrays)
    return target


def load(path: str | os.PathLike[str]) -> MeanFieldGame:
    """The mean-field game that `save` wrote to `path`.

    Raises:
        FileFormatError: as `load_any`, or the file holds a dynamic game.
        InputError: there is no such file, or its name does not end in .npz.
    """
    game = load_any(path)
    if isinstance(game, DynamicGame):
        raise FileFormatError(f"path == {str(path)!r}, must hold a mean-field game: it holds {game!r}; use load_any")
    return game


def load_any(path: str | os.PathLike[str]) -> MeanFieldGame | DynamicGame:
    """The game that `save` wrote to `path`.

    Raises:
        FileFormatError: the file is damaged, foreign, of another version, or holds what is no game; or the factory that
            made its game makes another one now.
        InputError: there is no such file, or its name does not end in .npz.
    """
    source = _npz_path(path)
    if not source.is_file():
        raise InputError(f"path == {str(source)!r}, must be a file: there is none")
    arrays = _read(source)
    header = _read_header(arrays, source)
    try:
        if header["kind"] in KINDS:
            return dynamic_game(header, arrays)
        return _affine(header, arrays) if header["kind"] == "affine" else _rebuilt(header, arrays)
    except FileFormatError as error:
        raise FileFormatError(f"path == {str(source)!r}, must hold a game as it was saved: {error}") from None
    except (MfboundsError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise FileFormatError(f"path == {str(source)!r}, must hold a valid game: {error}") from error


def _npz_path(path: str | os.PathLike[str]) -> Path:
    if not isinstance(path, str | os.PathLike) or Path(path).suffix != SUFFIX:
        raise InputError(f"path == {path!r}, must name a file that ends in {SUFFIX}")
    return Path(path)


def _content(game: MeanFieldGame | DynamicGame) -> tuple[dict[str, Any], dict[str, Any]]:
    """(arrays, header) of a game."""
    if isinstance(game, DynamicGame):
        return dynamic_arrays(game), dynamic_header(game)
    arrays = _affine_arrays(game) if isinstance(game, AffineGame) else _fingerprint(_rebuildable(game))
    return arrays, _header(game)


def _header(game: MeanFieldGame) -> dict[str, Any]:
    try:
        layout = json.loads(json.dumps(plain(game.layout)))
        origin = None if game.origin is None else [game.origin.factory, plain(game.origin.arguments)]
        json.dumps(origin)
    except TypeError as error:
        raise InputError(f"layout and origin of {game!r} must be of JSON types: {error}") from None
    kind = "affine" if isinstance(game, AffineGame) else "factory"
    return {
        "kind": kind,
        "gamma": game.gamma,
        "eta": game.eta,
        "name": game.name,
        "origin": origin,
        "layout": layout,
    }


def _read(source: Path) -> dict[str, Any]:
    with source.open("rb") as file:
        try:
            archive = np.load(file, allow_pickle=False)
            arrays = dict(archive.items()) if isinstance(archive, np.lib.npyio.NpzFile) else {}
        except Exception as error:  # damaged bytes make the readers of zip and npy raise errors of many types
            raise FileFormatError(
                f"path == {str(source)!r}, must be a whole {SUFFIX} file written by games.save: {why_unreadable(error)}"
            ) from error
    return arrays


def _read_header(arrays: Arrays, source: Path) -> dict[str, Any]:
    try:
        header = json.loads(str(arrays["header"][()]))
        found = header["format"], header["version"]
    except (KeyError, IndexError, TypeError, ValueError):
        raise FileFormatError(f"path == {str(source)!r}, must be written by games.save: it has no header") from None
    if found != (FORMAT, VERSION):
        raise FileFormatError(
            f"path == {str(source)!r}, must be a {FORMAT!r} file of version {VERSION}: it is {found[0]!r} of "
            f"version {found[1]!r}; load it with the release that wrote it"
        )
    return dict(header)


def _affine_arrays(game: AffineGame) -> dict[str, Any]:
    kernels = game.fixed_kernel if game.vertex_kernels is None else game.vertex_kernels
    rewards = game.fixed_reward if game.vertex_rewards is None else game.vertex_rewards
    arrays = {"rewards": rewards, "restart": game.restart, "start": game.start}
    if isinstance(kernels, np.ndarray):
        return {"kernels": kernels, **arrays}
    stack: Any = sp.vstack(list[Any](kernels), format="csr") if isinstance(kernels, tuple) else kernels
    parts = {"data": stack.data, "indices": stack.indices, "indptr": stack.indptr, "shape": np.array(stack.shape)}
    # The number of stacked vertex kernels, 0 when mu plays no role.
    return {f"kernels_{key}": value for key, value in parts.items()} | {
        "kernels_vertices": np.array(len(kernels) if isinstance(kernels, tuple) else 0),
        **arrays,
    }


def _affine(header: Mapping[str, Any], arrays: Arrays) -> AffineGame:
    origin = header["origin"]
    return AffineGame(
        arrays["kernels"] if "kernels" in arrays else _sparse_kernels(arrays),
        arrays["rewards"],
        gamma=header["gamma"],
        eta=header["eta"],
        restart=arrays["restart"],
        start=arrays["start"],
        name=str(header["name"]),
        origin=None if origin is None else Origin(str(origin[0]), dict(origin[1])),
        layout=header["layout"],
    )


def _sparse_kernels(arrays: Arrays) -> Any:
    data, indices, indptr, shape = (arrays[f"kernels_{key}"] for key in ("data", "indices", "indptr", "shape"))
    stack = sp.csr_array((data, indices, indptr), shape=(int(shape[0]), int(shape[1])))
    stack.check_format(full_check=True)
    vertices = int(arrays["kernels_vertices"])
    if vertices == 0:
        return stack
    rows = stack.shape[0] // vertices
    return [sp.csr_array(stack[x * rows : (x + 1) * rows]) for x in range(vertices)]


def _rebuildable(game: MeanFieldGame) -> MeanFieldGame:
    if game.origin is None or game.origin.factory not in catalogue():
        raise InputError(
            f"game == {game!r}, must be an AffineGame or made by a factory of mfbounds.games: functions of mu cannot "
            "be stored; keep the code that makes it, or give the game by its vertices"
        )
    return game


def _rebuilt(header: Mapping[str, Any], arrays: Arrays) -> MeanFieldGame:
    factory, arguments = header["origin"]
    if factory not in catalogue():  # a file must not choose code outside this package to run
        raise FileFormatError(f"its factory {factory!r} is not one of mfbounds.games")
    game = from_origin(Origin(factory, arguments))
    for key, value in _fingerprint(game).items():
        if key not in arrays or not _agree(arrays[key], value):
            raise FileFormatError(
                f"{game.origin} now makes a game with another {key.replace('_', ' ')}; use the release that saved it"
            )
    return game


def _agree(saved: FloatArray, made: FloatArray) -> bool:
    return saved.shape == made.shape and bool(np.allclose(saved, made, rtol=AGREEMENT, atol=AGREEMENT))


def _fingerprint(game: MeanFieldGame) -> dict[str, Any]:
    """What tells two games apart: parameters, and rewards and (projected) kernels at an even and an uneven mu."""
    n_states = game.n_states
    uneven = np.exp(-30.0 * np.arange(n_states) / n_states)
    direction = np.cos(np.arange(n_states) ** 2)
    result: dict[str, Any] = {
        "parameters": np.array([game.gamma, game.eta, *game.reward_range]),
        "restart": game.restart,
        "start": game.start,
    }
    for key, weights in (("even", np.ones(n_states)), ("uneven", uneven)):
        mu = weights / weights.sum()
        result[f"reward_at_{key}_mu"] = game.reward(mu)
        result[f"kernel_at_{key}_mu"] = np.asarray(game.kernel(mu) @ direction).reshape(n_states, -1)
    return result
