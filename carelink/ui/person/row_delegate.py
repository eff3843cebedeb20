"""Paints a transmission: face, author, words, volet, what sets it apart."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from carelink.services.time_line import EntryView
from carelink.ui.person.moments import today
from carelink.ui.person.row_layout import EDGE, RowLayout, lay_out, read_on, unread_words
from carelink.ui.person.time_line_model import TimeLineModel
from carelink.ui.theme import current_theme, font, metrics
from carelink.ui.widgets.painting import draw_avatar, draw_box, draw_chip, draw_text

KEPT_LAYOUTS = 400
RADIUS = 14


class RowDelegate(QStyledItemDelegate):
    """Measures and paints the rows of a `TimeLineModel`; what was measured is kept."""

    def __init__(self, model: TimeLineModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._kept: OrderedDict[tuple[Any, ...], RowLayout] = OrderedDict()

    def forget(self) -> None:
        """Measure everything anew: the look or the day changed."""
        self._kept.clear()

    def layout(self, row: int, width: int) -> RowLayout:
        """Return a row, measured at a width."""
        entry, day = self._model.entry(row), self._model.day(row)
        first = row == 0 or self._model.day(row - 1) != day
        last = row + 1 == self._model.rowCount() or self._model.day(row + 1) != day
        key = (entry, width, first, last)
        found = self._kept.get(key)
        if found is None:
            found = lay_out(entry, width, day if first else None, last=last, now=today())
            self._kept[key] = found
            if len(self._kept) > KEPT_LAYOUTS:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found

    def opens_at(self, row: int, width: int, point: QPoint) -> bool:
        """Tell whether a point of a row, relative to it, is on its "Lire la suite"."""
        return self.layout(row, width).more.contains(QPointF(point))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of a row at the width of the view."""
        width = option.rect.width()
        return QSize(width, self.layout(index.row(), width).height)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint a row."""
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        entry = self._model.entry(index.row())
        layout = self.layout(index.row(), rect.width())
        painter.save()
        painter.translate(rect.topLeft())
        c = current_theme().colors
        if layout.heading_text:
            draw_text(painter, layout.heading, layout.heading_text, c.ink_2, font("strong"))
        last = layout.height > layout.card.bottom() + 1
        self._surface(painter, entry, layout, state, first=bool(layout.heading_text), last=last)
        draw_avatar(painter, layout.avatar, entry.author.name, entry.author.id)
        draw_text(painter, layout.author, entry.author.name, c.ink, font("strong"))
        draw_text(painter, layout.signature, layout.signature_text, c.ink_2, font("secondary"))
        if entry.unread:
            self._unread(painter, layout)
        self._words(painter, entry, layout)
        theme, chip_font = current_theme(), font("secondary-strong")
        for chip in layout.chips:
            draw_chip(painter, chip.rect, chip.text, chip.icon, theme.tint(chip.tone), chip_font)
        painter.restore()

    def _unread(self, painter: QPainter, layout: RowLayout) -> None:
        c = current_theme().colors
        side = metrics().px(12)
        dot = QRectF(layout.avatar.right() - side + 2, layout.avatar.top() - 2, side, side)
        draw_box(painter, dot, radius=side / 2, fill=c.primary, edge=c.card, width=2)
        if not layout.unread.isNull():
            draw_text(painter, layout.unread, unread_words(), c.primary, font("secondary-strong"))

    def _words(self, painter: QPainter, entry: EntryView, layout: RowLayout) -> None:
        c = current_theme().colors
        painter.save()
        painter.setPen(QColor(c.ink_3 if entry.withdrawn or entry.is_sent_away else c.ink))
        painter.setClipRect(
            QRectF(
                layout.text_at.x(),
                layout.text_at.y(),
                layout.card.width(),
                layout.text_bottom - layout.text_at.y(),
            )
        )
        layout.text.draw(painter, layout.text_at)
        painter.restore()
        if not layout.more.isNull():
            draw_text(painter, layout.more, read_on(), c.primary, font("secondary-strong"))

    def _surface(
        self,
        painter: QPainter,
        entry: EntryView,
        layout: RowLayout,
        state: QStyle.StateFlag,
        *,
        first: bool,
        last: bool,
    ) -> None:
        theme = current_theme()
        c = theme.colors
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = metrics().gap(RADIUS)
        card = layout.card
        # One tall rounded box, of which the row shows its part: neighbours join without a seam.
        box = card.adjusted(0, 0 if first else -3 * radius, 0, 0 if last else 3 * radius)
        shape = QPainterPath()
        width = float(theme.border)
        shape.addRoundedRect(box.adjusted(width / 2, width / 2, -width / 2, -width / 2), radius, radius)
        painter.save()
        painter.setClipRect(card)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        fill = theme.tint("selected").soft if selected else c.hover if hovered else c.card
        painter.fillPath(shape, QColor(fill))
        if entry.urgent and not entry.withdrawn:
            painter.save()
            painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
            painter.fillRect(QRectF(0, card.top(), metrics().gap(EDGE), card.height()), QColor(c.danger))
            painter.restore()
        if not first:
            painter.fillRect(QRectF(0, card.top(), card.width(), 1), QColor(c.line))
        painter.setPen(QPen(QColor(c.line), width))
        painter.drawPath(shape)
        painter.restore()
