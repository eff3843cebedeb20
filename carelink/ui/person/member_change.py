"""Confirming a change: first what it does, in sentences; then the relay; nothing changes before."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.records.bodies import MAX_REASON_CHARACTERS
from carelink.services.errors import UnreachableError
from carelink.services.membership import Change
from carelink.ui.person.member_forms import ChangeForm
from carelink.ui.person.member_plans import Plan
from carelink.ui.theme import metrics
from carelink.ui.widgets import Banner, Card, Dialog, LabeledField, Paragraph, TextField, announce
from carelink.ui.workspace import Workspace


class ChangeDialog(Dialog):
    """One change, shown before it is made. The keyboard starts on what leaves everything as it is.

    Signals:
        made: It was made; with what is said of it.
    """

    made = Signal(str)

    def __init__(
        self, workspace: Workspace, plan: Plan, form: ChangeForm | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(plan.title, width=560, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workspace = workspace
        self._plan = plan
        self._wanted: Change | None = None
        self.form = form
        self.awaiting = False
        self.sentences: list[str] = []
        self._card = Card(tr("Ce qui va changer"))
        self.reason = TextField(tr("Raison"))
        self.reason.setMaxLength(MAX_REASON_CHARACTERS)
        label = tr("Pourquoi") if plan.reason == "required" else tr("Pourquoi (facultatif)")
        self._reason_field = LabeledField(
            label, self.reason, help_text=tr("Lu par la personne accompagnée et par qui coordonne.")
        )
        self._reason_field.setVisible(bool(plan.reason))
        self.told = Banner("")
        self.told.hide()
        if form is not None:
            self.body.addWidget(form)
            form.changed.connect(self._foresee)
        self.body.addWidget(self._card)
        self.body.addWidget(self._reason_field)
        self.body.addWidget(self.told)
        self.body.addStretch(1)
        self.act_button = self.set_primary(
            plan.act, variant="danger" if plan.takes else "primary", icon=plan.icon
        )
        # Enter does what is under the keyboard, and the keyboard starts on leaving all as it is.
        self.act_button.setDefault(False)
        self.act_button.setAutoDefault(True)
        self.cancel_button.setAutoDefault(True)
        self.cancel_button.setDefault(True)
        self.act_button.clicked.connect(self._act)
        self.act_button.hide()
        self.cancel_button.setFocus()
        self._foresee()

    def reject(self) -> None:
        """Leave all as it is; not while the relay may be making the change."""
        if not self.awaiting:
            super().reject()

    def _foresee(self) -> None:
        plan = self._plan
        wanted = plan.change if self.form is None else self.form.apply(plan.change)
        self._wanted = wanted
        self.told.hide()
        if wanted is None:
            self.act_button.hide()
            self._say([tr("Rien pour l’instant\u00a0: faites d’abord un choix.")])
            return
        self._workspace.operations.vault(
            lambda: (wanted, plan.foresee(wanted)), self._foreseen, self._cannot_foresee
        )

    def _foreseen(self, found: tuple[Change, list[str]]) -> None:
        wanted, sentences = found
        if wanted == self._wanted and not self.awaiting:
            self._say(sentences)
            self.act_button.show()

    def _cannot_foresee(self, error: KnownError) -> None:
        self.act_button.hide()
        self._say([str(error)])

    def _say(self, sentences: list[str]) -> None:
        if sentences == self.sentences:
            return
        self.sentences = sentences
        self._card.clear_rows()
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(metrics().gap(8))
        for sentence in sentences:
            column.addWidget(Paragraph(sentence))
        self._card.add_row(holder)
        self.setAccessibleDescription(" ".join(sentences))
        announce(self, " ".join(sentences))
        self.fit()

    def _act(self) -> None:
        wanted, plan = self._wanted, self._plan
        if wanted is None or self.awaiting:
            return
        reason = self.reason.text().strip()
        if plan.reason == "required" and not reason:
            self._reason_field.set_error(tr("Dites en quelques mots pourquoi."))
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
            announce(self, self._reason_field.error())
            return
        self._await(waiting=True)
        self.told.set_message(
            tr("Le relais est prévenu. Rien ne change tant qu’il n’a pas répondu."), tone="info"
        )
        self.told.show()
        change = replace(wanted, reason=reason)
        self._workspace.operations.network(lambda: plan.make(change), self._made, self._failed)

    def _await(self, *, waiting: bool) -> None:
        self.awaiting = waiting
        for widget in (self.act_button, self.cancel_button, self.reason, self.form):
            if widget is not None:
                widget.setEnabled(not waiting)
        self.act_button.set_text(tr("Le relais est prévenu…") if waiting else self._plan.act)

    def _made(self, _nothing: None) -> None:
        self.awaiting = False
        self.accept()
        self.made.emit(self._plan.done)

    def _failed(self, error: KnownError) -> None:
        self._await(waiting=False)
        sentence = str(error)
        if isinstance(error, UnreachableError):
            sentence = tr("Le relais ne répond pas\u00a0: rien n’a été changé. Réessayez avec du réseau.")
        self.told.set_message(sentence, tone="urgent")
        self.told.show()
        self.cancel_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.bring_into_view(self.told)
