"""Where each part of a transmission stands in its row: a pure function of its words and the width."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF, QTextLayout, QTextOption

from carelink.language import tr
from carelink.services.time_line import EntryView
from carelink.services.wording import entry_kind_name
from carelink.ui.person.moments import day_heading
from carelink.ui.person.words import correction, entry_text, signature
from carelink.ui.theme import ToneName, font, metrics
from carelink.ui.widgets.painting import chip_size
from carelink.ui.widgets.volets import NOTE_CODES, volet_look

EDGE = 5
FOLD_LINES = 8
FOLDED_LINES = 6
# A page of text at most is laid out; the rest is a click away.
FOLD_CHARACTERS = 1800
LINE_HEIGHT = 1.12
_KIND_ICONS = {
    "instruction": "notes",
    "advice_request": "help-circle",
    "intervention": "walk",
    "news": "heart",
    "observation": "file-text",
}


@dataclass(frozen=True, slots=True)
class PlacedChip:
    """A chip with its place; relative to the row, as all rectangles here."""

    rect: QRectF
    text: str
    icon: str
    tone: ToneName


@dataclass(frozen=True, slots=True)
class RowLayout:
    """A row, measured.

    Attributes:
        heading: Words and place of the day above, where the row opens one.
        card: The surface of this transmission.
        text: The transmission, laid out; drawn at `text_at`.
        unread: Place of the words "Non lue", null where they do not fit or do not apply.
        more: Place of "Lire la suite", where the text is folded.
    """

    height: int
    heading_text: str
    heading: QRectF
    card: QRectF
    avatar: QRectF
    author: QRectF
    signature_text: str
    signature: QRectF
    unread: QRectF
    text: QTextLayout
    text_at: QPointF
    text_bottom: float
    more: QRectF
    chips: tuple[PlacedChip, ...]


def volet_chip(code: str) -> tuple[str, str, ToneName]:
    """Return name, icon and tone of a volet."""
    look = volet_look(next(known for known in NOTE_CODES if known == code))
    return look.name, look.icon, look.tone


def mark_chips(entry: EntryView) -> list[tuple[str, str, ToneName]]:
    """Return what sets a transmission apart as chips: words, icon, tone."""
    chips: list[tuple[str, str, ToneName]] = []
    if entry.urgent and not entry.withdrawn:
        chips.append((tr("Urgent"), "alert-triangle", "urgent"))
    if entry.is_signal and not entry.author.mine:
        if entry.taken_by:
            words = tr("Pris en charge par {name}", name=entry.taken_by)
            chips.append((words, "circle-check", "success"))
        else:
            chips.append((tr("À prendre en charge"), "hourglass", "caution"))
    if entry.kind != "note":
        words = entry_kind_name(entry.kind)
        chips.append((words[:1].upper() + words[1:], _KIND_ICONS.get(entry.kind, "notes"), "neutral"))
    if entry.parallel:
        chips.append((tr("Deux versions écrites en parallèle"), "alert-circle", "caution"))
    if entry.amended and not entry.withdrawn:
        chips.append((correction(entry), "history", "neutral"))
    if entry.pending:
        chips.append((tr("Pas encore envoyée"), "clock", "caution"))
    return chips


def lay_out(
    entry: EntryView, width: int, heading: datetime.date | None, *, last: bool, now: datetime.date
) -> RowLayout:
    """Measure a row.

    Args:
        entry: What it shows.
        width: Of the whole row.
        heading: The day that it opens, or None.
        last: Whether the card ends with it.
        now: Today.
    """
    gap, px = metrics().gap, metrics().px
    top, words, place = 0.0, "", QRectF()
    if heading is not None:
        words = day_heading(heading, now)
        tall = QFontMetricsF(font("strong")).height()
        place = QRectF(0, gap(2), width, tall)
        top = tall + gap(10)
    side, pad = gap(18), gap(14)
    face = px(36)
    left = side + face + gap(10)
    right = width - side
    y = top + pad
    chip_font = font("secondary-strong")
    name_metrics = QFontMetricsF(font("strong"))
    name_wide = name_metrics.horizontalAdvance(entry.author.name) + 2
    volet = volet_chip(entry.compartment)
    volet_size = QSizeF(chip_size(volet[0], volet[1], chip_font))
    beside = left + min(name_wide, px(140)) + gap(12) + volet_size.width() <= right
    first_right = right - volet_size.width() - gap(12) if beside else right
    name_line = max(name_metrics.height(), volet_size.height() if beside else 0)
    author = QRectF(left, y, min(name_wide, first_right - left), name_line)
    said = signature(entry, now)
    said_metrics = QFontMetricsF(font("secondary"))
    said_wide = said_metrics.horizontalAdvance(said) + 2
    if author.right() + gap(8) + said_wide <= first_right:
        said_at = QRectF(author.right() + gap(8), y, said_wide, name_line)
        y += name_line
    else:
        y += name_line
        said_at = QRectF(left, y, min(said_wide, right - left), said_metrics.height())
        y += said_at.height()
    chips = []
    if beside:
        chips.append(PlacedChip(QRectF(QPointF(right - volet_size.width(), top + pad), volet_size), *volet))
    y += gap(4)
    text, tall, folded = _text(entry, right - left)
    text_at = QPointF(left, y)
    y += tall
    more = QRectF()
    if folded:
        link = QFontMetricsF(font("secondary-strong"))
        more = QRectF(left, y + gap(2), link.horizontalAdvance(read_on()) + 2, link.height() + gap(6))
        y = more.bottom()
    flowing = ([] if beside else [volet]) + mark_chips(entry)
    placed, below = _flow(flowing, QRectF(left, y, right - left, 0))
    chips += placed
    y = max(below, top + pad + face) + pad
    card = QRectF(0, top, width, y - top)
    return RowLayout(
        height=round(y) + (gap(16) if last else 0),
        heading_text=words,
        heading=place,
        card=card,
        avatar=QRectF(side, top + pad + gap(1), face, face),
        author=author,
        signature_text=said,
        signature=said_at,
        unread=_unread_place(entry, said_at, first_right if beside else right),
        text=text,
        text_at=text_at,
        text_bottom=text_at.y() + tall,
        more=more,
        chips=tuple(chips),
    )


def read_on() -> str:
    """Return the words that unfold a long text."""
    return tr("Lire la suite")


def unread_words() -> str:
    """Return what stands beside a transmission that was never shown."""
    return tr("Non lue")


def _unread_place(entry: EntryView, after: QRectF, right: float) -> QRectF:
    if not entry.unread:
        return QRectF()
    wide = QFontMetricsF(font("secondary-strong")).horizontalAdvance(unread_words()) + 2
    x = after.right() + metrics().gap(10)
    return QRectF(x, after.y(), wide, after.height()) if x + wide <= right else QRectF()


def _flow(chips: list[tuple[str, str, ToneName]], room: QRectF) -> tuple[list[PlacedChip], float]:
    """Place chips in rows from the top of `room`; return them and where they end."""
    if not chips:
        return [], room.top()
    gap, chip_font = metrics().gap, font("secondary-strong")
    placed = []
    x, y, tall = room.left(), room.top() + gap(8), 0.0
    for label, icon, tone in chips:
        size = QSizeF(chip_size(label, icon, chip_font))
        size.setWidth(min(size.width(), room.width()))
        if x > room.left() and x + size.width() > room.right():
            x, y = room.left(), y + tall + gap(6)
        placed.append(PlacedChip(QRectF(QPointF(x, y), size), label, icon, tone))
        x, tall = x + size.width() + gap(8), size.height()
    return placed, y + tall


def _text(entry: EntryView, width: float) -> tuple[QTextLayout, float, bool]:
    words = entry_text(entry)
    shown = words[:FOLD_CHARACTERS]
    layout = QTextLayout(shown.replace("\n", "\u2028"), font("body"))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    line_height = round(QFontMetricsF(font("body")).lineSpacing() * LINE_HEIGHT)
    layout.beginLayout()
    count = 0
    while count <= FOLD_LINES:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(1.0, width))
        line.setPosition(QPointF(0, count * line_height))
        count += 1
    layout.endLayout()
    folded = count > FOLD_LINES or len(words) > len(shown)
    return layout, float((FOLDED_LINES if count > FOLD_LINES else count) * line_height), folded
