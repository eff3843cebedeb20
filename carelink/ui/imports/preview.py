"""What would be done with each line of a list, as a table: what must be corrected comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from carelink.language import tr
from carelink.services.imports.lines import PlannedLine, Step
from carelink.ui.theme import current_theme, font, icon, metrics, on_theme

_Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_TEXTS = {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}
NUMBER, WHO, STEP, REMARKS = range(4)


class PreviewModel(QAbstractTableModel):
    """The lines of a list."""

    def __init__(self, words: Mapping[Step, str], parent: QObject | None = None) -> None:
        """Make an empty table.

        Args:
            words: What is done with a line, in words.
            parent: The Qt parent.
        """
        super().__init__(parent)
        self._words = words
        self._lines: list[PlannedLine] = []

    def set_lines(self, lines: Sequence[PlannedLine], words: Mapping[Step, str]) -> None:
        """Show these."""
        self.beginResetModel()
        self._words = words
        self._lines = sorted(lines, key=lambda line: (not line.errors, not line.warnings, line.number))
        self.endResetModel()

    def rowCount(self, parent: _Index = _NONE) -> int:
        """Return how many lines there are."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: _Index = _NONE) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else 4

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the heading of a column."""
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return (tr("Ligne"), tr("Personne"), tr("Ce qui sera fait"), tr("À savoir"))[section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401  (Qt's)
        """Return what a cell shows."""
        line, column = self._lines[index.row()], index.column()
        theme = current_theme()
        if role in _TEXTS:
            return self.text(line, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        if role == Qt.ItemDataRole.FontRole:
            return font("secondary", tabular=column == NUMBER)
        urgent = bool(line.errors) and column in {STEP, REMARKS}
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(theme.tint("urgent").ink if urgent else theme.colors.ink)
        if role == Qt.ItemDataRole.DecorationRole and column == STEP:
            names = {Step.NEW: "plus", Step.KNOWN: "check", Step.WRONG: "alert-triangle"}
            ink = theme.tint("urgent").ink if urgent else theme.colors.ink_2
            return icon(names[line.step], ink, metrics().px(16))
        return None

    def text(self, line: PlannedLine, column: int) -> str:
        """Return the words of a cell."""
        if column == NUMBER:
            return str(line.number)
        if column == WHO:
            return "\n".join(part for part in (line.name or tr("(sans nom)"), line.what) if part)
        if column == STEP:
            return self._words[line.step]
        return "\n".join((*line.errors, *line.warnings))


class _Roomy(QStyledItemDelegate):
    """Leaves room between the words of one line and the next."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        words = super().sizeHint(option, index)
        return QSize(words.width(), words.height() + metrics().gap(12))


class Preview(QTableView):
    """The table; rows are as high as their words."""

    def __init__(self, words: Mapping[Step, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = PreviewModel(words, self)
        self.setModel(self.lines)
        self.setItemDelegate(_Roomy(self))
        self.setAccessibleName(tr("Lignes de la liste"))
        self.setWordWrap(True)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        on_theme(self._refresh)

    def show_lines(self, lines: Sequence[PlannedLine], words: Mapping[Step, str]) -> None:
        """Show what would be done with each line."""
        self.lines.set_lines(lines, words)
        self._arrange()
        self.scrollToTop()

    def sizeHint(self) -> QSize:
        """Return room for a few lines; the others scroll."""
        return QSize(metrics().px(640), metrics().px(300))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out again."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def _arrange(self) -> None:
        width = self.viewport().width()
        number, step = metrics().px(64), metrics().px(150)
        rest = max(2, width - number - step)
        for column, taken in ((NUMBER, number), (WHO, rest * 2 // 5), (STEP, step), (REMARKS, rest * 3 // 5)):
            self.setColumnWidth(column, taken)
        self.resizeRowsToContents()

    def _refresh(self) -> None:
        self.horizontalHeader().setFont(font("secondary-strong"))
        side = metrics().px(16)
        self.setIconSize(QSize(side, side))
        self._arrange()
