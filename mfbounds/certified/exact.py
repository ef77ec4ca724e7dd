"""A game as exact rational numbers, and how its data was read.

A float64 number is the binary rational that it stores. Rows of float64 numbers rarely sum to 1 exactly; every row of a
kernel, a policy or a population is divided by its exact sum, and the reading says by how much the sums were off.
Fractions and texts ("1/3", "0.9") mean what they say, and their rows must sum to 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Self, TypeAlias

import numpy as np
from flint import fmpq, fmpq_mat

from mfbounds.errors import InputError, NotCertifiableError
from mfbounds.games.affine import AffineGame
from mfbounds.games.game import MeanFieldGame

Rationals: TypeAlias = tuple[fmpq, ...]
MAX_STATES = 32  # beyond it, exact arithmetic on whole kernels takes too long


@dataclass(frozen=True, eq=False, kw_only=True)
class ExactGame:
    """A game affine in mu (or independent of it) in rational numbers.

    Attributes:
        n_states, n_actions: S and A.
        kernels: one (S*A, S) matrix a vertex of the simplex; a single one when mu plays no role.
        rewards: likewise (S*A, 1), reward units.
        gamma, eta: discount factor and temperature.
        restart, start: nu and mu0, S numbers each.
        reward_range: (r_min, r_max).
        reading: in words, how the data was read.
    """

    n_states: int
    n_actions: int
    kernels: tuple[fmpq_mat, ...]
    rewards: tuple[fmpq_mat, ...]
    gamma: fmpq
    eta: fmpq
    restart: Rationals
    start: Rationals
    reward_range: tuple[fmpq, fmpq]
    reading: str

    @property
    def interacts(self) -> bool:
        """Whether mu plays a role in the kernel or in the reward."""
        return len(self.kernels) > 1 or len(self.rewards) > 1


class RationalGame(AffineGame):
    """An `AffineGame` given by fractions or texts, which certified verdicts take exactly.

    Everything else works with the nearest float64 numbers, which is also what a file keeps of it.

    Args:
        kernels, rewards, gamma, eta, restart, start, name: as for `AffineGame`, of integers, `fractions.Fraction`, texts
            ("1/3", "0.9"), or floats, each meaning the binary rational that it stores.

    Raises:
        InputError: an entry is no rational number, or not 0 and yet 0 as a float64 number; or the exact sum of a row is
            not 1.

    Example:
        >>> doors = [[["9/10", "1/10"], ["1/10", "9/10"]]] * 2
        >>> game = RationalGame(doors, [["1/3", 0], [0, 0]], gamma="9/10", eta="0.1")
        >>> game.exact.gamma, game.exact.rewards[0][0, 0], game.gamma
        (9/10, 1/3, 0.9)
    """

    exact: ExactGame

    def __init__(
        self,
        kernels: Any,
        rewards: Any,
        *,
        gamma: Any,
        eta: Any,
        restart: Any = None,
        start: Any = None,
        name: str = "",
    ) -> None:
        given = {"kernels": rationals(kernels, "kernels"), "rewards": rationals(rewards, "rewards")}
        discount, temperature = rational(gamma, "gamma"), rational(eta, "eta")
        laws = {"restart": restart, "start": start}
        read = {key: None if law is None else rationals(law, key) for key, law in laws.items()}
        for key, rows in {"kernels": given["kernels"], **read}.items():
            if rows is not None:
                _check_sums(rows, key)
        super().__init__(
            _floats(given["kernels"], "kernels"),
            _floats(given["rewards"], "rewards"),
            gamma=_float(discount, "gamma"),
            eta=_float(temperature, "eta"),
            name=name,
            **{key: None if law is None else _floats(law, key) for key, law in read.items()},
        )
        n = self.n_states
        uniform = (fmpq(1, n),) * n
        values = given["rewards"].ravel()
        exact = ExactGame(
            n_states=n,
            n_actions=self.n_actions,
            kernels=_matrices(given["kernels"], 3, n * self.n_actions, n),
            rewards=_matrices(given["rewards"], 2, n * self.n_actions, 1),
            gamma=discount,
            eta=temperature,
            restart=uniform if read["restart"] is None else tuple(read["restart"]),
            start=uniform if read["start"] is None else tuple(read["start"]),
            reward_range=(min(values), max(values)),
            reading="rational numbers as given",
        )
        object.__setattr__(self, "exact", exact)

    def replace(self, **changes: Any) -> Self:
        found: dict[str, Any] = {key: rational(changes[key], key) for key in ("gamma", "eta") if key in changes}
        game = super().replace(**{**changes, **{key: _float(number, key) for key, number in found.items()}})
        found |= {key: distribution(getattr(game, key)) for key in ("restart", "start") if key in changes}
        object.__setattr__(game, "exact", replace(self.exact, **found))
        return game


def read(game: MeanFieldGame) -> ExactGame:
    """The game in rational numbers.

    Raises:
        NotCertifiableError: its kernel or its reward is code, or it has more than `MAX_STATES` states.
    """
    if game.n_states > MAX_STATES:
        raise NotCertifiableError(
            f"S == {game.n_states}, must be <= {MAX_STATES}: exact arithmetic would take too long"
        )
    if isinstance(game, RationalGame):
        return game.exact
    kernels, rewards = _parts(game)
    n, n_rows = game.n_states, game.n_states * game.n_actions
    rows = [[_normalised(row) for row in kernel.reshape(n_rows, n)] for kernel in kernels]
    off = max(abs(total - 1) for kernel in rows for _, total in kernel)
    how = (
        f"; rows of the kernel divided by their exact sums, off by up to {float(Fraction(int(off.p), int(off.q))):.1e}"
    )
    low, high = map(binary, game.reward_range)
    return ExactGame(
        n_states=n,
        n_actions=game.n_actions,
        kernels=tuple(fmpq_mat(n_rows, n, [x for row, _ in kernel for x in row]) for kernel in rows),
        rewards=tuple(fmpq_mat(n_rows, 1, [binary(x) for x in reward.ravel()]) for reward in rewards),
        gamma=binary(game.gamma),
        eta=binary(game.eta),
        restart=distribution(game.restart),
        start=distribution(game.start),
        reward_range=(low, high),
        reading="float64 numbers as the binary rationals that they store" + (how if off else ""),
    )


def _parts(game: MeanFieldGame) -> tuple[list[Any], list[Any]]:
    """Kernels and rewards as dense arrays: one, or one a vertex."""
    found: list[list[Any]] = []
    for part in ("kernel", "reward"):
        fixed: Any = getattr(game, f"fixed_{part}")
        vertices: Any = getattr(game, f"vertex_{part}s", None)
        if fixed is None and vertices is None:
            raise NotCertifiableError(
                f"{part} of {game!r} == code, must be data: give the game by its vertices (AffineGame) to certify it"
            )
        values: list[Any] = list(vertices) if fixed is None else [fixed]
        found.append([_dense(value) for value in values])
    return found[0], found[1]


def _dense(array: Any) -> Any:
    return array.toarray() if hasattr(array, "toarray") else array


def binary(value: float) -> fmpq:
    """A float64 number as the rational that it stores."""
    return fmpq(*float(value).as_integer_ratio())


def distribution(law: Iterable[float]) -> Rationals:
    """A row of float64 numbers divided by its exact sum."""
    return _normalised(law)[0]


def _normalised(law: Iterable[float]) -> tuple[Rationals, fmpq]:
    numbers = [binary(value) for value in law]
    total = sum(numbers, fmpq(0))
    return tuple(numbers) if total == 1 else tuple(number / total for number in numbers), total


def rational(value: Any, name: str) -> fmpq:
    """A rational number from an integer, a fraction, a text such as "1/3" or "0.9", or a float (what it stores)."""
    if isinstance(value, fmpq):
        return value
    try:
        if isinstance(value, bool):
            raise TypeError
        fraction = Fraction(str(value)) if isinstance(value, str) else Fraction(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        raise InputError(f"{name} == {value!r}, must be a rational number: an integer, a fraction, or a text") from None
    return fmpq(fraction.numerator, fraction.denominator)


def rationals(values: Any, name: str) -> Any:
    """An array (dtype object) of rational numbers from nested sequences."""
    array = np.array(values, dtype=object)
    result = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        result[place] = rational(array[place], f"{name}{list(place)}")
    return result


def _check_sums(array: Any, name: str) -> None:
    for place in np.ndindex(array.shape[:-1]):
        total = sum(array[place], fmpq(0))
        if total != 1:
            raise InputError(
                f"{name}{list(place) or ''}.sum() == {total}, must be 1 exactly: rational data is not repaired"
            )


def _matrices(array: Any, single: int, rows: int, columns: int) -> tuple[fmpq_mat, ...]:
    parts: Sequence[Any] = [array] if array.ndim == single else list(array)
    return tuple(fmpq_mat(rows, columns, list(part.ravel())) for part in parts)


def _float(value: fmpq, name: str) -> float:
    """The nearest float64 number; what is not 0 must not become 0, which statements tell apart."""
    number = float(Fraction(int(value.p), int(value.q)))
    if number == 0.0 and value != 0:
        raise InputError(f"{name} == 0.0 in float64, must be 0 or at least 5e-324 in size: give 0, or a larger number")
    return number


def _floats(array: Any, name: str) -> Any:
    result = np.empty(array.shape)
    for place in np.ndindex(array.shape):
        result[place] = _float(array[place], f"{name}{list(place)}")
    return result
