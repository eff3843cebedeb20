"""The printed page of a letter: one side of A4 each, all in one document."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QMarginsF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
)

from carelink.language import tr
from carelink.services.letters import LetterPage
from carelink.ui.qr import qr_matrix
from carelink.ui.theme.fonts import FAMILY, load_fonts

PAGE_MM = (210.0, 297.0)
_MARGIN_MM = 22.0
_RESOLUTION = 600
_INCH_MM = 25.4
_POINT_MM = _INCH_MM / 72
# A font is measured in whole units: a hundred to the millimetre leave no rounding to be seen.
_UNITS = 100.0
_INK, _SOFT, _LINE = QColor("#1D2733"), QColor("#4A5663"), QColor("#857D6E")
_QR_MM = 38.0
_SMALLEST = 0.6
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
_ANYWHERE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWrapAnywhere)


def letters_pdf(pages: Sequence[LetterPage]) -> bytes:
    """Return the letters as one PDF, whose title and properties say nobody's name."""
    _application()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_RESOLUTION)
    writer.setTitle(tr("Lettres d’invitation CareLink"))
    writer.setCreator("CareLink")
    none = QMarginsF(0, 0, 0, 0)
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, none)
    )
    painter = QPainter(writer)
    painter.scale(*(_RESOLUTION / _INCH_MM / _UNITS,) * 2)
    for number, page in enumerate(pages):
        if number:
            writer.newPage()
        draw_letter(painter, page)
    painter.end()
    buffer.close()
    return bytes(data.data())


def draw_letter(painter: QPainter, page: LetterPage) -> None:
    """Draw a letter at the painter's origin, in hundredths of a millimetre; long ones in smaller type."""
    size = 1.0
    while _Sheet(None, size).lay(page) > (PAGE_MM[1] - _MARGIN_MM) * _UNITS and size > _SMALLEST:
        size -= 0.05
    _Sheet(painter, size).lay(page)


class _Sheet:
    """Lays a letter from the top down; without a painter it only measures."""

    def __init__(self, painter: QPainter | None, size: float) -> None:
        self._painter, self._size = painter, size
        self._left = _MARGIN_MM * _UNITS
        self._width = (PAGE_MM[0] - 2 * _MARGIN_MM) * _UNITS
        self._y = 18.0 * _UNITS

    def lay(self, page: LetterPage) -> float:
        """Lay the whole letter and return where it ends."""
        self._text(page.sender[0], 11, QFont.Weight.DemiBold)
        for line in page.sender[1:]:
            self._text(line, 11)
        self._gap(10)
        half = self._width / 2
        if page.receiver:
            self._text(page.receiver, 11, QFont.Weight.DemiBold, inset=half)
        self._text(page.date, 11, color=_SOFT, inset=half)
        self._gap(9)
        self._text(page.title, 19, QFont.Weight.Bold)
        self._gap(4)
        for paragraph in page.opening:
            self._text(paragraph, 11.5)
            self._gap(2.5)
        self._gap(3)
        self._code(page)
        self._gap(7)
        self._text(tr("Pour commencer"), 13, QFont.Weight.DemiBold)
        self._gap(2)
        for number, step in enumerate(page.steps, start=1):
            top = self._y
            self._text(f"{number}.", 11.5, QFont.Weight.DemiBold)
            self._y = top
            self._text(step, 11.5, inset=7 * _UNITS)
            self._gap(2)
        self._gap(4)
        for paragraph in page.closing:
            self._text(paragraph, 10.5, color=_SOFT)
        return self._y

    def _code(self, page: LetterPage) -> None:
        """Lay the frame with the code, until when it serves, and the square that says all of it."""
        inset, square = 7 * _UNITS * self._size, _QR_MM * _UNITS * self._size
        top = self._y
        room = square + 2 * inset
        self._y = top + inset
        self._text(tr("Votre code"), 11, color=_SOFT, inset=inset, less=room)
        self._text("\u2002".join(page.code), 27, QFont.Weight.Bold, inset=inset, less=room)
        self._gap(3)
        self._text(page.until, 11, inset=inset, less=room)
        bottom = max(self._y, top + inset + square) + inset
        if self._painter is not None:
            self._painter.setPen(QPen(_LINE, 0.35 * _UNITS))
            self._painter.drawRoundedRect(
                QRectF(self._left, top, self._width, bottom - top), 3 * _UNITS, 3 * _UNITS
            )
            right = self._left + self._width - inset - square
            _draw_square(self._painter, QRectF(right, top + inset, square, square), page.link)
        self._y = bottom

    def _text(
        self,
        text: str,
        points: float,
        weight: QFont.Weight = QFont.Weight.Normal,
        *,
        color: QColor = _INK,
        inset: float = 0.0,
        less: float = 0.0,
    ) -> None:
        """Lay a paragraph; a word too long for a line, such as an address, is broken."""
        font = QFont(FAMILY)
        font.setPixelSize(max(1, round(points * _POINT_MM * _UNITS * self._size)))
        font.setWeight(weight)
        metrics = QFontMetricsF(font)
        width = self._width - inset - less
        for line in text.split("\n"):
            longest = max(map(metrics.horizontalAdvance, line.split(" ")))
            flags = _LEFT if longest <= width else _ANYWHERE
            height = metrics.boundingRect(QRectF(0, 0, width, 1e6), flags, line).height()
            if self._painter is not None:
                self._painter.setFont(font)
                self._painter.setPen(color)
                self._painter.drawText(QRectF(self._left + inset, self._y, width, height), flags, line)
            self._y += height
        self._gap(0.8)

    def _gap(self, millimetres: float) -> None:
        self._y += millimetres * _UNITS * self._size


def _draw_square(painter: QPainter, room: QRectF, text: str) -> None:
    """Draw a QR code, each row in runs."""
    matrix = qr_matrix(text)
    module = room.width() / len(matrix)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#000000"))
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                left, top = room.left() + x * module, room.top() + y * module
                # A little over the next row: a screen would show hair lines between them.
                painter.drawRect(QRectF(left, top, (end - x) * module, module * 1.03))
            x = end + 1
    painter.setBrush(Qt.BrushStyle.NoBrush)


@cache
def _application() -> QCoreApplication:
    """Return what Qt draws text with, without a screen where a command prints."""
    found = QGuiApplication.instance()
    if found is None:
        screenless = sys.platform == "linux" and "QT_QPA_PLATFORM" not in os.environ
        found = QGuiApplication(["carelink", *(["-platform", "offscreen"] if screenless else [])])
    load_fonts()
    return found
