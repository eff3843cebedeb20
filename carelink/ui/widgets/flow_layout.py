"""A row that wraps onto further rows instead of being cut."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from carelink.ui.theme import metrics


class FlowLayout(QLayout):
    """Places its items from left to right and goes on below when the row is full."""

    def __init__(self, parent: QWidget | None = None, *, gap: int = 8, row_gap: int | None = None) -> None:
        """Make a layout with `gap` between items and `row_gap` between rows, at 100 %."""
        if parent is None:
            super().__init__()
        else:
            super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._row_gap = gap if row_gap is None else row_gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Append an item."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, or nothing past the end."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove an item and return it."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Ask for no more room than needed."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Tell that a narrower place needs a higher one."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the rows at `width`."""
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def setGeometry(self, rect: QRect) -> None:
        """Place the items in `rect`."""
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def sizeHint(self) -> QSize:
        """Return the room for all items on one row."""
        gap = metrics().gap(self._gap)
        width, height = -gap, 0
        for item in self._shown():
            size = item.sizeHint()
            width += size.width() + gap
            height = max(height, size.height())
        return self._with_margins(QSize(max(width, 0), height))

    def minimumSize(self) -> QSize:
        """Return the room for the largest item."""
        size = QSize()
        for item in self._shown():
            size = size.expandedTo(item.minimumSize())
        return self._with_margins(size)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _with_margins(self, size: QSize) -> QSize:
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        inner = rect.marginsRemoved(self.contentsMargins())
        gap, row_gap = metrics().gap(self._gap), metrics().gap(self._row_gap)
        x, y, row_height = inner.x(), inner.y(), 0
        row: list[tuple[QLayoutItem, int, QSize]] = []
        for item in self._shown():
            size = item.sizeHint()
            size.setWidth(min(size.width(), max(inner.width(), item.minimumSize().width())))
            if row and x + size.width() > inner.x() + inner.width():
                if place:
                    _place_row(row, y, row_height)
                x, y, row_height, row = inner.x(), y + row_height + row_gap, 0, []
            row.append((item, x, size))
            x += size.width() + gap
            row_height = max(row_height, size.height())
        if place:
            _place_row(row, y, row_height)
        margins = self.contentsMargins()
        return y + row_height - rect.y() + margins.bottom()


def _place_row(row: list[tuple[QLayoutItem, int, QSize]], y: int, height: int) -> None:
    for item, x, size in row:
        item.setGeometry(QRect(QPoint(x, y + (height - size.height()) // 2), size))
