"""Who consulted the file, in plain words, newest first."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir, QSize, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from carelink.access.compartments import Stream
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.trace import TraceQuery
from carelink.services.wording import of_name
from carelink.ui.person.moments import today
from carelink.ui.person.trace_filters import TraceFilters
from carelink.ui.person.trace_list import TraceList
from carelink.ui.person.trace_model import TraceModel
from carelink.ui.theme import metrics
from carelink.ui.widgets import Button, Dialog, EmptyState, SkeletonRows, Toast, scrolling
from carelink.ui.workspace import Workspace

_WIDE = 760


class _Pages(QStackedWidget):
    """As high as it is told: what does not fit in a page scrolls there."""

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumHeight())


class TraceDialog(Dialog):
    """The accesses known here; looking at them leaves a trace too."""

    def __init__(self, workspace: Workspace, circle: str, person: str, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Qui a consulté le dossier {of_name}", of_name=of_name(person)),
            tr(
                "Qui a ouvert quoi et quand, jamais les mots lus ou cherchés. "
                "Une visite d’une demi-heure compte une fois. Regarder cette liste laisse aussi une trace."
            ),
            width=_WIDE,
            parent=parent,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workspace, self._circle = workspace, circle
        self.filters = TraceFilters()
        self.model = TraceModel(workspace, circle, self)
        self.list = TraceList(self.model)
        self._pages = _Pages()
        self._pages.setMinimumHeight(self._room())
        self._empty: EmptyState | None = None
        self._pages.addWidget(SkeletonRows(3))
        self._pages.addWidget(self.list)
        self.body.addWidget(self.filters)
        self.body.addWidget(self._pages, 1)
        self.set_closing(tr("Fermer"))
        self.export_button = Button(tr("Exporter un tableau"), icon="download")
        self.export_button.setToolTip(tr("Ce qui est listé, pour un tableur"))
        self.export_button.clicked.connect(self._ask_where)
        self.export_button.setEnabled(False)
        self.add_footer(self.export_button)
        self.model.loaded.connect(self._show)
        self.model.failed.connect(self._fail)
        self.filters.query_changed.connect(self._filter)
        trace = workspace.trace
        self.model.show_query(TraceQuery())
        workspace.operations.vault(lambda: trace.people(circle), self.filters.show_people)
        workspace.operations.vault(lambda: trace.record(circle, (Stream.TRACE,)), self._traced)

    def _room(self) -> int:
        """Return the height of the list: it scrolls, so that the dialog need not."""
        gap, width = metrics().gap, min(metrics().px(_WIDE), self.screen().availableGeometry().width())
        above = self.filters.heightForWidth(width - 2 * gap(24)) + gap(8 + 16 + 20)
        return min(metrics().px(420), max(metrics().px(160), self.body_room() - above))

    def rows(self) -> list[str]:
        """Return what is listed, in words."""
        if self._pages.currentWidget() is not self.list:
            return []
        return [self.model.row(place).sentence() for place in range(self.model.rowCount())]

    def empty(self) -> EmptyState | None:
        """Return what stands where nothing is listed."""
        return self._empty

    def export_to(self, out: str) -> None:
        """Write what is listed to a file; the system has asked whether it may be replaced."""
        trace, circle, query, path = self._workspace.trace, self._circle, self.filters.query(), Path(out)
        self._workspace.operations.vault(
            lambda: (path, trace.export(circle, path, query, replacing=True)),
            self._exported,
            self._not_exported,
        )

    def _filter(self, query: TraceQuery) -> None:
        self.model.show_query(query)

    def _traced(self, _nothing: None) -> None:
        """The trace goes with the next exchange; it is not worth one of its own."""

    def _show(self) -> None:
        found = self.model.rowCount() > 0
        self.export_button.setEnabled(found)
        if found:
            self._turn_to(None)
            self.list.scrollToTop()
            return
        narrowed = self.filters.nothing_words()
        everything = Button(tr("Tout montrer"), icon="filter") if narrowed else None
        if everything is not None:
            everything.clicked.connect(self.filters.start_over)
        self._turn_to(
            EmptyState("history", narrowed or tr("Personne n’a encore ouvert ce dossier"), action=everything)
        )

    def _fail(self, sentence: str) -> None:
        self.export_button.setEnabled(False)
        self._turn_to(EmptyState("alert-circle", tr("Les consultations n’ont pas pu être lues"), sentence))

    def _turn_to(self, empty: EmptyState | None) -> None:
        """Show the list, or what stands where nothing is listed."""
        before = self._pages.currentWidget() if self._empty is not None else None
        self._empty = empty
        # It scrolls, so that its words never ask the dialog for more height.
        page: QWidget = self.list
        if empty is not None:
            page = area = scrolling(empty)
            for ground in (area.viewport(), empty):
                ground.setAutoFillBackground(False)
            self._pages.addWidget(area)
        self._pages.setCurrentWidget(page)
        if before is not None:
            self._pages.removeWidget(before)
            before.hide()
            before.deleteLater()

    def _ask_where(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        # No name of a person: a file's name is seen by whoever sees the folder.
        name = tr("consultations {day}.csv", day=today().isoformat())
        dialog = QFileDialog(self, tr("Exporter un tableau"), QDir(folder).filePath(name))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("Tableau CSV (*.csv)"))
        dialog.setDefaultSuffix("csv")
        dialog.fileSelected.connect(self.export_to)
        dialog.open()

    def _exported(self, done: tuple[Path, int]) -> None:
        path, count = done
        told = tr("1\u00a0consultation") if count == 1 else tr("{count}\u00a0consultations", count=count)
        Toast.show_in(
            self, tr("{told} dans {file}. Ce fichier n’est pas chiffré.", told=told, file=path.name)
        )

    def _not_exported(self, error: KnownError) -> None:
        Toast.show_in(self, str(error), icon="alert-circle")
