"""Joining a circle with the code or the link that someone gave."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.joining import Joining
from carelink.ui.first_run.account import journey_steps
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Banner, Button, Card, Label, LabeledField, Paragraph, StepIndicator, TextField
from carelink.ui.widgets.centred import CentredPage
from carelink.ui.workspace import Workspace


class JoinPage(QWidget):
    """The code, then waiting to be let in.

    Signals:
        joined: The Joining that now waits for its inviter.
        left: Back, with nothing asked.
    """

    joined = Signal(object)
    left = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._busy = False
        page = CentredPage(620)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self.steps = StepIndicator(journey_steps("join"), current=3)
        self.steps.hide()
        self.code = TextField(tr("Code ou lien d’invitation"), placeholder="ABCD-EFGH-JKMN", size="family")
        self.code.textChanged.connect(self._typed)
        self.code.returnPressed.connect(self.submit)
        self.code_field = LabeledField(
            tr("Code ou lien d’invitation"),
            self.code,
            help_text=tr("Collez le lien entier, ou recopiez le code. Les majuscules ne comptent pas."),
        )
        self.relay = TextField(tr("Adresse du relais"), placeholder="https://relais.exemple.fr")
        self.relay.returnPressed.connect(self.submit)
        self.relay_field = LabeledField(
            tr("Adresse du relais"),
            self.relay,
            help_text=tr("Un code seul ne la dit pas\u00a0: demandez-la à la personne qui vous invite."),
        )
        self.relay_field.hide()
        self.join_button = Button(tr("Rejoindre"), variant="primary", size="family")
        self.join_button.clicked.connect(self.submit)
        self.back_button = Button(tr("Annuler"), size="family")
        self.back_button.clicked.connect(self.left)
        card = Card()
        self._fields = QVBoxLayout()
        for field in (self.code_field, self.relay_field):
            self._fields.addWidget(field)
        card.add_row(self._fields)
        foot = QHBoxLayout()
        foot.addWidget(self.back_button)
        foot.addStretch(1)
        foot.addWidget(self.join_button)
        page.column.addWidget(self.steps)
        page.column.addWidget(Label(tr("Rejoindre un cercle"), "title", wrap=True))
        page.column.addWidget(
            Paragraph(
                tr("La personne qui vous invite vous a donné un code de douze caractères, ou un lien."),
                tone="ink-2",
            )
        )
        page.column.addWidget(card)
        page.column.addLayout(foot)
        page.column.addWidget(
            Banner(
                tr(
                    "Les membres du cercle verront votre nom et votre rôle. Ce que vous ouvrez est "
                    "noté\u00a0: la personne accompagnée peut savoir qui a consulté quoi."
                ),
                title=tr("Avant d’entrer"),
                tone="neutral",
            )
        )
        on_theme(self._space)

    def begin(self, *, first: bool) -> None:
        """Start anew; `first` where this ends someone's very first steps."""
        self.steps.setVisible(first)
        self.code.clear()
        self.relay.clear()
        self.code_field.set_error("")
        self._set_busy(busy=False)
        self._workspace.operations.vault(self._workspace.state.relays, self._show_relays)

    def focus_first(self) -> None:
        """Give the keyboard to the code."""
        self.code.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Answer the invitation."""
        code, relay = self.code.text().strip(), self.relay.text().strip()
        if self._busy:
            return
        if not code:
            self.code_field.set_error(tr("Donnez le code ou le lien que vous avez reçu."))
            self.code.setFocus()
            return
        if not self.relay_field.isHidden() and not relay:
            self.relay_field.set_error(tr("Donnez l’adresse du relais, ou collez le lien entier."))
            self.relay.setFocus()
            return
        self.code_field.set_error("")
        self.relay_field.set_error("")
        self._set_busy(busy=True)
        self._workspace.operations.network(
            lambda: self._workspace.joinings.join(code, relay), self._joined, self._refused
        )

    def _joined(self, joining: Joining) -> None:
        self._set_busy(busy=False)
        self._workspace.poke()
        self.joined.emit(joining)

    def _refused(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        self.code_field.set_error(str(error))
        self.code.setFocus()

    def _typed(self, text: str) -> None:
        self.code_field.set_error("")
        bare = bool(text.strip()) and "@" not in text
        self.relay_field.setVisible(bare and len(text.strip()) > 3)

    def _show_relays(self, relays: tuple[str, ...]) -> None:
        if relays and not self.relay.text():
            self.relay.setText(relays[-1])

    def _set_busy(self, *, busy: bool) -> None:
        self._busy = busy
        self.join_button.setEnabled(not busy)
        self.join_button.set_text(tr("Vérification du code…") if busy else tr("Rejoindre"))

    def _space(self) -> None:
        self._fields.setSpacing(metrics().gap(16))
