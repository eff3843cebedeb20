"""National numbers are taken only where their key holds."""

from __future__ import annotations

import pytest

from carelink.records.identifiers import is_ins, is_rpps, plain_number


@pytest.mark.parametrize(
    "text", ["2 62 08 75 032 039 77", "163127847704294", "1 89 12 75 125 012 82", "2 38 04 2A 004 123 62"]
)
def test_a_matricule_whose_key_holds(text: str) -> None:
    assert is_ins(plain_number(text))


@pytest.mark.parametrize(
    "text",
    ["", "262087503203978", "26208750320397", "1,38041E+14", "23804 2A00412363", "²62087503203977"],
)
def test_a_matricule_whose_key_does_not(text: str) -> None:
    assert not is_ins(plain_number(text))


def test_one_wrong_digit_is_always_seen() -> None:
    good = "262087503203977"
    for place in range(len(good)):
        for digit in "0123456789":
            if digit != good[place]:
                assert not is_ins(good[:place] + digit + good[place + 1 :])


def test_an_rpps_number_ends_in_its_key() -> None:
    assert is_rpps("99700218896")
    for number in ("99700218897", "9970021889", "997002188960", "9970021889x", "٩٩٧٠٠٢١٨٨٩٦"):
        assert not is_rpps(number)
