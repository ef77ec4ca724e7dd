"""Verdicts as values: what they echo, and how they look."""

from __future__ import annotations

import dataclasses
import math
import re

import pytest

from mfbounds.bounds.symbols import L, R
from mfbounds.verification.check import check
from mfbounds.verification.records import from_line, to_line
from mfbounds.verification.verdict import decades_between

from . import fakes


@pytest.fixture(scope="module")
def verdict():
    """Violated: x = 4/L against 1/L, printed, with a recorded defect."""
    return check(fakes.printed_false(), fakes.two_doors(), tiers=["printed"], L=4)[0]


def test_record_echoes_everything(verdict):
    record = from_line(to_line(verdict.to_record()))
    assert record["kind"] == "verdict"
    assert (record["statement"], record["bound"], record["status"]) == ("FAKE.2", "printed / TV = l1", "violated")
    assert record["case"]["L"] == 4
    assert record["case"]["mu"].tolist() == [0.5, 0.5]
    assert record["parameters"]["L"] == [4]
    assert record["game"] == {
        "name": "two doors",
        "origin": None,
        "n_states": 2,
        "n_actions": 2,
        "gamma": 0.9,
        "eta": 0.1,
    }
    assert set(record["versions"]) == {"mfbounds", "numpy", "scipy", "python"}
    assert record["defects"] == ["F(a)"]


def test_verdict_is_frozen(verdict):
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.status = "holds"


def test_text_names_statement_game_and_finding(verdict):
    assert str(verdict) == "FAKE.2 [printed / TV = l1] on two doors: violated: left 1 +- 1e-15 > right 0.25"


def test_html_and_markdown_show_the_same_rows(verdict):
    page, table = verdict._repr_html_(), verdict.to_markdown()
    labels = re.findall(r"<tr><th>(.*?)</th>", page)
    assert labels == [line.split("|")[1].strip() for line in table.splitlines()[2:]]
    assert "violated" in page
    assert "slack" in labels
    assert "x &lt;" not in page or "<x" not in page


def test_html_escapes_names():
    verdict = check(fakes.statement(fakes.bound(R)), fakes.two_doors().replace(name="<script>"))[0]
    assert "<script>" not in verdict.to_html()


def test_pipes_in_markdown_are_escaped():
    verdict = check(fakes.statement(fakes.bound(8 / L)), fakes.two_doors().replace(name="a|b"))[0]
    assert r"a\|b" in verdict.to_markdown()


@pytest.mark.parametrize(
    ("low", "high", "decades"),
    [
        ((1.0, 0.0, 0.0), (10.0, 0.0, 1.0), 1.0),
        ((0.0, 0.0, -math.inf), (1.0, 0.0, 0.0), math.inf),
        ((1.0, 0.0, 0.0), (0.0, 0.0, -math.inf), -math.inf),
        ((0.0, 0.0, -math.inf), (0.0, 0.0, -math.inf), math.nan),
        ((1e-16, 1e-12, -16.0), (1.0, 0.0, 0.0), math.inf),  # the left side may be zero
        ((1e-16, 1e-12, -16.0), (0.0, 0.0, -math.inf), math.nan),
        ((-0.5, 0.0, math.nan), (0.0, 0.0, -math.inf), math.inf),
        ((1.0, 0.0, 0.0), (math.inf, 0.0, 400.0), 400.0),
        ((0.0, 0.0, -400.0), (1.0, 0.0, 0.0), 400.0),  # underflow is not zero
        ((math.nan, math.inf, math.nan), (1.0, 0.0, 0.0), math.nan),
    ],
)
def test_decades_between(low, high, decades):
    assert decades_between(low, high) == pytest.approx(decades, nan_ok=True)
