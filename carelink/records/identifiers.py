"""National numbers of people, and what their keys say."""

from __future__ import annotations

import re
from typing import Final

_INS: Final = re.compile(r"[1-478]\d{4}(?:\d\d|2A|2B)\d{8}")
# Department letters count as these in the key (INSEE).
_CORSICA: Final = {"2A": "19", "2B": "18"}
_RPPS_DIGITS: Final = 11


def plain_number(text: str) -> str:
    """Return a number as it is compared: no spaces, dots or dashes, letters in upper case."""
    return re.sub(r"[\s.\-]", "", text).upper()


def is_ins(number: str) -> bool:
    """Tell whether a plain number is an INS matricule, NIR or NIA: thirteen characters and their key."""
    if not _INS.fullmatch(number):
        return False
    department = number[5:7]
    digits = number[:5] + _CORSICA.get(department, department) + number[7:]
    return 97 - int(digits[:13]) % 97 == int(digits[13:])


def is_rpps_length(number: str) -> bool:
    """Tell whether a plain number has the eleven digits of an RPPS number."""
    return len(number) == _RPPS_DIGITS and number.isascii() and number.isdecimal()


def is_rpps(number: str) -> bool:
    """Tell whether a plain number is an RPPS number: eleven digits, the last one Luhn's key of the others."""
    if not is_rpps_length(number):
        return False
    total = 0
    for place, digit in enumerate(map(int, reversed(number))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
