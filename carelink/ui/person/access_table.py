"""The table of who reads what: names at the left, a column for each volet, perhaps a way to change it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QScrollArea,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from carelink.ui.person.access_rows import COLUMNS, AccessRow
from carelink.ui.person.access_view import ACTION, AccessModel, AccessView
from carelink.ui.person.row_layout import volet_chip
from carelink.ui.theme import current_theme, draw_icon, font, metrics, on_theme
from carelink.ui.widgets.painting import chip_size, draw_avatar, draw_box, draw_chip, draw_text

_Index = QModelIndex | QPersistentModelIndex
_WRAP = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
_NO_INDEX = QModelIndex()
_TALL = 100_000
_WORDS_FROM = 860
"""Width of a table, at 100 %, from which the word of the last column has room."""


class _Header(QHeaderView):
    def __init__(self, first: str, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._first = first
        self.setSectionsClickable(False)
        self.setHighlightSections(False)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), metrics().px(26) + metrics().gap(22))

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        c = current_theme().colors
        painter.fillRect(rect, QColor(c.card))
        painter.fillRect(QRect(rect.x(), rect.bottom(), rect.width(), 1), QColor(c.line_strong))
        left = metrics().gap(18 if section == 0 else 12)
        if section == 0:
            place = rect.adjusted(left, 0, 0, 0)
            draw_text(painter, place, self._first, c.ink, font("secondary-strong"))
            return
        if section == ACTION:
            return
        words, icon, tone = volet_chip(COLUMNS[section - 1])
        chip_font = font("secondary-strong")
        size = chip_size(words, icon, chip_font)
        wide = min(size.width(), rect.width() - left - metrics().gap(4))
        top = rect.y() + (rect.height() - size.height()) / 2
        place_f = QRectF(rect.x() + left, top, wide, size.height())
        draw_chip(painter, place_f, words, icon, current_theme().tint(tone), chip_font)


class _Cells(QStyledItemDelegate):
    def __init__(self, model: AccessModel, table: QTableView) -> None:
        super().__init__(table)
        self._model = model
        self._table = table

    @property
    def _open(self) -> bool:
        return self._model.opens

    def height(self, row: int, widths: Sequence[int]) -> int:
        """Return the height that the words of a row need at the widths of its columns."""
        shown = self._model.rows[row]
        sizes = metrics()
        if shown.is_heading:
            return QFontMetrics(font("secondary-strong")).height() + sizes.gap(20)
        tall = _wrapped(shown.name, self._name_width(shown, widths[0]), bold=True)
        for words in (shown.detail, shown.warning):
            tall += _wrapped(words, self._name_width(shown, widths[0])) if words else 0
        for cell, width in zip(shown.cells, widths[1:ACTION], strict=True):
            tall = max(tall, _wrapped(cell.words, self._cell_width(width)))
        least = sizes.px(36) if shown.key else 0
        return max(tall, least) + sizes.gap(20)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme, sizes = current_theme(), metrics()
        c = theme.colors
        row, rect = self._model.rows[index.row()], option.rect
        current = self._open and index.row() == self._table.currentIndex().row() and self._table.hasFocus()
        ground = c.paper if row.is_heading else theme.tint("selected").soft if current else c.card
        painter.fillRect(rect, QColor(ground))
        painter.fillRect(QRect(rect.x(), rect.bottom(), rect.width(), 1), QColor(c.line))
        if index.column() == 0:
            if current:
                # Where no ground is tinted, it tells the row too.
                painter.fillRect(QRect(rect.x(), rect.y(), sizes.gap(4), rect.height() - 1), QColor(c.focus))
            self._paint_name(painter, row, rect)
            return
        if row.is_heading:
            return
        if index.column() == ACTION:
            self._paint_action(painter, row, rect)
            return
        cell = row.cells[index.column() - 1]
        ink = theme.tint(cell.tone).ink if cell.tone else c.ink if cell.icon else c.ink_3
        x, side = rect.x() + sizes.gap(12), sizes.px(18)
        words_width = self._cell_width(rect.width())
        tall = _wrapped(cell.words, words_width)
        top = rect.y() + (rect.height() - tall) // 2
        if cell.icon:
            line = QFontMetrics(font("secondary")).height()
            draw_icon(painter, cell.icon, QRectF(x, top + (line - side) / 2, side, side), ink)
            x += side + sizes.gap(8)
        painter.setFont(font("secondary"))
        painter.setPen(QColor(ink))
        painter.drawText(QRect(x, top, words_width, tall + 2), _WRAP, cell.words)

    def _paint_action(self, painter: QPainter, row: AccessRow, rect: QRect) -> None:
        c, sizes = current_theme().colors, metrics()
        words = font("secondary-strong")
        if QFontMetrics(words).horizontalAdvance(row.action) + sizes.gap(24) <= rect.width():
            draw_text(painter, rect.adjusted(sizes.gap(12), 0, 0, 0), row.action, c.primary, words)
            return
        side = sizes.px(18)
        place = QRectF(rect.x() + sizes.gap(12), rect.y() + (rect.height() - side) / 2, side, side)
        draw_icon(painter, "chevron-right", place, c.primary)

    def _paint_name(self, painter: QPainter, row: AccessRow, rect: QRect) -> None:
        theme, sizes = current_theme(), metrics()
        c = theme.colors
        left = rect.x() + sizes.gap(18)
        if row.is_heading:
            place = rect.adjusted(sizes.gap(18), 0, 0, 0)
            draw_text(painter, place, row.name, c.ink_2, font("secondary-strong"))
            return
        if row.key:
            side = sizes.px(36)
            face = QRectF(left, rect.y() + (rect.height() - side) / 2, side, side)
            draw_avatar(painter, face, row.name, row.key)
            left += side + sizes.gap(12)
        width = self._name_width(row, rect.width())
        lines = [(row.name, c.ink, True)]
        lines.append((row.detail, c.ink_2, False))
        lines.append((row.warning, theme.tint("urgent").ink, False))
        heights = [_wrapped(words, width, bold=bold) if words else 0 for words, _ink, bold in lines]
        y = rect.y() + (rect.height() - sum(heights)) // 2
        for (words, ink, bold), tall in zip(lines, heights, strict=True):
            painter.setFont(font("strong" if bold else "secondary"))
            painter.setPen(QColor(ink))
            painter.drawText(QRect(left, y, width, tall + 2), _WRAP, words)
            y += tall

    def _name_width(self, row: AccessRow, column: int) -> int:
        face = metrics().px(36) + metrics().gap(12) if row.key else 0
        return max(1, column - metrics().gap(18) - face - metrics().gap(12))

    def _cell_width(self, column: int) -> int:
        return max(1, column - metrics().gap(12) - metrics().px(18) - metrics().gap(12))


def _wrapped(words: str, width: int, *, bold: bool = False) -> int:
    fm = QFontMetrics(font("strong" if bold else "secondary"))
    return fm.boundingRect(QRect(0, 0, width, _TALL), _WRAP, words).height()


class AccessTable(QFrame):
    """A table as high as its rows: the page scrolls, not the table.

    Signals:
        opened: Key of the row that was opened.
    """

    opened = Signal(str)

    def __init__(self, name: str, first_column: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = AccessModel(self)
        self.view = AccessView(self.model, self)
        self.view.opened.connect(self._opened)
        self.view.stepped.connect(self._follow)
        self._cells = _Cells(self.model, self.view)
        self.view.setAccessibleName(name)
        self.view.setHorizontalHeader(_Header(first_column, self.view))
        self.view.verticalHeader().hide()
        self.view.setItemDelegate(self._cells)
        self.view.setShowGrid(False)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setTabKeyNavigation(False)
        for set_policy in (self.view.setHorizontalScrollBarPolicy, self.view.setVerticalScrollBarPolicy):
            set_policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(1)
        self.view.verticalHeader().setMinimumSectionSize(1)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.view)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self._refresh)

    def set_rows(self, rows: Sequence[AccessRow]) -> None:
        """Show other rows."""
        if list(rows) == self.model.rows:
            return
        here = self.view.currentIndex().row()
        key = self.model.rows[here].key if here >= 0 else ""
        self.view.clearSpans()
        self.model.set_rows(rows)
        for number, row in enumerate(rows):
            if row.is_heading:
                self.view.setSpan(number, 0, 1, self.model.columnCount())
            elif key and row.key == key:
                self.view.setCurrentIndex(self.model.index(number, 0))
        self.view.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if self.model.opens else Qt.CursorShape.ArrowCursor
        )
        self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the surface around."""
        theme = current_theme()
        c = theme.colors
        draw_box(
            QPainter(self),
            self.rect(),
            radius=metrics().gap(14),
            fill=c.card,
            edge=c.line,
            width=theme.border,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width among the columns again."""
        super().resizeEvent(event)
        self._arrange()

    def _opened(self, row: int) -> None:
        self.opened.emit(self.model.rows[row].key)

    def _follow(self, row: int) -> None:
        """Keep the row in question on the screen: it is the page that scrolls."""
        area: QWidget | None = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        page = area.widget() if isinstance(area, QScrollArea) else None
        if isinstance(area, QScrollArea) and page is not None:
            top = self.view.viewport().mapTo(page, QPoint(0, self.view.rowViewportPosition(row)))
            for y in (top.y(), top.y() + self.view.rowHeight(row)):
                area.ensureVisible(0, y, 0, metrics().gap(16))

    def _arrange(self) -> None:
        room = self.width() - 2 * self._column.contentsMargins().left()
        action = self._action_width(room)
        room -= action
        chip_font = font("secondary-strong")
        widest = max(chip_size(*volet_chip(code)[:2], chip_font).width() for code in COLUMNS)
        volet = max(widest + metrics().gap(20), min(metrics().px(190), room // 5))
        volet = min(volet, room // (len(COLUMNS) + 1))
        widths = [room - volet * len(COLUMNS), *[volet] * len(COLUMNS)]
        if action:
            widths.append(action)
        for column, width in enumerate(widths):
            self.view.setColumnWidth(column, max(1, width))
        height = self.view.horizontalHeader().sizeHint().height()
        for row in range(len(self.model.rows)):
            tall = self._cells.height(row, widths)
            self.view.setRowHeight(row, tall)
            height += tall
        margins = self._column.contentsMargins()
        self.setFixedHeight(height + margins.top() + margins.bottom())

    def _action_width(self, room: int) -> int:
        """Return the width of the last column: its word, or an arrow where there is no room for it."""
        if not self.model.opens:
            return 0
        if room < metrics().px(_WORDS_FROM):
            return metrics().px(18) + metrics().gap(24)
        words = QFontMetrics(font("secondary-strong"))
        widest = max(words.horizontalAdvance(row.action) for row in self.model.rows)
        return widest + metrics().gap(30)

    def _refresh(self) -> None:
        edge = metrics().gap(6)
        self._column.setContentsMargins(2, edge, 2, edge)
        self._arrange()
