"""Who consulted the file, in plain words, newest first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.trace import TraceView
from carelink.services.wording import of_name
from carelink.ui.person.trace_list import TraceList, trace_rows
from carelink.ui.theme import metrics
from carelink.ui.widgets import Dialog, EmptyState, SkeletonRows
from carelink.ui.workspace import Workspace


class TraceDialog(Dialog):
    """The accesses known here."""

    def __init__(self, workspace: Workspace, circle: str, person: str, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Qui a consulté le dossier {of_name}", of_name=of_name(person)),
            tr(
                "Qui a ouvert quoi et quand, jamais les mots lus ou cherchés. "
                "Une visite d’une demi-heure compte une fois."
            ),
            width=660,
            parent=parent,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._pages = QStackedWidget()
        self._pages.setMinimumHeight(min(metrics().px(440), self.body_room() - 2 * metrics().px(24)))
        self._pages.addWidget(SkeletonRows(5))
        self.body.addWidget(self._pages)
        self.set_closing(tr("Fermer"))
        trace = workspace.trace
        workspace.operations.vault(lambda: trace.read(circle), self._show, self._fail)

    def rows(self) -> list[str]:
        """Return what is listed, in words."""
        shown = self._pages.currentWidget()
        if not isinstance(shown, TraceList):
            return []
        model = shown.model()
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    def _show(self, traces: list[TraceView]) -> None:
        if traces:
            self._turn_to(TraceList(trace_rows(traces)))
        else:
            self._turn_to(EmptyState("history", tr("Personne n’a encore ouvert ce dossier")))

    def _fail(self, error: KnownError) -> None:
        self._turn_to(EmptyState("alert-circle", tr("Les consultations n’ont pas pu être lues"), str(error)))

    def _turn_to(self, page: QWidget) -> None:
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
