"""Letters on paper: a page each, whatever they say; the document itself names nobody."""

from __future__ import annotations

import re
import zlib

import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from carelink.services.letters import LetterPage
from carelink.ui.letters.pages import PAGE_MM, draw_letter, letters_pdf

DOTS_PER_MM = 2


def page(name: str = "Anne Maurel", *, long: bool = False) -> LetterPage:
    some = "W" * 120 if long else "Claire Martin"
    address = "relais.exemple.fr" + "#" + "ab12" * (60 if long else 16)
    return LetterPage(
        sender=(some, some),
        receiver="M " * 60 if long else name,
        date="Le 22 novembre 2026",
        title="Votre invitation dans CareLink",
        opening=(f"{some} vous invite à rejoindre le cercle de soins de {some}.", "Deux phrases. " * 12),
        code=("ABCD", "EFGH", "JKMN"),
        until="Valable jusqu’au 29 novembre 2026 à 10 h. Ce code ne sert qu’une fois.",
        address=address,
        link=f"carelink://ABCD-EFGH-JKMN@{address}",
        steps=("Installez CareLink.", f"Recopiez le code, puis\n{address}", f"{some} vous demandera " * 3),
        closing=(f"Vous ne connaissez pas {some} ?",),
    )


def image(of: LetterPage) -> QImage:
    drawn = QImage(
        int(PAGE_MM[0] * DOTS_PER_MM), int(PAGE_MM[1] * DOTS_PER_MM), QImage.Format.Format_Grayscale8
    )
    drawn.fill(QColor("white"))
    painter = QPainter(drawn)
    painter.scale(DOTS_PER_MM / 100, DOTS_PER_MM / 100)
    draw_letter(painter, of)
    painter.end()
    return drawn


def ink(drawn: QImage, left: float, top: float, right: float, bottom: float) -> int:
    """Return how many dots of a part of the page, in millimetres, are dark."""
    columns = range(int(left * DOTS_PER_MM), int(right * DOTS_PER_MM))
    rows = range(int(top * DOTS_PER_MM), int(bottom * DOTS_PER_MM))
    return sum(drawn.pixelColor(x, y).lightness() < 128 for x in columns for y in rows)


@pytest.mark.usefixtures("qapp")
class TestPages:
    def test_each_letter_has_a_page_and_the_document_names_nobody(self) -> None:
        names = ("Anne Maurel", "Bruno Maurel", "Zoé Faure")
        data = letters_pdf([page(name) for name in names])
        assert len(re.findall(rb"/Type /Page\b(?!s)", data)) == 3
        streams = re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL)
        plain = [data]
        for stream in streams:
            try:
                plain.append(zlib.decompress(stream))
            except zlib.error:
                plain.append(stream)
        for name in (*names, "Claire"):
            for encoding in ("utf-8", "utf-16-be"):
                assert not any(name.encode(encoding) in part for part in plain)

    @pytest.mark.parametrize("long", [False, True])
    def test_a_letter_stays_within_its_margins(self, long: bool) -> None:
        drawn = image(page(long=long))
        width, height = PAGE_MM
        assert ink(drawn, 0, 0, 20, height) == 0
        assert ink(drawn, width - 20, 0, width, height) == 0
        assert ink(drawn, 0, height - 20, width, height) == 0
        assert ink(drawn, 22, 18, width - 22, height - 22) > 1_000
