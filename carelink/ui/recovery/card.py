"""Réglages: whether there is a recovery sheet, since when, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.language import tr
from carelink.services.moments import clock_words, day_words, local_time
from carelink.services.recovery import Recovery, SheetState
from carelink.ui.recovery.dialogs import CheckDialog, SheetDialog
from carelink.ui.recovery.words import address_words, what_it_is
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Banner, Button, Card, FlowLayout, Label, Paragraph, Toast
from carelink.ui.workspace import Workspace


class SheetCard(Card):
    """The state of the sheet.

    Signals:
        changed: Another sheet counts.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(tr("Feuille de secours"), parent=parent)
        self._workspace = workspace
        self._recovery = Recovery(workspace.session)
        self._state = SheetState(None)
        self.state = Label("", "strong", wrap=True)
        self.make_button = Button("", icon="file-text")
        self.make_button.clicked.connect(self.ask_new)
        self.check_button = Button(tr("Vérifier ma page"), icon="check")
        self.check_button.clicked.connect(self.ask_check)
        self.written_button = Button(tr("C’est écrit"), size="compact", icon="pencil")
        self.written_button.clicked.connect(self._written)
        self.to_write = Banner("", tone="caution", action=self.written_button)
        self._inside = QVBoxLayout()
        buttons = QWidget()
        row = FlowLayout(buttons, gap=10)
        for button in (self.make_button, self.check_button):
            row.addWidget(button)
        for widget in (
            self.state,
            Paragraph(what_it_is(), "secondary", tone="ink-2"),
            self.to_write,
            buttons,
        ):
            self._inside.addWidget(widget)
        self.add_row(self._inside)
        self._show(self._state)
        on_theme(self._respace)

    def refresh(self) -> None:
        """Read the state again."""
        self._workspace.operations.vault(self._recovery.state, self._show)

    def ask_new(self) -> None:
        """Make a sheet."""
        replaces = self._state.made is not None
        dialog = SheetDialog(self._workspace, replaces=replaces, parent=self.window())
        dialog.accepted.connect(self._made)
        dialog.open()

    def ask_check(self) -> None:
        """See that the page is at hand."""
        CheckDialog(self._workspace, self._state, self.window()).open()

    def _made(self) -> None:
        self._workspace.poke()
        self.refresh()
        self.changed.emit()
        Toast.show_in(self.window(), tr("Votre feuille de secours compte"), icon="file-text")

    def _written(self) -> None:
        self._workspace.operations.vault(self._recovery.written, self._after_written)

    def _after_written(self, _nothing: None) -> None:
        self.make_button.setFocus()
        self.refresh()

    def _show(self, state: SheetState) -> None:
        self._state = state
        if state.made is None:
            self.state.setText(tr("Vous n’en avez pas encore."))
        else:
            moment = local_time(state.made)
            self.state.setText(
                tr(
                    "Faite le {day} à {clock}.",
                    day=day_words(moment.date(), year=True),
                    clock=clock_words(moment),
                )
            )
        self.make_button.set_text(
            tr("Faire ma feuille…") if state.made is None else tr("Faire une nouvelle feuille…")
        )
        self.check_button.setVisible(state.made is not None)
        self.to_write.setVisible(bool(state.to_write))
        if state.to_write:
            self.to_write.set_message(address_words(state.to_write))

    def _respace(self) -> None:
        self._inside.setSpacing(metrics().gap(12))
