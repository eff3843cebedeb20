"""Opening my account on my teams' shared workstations: whether it does, and saying so."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.services.portable import PortableAccount, PortableState
from carelink.ui.settings.secret_dialog import SecretDialog
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Button, Card, Paragraph, Toast
from carelink.ui.workspace import Workspace


class PortableCard(Card):
    """Whether the account that is open opens on workstations."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(tr("Postes partagés"))
        self._workspace = workspace
        self._account = PortableAccount(workspace.session)
        self.words = Paragraph("", tone="ink-2")
        self.make_button = Button(tr("Rendre utilisable…"), icon="device-desktop")
        self.make_button.clicked.connect(self._make)
        self.stop_button = Button(tr("Ne plus l’utiliser ailleurs"), variant="quiet")
        self.stop_button.clicked.connect(self._stop)
        self._words_box = QVBoxLayout()
        self._words_box.addWidget(self.words)
        self._action_row = QHBoxLayout()
        self._action_row.addWidget(self.make_button)
        self._action_row.addWidget(self.stop_button)
        self._action_row.addStretch(1)
        self._words_box.addLayout(self._action_row)
        self.add_row(self._words_box)
        on_theme(self._respace)
        self._show(PortableState(made=False, teams=(), here=False))
        # Shown by what it stands in: alone, it would be a window.
        if workspace.session.home.is_demo:
            self.hide()

    def refresh(self) -> None:
        """Show whether it does now."""
        self._workspace.operations.vault(self._account.state, self._show)

    def _show(self, state: PortableState) -> None:
        words = tr(
            "Dans un établissement, ce compte peut s’ouvrir sur n’importe quel poste de vos équipes, par "
            "votre nom et votre phrase de passe."
        )
        if state.made and state.teams:
            words = tr(
                "Ce compte s’ouvre sur les postes de vos équipes, par votre nom et votre phrase de passe."
            )
        elif state.made:
            words = tr("Ce compte s’ouvrira sur les postes de vos équipes dès qu’elles en auront.")
        self.words.set_text(words)
        self.make_button.setVisible(not state.made)
        self.stop_button.setVisible(state.made and not state.here)

    def _make(self) -> None:
        dialog = PortableDialog(self._workspace, self.window())
        dialog.accepted.connect(self._made)
        dialog.open()

    def _made(self) -> None:
        self.refresh()
        self._workspace.poke()
        self.make_button.setFocus(Qt.FocusReason.OtherFocusReason)
        Toast.show_in(
            self.window(), tr("Votre compte s’ouvrira sur les postes partagés"), icon="device-desktop"
        )

    def _stop(self) -> None:
        self._workspace.operations.vault(self._account.stop, self._stopped)

    def _stopped(self, _could: bool) -> None:
        self.refresh()
        self._workspace.poke()
        Toast.show_in(
            self.window(), tr("Votre compte ne s’ouvrira plus sur les postes partagés"), icon="lock"
        )

    def _respace(self) -> None:
        self._words_box.setSpacing(metrics().gap(12))
        self._action_row.setSpacing(metrics().gap(8))


class PortableDialog(SecretDialog):
    """Asks for the passphrase, which opens the account on workstations too."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Utiliser mon compte sur les postes partagés"),
            tr(
                "Il s’y ouvrira par votre nom et cette même phrase de passe. Le relais garde votre compte "
                "fermé sous les deux serrures\u00a0: celle des postes de l’équipe et votre phrase."
            ),
            (tr("Rendre utilisable"), tr("Préparation…")),
            tr("Votre phrase de passe"),
            parent,
        )
        self._workspace = workspace
        self.change_button.clicked.connect(self._make)

    def _make(self) -> None:
        passphrase = self.typed_passphrase()
        if passphrase is None:
            return
        account = PortableAccount(self._workspace.session)
        self.set_busy(busy=True)
        self._workspace.operations.vault(lambda: account.make(passphrase), self.done_well, self.refused)
