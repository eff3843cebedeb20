"""Changing what opens my vault: the passphrase of now, then the next one, twice."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.errors import SamePassphraseError, WeakPassphraseError
from carelink.models.vault.home import Home
from carelink.services.door import change_here
from carelink.services.pins import Pins
from carelink.ui.first_run.passphrase import PassphraseChoice
from carelink.ui.settings.secret_dialog import SecretDialog
from carelink.ui.workspace import Workspace


class PassphraseDialog(SecretDialog):
    """Changes the passphrase of the account that is open."""

    def __init__(self, workspace: Workspace, home: Home, parent: QWidget | None = None) -> None:
        text = tr("Le coffre reste ouvert, et tout ce qu’il contient reste en place.")
        if workspace.session.kept is not None:
            text = tr(
                "Le coffre reste ouvert, et tout ce qu’il contient reste en place. Votre code PIN est retiré "
                "avec l’ancienne phrase\u00a0: vous en choisirez un autre."
            )
        super().__init__(
            tr("Changer la phrase de passe"),
            text,
            (tr("Changer"), tr("Changement…")),
            tr("Phrase de passe actuelle"),
            parent,
        )
        self._workspace, self._home = workspace, home
        self.choice = PassphraseChoice(tr("Nouvelle phrase de passe"))
        self.choice.set_about(workspace.session.name)
        self.body.addWidget(self.choice)
        self.change_button.clicked.connect(self._change)

    def forget(self) -> None:
        """Keep nothing of what was typed or proposed."""
        super().forget()
        self.choice.forget()

    def refused(self, error: KnownError) -> None:
        """Say why it does not count, beside the new passphrase where that is the reason."""
        if isinstance(error, SamePassphraseError | WeakPassphraseError):
            self.set_busy(busy=False)
            self.say_beside(self.choice.first_field, str(error))
        else:
            super().refused(error)

    def _change(self) -> None:
        current = self.typed_passphrase()
        if current is None:
            return
        new = self.choice.checked()
        if new is None:
            second = self.choice.second_field
            self.say_beside(second if second.error() else self.choice.first_field)
            return
        session = self._workspace.session

        def work() -> None:
            change_here(session, current, new)
            Pins(session).forget()

        self.set_busy(busy=True)
        self._workspace.operations.vault(work, self.done_well, self.refused)
