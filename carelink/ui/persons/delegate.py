"""Painting a person's row: face, name, since when there is news, how many notes are unread."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from carelink.language import tr
from carelink.records.status import PatientStatus
from carelink.services.circles import CircleSummary
from carelink.services.status_views import status_name
from carelink.ui.persons.model import SUMMARY, news_words, status_words
from carelink.ui.theme import ToneName, current_theme, draw_icon, font, metrics
from carelink.ui.widgets.painting import (
    badge_size,
    chip_size,
    draw_avatar,
    draw_badge,
    draw_box,
    draw_chip,
    draw_text,
)


class PersonDelegate(QStyledItemDelegate):
    """One row; all of one height."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of a row; its width is the list's."""
        lines = QFontMetrics(font("name")).height() + QFontMetrics(font("secondary")).height()
        return QSize(metrics().px(280), max(metrics().px(44), lines) + metrics().gap(26))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint a row."""
        summary = index.data(SUMMARY)
        if not isinstance(summary, CircleSummary):
            return
        theme, gap = current_theme(), metrics().gap
        c = theme.colors
        state = getattr(option, "state", QStyle.StateFlag.State_None)
        rect: QRect = getattr(option, "rect", QRect())
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        if index.row():
            painter.fillRect(QRect(rect.x() + gap(18), rect.y(), rect.width() - gap(36), 1), QColor(c.line))
        if selected or hovered:
            tint = theme.tint("selected")
            inner = QRectF(rect).adjusted(gap(6), 3, -gap(6), -2)
            fill, edge = (tint.soft, tint.edge) if selected else (c.hover, None)
            draw_box(painter, inner, radius=gap(10), fill=fill, edge=edge)
        side = metrics().px(44)
        x, middle = rect.x() + gap(18), rect.y() + rect.height() / 2
        draw_avatar(painter, QRectF(x, middle - side / 2, side, side), summary.name, summary.circle)
        x += side + gap(14)
        right = self._paint_end(painter, rect, summary)
        upper, lower = font("name"), font("secondary")
        first, second = QFontMetrics(upper).height(), QFontMetrics(lower).height()
        top = round(middle - (first + gap(2) + second) / 2)
        room = max(0, right - x)
        draw_text(painter, QRect(x, top, room, first), summary.name, c.ink, upper)
        line = " · ".join(part for part in (born_words(summary), news_words(summary)) if part)
        draw_text(painter, QRect(x, top + first + gap(2), room, second), line, c.ink_2, lower)
        painter.restore()

    def _paint_end(self, painter: QPainter, rect: QRect, summary: CircleSummary) -> int:
        """Paint what stands at the end of a row, and return where it begins."""
        gap = metrics().gap
        middle = rect.y() + rect.height() / 2
        right = rect.right() - gap(16)
        side = metrics().px(18)
        place = QRectF(right - side, middle - side / 2, side, side)
        draw_icon(painter, "chevron-right", place, current_theme().colors.ink_2)
        right -= side + gap(12)
        if summary.unread:
            size = badge_size(summary.unread)
            draw_badge(painter, QPointF(right - size.width(), middle - size.height() / 2), summary.unread)
            right -= size.width() + gap(12)
        for text, icon, tone in chips_of(summary):
            small = font("secondary-strong")
            chip = chip_size(text, icon, small)
            if right - chip.width() < rect.x() + rect.width() * 0.45:
                break
            box = QRectF(right - chip.width(), middle - chip.height() / 2, chip.width(), chip.height())
            draw_chip(painter, box, text, icon, current_theme().tint(tone), small)
            right -= chip.width() + gap(8)
        return right - gap(6)


def chips_of(summary: CircleSummary) -> list[tuple[str, str, ToneName]]:
    """Return what is out of the ordinary: words, icon and tone."""
    chips: list[tuple[str, str, ToneName]] = []
    if summary.alarm:
        chips.append((status_words(summary), "alert-triangle", "urgent"))
    elif summary.state == "left":
        chips.append((status_words(summary), "door", "neutral"))
    elif summary.state == "waiting":
        chips.append((status_words(summary), "hourglass", "caution"))
    if summary.status in {PatientStatus.DECEASED, PatientStatus.LEFT, PatientStatus.HOSPITALISED}:
        words = status_name(summary.status, summary.patient.sex if summary.patient else "")
        chips.append((words, "", "neutral"))
    if summary.unsent:
        chips.append((tr("{n} à envoyer", n=summary.unsent), "clock", "caution"))
    return chips


def born_words(summary: CircleSummary) -> str:
    """Return the birth name where it is not the one in use, as identity needs it said."""
    patient = summary.patient
    if patient is None or not patient.used_name or patient.used_name == patient.birth_name:
        return ""
    return tr("née {name}", name=patient.birth_name) if patient.sex == "F" else patient.birth_name
