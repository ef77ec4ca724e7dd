"""Which kind of game a function takes."""

from __future__ import annotations

from typing import Any

from mfbounds.errors import InputError
from mfbounds.games.dynamic.finite_horizon import FiniteHorizonGame
from mfbounds.games.dynamic.game import DynamicGame
from mfbounds.games.game import MeanFieldGame

ELSEWHERE = "n_player_exploitability, or the functions of mfbounds.mdp.finite_horizon with symmetry.induced_game"


def check_mean_field(game: Any, instead: str = ELSEWHERE) -> None:
    """Raises `InputError` unless `game` is a `MeanFieldGame`; `instead` names what serves N players or a finite horizon.

    Example:
        >>> check_mean_field("sis")
        Traceback (most recent call last):
        mfbounds.errors.InputError: game == 'sis', must be a MeanFieldGame: mfbounds.games.build makes one by name
    """
    if isinstance(game, MeanFieldGame):
        return
    why = ""
    if isinstance(game, str):
        why = ": mfbounds.games.build makes one by name"
    elif isinstance(game, DynamicGame | FiniteHorizonGame):
        why = f": for N players or a finite horizon use {instead}"
    raise InputError(f"game == {game!r}, must be a MeanFieldGame{why}")
