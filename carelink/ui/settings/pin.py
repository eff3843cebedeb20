"""Choosing the PIN that re-opens my account until CareLink ends: my passphrase, then the digits, twice."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.errors import WeakPinError
from carelink.models.vault.pins import LEAST_DIGITS, TRIES, require_good_pin
from carelink.services.pins import Pins
from carelink.ui.settings.secret_dialog import SecretDialog
from carelink.ui.widgets import LabeledField, PinField
from carelink.ui.workspace import Workspace


class PinDialog(SecretDialog):
    """Chooses the PIN of the account that is open, in the place of the one it may have."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Choisir un code PIN"),
            tr(
                "Il rouvre votre compte après un verrouillage, tant que CareLink n’a pas été fermé. Après "
                "{n} erreurs, ou au prochain démarrage, il faut la phrase de passe.",
                n=TRIES,
            ),
            (tr("Choisir ce code"), tr("Enregistrement…")),
            tr("Votre phrase de passe"),
            parent=parent,
        )
        self._workspace = workspace
        self.pin = PinField(tr("Code PIN"))
        self.pin_field = LabeledField(
            tr("Code PIN"),
            self.pin,
            help_text=tr(
                "{n} chiffres ou plus. Ni date, ni suite de chiffres, ni chiffres répétés.", n=LEAST_DIGITS
            ),
        )
        self.again = PinField(tr("Encore une fois"))
        self.again_field = LabeledField(tr("Encore une fois"), self.again)
        for field in (self.pin_field, self.again_field):
            self.body.addWidget(field)
        self.change_button.clicked.connect(self._choose)

    def forget(self) -> None:
        """Keep nothing of what was typed."""
        super().forget()
        for field in (self.pin, self.again):
            field.forget()

    def refused(self, error: KnownError) -> None:
        """Say why it does not count, beside the PIN where that is the reason."""
        if isinstance(error, WeakPinError):
            self.set_busy(busy=False)
            self.say_beside(self.pin_field, str(error))
        else:
            super().refused(error)

    def _choose(self) -> None:
        passphrase = self.typed_passphrase()
        if passphrase is None:
            return
        for field in (self.pin_field, self.again_field):
            field.set_error("")
        try:
            pin = require_good_pin(self.pin.text())
        except WeakPinError as error:
            self.say_beside(self.pin_field, str(error))
            return
        if "".join(self.again.text().split()) != pin:
            self.say_beside(
                self.again_field,
                tr("Les deux codes diffèrent\u00a0: retapez le second, ou affichez-les avec l’œil."),
            )
            return
        pins = Pins(self._workspace.session)
        self.set_busy(busy=True)
        self._workspace.operations.vault(lambda: pins.choose(passphrase, pin), self.done_well, self.refused)
