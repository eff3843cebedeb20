"""The rows of the table of who reads what, and how the keyboard goes through them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QTableView, QWidget

from carelink.language import tr
from carelink.ui.person.access_rows import COLUMNS, AccessRow
from carelink.ui.person.row_layout import volet_chip

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
ACTION = 1 + len(COLUMNS)


class AccessModel(QAbstractTableModel):
    """Rows of `AccessRow`: the name, a column for each volet, and the word of what opens the row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[AccessRow] = []

    def set_rows(self, rows: Sequence[AccessRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        """Return how many rows there are, headings included."""
        return 0 if parent.isValid() else len(self.rows)

    @property
    def opens(self) -> bool:
        """Whether rows can be opened."""
        return any(row.action for row in self.rows)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        """Return one column more than there are volets, and another where rows can be opened."""
        return 0 if parent.isValid() else 1 + len(COLUMNS) + self.opens

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Let the keyboard stop at whatever is not a heading."""
        flags = super().flags(index)
        return flags if not self.rows[index.row()].is_heading else flags & ~Qt.ItemFlag.ItemIsSelectable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell in words; read aloud, the first one says the whole row."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return row.sentence()
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            if index.column() == 0:
                return row.name
            if index.column() == ACTION:
                return row.action
            return "" if row.is_heading else row.cells[index.column() - 1].words
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the name of a column."""
        wanted = {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}
        if orientation != Qt.Orientation.Horizontal or role not in wanted:
            return None
        if section == ACTION:
            return tr("Action")
        return tr("Personne") if section == 0 else volet_chip(COLUMNS[section - 1])[0]


class AccessView(QTableView):
    """Arrows go from row to row; Enter, Space or a click opens one.

    Signals:
        opened: The row.
        stepped: The row that an arrow went to.
    """

    opened = Signal(int)
    stepped = Signal(int)

    def __init__(self, model: AccessModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(model)
        self._model = model
        self.clicked.connect(self._open)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the row in question, or go to another."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._open(self.currentIndex())
            return
        if event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self._step(1 if event.key() == Qt.Key.Key_Down else -1)
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Put the keyboard on a row."""
        super().focusInEvent(event)
        here = self.currentIndex()
        # Qt itself begins at the first row, which is a heading.
        if not here.isValid() or self._model.rows[here.row()].is_heading:
            self._step(1)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that it left."""
        super().focusOutEvent(event)
        self.viewport().update()

    def _step(self, by: int) -> None:
        row = self.currentIndex().row() + by
        while 0 <= row < len(self._model.rows) and self._model.rows[row].is_heading:
            row += by
        if 0 <= row < len(self._model.rows):
            self.setCurrentIndex(self._model.index(row, 0))
            self.viewport().update()
            self.stepped.emit(row)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid() and self._model.rows[index.row()].action:
            self.opened.emit(index.row())
