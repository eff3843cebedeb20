"""Creating my account: who I am, then what opens my vault."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.access.roles import CIRCLE_ROLES
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.home import Home
from carelink.services.wording import role_name
from carelink.ui.first_run.passphrase import PassphraseChoice
from carelink.ui.operations import Operations
from carelink.ui.theme import metrics, on_theme
from carelink.ui.unlock.opening import open_session, preload
from carelink.ui.widgets import (
    Banner,
    Button,
    Label,
    LabeledField,
    Paragraph,
    Select,
    StepIndicator,
    TextField,
)
from carelink.ui.widgets.centred import CentredPage

if TYPE_CHECKING:
    from carelink.services.accounts import NewAccount
    from carelink.services.session import Session
    from carelink.services.sheets import Sheet

Errand = Literal["join", "circle"]


def journey_steps(errand: Errand) -> list[str]:
    """Return the steps of someone's first minutes."""
    last = tr("L’invitation") if errand == "join" else tr("La personne")
    return [tr("Vous"), tr("Votre phrase de passe"), tr("Feuille de secours"), last]


class AccountPage(QWidget):
    """Two steps; the account is made at the end of the second, with a recovery sheet, then open.

    Signals:
        opened: The Session of the new account.
        left: Back to where one came from.
    """

    opened = Signal(object)
    left = Signal()

    def __init__(
        self, operations: Operations, settle: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._operations, self._settle = operations, settle
        self._home: Home | None = None
        self.errand: Errand = "join"
        self.in_file = False
        self._sheet: Sheet | None = None
        page = CentredPage(620)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self.steps = StepIndicator(journey_steps("join"))
        self._title = Label("", "title", wrap=True)
        self._lead = Paragraph("", tone="ink-2")
        self.problem = Banner("", tone="urgent")
        self.problem.hide()
        self._step = 0
        self._who = self._who_page()
        self.choice = PassphraseChoice()
        self.choice.submitted.connect(self.go_on)
        self.back_button = Button(tr("Retour"), icon="arrow-left")
        self.back_button.clicked.connect(self._go_back)
        self.next_button = Button(tr("Continuer"), variant="primary")
        self.next_button.clicked.connect(self.go_on)
        foot = QHBoxLayout()
        foot.addWidget(self.back_button)
        foot.addStretch(1)
        foot.addWidget(self.next_button)
        for part in (self.steps, self._title, self._lead, self.problem, self._who, self.choice):
            page.column.addWidget(part)
        page.column.addLayout(foot)
        on_theme(self._space)

    def begin(self, home: Home, errand: Errand) -> None:
        """Start anew, for someone who wants to join or to create a circle."""
        self._home, self.errand = home, errand
        self.steps.set_labels(journey_steps(errand))
        self.name.clear()
        self.profession.setCurrentIndex(0)
        self.choice.forget()
        self._set_busy(busy=False)
        self._show_step(0)
        self._operations.network(preload, _nothing, _ignore)

    def focus_first(self) -> None:
        """Give the keyboard to the first field of the step in view."""
        first = self.name if self._step == 0 else self.choice.first
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_on(self) -> None:
        """Go to the next step, or make the account."""
        self.problem.hide()
        if self._step == 0:
            if not self.name.text().strip():
                self.name_field.set_error(tr("Donnez votre prénom et votre nom."))
                self.name.setFocus()
                return
            self.name_field.set_error("")
            self.choice.set_about(self.name.text())
            self._show_step(1)
        elif self.next_button.isEnabled() and (passphrase := self.choice.checked()) is not None:
            self._create(passphrase)

    def _create(self, passphrase: str) -> None:
        home, settle = self._home, self._settle
        if home is None:
            return
        name, profession = self.name.text(), str(self.profession.currentData())

        def work() -> tuple[Session, NewAccount]:
            from carelink.services.accounts import create_account

            made = create_account(home, name, passphrase, profession, sheet=True)
            session = open_session(home, home.find(made.account), passphrase, settle)
            return session, made

        self._set_busy(busy=True)
        self._operations.vault(work, self._made, self._refused)

    def take_sheet(self) -> Sheet | None:
        """Return the recovery sheet of the account just made, once."""
        sheet, self._sheet = self._sheet, None
        return sheet

    def _made(self, made: tuple[Session, NewAccount]) -> None:
        session, account = made
        self.in_file, self._sheet = account.secret_in_file, account.sheet
        self._set_busy(busy=False)
        self.choice.forget()
        self.opened.emit(session)

    def _refused(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        self.problem.show()
        self.problem.set_message(str(error))

    def _go_back(self) -> None:
        self.problem.hide()
        if self._step == 1:
            self._show_step(0)
        else:
            self.choice.forget()
            self.left.emit()

    def _show_step(self, index: int) -> None:
        self._step = index
        self._who.setVisible(index == 0)
        self.choice.setVisible(index == 1)
        self.steps.set_current(index)
        if index == 0:
            self._title.setText(tr("Qui êtes-vous\u202f?"))
            self._lead.set_text(tr("Les autres membres du cercle vous verront sous ce nom."))
        else:
            self._title.setText(tr("Votre phrase de passe"))
            self._lead.set_text(
                tr(
                    "Tout ce que vous écrivez est chiffré sur cet ordinateur. Cette phrase l’ouvre\u00a0: "
                    "notez-la dans un endroit sûr."
                )
            )
        self.next_button.set_text(tr("Continuer") if index == 0 else tr("Créer mon compte"))
        self.focus_first()

    def _who_page(self) -> QWidget:
        holder = QWidget()
        self.name = TextField(tr("Prénom et nom"), placeholder=tr("Claire Martin"))
        self.name.returnPressed.connect(self.go_on)
        self.name_field = LabeledField(tr("Prénom et nom"), self.name)
        self.profession = Select(tr("Profession"))
        self.profession.addItem(tr("Je ne suis pas un professionnel ou une professionnelle de soin"), "")
        for role in CIRCLE_ROLES:
            if role.is_professional:
                words = role_name(role)
                self.profession.addItem(words[:1].upper() + words[1:], role.value)
        self._who_column = QVBoxLayout(holder)
        self._who_column.setContentsMargins(0, 0, 0, 0)
        self._who_column.addWidget(self.name_field)
        self._who_column.addWidget(
            LabeledField(
                tr("Vous êtes"),
                self.profession,
                help_text=tr("Ce que vous pourrez lire est décidé par chaque cercle, pas par ce choix."),
            )
        )
        return holder

    def _set_busy(self, *, busy: bool) -> None:
        self.next_button.setEnabled(not busy)
        self.back_button.setEnabled(not busy)
        self.choice.setEnabled(not busy)
        if busy:
            self.next_button.set_text(tr("Création…"))

    def _space(self) -> None:
        self._who_column.setSpacing(metrics().gap(16))


def _nothing(_result: None) -> None:
    """Preloading has nothing to show."""


def _ignore(_error: KnownError) -> None:
    """What cannot be loaded early is loaded, or complained about, when it is needed."""
