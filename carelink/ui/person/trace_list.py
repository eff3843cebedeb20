"""The accesses to a file as a list: a heading for each day, then who opened what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from carelink.language import tr
from carelink.services.trace import TraceView
from carelink.services.wording import role_name, trace_sentence
from carelink.ui.moments import clock_words
from carelink.ui.person.access_rows import COLUMNS
from carelink.ui.person.moments import day_heading, local_time, today
from carelink.ui.theme import current_theme, font, metrics
from carelink.ui.widgets.painting import draw_avatar, draw_text

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
SAME_VISIT_MS = 60_000


@dataclass(frozen=True, slots=True)
class TraceRow:
    """An access, or the heading of a day where nobody is named."""

    name: str
    detail: str = ""
    member: str = ""

    def sentence(self) -> str:
        """Return the row as it is read aloud."""
        return f"{self.name}. {self.detail}" if self.detail else self.name


def trace_rows(traces: Sequence[TraceView]) -> list[TraceRow]:
    """Return rows for accesses, newest first; volets opened together make one row."""
    rows: list[TraceRow] = []
    day = None
    place = 0
    while place < len(traces):
        first = traces[place]
        visit = [first]
        while place + len(visit) < len(traces) and _together(first, traces[place + len(visit)]):
            visit.append(traces[place + len(visit)])
        place += len(visit)
        visit.sort(key=lambda trace: COLUMNS.index(trace.compartment) if trace.compartment in COLUMNS else -1)
        moment = local_time(first.time)
        if moment.date() != day:
            day = moment.date()
            rows.append(TraceRow(day_heading(day, today())))
        said = tr(" · ").join(
            part for part in (clock_words(moment), role_name(first.role), _what(visit)) if part
        )
        rows.append(TraceRow(first.name, said, first.member))
    return rows


def _together(first: TraceView, other: TraceView) -> bool:
    same = first.member == other.member and first.action == other.action
    return same and first.time - other.time < SAME_VISIT_MS


def _what(visit: Sequence[TraceView]) -> str:
    sentence = visit[0].sentence
    for more in visit[1:]:
        volet = trace_sentence(more.action, more.compartment).rpartition(":")[2].strip()
        if volet and volet not in sentence:
            sentence = f"{sentence}, {volet}"
    return sentence


class TraceModel(QAbstractListModel):
    """Rows of `TraceRow`."""

    def __init__(self, rows: Sequence[TraceRow], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows = list(rows)

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        """Return how many rows there are, headings included."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row in words."""
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self.rows[index.row()].sentence()
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.rows[index.row()].detail
        return None


class _Rows(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        words = QFontMetrics(font("strong")).height() + QFontMetrics(font("secondary")).height()
        return QSize(metrics().px(200), max(words, metrics().px(36)) + metrics().gap(18))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        if not isinstance(model, TraceModel):
            return
        row, rect, sizes = model.rows[index.row()], option.rect, metrics()
        c = current_theme().colors
        if not row.member:
            place = rect.adjusted(0, sizes.gap(10), 0, 0)
            draw_text(painter, place, row.name, c.ink_2, font("strong"))
            return
        painter.fillRect(QRect(rect.x(), rect.bottom(), rect.width(), 1), QColor(c.line))
        side = sizes.px(36)
        top = rect.y() + (rect.height() - side) / 2
        draw_avatar(painter, QRectF(rect.x(), top, side, side), row.name, row.member)
        left = rect.x() + side + sizes.gap(12)
        bold, plain = font("strong"), font("secondary")
        first, second = QFontMetrics(bold).height(), QFontMetrics(plain).height()
        y = rect.y() + (rect.height() - first - second) // 2
        width = rect.right() - left
        draw_text(painter, QRect(left, y, width, first), row.name, c.ink, bold)
        draw_text(painter, QRect(left, y + first, width, second), row.detail, c.ink_2, plain)


class TraceList(QListView):
    """Shows rows of one height; only those in sight are painted."""

    def __init__(self, rows: Sequence[TraceRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Consultations"))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_Rows(self))
        self.setModel(TraceModel(rows, self))
