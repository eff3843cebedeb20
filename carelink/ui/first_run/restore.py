"""Starting again from the recovery sheet: its words, a new passphrase, then every circle comes back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.home import Home
from carelink.services.restoring import AlreadyHereError, ReadSheet, Restored, read_typed, restore
from carelink.services.session import Session
from carelink.ui.first_run.passphrase import PassphraseChoice
from carelink.ui.operations import Operations
from carelink.ui.recovery.entry import WordsEntry
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
    announce,
)
from carelink.ui.widgets.centred import CentredPage

WORDS_STEP, PASSPHRASE_STEP, WORK_STEP = range(3)


class RestorePage(QWidget):
    """Three steps; what was typed is forgotten when they end.

    Signals:
        opened: The Session of the account that came back.
        left: Back to where one came from.
    """

    opened = Signal(object)
    left = Signal()
    _told = Signal(str)

    def __init__(
        self, operations: Operations, settle: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._operations, self._settle = operations, settle
        self._home: Home | None = None
        self._read: ReadSheet | None = None
        self._passphrase = ""
        self.restored: Restored | None = None
        self.busy = False
        self.step = WORDS_STEP
        page = CentredPage(720)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self.steps = StepIndicator([tr("Les 24 mots"), tr("Nouvelle phrase de passe"), tr("Vos cercles")])
        self._title = Label("", "title", wrap=True)
        self._lead = Paragraph("", tone="ink-2")
        self.problem = Banner("", tone="urgent")
        self.problem.hide()
        self.aside_button = Button(tr("Mettre l’ancien coffre de côté et restaurer"), icon="history")
        self.aside_button.setAccessibleDescription(
            tr("Les notes qu’il n’avait pas encore envoyées y restent\u202f; son ancienne phrase l’ouvre.")
        )
        self.aside_button.clicked.connect(self._restore_aside)
        self.entry = WordsEntry()
        self.relay = TextField(tr("Adresse du relais"), placeholder="https://relais.exemple.fr")
        self.relay_field = LabeledField(
            tr("Adresse du relais"), self.relay, help_text=tr("Elle est sur la page, sous les mots.")
        )
        self.entry.relay_found.connect(self.relay.setText)
        self.entry.completed.connect(self._to_relay)
        self.relay.returnPressed.connect(self.go_on)
        self._words_page = Card()
        self._words_column = QVBoxLayout()
        self._words_column.addWidget(self.entry)
        self._words_column.addWidget(self.relay_field)
        self._words_page.add_row(self._words_column)
        self.choice = PassphraseChoice(tr("Nouvelle phrase de passe"))
        self.choice.submitted.connect(self.go_on)
        self._work_page = self._work()
        self.back_button = Button(tr("Retour"), icon="arrow-left")
        self.back_button.clicked.connect(self._go_back)
        self.next_button = Button(tr("Continuer"), variant="primary")
        self.next_button.clicked.connect(self.go_on)
        foot = QHBoxLayout()
        foot.addWidget(self.back_button)
        foot.addStretch(1)
        foot.addWidget(self.next_button)
        self._parts = (self._words_page, self.choice, self._work_page)
        for part in (self.steps, self._title, self._lead, self.problem):
            page.column.addWidget(part)
        page.column.addWidget(self.aside_button, 0, Qt.AlignmentFlag.AlignLeft)
        for step_page in self._parts:
            page.column.addWidget(step_page)
        page.column.addLayout(foot)
        self._told.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        on_theme(self._space)

    def begin(self, home: Home) -> None:
        """Start anew."""
        self._home = home
        self.forget()
        self.restored = None
        self.problem.hide()
        self._show(WORDS_STEP)

    def forget(self) -> None:
        """Keep nothing of what was typed."""
        self._read = None
        self._passphrase = ""
        self.entry.forget()
        self.relay.clear()
        self.relay_field.set_error("")
        self.choice.forget()

    def focus_first(self) -> None:
        """Give the keyboard to the first field of the step in view."""
        target: QWidget = self.next_button
        if self.step == WORDS_STEP:
            target = self.entry.typed[1]
        elif self.step == PASSPHRASE_STEP:
            target = self.choice.first
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_on(self) -> None:
        """Go to the next step."""
        if self.busy:
            return
        self.problem.hide()
        if self.step == WORDS_STEP:
            self._take_words()
        elif self.step == PASSPHRASE_STEP:
            passphrase = self.choice.checked()
            if passphrase is not None:
                self._passphrase = passphrase
                self._restore()
        elif self.restored is not None and self.restored.circles:
            self._open()
        else:
            self._restore()

    def _take_words(self) -> None:
        self.relay_field.set_error("")
        if not self.entry.check():
            return
        relay = self.relay.text().strip()
        if not relay:
            self._say_of_relay(tr("Donnez l’adresse du relais\u00a0: la page la dit, sous les mots."))
            return
        words = self.entry.words()
        self._set_busy(busy=True)
        self._operations.vault(lambda: read_typed(words, relay), self._words_taken, self._words_refused)

    def _words_taken(self, read: ReadSheet) -> None:
        self._set_busy(busy=False)
        self._read = read
        self._show(PASSPHRASE_STEP)

    def _words_refused(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        self._say(str(error))

    def _try_again(self) -> None:
        self.problem.hide()
        self._restore()

    def _restore_aside(self) -> None:
        self.problem.hide()
        self._restore(aside=True)

    def _restore(self, *, aside: bool = False) -> None:
        home, read, passphrase, told = self._home, self._read, self._passphrase, self._told
        if home is None or read is None:
            return
        self._show(WORK_STEP)
        self._set_busy(busy=True)
        self._tell(tr("Recherche de votre compte…"))
        self._operations.network(
            lambda: restore(home, read.keys, read.addresses, passphrase, tell=told.emit, aside=aside),
            self._restored,
            self._not_restored,
        )

    def _restored(self, restored: Restored) -> None:
        self._set_busy(busy=False)
        self.restored = restored
        self.bar.hide()
        count = len(restored.circles)
        words = (
            tr("Aucun cercle n’a été retrouvé pour l’instant.")
            if not count
            else tr("Un cercle est retrouvé.")
            if count == 1
            else tr("{n} cercles sont retrouvés.", n=count)
        )
        self._title.setText(tr("Bon retour, {name}", name=restored.name))
        self._lead.set_text("")
        self.what.set_text(words)
        announce(self, words)
        self.advice.setVisible(bool(count))
        if restored.problems:
            self._say("\n".join((*restored.problems, tr("Ce qui est retrouvé est dans votre coffre."))))
        self.back_button.setVisible(False)
        self.next_button.set_text(tr("Ouvrir mon compte") if count else tr("Réessayer"))
        self.again_button.setVisible(bool(restored.problems and count))
        self.focus_first()

    def _not_restored(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        self._show(PASSPHRASE_STEP)
        self._say(str(error))
        self.aside_button.setVisible(isinstance(error, AlreadyHereError))

    def _open(self) -> None:
        home, restored, passphrase, settle = self._home, self.restored, self._passphrase, self._settle
        if home is None or restored is None:
            return
        self._set_busy(busy=True)

        def work() -> Session:
            return open_session(home, home.find(restored.account), passphrase, settle)

        self._operations.vault(work, self._opened, self._words_refused)

    def _opened(self, session: Session) -> None:
        self._set_busy(busy=False)
        self.forget()
        self.opened.emit(session)

    def _go_back(self) -> None:
        self.problem.hide()
        if self.step == PASSPHRASE_STEP:
            self._show(WORDS_STEP)
        else:
            self.forget()
            self.left.emit()

    def _to_relay(self) -> None:
        self.relay.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say_of_relay(self, sentence: str) -> None:
        self.relay_field.set_error(sentence)
        self.relay.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, sentence)

    def _say(self, sentence: str) -> None:
        self.problem.show()
        self.problem.set_message(sentence)

    def _tell(self, what: str) -> None:
        self.what.set_text(what)

    def _show(self, step: int) -> None:
        self.step = step
        self.steps.set_current(step)
        for index, part in enumerate(self._parts):
            part.setVisible(index == step)
        titles = (
            tr("Les mots de votre feuille"),
            tr("Une nouvelle phrase de passe"),
            tr("Vos cercles reviennent"),
        )
        leads = (
            tr(
                "Recopiez-les dans l’ordre, ou collez toute la page dans le premier champ. Majuscules et "
                "accents n’importent pas."
            ),
            tr("L’ancienne n’est pas nécessaire. Celle-ci ouvrira votre coffre sur cet ordinateur."),
            tr("Cela prend une minute environ, davantage si vos cercles ont un long passé."),
        )
        self._title.setText(titles[step])
        self._lead.set_text(leads[step])
        self.back_button.setVisible(step != WORK_STEP)
        self.next_button.set_text(tr("Restaurer") if step == PASSPHRASE_STEP else tr("Continuer"))
        self.bar.setVisible(step == WORK_STEP)
        self.advice.hide()
        self.again_button.hide()
        self.aside_button.hide()
        self.focus_first()

    def _work(self) -> Card:
        card = Card()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(tr("Restauration"))
        self.what = Paragraph("")
        self.advice = Banner(
            tr(
                "Ces mots servent encore\u00a0: s’ils ont pu être vus, faites une nouvelle feuille. Et si "
                "votre ancien ordinateur est perdu ou volé, révoquez-le. Les deux se font dans Réglages."
            ),
            title=tr("Et maintenant"),
        )
        self.again_button = Button(tr("Réessayer"), icon="refresh")
        self.again_button.clicked.connect(self._try_again)
        self._work_column = QVBoxLayout()
        for widget in (self.bar, self.what, self.advice):
            self._work_column.addWidget(widget)
        self._work_column.addWidget(self.again_button, 0, Qt.AlignmentFlag.AlignLeft)
        card.add_row(self._work_column)
        return card

    def _set_busy(self, *, busy: bool) -> None:
        self.busy = busy
        for widget in (self.next_button, self.back_button, *self._parts):
            widget.setEnabled(not busy)

    def _space(self) -> None:
        for column in (self._words_column, self._work_column):
            column.setSpacing(metrics().gap(14))
