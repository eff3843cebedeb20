"""At the top of the first screen: no recovery sheet yet, or an address to add to it."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.language import tr
from carelink.services.recovery import Recovery, SheetState
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Banner, Button
from carelink.ui.workspace import Workspace


class SheetReminder(QWidget):
    """Says it from when an account opens, on its first screen alone; "Plus tard" is a week."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._home = True
        self.banner: Banner | None = None
        self._column = QVBoxLayout(self)
        self.hide()
        on_theme(self._space)

    def show_state(self, state: SheetState | None) -> None:
        """Say what remains to be done, or nothing."""
        if self.banner is not None:
            self._column.removeWidget(self.banner)
            self.banner.hide()
            self.banner.deleteLater()
            self.banner = None
        if state is not None:
            self.banner = self._banner(state)
            self._column.addWidget(self.banner)
        self.set_home(home=self._home)

    def set_home(self, *, home: bool) -> None:
        """Be there on the first screen, and nowhere else."""
        self._home = home
        self.setVisible(home and self.banner is not None)

    def _banner(self, state: SheetState) -> Banner:
        from carelink.ui.recovery.words import address_words

        missing = state.made is None
        self.act_button = Button(
            tr("Faire ma feuille") if missing else tr("C’est écrit"),
            size="compact",
            icon="file-text" if missing else "pencil",
        )
        self.act_button.clicked.connect(self._make if missing else self._written)
        self.later_button = Button(tr("Plus tard"), variant="quiet", size="compact")
        self.later_button.setAccessibleDescription(tr("Me le rappeler dans une semaine"))
        self.later_button.clicked.connect(self._later)
        text = (
            tr(
                "Sans elle, si vous perdez cet ordinateur ou votre phrase de passe, personne ne peut rouvrir "
                "vos cercles à votre place. Une page à imprimer, cinq minutes."
            )
            if missing
            else address_words(state.to_write)
        )
        title = (
            tr("Vous n’avez pas encore de feuille de secours")
            if missing
            else tr("Une adresse à ajouter à votre feuille de secours")
        )
        banner = Banner(
            text, title=title, tone="caution", icon="file-text", action=self.act_button, parent=self
        )
        banner.add_action(self.later_button)
        return banner

    def _make(self) -> None:
        from carelink.ui.recovery.dialogs import SheetDialog

        dialog = SheetDialog(self._workspace, replaces=False, parent=self.window())
        dialog.accepted.connect(self._made)
        dialog.open()

    def _made(self) -> None:
        self._workspace.poke()
        self.show_state(None)

    def _later(self) -> None:
        self._workspace.operations.vault(Recovery(self._workspace.session).remind_later, self._done)

    def _written(self) -> None:
        self._workspace.operations.vault(Recovery(self._workspace.session).written, self._done)

    def _done(self, _nothing: None) -> None:
        self.show_state(None)

    def _space(self) -> None:
        gap = metrics().gap
        self._column.setContentsMargins(gap(28), gap(12), gap(28), 0)
