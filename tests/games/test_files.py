"""Files: what goes in comes back, and what is no game of ours is refused in words."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from mfbounds.errors import FileFormatError, InputError
from mfbounds.games import catalogue, files
from mfbounds.games.affine import AffineGame
from mfbounds.games.catalogue import Entry
from mfbounds.games.crowd import crowd_grid, four_rooms
from mfbounds.games.game import MeanFieldGame, Origin, from_functions
from mfbounds.games.islands import two_islands
from mfbounds.games.random import families, garnet, random_game, two_doors


def assert_same(game: MeanFieldGame, other: MeanFieldGame) -> None:
    assert type(game) is type(other)
    for key in ("gamma", "eta", "name", "origin", "reward_range", "declared"):
        assert getattr(game, key) == getattr(other, key), key
    assert dict(game.layout) == dict(other.layout)
    np.testing.assert_array_equal(game.start, other.start)
    np.testing.assert_array_equal(game.restart, other.restart)
    rng = np.random.default_rng(0)
    for mu in [np.eye(game.n_states)[0], rng.dirichlet(np.ones(game.n_states))]:
        np.testing.assert_array_equal(game.reward(mu), other.reward(mu))
        kernels = [k if isinstance(k, np.ndarray) else k.toarray() for k in (game.kernel(mu), other.kernel(mu))]
        np.testing.assert_array_equal(*kernels)


def rewrite(path: Path, **changes: object) -> None:
    """Changes entries of the header (or drops arrays that are given as None)."""
    with np.load(path) as file:
        arrays = dict(file)
    header = json.loads(str(arrays["header"]))
    for key, value in changes.items():
        if key in arrays:
            arrays.pop(key) if value is None else arrays.__setitem__(key, value)
        else:
            header[key] = value
    arrays["header"] = np.array(json.dumps(header))
    np.savez(path, **arrays)


@pytest.mark.parametrize(
    "game",
    [
        *(random_game(family, 2) for family in families()),
        *(garnet(seed=1, n_states=6, sparse=sparse) for sparse in (True, False)),
        *(garnet(seed=1, n_states=6, coupling=coupling, sparse=True) for coupling in ("kernel", "reward", "none")),
        two_doors(attraction=-2.0),
        two_doors().replace(gamma=0.3, eta=2.0, start=[0.25, 0.75], name="other"),
        AffineGame(np.ones((1, 1, 1)), np.zeros((1, 1)), gamma=0.0, eta=1.0),
        crowd_grid(target=(4, 4), crowding="next"),
        crowd_grid(kappa=0.0, start=(0, 1)).replace(eta=0.7, restart=np.eye(22)[3]),
        four_rooms(size=21),
        two_islands(seed=3, topology="ring"),
    ],
    ids=lambda game: game.name,
)
def test_round_trip(game: MeanFieldGame, tmp_path: Path) -> None:
    path = files.save(game, tmp_path / "game.npz")
    assert_same(game, files.load(path))
    assert_same(game, files.load(str(path)))
    assert [entry.name for entry in tmp_path.iterdir()] == ["game.npz"]


def test_a_game_of_functions_cannot_be_saved(tmp_path: Path) -> None:
    options = {"n_states": 2, "n_actions": 1, "gamma": 0.5, "eta": 1.0, "reward_range": (0.0, 1.0)}
    for origin in (None, Origin("mine.py:game", {})):
        game = from_functions(np.full((2, 1, 2), 0.5), lambda mu: mu[:, None], **options, origin=origin)
        with pytest.raises(InputError, match="functions of mu cannot be stored"):
            files.save(game, tmp_path / "game.npz")
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.save(two_doors(), tmp_path / "game.npz")
    before = path.read_bytes()

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "disk full")))
        with pytest.raises(InputError, match="disk full"):
            files.save(two_doors(gamma=0.1), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("path", ["game", "game.pkl", 3, None])
def test_paths_must_end_in_npz(path: object) -> None:
    for call in (files.load, lambda p: files.save(two_doors(), p)):
        with pytest.raises(InputError, match=r"ends in \.npz"):
            call(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is none"):
        files.load(tmp_path / "game.npz")


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    whole = files.save(two_doors(), tmp_path / "whole.npz").read_bytes()
    path = tmp_path / "part.npz"
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(FileFormatError):
            files.load(path)


def test_flipped_bytes_are_noticed_or_harmless(tmp_path: Path) -> None:
    game = two_doors()
    whole = files.save(game, tmp_path / "whole.npz").read_bytes()
    path = tmp_path / "flipped.npz"
    for place in range(0, len(whole), 5):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            loaded = files.load(path)
        except FileFormatError:
            continue
        assert_same(game, loaded)  # the byte was one that readers of zip files skip


def test_foreign_files(tmp_path: Path) -> None:
    path = tmp_path / "foreign.npz"
    np.savez(path, values=np.ones(3))
    with pytest.raises(FileFormatError, match="no header"):
        files.load(path)
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(FileFormatError):
        files.load(path)
    with path.open("wb") as file:
        np.save(file, np.ones(3))
    with pytest.raises(FileFormatError):
        files.load(path)
    np.savez(path, header=np.array([{"format": "mfbounds game"}], dtype=object))
    with pytest.raises(FileFormatError):
        files.load(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 99}, "version 99"),
        ({"format": "mfbounds run"}, "'mfbounds run'"),
        ({"gamma": 1.5}, "gamma == 1.5"),
        ({"gamma": None}, "gamma"),
        ({"origin": ["two_doors"]}, "valid game"),
        ({"kind": "factory", "origin": ["os.system", {}]}, "not one of mfbounds.games"),
        ({"kind": "factory", "origin": ["/tmp/evil.py:run", {}]}, "not one of mfbounds.games"),
        ({"kind": "factory", "origin": ["two_doors", {"doors": 3}]}, "doors"),
        ({"kind": "factory", "origin": None}, "valid game"),
        ({"rewards": None}, "rewards"),
        ({"rewards": np.ones((3, 3))}, "rewards.shape"),
        ({"kernels": np.ones((2, 2, 2))}, "must be 1"),
        ({"start": np.array([np.nan, 1.0])}, "must be finite"),
    ],
)
def test_contents_are_checked(changes: dict, message: str, tmp_path: Path) -> None:
    path = files.save(two_doors(), tmp_path / "game.npz")
    rewrite(path, **changes)
    with pytest.raises(FileFormatError, match=message):
        files.load(path)


@pytest.mark.parametrize("key", ["kernels_data", "kernels_indices", "kernels_indptr", "kernels_vertices"])
def test_damaged_sparse_kernels(key: str, tmp_path: Path) -> None:
    path = files.save(garnet(seed=1, n_states=6, sparse=True), tmp_path / "game.npz")
    rewrite(path, **{key: np.array(-5) if key == "kernels_vertices" else np.array([7, 1, 2])})
    with pytest.raises(FileFormatError):
        files.load(path)


def test_a_changed_factory_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.save(crowd_grid(), tmp_path / "game.npz")
    for change, message in [
        ({"slip": 0.2}, "kernel"),
        ({"kappa": 0.21}, "parameters"),
        ({"start": "uniform"}, "start"),
    ]:

        def changed(change=change, **arguments: object) -> MeanFieldGame:
            return crowd_grid(**{**arguments, **change})

        entry = Entry(factory=changed, kind="", summary="", theory="", source="")
        monkeypatch.setattr(catalogue, "catalogue", lambda entry=entry: {"crowd_grid": entry})
        with pytest.raises(FileFormatError, match=f"another {message}"):
            files.load(path)
