"""Tasks in threads, for work that NumPy does without holding the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def in_threads(tasks: list[Callable[[], Result]], workers: int) -> list[Result]:
    """The results of the tasks, in their order."""
    if workers == 1:
        return [task() for task in tasks]
    with ThreadPoolExecutor(workers) as pool:
        return [future.result() for future in [pool.submit(task) for task in tasks]]
