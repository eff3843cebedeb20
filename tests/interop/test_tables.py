"""What people typed is shown by a spreadsheet and never computed."""

from __future__ import annotations

import pytest

from carelink.services.trace.table import cell


@pytest.mark.parametrize("text", ["=1+1", "+33 6", "-1", "@SUM(A1)", "  =1", "\t=1", "\n=1", "\uff1d1"])
def test_a_formula_is_quoted(text: str) -> None:
    assert cell(text).startswith("'")


@pytest.mark.parametrize("text", ["", "Mme Petit", "Jean-Paul", "l’infirmière", "1 = 1"])
def test_what_is_none_stays(text: str) -> None:
    assert cell(text) == text


def test_a_line_end_does_not_begin_a_row() -> None:
    assert cell("Paul\r\n=1;2") == "Paul  =1;2"
