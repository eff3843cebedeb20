"""Choosing a passphrase: four words are proposed, and how strong a typed one is is said in words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.models.vault.passphrases import MANY_GUESSES, judge, propose
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Button, Card, Label, LabeledField, Paragraph, PassphraseField


def strength_words(passphrase: str, about: Sequence[str] = ()) -> str:
    """Return how strong a passphrase is, in words; empty for nothing typed."""
    if not passphrase.strip():
        return ""
    judged = judge(passphrase, about)
    if judged.why:
        return tr("Faible\u00a0: {why}.", why=judged.why)
    if judged.guesses >= MANY_GUESSES:
        return tr("Solide.")
    return tr("Correcte\u00a0: un ou deux mots de plus la rendraient solide.")


class PassphraseChoice(QWidget):
    """Two fields to type a new passphrase in, below four words to take.

    Args:
        name: What the first field asks for; by default the passphrase of a first account.
        parent: The Qt parent.

    Signals:
        submitted: Enter was pressed in the last field.
    """

    submitted = Signal()

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._about: tuple[str, ...] = ()
        name = name or tr("Votre phrase de passe")
        self.words = Label(propose(), "heading", wrap=True)
        self.words.setAccessibleDescription(tr("Quatre mots proposés"))
        self.again = Button(tr("Quatre autres mots"), variant="quiet", icon="refresh")
        self.again.clicked.connect(self._propose)
        self.take = Button(tr("Prendre ces mots"), icon="check")
        self.take.clicked.connect(self._take)
        self.first = PassphraseField(name)
        self.second = PassphraseField(tr("Encore une fois"))
        self.first.textChanged.connect(self._judge)
        self.second.returnPressed.connect(self.submitted)
        self.first_field = LabeledField(name, self.first, help_text=" ")
        self.second_field = LabeledField(tr("Encore une fois"), self.second)
        card = Card(tone="muted")
        self._proposal = QVBoxLayout()
        self._buttons = QHBoxLayout()
        for button in (self.take, self.again):
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._proposal.addWidget(
            Paragraph(tr("Quatre mots au hasard se retiennent et ne se devinent pas\u00a0:"), tone="ink-2")
        )
        self._proposal.addWidget(self.words)
        self._proposal.addLayout(self._buttons)
        card.add_row(self._proposal)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (card, self.first_field, self.second_field):
            self._column.addWidget(widget)
        self._judge()
        on_theme(self._space)

    def set_about(self, name: str) -> None:
        """Take into account whose passphrase it is: their name is none."""
        self._about = (name,)
        self._judge()

    def checked(self) -> str | None:
        """Return the passphrase, or None after saying what is missing."""
        typed = self.first.text()
        self.second_field.set_error("")
        if why := judge(typed, self._about).why:
            self.first_field.set_error(
                tr(
                    "Trop facile à deviner\u00a0: {why}. Prenez par exemple les quatre mots proposés.",
                    why=why,
                )
            )
            self.first.setFocus()
            return None
        if self.second.text() != typed:
            self.second_field.set_error(
                tr("Les deux phrases diffèrent\u00a0: retapez la seconde, ou affichez-les avec l’œil.")
            )
            self.second.setFocus()
            return None
        return typed

    def forget(self) -> None:
        """Keep nothing of what was typed or proposed."""
        for field in (self.first, self.second):
            field.forget()
        self._propose()

    def _propose(self) -> None:
        self.words.setText(propose())

    def _take(self) -> None:
        for field in (self.first, self.second):
            field.setText(self.words.text())
            if not field.revealed:
                field.toggle_reveal()
        self.second.setFocus()

    def _judge(self) -> None:
        self.first_field.set_error("")
        self.first_field.set_help(
            strength_words(self.first.text(), self._about)
            or tr("Elle ouvre votre coffre sur cet ordinateur, et personne ne peut la retrouver pour vous.")
        )

    def _space(self) -> None:
        gap = metrics().gap
        self._column.setSpacing(gap(16))
        self._proposal.setSpacing(gap(10))
        self._buttons.setSpacing(gap(8))
