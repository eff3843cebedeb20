"""Adding this PC to an account of another one: its code, a passphrase, three words to give there."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.home import Home
from carelink.services.pairing import join_account
from carelink.services.session import Session
from carelink.ui.first_run.passphrase import PassphraseChoice
from carelink.ui.operations import Operations
from carelink.ui.theme import metrics, on_theme
from carelink.ui.unlock.opening import open_session
from carelink.ui.widgets import (
    Banner,
    Button,
    Card,
    Label,
    LabeledField,
    Paragraph,
    StepIndicator,
    TextField,
    WaitList,
    WaitStep,
    announce,
)
from carelink.ui.widgets.centred import CentredPage

CODE_STEP, PASSPHRASE_STEP, WORDS_STEP = range(3)


class _LeftError(KnownError):
    """The person went back while the other PC was waited for."""


class PairPage(QWidget):
    """Three steps; the last waits for the other PC, and opens the account by itself.

    Signals:
        opened: The Session of the account on this PC.
        left: Back to where one came from.
    """

    opened = Signal(object)
    left = Signal()
    _shown = Signal(object)

    def __init__(
        self, operations: Operations, settle: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._operations, self._settle = operations, settle
        self._home: Home | None = None
        self._stopped = threading.Event()
        self.step = CODE_STEP
        page = CentredPage(620)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self.steps = StepIndicator([tr("Le code"), tr("Phrase de passe"), tr("Trois mots")])
        self._title = Label("", "title", wrap=True)
        self._lead = Paragraph("", tone="ink-2")
        self.problem = Banner("", tone="urgent")
        self.problem.hide()
        self._code_page = self._code()
        self.choice = PassphraseChoice()
        self.choice.submitted.connect(self.go_on)
        self._words_page = self._words()
        self.back_button = Button(tr("Retour"), icon="arrow-left")
        self.back_button.clicked.connect(self._go_back)
        self.next_button = Button(tr("Continuer"), variant="primary")
        self.next_button.clicked.connect(self.go_on)
        foot = QHBoxLayout()
        foot.addWidget(self.back_button)
        foot.addStretch(1)
        foot.addWidget(self.next_button)
        self._parts = (self._code_page, self.choice, self._words_page)
        for part in (self.steps, self._title, self._lead, self.problem, *self._parts):
            page.column.addWidget(part)
        page.column.addLayout(foot)
        self._shown.connect(self._show_words, Qt.ConnectionType.QueuedConnection)
        on_theme(self._space)

    def begin(self, home: Home) -> None:
        """Start anew."""
        self.stop()
        self._home = home
        for field in (self.code, self.relay, self.name):
            field.clear()
        self.choice.forget()
        self.problem.hide()
        self._show(CODE_STEP)

    def stop(self) -> None:
        """Wait for no other PC any more; nothing is made here."""
        self._stopped.set()

    def focus_first(self) -> None:
        """Give the keyboard to the first field of the step in view."""
        first: QWidget = self.words
        if self.step == CODE_STEP:
            first = self.code
        elif self.step == PASSPHRASE_STEP:
            first = self.choice.first
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_on(self) -> None:
        """Go to the next step."""
        self.problem.hide()
        if self.step == CODE_STEP:
            if self._code_holds():
                self._show(PASSPHRASE_STEP)
        elif self.step == PASSPHRASE_STEP:
            passphrase = self.choice.checked()
            if passphrase is not None:
                self._join(passphrase)

    def _code_holds(self) -> bool:
        for field in (self.code_field, self.relay_field):
            field.set_error("")
        if not self.code.text().strip():
            self._say_beside(self.code_field, tr("Donnez le code ou le lien que montre l’autre ordinateur."))
            return False
        if not self.relay_field.isHidden() and not self.relay.text().strip():
            self._say_beside(self.relay_field, tr("Donnez l’adresse du relais, ou collez le lien entier."))
            return False
        return True

    def _join(self, passphrase: str) -> None:
        home, settle, shown = self._home, self._settle, self._shown
        if home is None:
            return
        code, relay = self.code.text(), self.relay.text().strip()
        name = self.name.text().strip() or tr("nouvel ordinateur")
        stopped = self._stopped = threading.Event()

        def wait(seconds: float) -> None:
            if stopped.wait(seconds):
                raise _LeftError

        def show(words: tuple[str, ...]) -> None:
            if stopped.is_set():
                raise _LeftError
            shown.emit(words)

        def work() -> Session:
            paired = join_account(home, code, relay, passphrase, name, show, wait=wait)
            return open_session(home, home.find(paired.account), passphrase, settle)

        self.words.setText("")
        self._show(WORDS_STEP)
        self._operations.network(work, self._joined, self._refused)

    def _joined(self, session: Session) -> None:
        self.choice.forget()
        self.code.clear()
        self.opened.emit(session)

    def _refused(self, error: KnownError) -> None:
        if isinstance(error, _LeftError):
            return
        self._show(CODE_STEP)
        self.problem.show()
        self.problem.set_message(str(error))

    def _show_words(self, words: tuple[str, ...]) -> None:
        if self._stopped.is_set() or self.step != WORDS_STEP:
            return
        self._lead.set_text(
            tr("Tapez ces trois mots sur l’autre ordinateur. Ils prouvent que c’est bien lui qui répond.")
        )
        self.words.setText("   ".join(words))
        self.words.setAccessibleName(tr("Vos trois mots\u00a0: {words}", words=", ".join(words)))
        self._say_steps(answered=True)
        announce(self, self.words.accessibleName())

    def _say_steps(self, *, answered: bool) -> None:
        self.waiting.set_steps(
            [
                WaitStep(tr("Votre réponse est arrivée au relais"), "", "done" if answered else "current"),
                WaitStep(
                    tr("L’autre ordinateur reçoit vos trois mots"),
                    tr("Gardez cet écran ouvert\u00a0: il change tout seul."),
                    "current" if answered else "later",
                ),
                WaitStep(tr("Vos cercles arrivent ici"), "", "later"),
            ]
        )

    def _go_back(self) -> None:
        self.problem.hide()
        self.stop()
        if self.step == CODE_STEP:
            self.choice.forget()
            self.left.emit()
        else:
            self._show(CODE_STEP)

    def _say_beside(self, field: LabeledField, sentence: str) -> None:
        field.set_error(sentence)
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, sentence)

    def _typed(self, text: str) -> None:
        self.code_field.set_error("")
        self.relay_field.setVisible(len(text.strip()) > 3 and "@" not in text)

    def _show(self, step: int) -> None:
        self.step = step
        self.steps.set_current(step)
        for index, part in enumerate(self._parts):
            part.setVisible(index == step)
        titles = (
            tr("Ajouter cet ordinateur à mon compte"),
            tr("Une phrase de passe pour cet ordinateur"),
            tr("Trois mots à donner"),
        )
        leads = (
            tr(
                "Sur l’ordinateur que vous avez déjà\u00a0: Réglages, «\u00a0Ajouter un ordinateur\u00a0». "
                "Il montre un code."
            ),
            tr("Elle ouvrira votre coffre ici. Elle peut être la même que sur l’autre ordinateur."),
            tr("Le relais est prévenu…"),
        )
        self._title.setText(titles[step])
        self._lead.set_text(leads[step])
        self.back_button.set_text(tr("Annuler") if step == WORDS_STEP else tr("Retour"))
        self.next_button.setVisible(step != WORDS_STEP)
        self._say_steps(answered=False)
        self.focus_first()

    def _code(self) -> Card:
        self.code = TextField(tr("Code ou lien d’appareil"), placeholder="ABCD-EFGH-JKMN", size="family")
        self.code.textChanged.connect(self._typed)
        self.code.returnPressed.connect(self.go_on)
        self.code_field = LabeledField(
            tr("Code ou lien d’appareil"),
            self.code,
            help_text=tr("Collez le lien entier, ou recopiez le code. Les majuscules ne comptent pas."),
        )
        self.relay = TextField(tr("Adresse du relais"), placeholder="https://relais.exemple.fr")
        self.relay.returnPressed.connect(self.go_on)
        self.relay_field = LabeledField(
            tr("Adresse du relais"),
            self.relay,
            help_text=tr("L’autre ordinateur la montre sous le code."),
        )
        self.relay_field.hide()
        self.name = TextField(tr("Nom de cet ordinateur (facultatif)"), placeholder=tr("Portable du salon"))
        self.name.returnPressed.connect(self.go_on)
        card = Card()
        self._fields = QVBoxLayout()
        for field in (
            self.code_field,
            self.relay_field,
            LabeledField(tr("Nom de cet ordinateur (facultatif)"), self.name),
        ):
            self._fields.addWidget(field)
        card.add_row(self._fields)
        return card

    def _words(self) -> Card:
        self.words = Label("", "display", tone="primary", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.waiting = WaitList()
        card = Card()
        card.add_row(self.words)
        card.add_row(self.waiting)
        return card

    def _space(self) -> None:
        self._fields.setSpacing(metrics().gap(16))
