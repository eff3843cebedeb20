"""The printed page of a recovery sheet: one side of A4, as a family would keep it."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
)

from carelink.language import tr
from carelink.services.sheets import PageWords, Sheet, page_words
from carelink.ui.theme.fonts import FAMILY

FILE_NAME = "feuille-de-secours-carelink.pdf"
MARGIN_MM = 20.0
_RESOLUTION = 300
_INCH_MM = 25.4
_POINT_MM = _INCH_MM / 72
# A font is measured in whole units: a hundred to the millimetre leave no rounding to be seen.
_UNITS = 100.0
_INK, _SOFT, _LINE = "#1D2733", "#4A5663", "#857D6E"
_ROW_MM = 8.6
_COLUMNS = 2
_MOST_RELAYS = 2
_BY_WORDS = int(Qt.AlignmentFlag.AlignLeft) | int(Qt.TextFlag.TextWordWrap)
_ANYWHERE = int(Qt.AlignmentFlag.AlignLeft) | int(Qt.TextFlag.TextWrapAnywhere)
_ON_LINE = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def page_layout() -> QPageLayout:
    """Return an upright A4 page with room to hold and to file it."""
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    size = QPageSize(QPageSize.PageSizeId.A4)
    return QPageLayout(size, QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter)


def pdf_of(sheet: Sheet) -> bytes:
    """Return the page as a PDF that says nobody's name but on the page itself."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_RESOLUTION)
    writer.setTitle(tr("Feuille de secours CareLink"))
    writer.setCreator("CareLink")
    print_on(writer, sheet)
    buffer.close()
    return bytes(data.data())


def print_on(device: QPagedPaintDevice, sheet: Sheet) -> None:
    """Draw the page on a printer, or in a PDF."""
    device.setPageLayout(page_layout())
    painter = QPainter(device)
    # Millimetres, from the corner of what may be printed on.
    painter.scale(device.logicalDpiX() / _INCH_MM, device.logicalDpiY() / _INCH_MM)
    rect = device.pageLayout().paintRect(QPageLayout.Unit.Millimeter)
    draw_page(painter, QRectF(0, 0, rect.width(), rect.height()), sheet)
    painter.end()


def draw_page(painter: QPainter, area: QRectF, sheet: Sheet) -> float:
    """Draw the page in an area measured in millimetres; return where it ends."""
    return _Page(painter, area).draw(sheet, page_words(sheet))


class _Page:
    """Goes down the page, part by part."""

    def __init__(self, painter: QPainter, area: QRectF) -> None:
        self._painter = painter
        self._area = area
        self._y = area.top()

    def draw(self, sheet: Sheet, said: PageWords) -> float:
        self._say(tr("Feuille de secours"), 24, bold=True)
        self._skip(1)
        self._say(said.account, 14, bold=True)
        self._say(f"{said.made} · CareLink", 10.5, ink=_SOFT)
        self._skip(4)
        self._say(said.what, 12)
        self._skip(5)
        self._words(sheet.words)
        self._skip(6)
        self._relays(said)
        for text in (said.keep, said.use, said.renew):
            self._skip(4)
            self._say(text, 11.5)
        return self._y

    def _words(self, words: tuple[str, ...]) -> None:
        painter, area = self._painter, self._area
        rows = len(words) // _COLUMNS
        height = rows * _ROW_MM + 6
        painter.setPen(QPen(QColor(_LINE), 0.35))
        painter.drawRoundedRect(QRectF(area.left(), self._y, area.width(), height), 3, 3)
        wide = area.width() / _COLUMNS
        for index, word in enumerate(words):
            column, row = divmod(index, rows)
            left = area.left() + column * wide + 8
            top = self._y + 3 + row * _ROW_MM
            self._line(QRectF(left, top, 12, _ROW_MM), f"{index + 1}.", 12, ink=_SOFT)
            self._line(QRectF(left + 12, top, wide - 20, _ROW_MM), word, 16, bold=True)
        self._y += height

    def _relays(self, said: PageWords) -> None:
        self._say(tr("Relais (l’adresse à recopier avec les mots)"), 12, bold=True)
        for relay in said.relays[:_MOST_RELAYS]:
            self._say(relay, 10.5)
        if not said.relays:
            self._say(said.no_relay, 10.5, ink=_SOFT)
            self._skip(8)
            painter, area = self._painter, self._area
            painter.setPen(QPen(QColor(_LINE), 0.35))
            painter.drawLine(QPointF(area.left(), self._y), QPointF(area.right(), self._y))

    def _say(self, text: str, points: float, *, bold: bool = False, ink: str = _INK) -> None:
        font = _font(points, bold=bold)
        room = QRectF(0, 0, self._area.width() * _UNITS, 100_000)
        sizes = QFontMetricsF(font)
        breaks = all(sizes.horizontalAdvance(word) <= room.width() for word in text.split())
        flags = _BY_WORDS if breaks else _ANYWHERE
        height = sizes.boundingRect(room, flags, text).height() / _UNITS
        self._text(QRectF(self._area.left(), self._y, self._area.width(), height + 1), text, font, ink, flags)
        self._y += height

    def _line(self, place: QRectF, text: str, points: float, *, bold: bool = False, ink: str = _INK) -> None:
        self._text(place, text, _font(points, bold=bold), ink, _ON_LINE)

    def _text(self, place: QRectF, text: str, font: QFont, ink: str, flags: int) -> None:
        painter = self._painter
        painter.save()
        painter.translate(place.topLeft())
        painter.scale(1 / _UNITS, 1 / _UNITS)
        painter.setFont(font)
        painter.setPen(QColor(ink))
        painter.drawText(QRectF(0, 0, place.width() * _UNITS, place.height() * _UNITS), flags, text)
        painter.restore()

    def _skip(self, millimetres: float) -> None:
        self._y += millimetres


def _font(points: float, *, bold: bool) -> QFont:
    font = QFont(FAMILY)
    font.setPixelSize(round(points * _POINT_MM * _UNITS))
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font
