"""The list of transmissions: only what is in sight is measured, news leaves the reader where they are."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QMoveEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListView,
    QScrollBar,
    QSizePolicy,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from carelink.language import tr
from carelink.ui.person.row_delegate import RADIUS, RowDelegate
from carelink.ui.person.row_stack import RowStack
from carelink.ui.person.time_line_model import TimeLineModel
from carelink.ui.theme import current_theme, metrics, on_theme

_Index = QModelIndex | QPersistentModelIndex
_OPEN_KEYS = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_GUESSED_HEIGHT = 110
ROW_MARGIN = 6
"""Room around the rows for the ring of whatever has the keyboard."""


class _QuietBar(QScrollBar):
    """A scroll bar that keeps its place, and is seen only where there is something to scroll."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the handle."""
        if self.maximum() > self.minimum():
            super().paintEvent(event)


class TimeLineView(QListView):
    """Shows a `TimeLineModel`.

    Its geometry is its own: QListView would ask the height of every row for each page loaded. Rows out
    of sight have a guessed height until they come near.

    Signals:
        entry_opened: Row whose transmission is to be shown whole.
        compose_wanted: N was pressed.
        rows_shown: Rows in sight changed.
    """

    entry_opened = Signal(int)
    compose_wanted = Signal()
    rows_shown = Signal()

    def __init__(self, model: TimeLineModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = model
        self._rows = RowDelegate(model, self)
        self._stack = RowStack(self._tall, _guessed_height)
        self._wide = 0
        self._hovered = -1
        self.setAccessibleName(tr("Transmissions"))
        self.setItemDelegate(self._rows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBar(_QuietBar())
        # Always: rows would wrap otherwise, and be measured again, when it came or went.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setModel(model)
        model.modelReset.connect(self._restart)
        model.rowsInserted.connect(self._rows_in)
        model.rowsRemoved.connect(self._rows_out)
        self.setStyleSheet("TimeLineView { background: transparent; }")
        on_theme(self._refresh)

    def first_and_last(self) -> tuple[int, int]:
        """Return the first and the last row in sight; the last is below the first where there is none."""
        if not len(self._stack):
            return 0, -1
        top = self.verticalScrollBar().value()
        return self._stack.row_at(top), self._stack.row_at(top + self.viewport().height() - 1)

    def day_changed(self) -> None:
        """Say the days anew after midnight."""
        self._refresh()

    def visualRect(self, index: _Index) -> QRect:
        """Return where a row stands in the viewport."""
        row = index.row()
        if not index.isValid() or row >= len(self._stack):
            return QRect()
        top = self._stack.top(row) - self.verticalScrollBar().value()
        return QRect(ROW_MARGIN, top, self._row_width(), self._stack.height(row))

    def indexAt(self, point: QPoint) -> QModelIndex:
        """Return the row at a point of the viewport."""
        y = point.y() + self.verticalScrollBar().value()
        if not len(self._stack) or not 0 <= y < self._stack.total:
            return QModelIndex()
        return self._lines.index(self._stack.row_at(y))

    def scrollTo(
        self, index: _Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Bring a row into sight."""
        if not index.isValid() or index.row() >= len(self._stack):
            return
        self._stack.measure(index.row(), index.row())
        bar, seen = self.verticalScrollBar(), self.viewport().height()
        top, tall = self._stack.top(index.row()), self._stack.height(index.row())
        if hint == QAbstractItemView.ScrollHint.PositionAtTop or tall > seen or top < bar.value():
            bar.setValue(top)
        elif top + tall > bar.value() + seen:
            bar.setValue(top + tall - seen)

    def verticalOffset(self) -> int:
        """Return how far the rows are scrolled."""
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:
        """Rows are as wide as the view."""
        return 0

    def isIndexHidden(self, _index: _Index) -> bool:
        """No row is ever hidden."""
        return False

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Return where a key leads."""
        count = len(self._stack)
        if not count:
            return QModelIndex()
        step = QAbstractItemView.CursorAction
        current = self.currentIndex().row()
        if current < 0:
            return self._lines.index(self.first_and_last()[0])
        if action in {step.MoveUp, step.MoveLeft, step.MovePrevious}:
            row = current - 1
        elif action in {step.MoveDown, step.MoveRight, step.MoveNext}:
            row = current + 1
        elif action == step.MoveHome:
            row = 0
        elif action == step.MoveEnd:
            row = count - 1
        else:
            page = self.viewport().height() * (-1 if action == step.MovePageUp else 1)
            row = self._stack.row_at(self._stack.top(current) + page)
            if row == current:
                row += 1 if page > 0 else -1
        return self._lines.index(max(0, min(count - 1, row)))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select the row in a rectangle of the viewport."""
        index = self.indexAt(rect.center())
        self.selectionModel().select(QItemSelection(index, index), command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """Return what to paint again when the selection changes."""
        region = QRegion()
        for index in selection.indexes():
            region += self.visualRect(index)
        return region

    def doItemsLayout(self) -> None:
        """Measure what is in sight and nothing else."""
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        """Give the scroll bar its range."""
        self._measure_sight()
        bar, seen = self.verticalScrollBar(), self.viewport().height()
        bar.setPageStep(seen)
        bar.setSingleStep(max(1, metrics().px(24)))
        bar.setRange(0, max(0, self._stack.total - seen))
        QAbstractItemView.updateGeometries(self)

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """Measure what comes into sight, and load more near the end."""
        self._measure_sight()
        bar = self.verticalScrollBar()
        if bar.maximum() - bar.value() < self.viewport().height():
            self._lines.fetchMore(QModelIndex())
        self.viewport().update()
        self._tell_ring()
        self.rows_shown.emit()

    def sizeHintForIndex(self, index: _Index) -> QSize:
        """Return the size of a row."""
        self._stack.measure(index.row(), index.row())
        return QSize(self._row_width(), self._stack.height(index.row()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows in sight."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(current_theme().colors.paper))
        first, last = self.first_and_last()
        current, selected = self.currentIndex().row(), self.selectionModel()
        for row in range(first, last + 1):
            index = self._lines.index(row)
            option = QStyleOptionViewItem()
            option.rect = self.visualRect(index)
            state = QStyle.StateFlag.State_Enabled
            if selected.isSelected(index) or (row == current and self.hasFocus()):
                state |= QStyle.StateFlag.State_Selected
            if row == self._hovered:
                state |= QStyle.StateFlag.State_MouseOver
            option.state = state
            self._rows.paint(painter, option, index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Measure anew at another width."""
        if self._row_width() != self._wide:
            self._remeasure()
        super().resizeEvent(event)
        self._tell_ring()
        self.rows_shown.emit()

    def dataChanged(self, top: _Index, bottom: _Index, roles: Sequence[int] = ()) -> None:
        """Measure and paint rows again."""
        self._stack.doubt(top.row(), bottom.row())
        self._hold(self._anchor())
        QAbstractItemView.dataChanged(self, top, bottom, roles)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open on Enter, write on N."""
        if event.key() in _OPEN_KEYS and self.currentIndex().isValid():
            self.entry_opened.emit(self.currentIndex().row())
        elif event.key() == Qt.Key.Key_N and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.compose_wanted.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, _search: str) -> None:
        """Letters are for shortcuts; words are for the search field."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open a long text on its "Lire la suite"."""
        point = event.position().toPoint()
        index = self.indexAt(point)
        super().mousePressEvent(event)
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            inside = point - self.visualRect(index).topLeft()
            if self._rows.opens_at(index.row(), self._row_width(), inside):
                self.entry_opened.emit(index.row())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what is clicked twice."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self.entry_opened.emit(index.row())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse."""
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the mouse."""
        super().leaveEvent(event)
        self._hover(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Stand on a row when the keyboard comes."""
        super().focusInEvent(event)
        if len(self._stack) and not self.currentIndex().isValid():
            self.setCurrentIndex(self._lines.index(self.first_and_last()[0]))
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Paint without the current row."""
        super().focusOutEvent(event)
        self.viewport().update()

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        """Bring the current row into sight, the ring with it."""
        QAbstractItemView.currentChanged(self, current, previous)
        self.viewport().update()
        self._tell_ring()

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Put the ring around the current row, as far as it is in sight."""
        index = self.currentIndex()
        if not index.isValid():
            return self, self.rect(), metrics().gap(RADIUS)
        row = self.visualRect(index)
        card = self._rows.layout(index.row(), self._row_width()).card
        place = QRect(row.x(), row.y() + round(card.y()), row.width(), round(card.height()))
        seen = self.viewport().rect().adjusted(0, ROW_MARGIN, 0, -ROW_MARGIN)
        return self.viewport(), place.intersected(seen), metrics().gap(RADIUS)

    def _row_width(self) -> int:
        return max(1, self.viewport().width() - 2 * ROW_MARGIN)

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            self._hovered = row
            self.viewport().update()

    def _tell_ring(self) -> None:
        # The ring follows its widget's moves; for it, another row or another height of one is a move.
        if self.hasFocus():
            QApplication.sendEvent(self, QMoveEvent(self.pos(), self.pos()))

    def _tall(self, row: int) -> int:
        return self._rows.layout(row, self._row_width()).height

    def _restart(self) -> None:
        self._remeasure()
        self.verticalScrollBar().setValue(0)
        if self.hasFocus() and len(self._stack):
            self.setCurrentIndex(self._lines.index(0))
        self.rows_shown.emit()

    def _remeasure(self) -> None:
        anchor = self._anchor()
        self._wide = self._row_width()
        self._stack.restart(self._lines.rowCount())
        self._hold(anchor)

    def _rows_in(self, _parent: _Index, first: int, last: int) -> None:
        anchor = self._anchor()
        if anchor is not None and first <= anchor[0] and self.verticalScrollBar().value() > 0:
            anchor = (anchor[0] + last - first + 1, anchor[1])
        self._stack.insert(first, last - first + 1)
        self._hovered = -1
        self._hold(anchor)

    def _rows_out(self, _parent: _Index, first: int, last: int) -> None:
        anchor = self._anchor()
        if anchor is not None and last < anchor[0]:
            anchor = (anchor[0] - (last - first + 1), anchor[1])
        self._stack.remove(first, last)
        self._hovered = -1
        self._hold(anchor)

    def _anchor(self) -> tuple[int, int] | None:
        if not len(self._stack):
            return None
        top = self.verticalScrollBar().value()
        row = self._stack.row_at(top)
        return row, top - self._stack.top(row)

    def _hold(self, anchor: tuple[int, int] | None) -> None:
        """Keep the first row in sight where it was, so that what is being read does not jump."""
        self.updateGeometries()
        if anchor is not None and anchor[0] < len(self._stack):
            row, inside = anchor
            self._stack.measure(row, row)
            place = self._stack.top(row) + min(inside, self._stack.height(row) - 1)
            self.verticalScrollBar().setValue(place)
            self.updateGeometries()
        self.viewport().update()
        self._tell_ring()
        self.rows_shown.emit()

    def _measure_sight(self) -> None:
        first, last = self.first_and_last()
        while self._stack.measure(first, last):
            first, last = self.first_and_last()

    def _refresh(self) -> None:
        self._rows.forget()
        self._remeasure()


def _guessed_height() -> int:
    return metrics().px(_GUESSED_HEIGHT)
