"""Creating a circle: who it is for, as what one is in it, and the relay that passes notes on."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from carelink.access.roles import Role
from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.circles import checked_address, checked_patient
from carelink.services.wording import role_name
from carelink.ui.first_run.account import journey_steps
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import (
    Banner,
    Button,
    Card,
    Label,
    LabeledField,
    Paragraph,
    Select,
    StepIndicator,
    TextField,
)
from carelink.ui.widgets.centred import CentredPage
from carelink.ui.workspace import Workspace

_FAMILY = (Role.PATIENT, Role.LEGAL_REPRESENTATIVE, Role.FAMILY_CARER, Role.RELATIVE)


def read_birth(text: str) -> str:
    """Return a date typed as "12/04/1938" (or "12.4.1938", "1938-04-12") in ISO form, or nothing."""
    typed = text.strip().replace(".", "/").replace(" ", "/").replace("-", "/")
    for pattern in ("%d/%m/%Y", "%Y/%m/%d"):
        try:
            return datetime.strptime(typed, pattern).date().isoformat()  # noqa: DTZ007  (a date alone)
        except ValueError:
            continue
    return ""


class CirclePage(QWidget):
    """The form; the circle exists once it is sent, even without a network.

    Signals:
        created: Id of the new circle.
        left: Back, with nothing made.
    """

    created = Signal(str)
    left = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        page = CentredPage(720)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self.steps = StepIndicator(journey_steps("circle"), current=3)
        self.steps.hide()
        self.problem = Banner("", tone="urgent")
        self.problem.hide()
        self.given = TextField(tr("Prénom"), placeholder=tr("Jeanne"))
        self.birth_name = TextField(tr("Nom de naissance"), placeholder=tr("Lambert"))
        self.used_name = TextField(tr("Nom utilisé"), placeholder=tr("Moreau"))
        self.birth = TextField(tr("Date de naissance"), placeholder="12/04/1938")
        self.sex = Select(tr("Sexe"))
        for code, words in (("", tr("Non précisé")), ("F", tr("Féminin")), ("M", tr("Masculin"))):
            self.sex.addItem(words, code)
        self.role = Select(tr("Vous êtes, pour cette personne"))
        self.relay = TextField(tr("Adresse du relais"), placeholder="https://relais.exemple.fr")
        self.given_field = LabeledField(tr("Prénom"), self.given)
        self.birth_name_field = LabeledField(tr("Nom de naissance"), self.birth_name)
        self.birth_field = LabeledField(
            tr("Date de naissance"), self.birth, help_text=tr("Jour, mois, année")
        )
        self.relay_field = LabeledField(
            tr("Adresse du relais"),
            self.relay,
            help_text=tr(
                "Le relais transmet des notes chiffrées qu’il ne peut pas lire. Son adresse vous est donnée "
                "par la personne qui s’en occupe."
            ),
        )
        self.relay.returnPressed.connect(self.submit)
        self.create_button = Button(tr("Créer le cercle"), variant="primary", icon="check")
        self.create_button.clicked.connect(self.submit)
        self.back_button = Button(tr("Annuler"))
        self.back_button.clicked.connect(self.left)
        page.column.addWidget(self.steps)
        page.column.addWidget(Label(tr("Pour qui est ce cercle\u202f?"), "title", wrap=True))
        page.column.addWidget(
            Paragraph(
                tr("Le cahier s’ouvre à son nom. Vous inviterez ensuite les autres, chacun avec son rôle."),
                tone="ink-2",
            )
        )
        page.column.addWidget(self.problem)
        page.column.addWidget(self._form())
        foot = QHBoxLayout()
        foot.addWidget(self.back_button)
        foot.addStretch(1)
        foot.addWidget(self.create_button)
        page.column.addLayout(foot)
        on_theme(self._space)

    def begin(self, *, first: bool) -> None:
        """Start anew; `first` where this ends someone's very first steps."""
        self.steps.setVisible(first)
        for field in (self.given, self.birth_name, self.used_name, self.birth, self.relay):
            field.clear()
        self.problem.hide()
        self._set_busy(busy=False)
        session = self._workspace.session
        self.role.clear()
        own = (Role(session.profession),) if session.profession else ()
        for role in (*own, *_FAMILY):
            words = role_name(role)
            self.role.addItem(words[:1].upper() + words[1:], role.value)
        self.role.setCurrentIndex(0 if own else _FAMILY.index(Role.FAMILY_CARER))
        self._workspace.operations.vault(self._workspace.state.relays, self._show_relays)

    def focus_first(self) -> None:
        """Give the keyboard to the first field."""
        self.given.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Create the circle, once every field holds."""
        birth, sex = read_birth(self.birth.text()), str(self.sex.currentData())
        relay = self.relay.text().strip()
        checks = (
            (self.given_field, self.given.text().strip(), tr("Donnez le prénom.")),
            (self.birth_name_field, self.birth_name.text().strip(), tr("Donnez le nom de naissance.")),
            (self.birth_field, birth, tr("Écrivez la date ainsi\u00a0: 12/04/1938.")),
            (self.relay_field, relay, tr("Donnez l’adresse du relais.")),
        )
        for field, value, message in checks:
            field.set_error("" if value else message)
        wrong = next((field for field, value, _ in checks if not value), None)
        if wrong is not None:
            wrong.field.setFocus()
            return
        try:
            patient = checked_patient(
                self.given.text(),
                self.birth_name.text(),
                birth,
                self.used_name.text(),
                sex,
            )
        except KnownError as error:
            self.birth_field.set_error(str(error))
            self.birth.setFocus()
            return
        try:
            checked_address(relay)
        except KnownError as error:
            self.relay_field.set_error(str(error))
            self.relay.setFocus()
            return
        role = str(self.role.currentData())
        self.problem.hide()
        self._set_busy(busy=True)
        self._workspace.operations.vault(
            lambda: self._workspace.circles.create(patient, relay, role), self._done, self._refused
        )

    def _done(self, circle: str) -> None:
        self._set_busy(busy=False)
        self._workspace.poke()
        self.created.emit(circle)

    def _refused(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        self.problem.show()
        self.problem.set_message(str(error))

    def _show_relays(self, relays: tuple[str, ...]) -> None:
        if relays and not self.relay.text():
            self.relay.setText(relays[-1])

    def _set_busy(self, *, busy: bool) -> None:
        self.create_button.setEnabled(not busy)
        self.create_button.set_text(tr("Création…") if busy else tr("Créer le cercle"))

    def _form(self) -> Card:
        card = Card()
        self._grid = QGridLayout()
        cells: list[tuple[QWidget, int, int, int]] = [
            (self.given_field, 0, 0, 1),
            (self.birth_name_field, 0, 1, 1),
            (
                LabeledField(tr("Nom utilisé"), self.used_name, help_text=tr("S’il est différent")),
                1,
                0,
                1,
            ),
            (self.birth_field, 1, 1, 1),
            (LabeledField(tr("Sexe"), self.sex), 2, 0, 1),
            (LabeledField(tr("Vous êtes, pour cette personne"), self.role), 2, 1, 1),
            (self.relay_field, 3, 0, 2),
        ]
        for widget, row, column, span in cells:
            self._grid.addWidget(widget, row, column, 1, span, Qt.AlignmentFlag.AlignTop)
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1)
        card.add_row(self._grid)
        return card

    def _space(self) -> None:
        self._grid.setSpacing(metrics().gap(16))
