"""The pytest plugin: does nothing in a run that records no verdict."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--report-dir``."""
    group = parser.getgroup("mfbounds", "verdicts of mfbounds")
    group.addoption("--report-dir", default=None, help="write the report of all recorded verdicts into this folder")
