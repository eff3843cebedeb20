"""Saying where the person is: what each status changes is told before it is confirmed."""

from __future__ import annotations

import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.records.status import PatientStatus
from carelink.services.circles import CircleView
from carelink.services.status_views import StatusView, status_consequence, status_name
from carelink.services.wording import of_name
from carelink.ui.person.day_field import DayField
from carelink.ui.person.moments import today
from carelink.ui.person.words import capital, first_name, status_line
from carelink.ui.theme import metrics
from carelink.ui.widgets import (
    Banner,
    Card,
    CheckBox,
    Dialog,
    Label,
    LabeledField,
    Paragraph,
    RadioButton,
    announce,
)
from carelink.ui.workspace import Workspace

_SHOWN = 5


class StatusDialog(Dialog):
    """One status, the day it began, and what was said before.

    Signals:
        said: The status stands.
    """

    said = Signal()

    def __init__(self, workspace: Workspace, view: CircleView, parent: QWidget | None = None) -> None:
        patient = view.patient
        self._name = patient.display if patient else tr("cette personne")
        self._sex = patient.sex if patient else ""
        given = first_name(patient.given) if patient else tr("cette personne")
        super().__init__(
            tr("Où est {name}\u202f?", name=given),
            tr(
                "Tous les membres du cercle le verront en haut du dossier, avec la date et votre nom. "
                "Ni cause ni diagnostic ici."
            ),
            parent=parent,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workspace, self._circle, self._given = workspace, view.circle, given
        self._before = view.status
        self.choices = {
            status: RadioButton(capital(status_name(status, self._sex))) for status in PatientStatus
        }
        choices = QWidget()
        column = QVBoxLayout(choices)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics().gap(4))
        for button in self.choices.values():
            column.addWidget(button)
            button.toggled.connect(self._follow)
        self.consequence = Banner("", tone="info")
        self.since = DayField(tr("Depuis le"))
        self.since.set_day(today())
        self._since_field = LabeledField(
            tr("Depuis le"), self.since, help_text=tr("Aujourd’hui, ou un jour passé.")
        )
        self.sure = CheckBox(tr("Je confirme que {name} est décédée", name=self._name))
        if self._sex == "M":
            self.sure.setText(tr("Je confirme que {name} est décédé", name=self._name))
            self.sure.setAccessibleName(self.sure.text())
        self.problem = Label("", "secondary", tone="urgent", wrap=True)
        self.problem.hide()
        for widget in (choices, self._since_field, self.consequence, self.sure, self.problem):
            self.body.addWidget(widget)
        self.primary = self.set_primary(tr("Enregistrer"))
        self.primary.clicked.connect(self._say)
        self.sure.toggled.connect(self._follow)
        self.choices[PatientStatus(self._before.status)].setChecked(True)
        self._follow()
        statuses, circle = workspace.statuses, view.circle
        workspace.operations.vault(lambda: statuses.history(circle), self._show_history)

    def chosen(self) -> PatientStatus:
        """Return the status that is chosen."""
        return next(status for status, button in self.choices.items() if button.isChecked())

    def _follow(self) -> None:
        if not any(button.isChecked() for button in self.choices.values()):
            return
        status = self.chosen()
        death = status is PatientStatus.DECEASED
        self.consequence.set_message(status_consequence(status, self._given))
        self.sure.setVisible(death)
        self._since_field.label.setText(tr("Date du décès") if death else tr("Depuis le"))
        self.primary.set_text(tr("Noter le décès") if death else tr("Enregistrer"))
        self.primary.setEnabled(self.sure.isChecked() or not death)
        self._fail("")

    def _say(self) -> None:
        try:
            day = self.since.day() or today()
        except ValueError:
            self._since_field.set_error(tr("Écrivez la date ainsi\u00a0: 12/04/2026."))
            self.since.setFocus()
            return
        self._since_field.set_error("")
        self.primary.setEnabled(False)
        statuses, circle, status, since = self._workspace.statuses, self._circle, self.chosen(), _begun(day)
        self._workspace.operations.network(
            lambda: statuses.say(circle, status, since), self._done, self._refused
        )

    def _done(self, _status: StatusView) -> None:
        self.said.emit()
        self.accept()

    def _refused(self, error: KnownError) -> None:
        self.primary.setEnabled(True)
        self._fail(str(error))

    def _fail(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        if sentence:
            announce(self, sentence)
            self.bring_into_view(self.problem)

    def _show_history(self, history: list[StatusView]) -> None:
        if not history:
            return
        card = Card(tr("Ce qui a été noté {of_name}", of_name=of_name(self._given)))
        for status in history[:_SHOWN]:
            card.add_row(Paragraph(status_line(status, self._sex), "secondary", tone="ink-2"))
        self.body.addWidget(card)


def _begun(day: datetime.date) -> int | None:
    """Return the beginning of a day here, or None for now."""
    if day == today():
        return None
    start = datetime.datetime.combine(day, datetime.time()).astimezone()
    return int(start.timestamp() * 1000)
