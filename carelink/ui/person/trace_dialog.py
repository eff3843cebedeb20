"""Who consulted the file, in plain words, newest first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.trace import TraceView
from carelink.services.wording import role_name
from carelink.ui.person.moments import clock_words, day_heading, local_time, today
from carelink.ui.theme import metrics
from carelink.ui.widgets import Avatar, Card, Dialog, EmptyState, Label, SkeletonRows, scrolling
from carelink.ui.workspace import Workspace

SHOWN = 200


class TraceDialog(Dialog):
    """The accesses known here, a card for each day."""

    def __init__(self, workspace: Workspace, circle: str, person: str, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Qui a consulté le dossier de {name}", name=person),
            tr(
                "Qui a ouvert quoi et quand, jamais les mots lus ou cherchés. "
                "Une visite d’une demi-heure compte une fois."
            ),
            width=640,
            parent=parent,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, metrics().gap(8), 0)
        self._column.setSpacing(metrics().gap(14))
        self._waiting = SkeletonRows(5)
        self._column.addWidget(self._waiting)
        self._column.addStretch(1)
        area = scrolling(self._column)
        area.setMinimumHeight(metrics().px(420))
        self.body.addWidget(area)
        self.set_closing(tr("Fermer"))
        trace = workspace.trace
        workspace.operations.vault(lambda: trace.read(circle, SHOWN), self._show, self._fail)

    def _show(self, traces: list[TraceView]) -> None:
        self._waiting.hide()
        if not traces:
            self._column.insertWidget(
                0, EmptyState("history", tr("Personne n’a encore ouvert ce dossier"), "")
            )
            return
        card, day, place = None, None, 0
        for trace in traces:
            moment = local_time(trace.time)
            if card is None or moment.date() != day:
                day = moment.date()
                card = Card(day_heading(day, today()))
                self._column.insertWidget(place, card)
                place += 1
            card.add_row(_row(trace))

    def _fail(self, error: KnownError) -> None:
        self._waiting.hide()
        self._column.insertWidget(0, Label(str(error), tone="urgent", wrap=True))


def _row(trace: TraceView) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(metrics().gap(12))
    row.addWidget(Avatar(trace.name, key=trace.member), 0, Qt.AlignmentFlag.AlignTop)
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(Label(trace.name, "strong", wrap=True))
    clock = clock_words(local_time(trace.time))
    said = " · ".join(part for part in (role_name(trace.role), clock, trace.sentence) if part)
    words.addWidget(Label(said, "secondary", tone="ink-2", wrap=True))
    row.addLayout(words, 1)
    return holder
