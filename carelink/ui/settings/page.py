"""Réglages: the look, when an account locks, and what is good to know about this PC."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.home import Home, HomeSettings
from carelink.models.vault.secrets import SecretKind
from carelink.services.door import opens_by_door
from carelink.ui.devices.card import DevicesCard
from carelink.ui.recovery.card import SheetCard
from carelink.ui.settings.look import apply_look
from carelink.ui.settings.portable import PortableCard
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import (
    Banner,
    Button,
    Card,
    Choice,
    Label,
    LabeledField,
    Paragraph,
    Select,
    Toast,
    ToggleGroup,
)
from carelink.ui.widgets.centred import CentredPage
from carelink.ui.workspace import Workspace

TEXT_SIZES = (100, 115, 130, 150, 175, 200)
LOCK_MINUTES = (2, 5, 10, 15, 30, 60)


class SettingsPage(QWidget):
    """Every change counts at once and is kept for this PC.

    Signals:
        changed: The HomeSettings now.
    """

    changed = Signal(object)

    def __init__(self, workspace: Workspace, home: Home, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._home = workspace, home
        self._settings = home.settings()
        page = CentredPage(720)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        page.column.addWidget(Label(tr("Réglages"), "title"))
        self.theme = ToggleGroup(
            tr("Apparence"),
            [
                Choice("system", tr("Comme l’ordinateur"), "device-desktop"),
                Choice("light", tr("Clair"), "sun"),
                Choice("dark", tr("Sombre"), "moon"),
                Choice("contrast", tr("Contraste fort"), "contrast"),
            ],
        )
        self.theme.set_current(self._settings.theme)
        self.theme.choice_changed.connect(self._theme_chosen)
        self.text_size = Select(tr("Taille du texte"))
        sizes = sorted({*TEXT_SIZES, self._settings.text_scale})
        for size in sizes:
            self.text_size.addItem(tr("{n}\u00a0%", n=size), size)
        self.text_size.setCurrentIndex(sizes.index(self._settings.text_scale))
        self.text_size.currentIndexChanged.connect(self._size_chosen)
        look = Card(tr("Affichage"))
        self._look = QVBoxLayout()
        self._look.addWidget(LabeledField(tr("Apparence"), self.theme))
        self._look.addWidget(LabeledField(tr("Taille du texte"), self.text_size))
        look.add_row(self._look)
        self.minutes = Select(tr("Verrouiller après"))
        delays = sorted({*LOCK_MINUTES, self._settings.auto_lock_minutes})
        for minutes in delays:
            self.minutes.addItem(tr("{n} minutes sans activité", n=minutes), minutes)
        self.minutes.setCurrentIndex(delays.index(self._settings.auto_lock_minutes))
        self.minutes.currentIndexChanged.connect(self._minutes_chosen)
        locking = Card(tr("Verrouillage"))
        locking.add_row(
            LabeledField(
                tr("Verrouiller après"),
                self.minutes,
                help_text=tr(
                    "Ctrl+L verrouille tout de suite. La note que vous étiez en train d’écrire est gardée."
                ),
            )
        )
        self.passphrase = Button(tr("Changer…"), icon="key")
        self.passphrase.clicked.connect(self._change_passphrase)
        # Each account of the demonstration opens by itself, with the passphrase that all of them have.
        if not home.is_demo:
            locking.add_row(self._passphrase_row())
            # On a workstation it would open what somebody else's locking has closed.
            if not opens_by_door(home, workspace.session.card):
                locking.add_row(self._pin_row())
                self._show_pin()
        relays = Card(tr("Relais"))
        self.relays = Paragraph(tr("Aucun relais pour l’instant."))
        self._relays = QVBoxLayout()
        self._relays.addWidget(self.relays)
        self._relays.addWidget(
            Paragraph(
                tr("Un relais transmet des notes chiffrées\u00a0; il ne peut lire ni les notes ni les noms."),
                "secondary",
                tone="ink-2",
            )
        )
        relays.add_row(self._relays)
        self.sheet = SheetCard(workspace)
        self.devices = DevicesCard(workspace)
        self.sheet.changed.connect(self.devices.refresh)
        self.devices.sheet_wanted.connect(self.sheet.ask_new)
        self.portable = PortableCard(workspace)
        for card in (look, locking, self.sheet, self.devices, self.portable, relays):
            page.column.addWidget(card)
        if workspace.session.card.secret_kind is SecretKind.FILE:
            page.column.addWidget(
                Banner(
                    tr(
                        "Cet ordinateur n’a pas de trousseau\u00a0: une partie de la serrure de votre "
                        "coffre est dans un fichier lisible par vous seulement. Chiffrez le disque de cet "
                        "ordinateur."
                    ),
                    tone="caution",
                )
            )
        on_theme(self._space)

    def refresh(self) -> None:
        """Show relays, devices and sheet as they are now."""
        for card in (self.sheet, self.devices, self.portable):
            card.refresh()
        self._workspace.operations.vault(self._workspace.state.relays, self._show_relays)

    def focus_first(self) -> None:
        """Give the keyboard to the first setting."""
        self.theme.chip(self.theme.current()).setFocus(Qt.FocusReason.OtherFocusReason)

    def _theme_chosen(self, code: str) -> None:
        self._change(theme=code)

    def _size_chosen(self, _index: int) -> None:
        self._change(text_scale=int(self.text_size.currentData()))

    def _minutes_chosen(self, _index: int) -> None:
        self._change(auto_lock_minutes=int(self.minutes.currentData()))

    def _passphrase_row(self) -> LabeledField:
        self.passphrase.setAccessibleName(tr("Changer la phrase de passe"))
        return LabeledField(
            tr("Phrase de passe"),
            self.passphrase,
            help_text=tr("Elle ouvre votre coffre sur cet ordinateur. Changez-la si quelqu’un a pu la voir."),
        )

    def _pin_row(self) -> LabeledField:
        self.pin = Button("", icon="lock")
        self.pin.clicked.connect(self._choose_pin)
        self.remove_pin = Button(tr("Retirer"), variant="quiet", icon="trash")
        self.remove_pin.setAccessibleName(tr("Retirer le code PIN"))
        self.remove_pin.clicked.connect(self._remove_pin)
        both = QWidget()
        both.setFocusProxy(self.pin)
        self._pin_buttons = QHBoxLayout(both)
        self._pin_buttons.setContentsMargins(0, 0, 0, 0)
        self._pin_buttons.addWidget(self.pin)
        self._pin_buttons.addWidget(self.remove_pin)
        self._pin_buttons.addStretch(1)
        self.pin_field = LabeledField(tr("Code PIN"), both)
        return self.pin_field

    def _show_pin(self) -> None:
        has_pin = self._workspace.session.kept is not None
        self.pin.set_text(tr("Changer…") if has_pin else tr("Choisir…"))
        self.pin.setAccessibleName(tr("Changer le code PIN") if has_pin else tr("Choisir un code PIN"))
        words = (
            tr("Il rouvre votre compte après un verrouillage, jusqu’à ce que CareLink soit fermé.")
            if has_pin
            else tr("Facultatif\u00a0: il rouvre votre compte plus vite que la phrase de passe.")
        )
        self.pin_field.set_help(words)
        self.pin.setAccessibleDescription(words)
        self.remove_pin.setVisible(has_pin)

    def _choose_pin(self) -> None:
        from carelink.ui.settings.pin import PinDialog

        dialog = PinDialog(self._workspace, self.window())
        dialog.accepted.connect(self._pin_chosen)
        dialog.open()

    def _pin_chosen(self) -> None:
        self._show_pin()
        Toast.show_in(self.window(), tr("Votre code PIN est choisi"), icon="lock")

    def _remove_pin(self) -> None:
        from carelink.services.pins import Pins

        self._workspace.operations.vault(Pins(self._workspace.session).remove, self._pin_removed)

    def _pin_removed(self, _done: None) -> None:
        self._show_pin()
        self.pin.setFocus(Qt.FocusReason.OtherFocusReason)
        Toast.show_in(self.window(), tr("Votre code PIN est retiré"), icon="lock")

    def _change_passphrase(self) -> None:
        from carelink.ui.settings.passphrase import PassphraseDialog

        dialog = PassphraseDialog(self._workspace, self._home, self.window())
        dialog.accepted.connect(self._passphrase_changed)
        dialog.open()

    def _passphrase_changed(self) -> None:
        if "pin" in vars(self):
            self._show_pin()
        self._workspace.poke()
        Toast.show_in(self.window(), tr("Votre phrase de passe est changée"), icon="key")

    def _change(self, **values: Any) -> None:  # noqa: ANN401  (any of the settings)
        current: HomeSettings = self._home.settings()
        self._settings = current._replace(**values)
        try:
            self._home.save_settings(self._settings)
        except KnownError as error:
            self._workspace.operations.problem.emit(str(error))
        if "auto_lock_minutes" not in values:
            apply_look(self._settings)
        self.changed.emit(self._settings)

    def _show_relays(self, relays: tuple[str, ...]) -> None:
        if relays:
            self.relays.set_text("\n".join(relays))

    def _space(self) -> None:
        for column in (self._look, self._relays):
            column.setSpacing(metrics().gap(12))
        if "pin" in vars(self):
            self._pin_buttons.setSpacing(metrics().gap(8))
