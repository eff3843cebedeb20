"""The time line as an item model: pages of sixty on demand, and news without a reset."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from carelink.errors import KnownError
from carelink.services.time_line import PAGE, EntryView, TimeLineQuery
from carelink.ui.person.moments import local_time, today
from carelink.ui.person.words import entry_sentence
from carelink.ui.workspace import Workspace

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()


class TimeLineRole(IntEnum):
    """What a row gives beyond Qt's roles."""

    ENTRY = Qt.ItemDataRole.UserRole + 1
    FIRST_OF_DAY = Qt.ItemDataRole.UserRole + 2
    LAST_OF_DAY = Qt.ItemDataRole.UserRole + 3


@dataclass(frozen=True, slots=True)
class _Line:
    view: EntryView
    day: datetime.date


@dataclass(frozen=True, slots=True)
class _Page:
    generation: int
    limit: int
    rows: list[EntryView]


class TimeLineModel(QAbstractListModel):
    """What a query finds in one cahier, newest first.

    Signals:
        loaded: The first page of a query is there.
        refreshed: What had changed is shown.
    """

    loaded = Signal()
    refreshed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._circle = ""
        self._query = TimeLineQuery()
        self._lines: list[_Line] = []
        self._complete = True
        self._fetching = False
        self._generation = 0

    @property
    def query(self) -> TimeLineQuery:
        """What is shown."""
        return self._query

    def show_query(self, circle: str, query: TimeLineQuery) -> None:
        """Show what `query` finds in `circle`, from its newest on."""
        self._circle, self._query = circle, query
        self._generation += 1
        self._fetching = True
        if _is_long(query):
            self._ask(PAGE, query)
        else:
            self._first(self._read(self._generation, PAGE, query))

    def refresh(self) -> None:
        """Show what changed, keeping every row that is still there."""
        if not self._circle:
            return
        generation, limit = self._generation, max(PAGE, len(self._lines))
        circle, query, cahier = self._circle, self._query, self._workspace.cahier
        self._workspace.operations.vault(
            lambda: _Page(generation, limit, cahier.entries(circle, query, limit)), self._merge
        )

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        """Return how many transmissions are loaded."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row as a sentence, or its parts by role."""
        row = index.row()
        if not index.isValid() or row >= len(self._lines):
            return None
        line = self._lines[row]
        if role == TimeLineRole.ENTRY:
            return line.view
        if role == TimeLineRole.FIRST_OF_DAY:
            return row == 0 or self._lines[row - 1].day != line.day
        if role == TimeLineRole.LAST_OF_DAY:
            return row + 1 == len(self._lines) or self._lines[row + 1].day != line.day
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole}:
            return entry_sentence(line.view, today())
        return None

    def canFetchMore(self, parent: Index) -> bool:
        """Tell whether there may be older transmissions."""
        return not parent.isValid() and not self._complete and not self._fetching

    def fetchMore(self, parent: Index) -> None:
        """Load the page after the last row."""
        if not self.canFetchMore(parent) or not self._lines:
            return
        self._fetching = True
        query = replace(self._query, before=self._lines[-1].view.place)
        if _is_long(query):
            self._ask(PAGE, query)
        else:
            self._append(self._read(self._generation, PAGE, query))

    def entry(self, row: int) -> EntryView:
        """Return the transmission of a row."""
        return self._lines[row].view

    def row_of(self, entry: str) -> int:
        """Return the row of a transmission, or -1."""
        return next((row for row, line in enumerate(self._lines) if line.view.entry == entry), -1)

    def day(self, row: int) -> datetime.date:
        """Return the day under which a row stands."""
        return self._lines[row].day

    def set_read(self, entries: Iterable[str]) -> None:
        """Show transmissions as read."""
        wanted = set(entries)
        for row, line in enumerate(self._lines):
            if line.view.unread and line.view.entry in wanted:
                self._replace(row, _Line(line.view.as_read(), line.day))

    def _read(self, generation: int, limit: int, query: TimeLineQuery) -> _Page:
        try:
            rows = self._workspace.cahier.entries(self._circle, query, limit)
        except KnownError as error:
            self._workspace.operations.problem.emit(str(error))
            rows = []
        return _Page(generation, limit, rows)

    def _ask(self, limit: int, query: TimeLineQuery) -> None:
        generation, circle, cahier = self._generation, self._circle, self._workspace.cahier
        self._workspace.operations.vault(
            lambda: _Page(generation, limit, cahier.entries(circle, query, limit)),
            self._first if query.before is None else self._append,
        )

    def _first(self, page: _Page) -> None:
        if page.generation != self._generation:
            return
        self.beginResetModel()
        self._lines = [_line(view) for view in page.rows]
        self._complete = len(page.rows) < page.limit
        self._fetching = False
        self.endResetModel()
        self.loaded.emit()

    def _append(self, page: _Page) -> None:
        if page.generation != self._generation:
            return
        self._fetching = False
        self._complete = len(page.rows) < page.limit
        known = {line.view.key for line in self._lines}
        rows = [_line(view) for view in page.rows if view.key not in known]
        if rows:
            self._insert(len(self._lines), rows)

    def _merge(self, page: _Page) -> None:
        if page.generation != self._generation:
            return
        fresh = {view.key: view for view in page.rows}
        whole = len(page.rows) < page.limit
        oldest = page.rows[-1].place if page.rows else (0, 0)
        for row in range(len(self._lines) - 1, -1, -1):
            view = self._lines[row].view
            beyond = not whole and view.place < oldest
            # What was just read stays under "Non lu" until the reader asks anew.
            kept = beyond or (self._query.unread and not view.unread)
            moved = view.key in fresh and fresh[view.key].place != view.place
            if moved or (view.key not in fresh and not kept):
                self._remove(row)
        known = {line.view.key for line in self._lines}
        for view in page.rows:
            if view.key in known:
                continue
            self._insert(self._place_of(view), [_line(view)])
        for row, line in enumerate(self._lines):
            now = fresh.get(line.view.key)
            if now is not None and now != line.view:
                self._replace(row, _line(now))
        self._complete = whole
        self.refreshed.emit()

    def _place_of(self, view: EntryView) -> int:
        low, high = 0, len(self._lines)
        while low < high:
            middle = (low + high) // 2
            if self._lines[middle].view.place > view.place:
                low = middle + 1
            else:
                high = middle
        return low

    def _insert(self, row: int, lines: list[_Line]) -> None:
        self.beginInsertRows(QModelIndex(), row, row + len(lines) - 1)
        self._lines[row:row] = lines
        self.endInsertRows()
        self._neighbours_changed(row - 1, row + len(lines))

    def _remove(self, row: int) -> None:
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._lines[row]
        self.endRemoveRows()
        self._neighbours_changed(row - 1, row)

    def _replace(self, row: int, line: _Line) -> None:
        self._lines[row] = line
        self.dataChanged.emit(self.index(row), self.index(row))

    def _neighbours_changed(self, *rows: int) -> None:
        for row in rows:
            if 0 <= row < len(self._lines):
                self.dataChanged.emit(self.index(row), self.index(row))


def _is_long(query: TimeLineQuery) -> bool:
    """Tell whether a page may take longer than a frame: it is not a stretch of an index."""
    return bool(query.search) or query.unread or query.urgent


def _line(view: EntryView) -> _Line:
    return _Line(view, local_time(view.shown).date())
