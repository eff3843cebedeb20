"""The bundled typeface, and a font for each role a text can play."""

from __future__ import annotations

from functools import cache
from typing import Literal

from PySide6.QtGui import QFont, QFontDatabase

from carelink.errors import BugError
from carelink.resources import read_bytes
from carelink.ui.theme.state import metrics

FAMILY = "Atkinson Hyperlegible Next"
_FILES = ("Regular", "SemiBold", "Bold")

TextRole = Literal[
    "display",
    "title",
    "heading",
    "section",
    "name",
    "body",
    "strong",
    "large",
    "secondary",
    "secondary-strong",
    "small",
    "small-strong",
    "code",
]

_REGULAR, _SEMIBOLD, _BOLD = QFont.Weight.Normal, QFont.Weight.DemiBold, QFont.Weight.Bold
_ROLES: dict[TextRole, tuple[int, QFont.Weight]] = {
    "display": (36, _BOLD),
    "title": (26, _BOLD),
    "heading": (21, _SEMIBOLD),
    "section": (17, _SEMIBOLD),
    "name": (17, _SEMIBOLD),
    "body": (15, _REGULAR),
    "strong": (15, _SEMIBOLD),
    "large": (17, _REGULAR),
    "secondary": (13, _REGULAR),
    "secondary-strong": (13, _SEMIBOLD),
    "small": (12, _REGULAR),
    "small-strong": (12, _SEMIBOLD),
    "code": (34, _SEMIBOLD),
}


@cache
def load_fonts() -> None:
    """Register the bundled faces with Qt; needs a `QGuiApplication`.

    Raises:
        BugError: A bundled file is not a font.
    """
    for face in _FILES:
        data = read_bytes(f"fonts/AtkinsonHyperlegibleNext-{face}.ttf")
        if QFontDatabase.addApplicationFontFromData(data) < 0:
            raise BugError(f"font {face} cannot be read")


def font(role: TextRole = "body", *, tabular: bool = False) -> QFont:
    """Return the font of a role at the scale in force.

    Args:
        role: What the text is there for.
        tabular: Digits of one width, for columns of numbers and times.
    """
    size, weight = _ROLES[role]
    result = QFont(FAMILY)
    result.setPixelSize(metrics().px(size))
    result.setWeight(weight)
    if tabular:
        result.setFeature(QFont.Tag("tnum"), 1)
    return result
