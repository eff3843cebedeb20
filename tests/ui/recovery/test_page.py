"""The page that is printed: everything on one side, and nobody's name where nobody looks."""

from __future__ import annotations

import re

from PySide6.QtCore import QBuffer, QRectF, QSizeF
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication

from carelink.crypto.recovery import new_words
from carelink.services.sheets import Sheet
from carelink.ui.recovery.page import FILE_NAME, draw_page, pdf_of

WIDE, HIGH = 170.0, 257.0
RELAY = "https://relais.exemple.fr#ABCD-EFGH-JKMN-PQRS"


def sheet(*relays: str, name: str = "Jeanne Moreau-Chassagne") -> Sheet:
    return Sheet("ab" * 16, name, 1_800_000_000_000, new_words(), relays)


def drawn(page: Sheet) -> tuple[list[str], float]:
    """Return the lines of text drawn, and where the page ends in millimetres."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setViewBox(QRectF(0, 0, WIDE, HIGH))
    generator.setSize(QSizeF(WIDE, HIGH).toSize())
    painter = QPainter(generator)
    end = draw_page(painter, QRectF(0, 0, WIDE, HIGH), page)
    painter.end()
    found = re.findall(r"<text[^>]*>([^<]*)</text>", bytes(buffer.data().data()).decode())
    return [line.strip() for line in found], end


def test_every_word_stands_beside_its_number(qapp: QApplication) -> None:
    page = sheet(RELAY)
    lines, _ = drawn(page)
    for number, word in enumerate(page.words, 1):
        assert lines[lines.index(f"{number}.") + 1] == word
    said = " ".join(lines)
    for words in ("Feuille de secours", page.name, "15/01/2027", RELAY, "acte notarié"):
        assert words in said


def test_it_keeps_to_one_side_with_long_names_and_many_relays(qapp: QApplication) -> None:
    crowded = sheet(*(f"https://{'relais-' * 12}{n}.fr#{'ABCD-' * 10}" for n in range(5)), name="W" * 120)
    for page in (sheet(), crowded):
        _, end = drawn(page)
        assert HIGH / 2 < end <= HIGH


def test_the_file_says_whose_it_is_on_the_page_alone(qapp: QApplication) -> None:
    page = sheet(RELAY)
    data = pdf_of(page)
    assert data.startswith(b"%PDF")
    for part in ("Jeanne", "Moreau", "Chassagne"):
        for coded in (part.encode(), part.encode("utf-16-be")):
            assert coded not in data
    assert "Feuille de secours CareLink".encode("utf-16-be") in data
    assert "moreau" not in FILE_NAME
