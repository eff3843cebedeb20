"""Changing what opens my vault: the passphrase of now, then the next one, twice."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.errors import SamePassphraseError, WeakPassphraseError, WrongPassphraseError
from carelink.models.vault.home import Home
from carelink.services.accounts import change_passphrase
from carelink.ui.first_run.passphrase import PassphraseChoice
from carelink.ui.widgets import Banner, Dialog, LabeledField, PassphraseField, announce
from carelink.ui.workspace import Workspace


class PassphraseDialog(Dialog):
    """Changes the passphrase of the account that is open; accepted once it counts."""

    def __init__(self, workspace: Workspace, home: Home, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Changer la phrase de passe"),
            tr("Le coffre reste ouvert, et tout ce qu’il contient reste en place."),
            width=600,
            parent=parent,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workspace, self._home = workspace, home
        self._busy = False
        self.problem = Banner("", tone="urgent")
        self.problem.hide()
        self.current = PassphraseField(tr("Phrase de passe actuelle"))
        self.current_field = LabeledField(tr("Phrase de passe actuelle"), self.current)
        self.choice = PassphraseChoice(tr("Nouvelle phrase de passe"))
        for widget in (self.problem, self.current_field, self.choice):
            self.body.addWidget(widget)
        self.change_button = self.set_primary(tr("Changer"))
        self.change_button.clicked.connect(self._change)
        self.current.setFocus()

    def reject(self) -> None:
        """Leave, unless the change is being written: it could not be told whether it counts."""
        if not self._busy:
            super().reject()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep nothing of what was typed, however the dialog goes."""
        if not event.spontaneous():
            self.current.forget()
            self.choice.forget()
        super().hideEvent(event)

    def _change(self) -> None:
        self.problem.hide()
        self.current_field.set_error("")
        current = self.current.text()
        if not current:
            self._say_beside(
                self.current_field, tr("Tapez la phrase de passe qui ouvre votre coffre aujourd’hui.")
            )
            return
        new = self.choice.checked()
        if new is None:
            second = self.choice.second_field
            self._say_beside(second if second.error() else self.choice.first_field)
            return
        home, card = self._home, self._workspace.session.card
        self._set_busy(busy=True)
        self._workspace.operations.vault(
            lambda: change_passphrase(home, card, current, new), self._changed, self._refused
        )

    def _changed(self, _done: None) -> None:
        self._set_busy(busy=False)
        self.accept()

    def _refused(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        if isinstance(error, WrongPassphraseError):
            self.current.selectAll()
            self._say_beside(self.current_field, str(error))
        elif isinstance(error, SamePassphraseError | WeakPassphraseError):
            self._say_beside(self.choice.first_field, str(error))
        else:
            self.problem.set_message(str(error))
            self.problem.show()
            self.bring_into_view(self.problem)
            self.change_button.setFocus(Qt.FocusReason.OtherFocusReason)
            announce(self, str(error))

    def _say_beside(self, field: LabeledField, sentence: str = "") -> None:
        """Lead to a field and to what is wrong with it; `sentence`, where the field does not say it yet."""
        if sentence:
            field.set_error(sentence)
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.bring_into_view(field)
        announce(self, field.error())

    def _set_busy(self, *, busy: bool) -> None:
        self._busy = busy
        for widget in (self.change_button, self.cancel_button, self.current_field, self.choice):
            widget.setEnabled(not busy)
        self.change_button.set_text(tr("Changement…") if busy else tr("Changer"))
