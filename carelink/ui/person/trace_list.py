"""The accesses to a file as a list: who, as what, what they did, at what time."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from carelink.access.compartments import COMPARTMENT_STREAMS, Stream
from carelink.language import tr
from carelink.records.bodies import TraceAction
from carelink.services.trace.words import act_words
from carelink.ui.person.trace_model import TraceModel, TraceRow, Visit
from carelink.ui.theme import current_theme, draw_icon, font, metrics, on_theme
from carelink.ui.widgets import VOLET_CODES, volet_look
from carelink.ui.widgets.painting import draw_avatar, draw_box, draw_text

_Index = QModelIndex | QPersistentModelIndex
_VOLETS = (*COMPARTMENT_STREAMS, Stream.TRACE)
_ICON = 16
_SIDE = 36
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)


class _Rows(QStyledItemDelegate):
    """Paints rows; of each kind there is one height at a width."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view
        self._heights: dict[tuple[int, bool], int] = {}

    def forget(self) -> None:
        """Measure anew: the theme or the text size changed."""
        self._heights.clear()

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:
        model, width = index.model(), self._view.viewport().width()
        visit = isinstance(model, TraceModel) and model.row(index.row()).visit is not None
        height = self._heights.get((width, visit))
        if height is None:
            height = self._heights[width, visit] = self._height(width, visit=visit)
        return QSize(metrics().px(200), height)

    def _height(self, width: int, *, visit: bool) -> int:
        bold, plain = QFontMetrics(font("strong")).height(), QFontMetrics(font("secondary")).height()
        if not visit:
            return bold + metrics().gap(22)
        words = bold + metrics().gap(2) + plain * self._lines(width)
        return max(words, metrics().px(_SIDE)) + metrics().gap(20)

    def _lines(self, width: int) -> int:
        """Return how many lines the longest act takes, so that none is cut."""
        longest = act_words(TraceAction.OPENED, _VOLETS)
        room = width - self._left() - len(_VOLETS) * self._icon_step() - metrics().gap(8)
        fm = QFontMetrics(font("secondary"))
        place = QRect(0, 0, max(1, room), 10_000)
        return max(1, round(fm.boundingRect(place, _WRAPPED, longest).height() / fm.height()))

    def _left(self) -> int:
        return metrics().px(_SIDE) + metrics().gap(20)

    def _icon_step(self) -> int:
        return metrics().px(_ICON) + metrics().gap(6)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        if not isinstance(model, TraceModel):
            return
        row, rect = model.row(index.row()), option.rect
        c = current_theme().colors
        if row.visit is None:
            bottom = QFontMetrics(font("strong")).height() + metrics().gap(6)
            pad = metrics().gap(8)
            place = QRect(rect.x() + pad, rect.bottom() - bottom, rect.width() - pad, bottom)
            draw_text(painter, place, row.sentence(), c.ink_2, font("strong"))
            return
        reached = QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_MouseOver
        if option.state & reached:
            fill = c.hover
            if option.state & QStyle.StateFlag.State_HasFocus:
                fill = current_theme().tint("selected").soft
            draw_box(painter, rect, radius=metrics().gap(10), fill=fill)
        else:
            painter.fillRect(QRect(rect.x(), rect.y(), rect.width(), 1), QColor(c.line))
        self._visit(painter, rect, row, row.visit)

    def _visit(self, painter: QPainter, rect: QRect, row: TraceRow, visit: Visit) -> None:
        c, sizes = current_theme().colors, metrics()
        pad, side = sizes.gap(8), sizes.px(_SIDE)
        person = visit.person
        top = rect.y() + sizes.gap(10)
        face = QRectF(rect.x() + pad, top, side, side)
        draw_avatar(painter, face, person.name if person.known else "", person.id)
        bold, plain = font("strong"), font("secondary")
        fm, left = QFontMetrics(bold), rect.x() + self._left()
        clock = row.clock()
        clock_width = QFontMetrics(plain).horizontalAdvance(clock) + sizes.gap(4)
        right = rect.right() - pad
        draw_text(
            painter,
            QRect(right - clock_width, top, clock_width, fm.height()),
            clock,
            c.ink_2,
            plain,
            align=_RIGHT,
        )
        room = right - clock_width - sizes.gap(8) - left
        name = tr("{name} (vous)", name=person.name) if person.mine else person.name
        taken = min(room, fm.horizontalAdvance(name) + 2)
        draw_text(painter, QRect(left, top, taken, fm.height()), name, c.ink, bold)
        what = ", ".join(
            part for part in (person.what, tr("a quitté le cercle") if person.left else "") if part
        )
        beside = room - taken - sizes.gap(8)
        if what and beside > sizes.px(24):
            draw_text(
                painter, QRect(left + taken + sizes.gap(8), top, beside, fm.height()), what, c.ink_2, plain
            )
        self._act(painter, QRect(left, top + fm.height() + sizes.gap(2), right - left, rect.bottom()), visit)

    def _act(self, painter: QPainter, place: QRect, visit: Visit) -> None:
        c, sizes = current_theme().colors, metrics()
        plain = font("secondary")
        height, icon = QFontMetrics(plain).height(), sizes.px(_ICON)
        x = place.x()
        for code in VOLET_CODES:
            if code in visit.compartments:
                look = volet_look(code)
                at = QRectF(x, place.y() + (height - icon) / 2, icon, icon)
                draw_icon(painter, look.icon, at, current_theme().tint(look.tone).ink)
                x += self._icon_step()
        if Stream.TRACE in visit.compartments:
            draw_icon(painter, "history", QRectF(x, place.y() + (height - icon) / 2, icon, icon), c.ink_2)
            x += self._icon_step()
        painter.setFont(plain)
        painter.setPen(QColor(c.ink))
        painter.drawText(QRect(x, place.y(), place.right() - x, place.height()), _WRAPPED, visit.act)


class TraceList(QListView):
    """Shows rows; only those in sight are painted, and older ones come when scrolled to."""

    def __init__(self, model: TraceModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Consultations"))
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rows = _Rows(self)
        self.setItemDelegate(self._rows)
        self.setModel(model)
        on_theme(self._refresh)

    def _refresh(self) -> None:
        self._rows.forget()
        self.scheduleDelayedItemsLayout()
