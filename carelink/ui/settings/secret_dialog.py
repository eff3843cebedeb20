"""What a dialog that asks for the passphrase of now, and for a secret to come, has in common."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.errors import WrongPassphraseError
from carelink.ui.widgets import Banner, Dialog, LabeledField, PassphraseField, announce


class SecretDialog(Dialog):
    """Asks for the current passphrase first; accepted once what it is for counts.

    Args:
        title: What it does.
        text: What stays as it is.
        action: The button's words, and those while it works.
        asked: What the passphrase is called.
        parent: The Qt parent.
    """

    def __init__(
        self, title: str, text: str, action: tuple[str, str], asked: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, text, width=600, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._action, self._acting = action
        self._busy = False
        self.problem = Banner("", tone="urgent")
        self.problem.hide()
        self.current = PassphraseField(asked)
        self.current_field = LabeledField(asked, self.current)
        for widget in (self.problem, self.current_field):
            self.body.addWidget(widget)
        self.change_button = self.set_primary(self._action)
        self.current.setFocus()

    def reject(self) -> None:
        """Leave, unless the change is being written: it could not be told whether it counts."""
        if not self._busy:
            super().reject()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep nothing of what was typed, however the dialog goes."""
        if not event.spontaneous():
            self.forget()
        super().hideEvent(event)

    def forget(self) -> None:
        """Keep nothing of what was typed."""
        self.current.forget()

    def typed_passphrase(self) -> str | None:
        """Return the passphrase typed, or None after asking for it."""
        self.problem.hide()
        self.current_field.set_error("")
        if typed := self.current.text():
            return typed
        self.say_beside(
            self.current_field, tr("Tapez la phrase de passe qui ouvre votre coffre aujourd’hui.")
        )
        return None

    def done_well(self, _done: None) -> None:
        """Leave: it counts."""
        self.set_busy(busy=False)
        self.accept()

    def refused(self, error: KnownError) -> None:
        """Say why it does not count, beside the passphrase where that is the reason."""
        self.set_busy(busy=False)
        if isinstance(error, WrongPassphraseError):
            self.current.selectAll()
            self.say_beside(self.current_field, str(error))
            return
        self.problem.set_message(str(error))
        self.problem.show()
        self.bring_into_view(self.problem)
        self.change_button.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, str(error))

    def say_beside(self, field: LabeledField, sentence: str = "") -> None:
        """Lead to a field and to what is wrong with it; `sentence`, where the field does not say it yet."""
        if sentence:
            field.set_error(sentence)
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.bring_into_view(field)
        announce(self, field.error())

    def set_busy(self, *, busy: bool) -> None:
        """Show that it is at work: nothing can be changed meanwhile."""
        self._busy = busy
        for index in range(self.body.count()):
            item = self.body.itemAt(index)
            widget = None if item is None else item.widget()
            if widget is not None:
                widget.setEnabled(not busy)
        self.change_button.setEnabled(not busy)
        self.cancel_button.setEnabled(not busy)
        self.change_button.set_text(self._acting if busy else self._action)
