"""The accesses to a file as an item model: pages on demand, a heading a day, one row a visit."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.moments import clock_words, local_time
from carelink.services.trace import TracedPerson, TraceQuery, TraceView
from carelink.services.trace.views import PAGE
from carelink.services.trace.words import access_sentence, act_words
from carelink.ui.person.moments import day_heading, today
from carelink.ui.widgets.tooltips import as_plain_tooltip
from carelink.ui.workspace import Workspace

Index = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()
SAME_VISIT_MS = 60_000


@dataclass(frozen=True, slots=True)
class Visit:
    """What one person did at one time; volets opened together make one visit."""

    person: TracedPerson
    action: str
    compartments: tuple[str, ...]
    time: int

    @property
    def act(self) -> str:
        """What was done, to follow the name."""
        return act_words(self.action, self.compartments)


@dataclass(frozen=True, slots=True)
class TraceRow:
    """A visit, or the heading of a day where there is none."""

    day: datetime.date
    visit: Visit | None = None

    def sentence(self) -> str:
        """Return the row as it is read aloud."""
        if self.visit is None:
            return day_heading(self.day, today())
        visit = self.visit
        return access_sentence(visit.person, visit.act, visit.time, today())

    def clock(self) -> str:
        """Return the time of day of a visit."""
        return clock_words(local_time(self.visit.time)) if self.visit is not None else ""


def together(views: Sequence[TraceView]) -> list[list[TraceView]]:
    """Return accesses, newest first, in groups of those that were one act on several volets."""
    groups: list[list[TraceView]] = []
    for view in views:
        last = groups[-1][0] if groups else None
        same = last is not None and (last.person.id, last.action) == (view.person.id, view.action)
        if last is not None and same and last.time - view.time < SAME_VISIT_MS:
            groups[-1].append(view)
        else:
            groups.append([view])
    return groups


def _row(group: Sequence[TraceView]) -> TraceRow:
    first = group[0]
    volets = tuple(dict.fromkeys(view.compartment for view in group))
    return TraceRow(local_time(first.time).date(), Visit(first.person, first.action, volets, first.time))


@dataclass(frozen=True, slots=True)
class _Page:
    generation: int
    views: list[TraceView]


class TraceModel(QAbstractListModel):
    """Rows of `TraceRow`, newest first.

    Signals:
        loaded: The first page of a query is there.
        failed: Why it could not be read, in a sentence.
    """

    loaded = Signal()
    failed = Signal(str)

    def __init__(self, workspace: Workspace, circle: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._circle = workspace, circle
        self._query = TraceQuery()
        self._rows: list[TraceRow] = []
        # What the last row is made of: the next page may begin in the middle of a visit.
        self._last: list[TraceView] = []
        self._generation = 0
        self._fetching = False
        self._complete = True

    def show_query(self, query: TraceQuery) -> None:
        """Show what `query` finds, from its newest on."""
        self._query = query
        self._generation += 1
        self._ask(query)

    def row(self, place: int) -> TraceRow:
        """Return a row."""
        return self._rows[place]

    def rowCount(self, parent: Index = NO_INDEX) -> int:
        """Return how many rows are loaded, headings included."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row in words."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return row.sentence()
        if role == Qt.ItemDataRole.ToolTipRole and row.visit is not None:
            return as_plain_tooltip(row.sentence())
        return None

    def canFetchMore(self, parent: Index) -> bool:
        """Tell whether there may be older accesses."""
        return not parent.isValid() and not self._complete and not self._fetching

    def fetchMore(self, parent: Index) -> None:
        """Load the page after the last row."""
        if self.canFetchMore(parent) and self._last:
            self._ask(replace(self._query, before=self._last[-1].place))

    def _ask(self, query: TraceQuery) -> None:
        self._fetching = True
        generation, circle, trace = self._generation, self._circle, self._workspace.trace
        self._workspace.operations.vault(
            lambda: _Page(generation, trace.read(circle, query)),
            self._first if query.before is None else self._append,
            self._fail,
        )

    def _first(self, page: _Page) -> None:
        if page.generation != self._generation:
            return
        self.beginResetModel()
        self._rows, self._last = [], []
        self._rows = self._arranged(page.views)
        self.endResetModel()
        self._ended(page)
        self.loaded.emit()

    def _append(self, page: _Page) -> None:
        if page.generation != self._generation:
            return
        if page.views:
            groups = together([*self._last, *page.views])
            if len(groups[0]) > len(self._last):
                place = len(self._rows) - 1
                self._rows[place] = _row(groups[0])
                self.dataChanged.emit(self.index(place), self.index(place))
            rows = self._with_headings(groups[1:])
            if rows:
                first = len(self._rows)
                self.beginInsertRows(NO_INDEX, first, first + len(rows) - 1)
                self._rows += rows
                self.endInsertRows()
            self._last = groups[-1]
        self._ended(page)

    def _arranged(self, views: Sequence[TraceView]) -> list[TraceRow]:
        groups = together(views)
        self._last = groups[-1] if groups else []
        return self._with_headings(groups)

    def _with_headings(self, groups: Sequence[Sequence[TraceView]]) -> list[TraceRow]:
        rows: list[TraceRow] = []
        day = self._rows[-1].day if self._rows else None
        for group in groups:
            row = _row(group)
            if row.day != day:
                day = row.day
                rows.append(TraceRow(day))
            rows.append(row)
        return rows

    def _ended(self, page: _Page) -> None:
        self._fetching = False
        self._complete = len(page.views) < PAGE

    def _fail(self, error: KnownError) -> None:
        self._fetching, self._complete = False, True
        self.failed.emit(str(error) or tr("Les consultations n’ont pas pu être lues"))
