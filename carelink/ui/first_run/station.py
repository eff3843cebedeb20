"""Making this PC a team's shared workstation, with the code that whoever runs the team gave."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.home import Home
from carelink.services.stations import Enrolled, enrol
from carelink.ui.operations import Operations
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Button, Card, Label, LabeledField, Paragraph, TextField
from carelink.ui.widgets.centred import CentredPage


class StationPage(QWidget):
    """The code and a name for the PC.

    Signals:
        enrolled: What this PC is now, as a sentence.
        left: Back, with nothing changed.
    """

    enrolled = Signal(str)
    left = Signal()

    def __init__(self, operations: Operations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._operations = operations
        self._home: Home | None = None
        self._busy = False
        page = CentredPage(620)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self.code = TextField(
            tr("Code de poste"), placeholder="ABCD-EFGH-JKMN@relais.exemple.fr", size="family"
        )
        self.code_field = LabeledField(
            tr("Code de poste"),
            self.code,
            help_text=tr("Collez le lien entier, que donne la personne qui gère l’équipe."),
        )
        self.name = TextField(tr("Nom de ce poste"), placeholder=tr("Poste infirmier 2"), size="family")
        self.name_field = LabeledField(
            tr("Nom de ce poste"),
            self.name,
            help_text=tr("On le reconnaîtra à ce nom s’il est un jour volé ou remplacé."),
        )
        for typed in (self.code, self.name):
            typed.returnPressed.connect(self.submit)
        self.enrol_button = Button(tr("Partager cet ordinateur"), variant="primary", size="family")
        self.enrol_button.clicked.connect(self.submit)
        self.back_button = Button(tr("Annuler"), size="family")
        self.back_button.clicked.connect(self.left)
        card = Card()
        self._fields = QVBoxLayout()
        for field in (self.code_field, self.name_field):
            self._fields.addWidget(field)
        card.add_row(self._fields)
        foot = QHBoxLayout()
        foot.addWidget(self.back_button)
        foot.addStretch(1)
        foot.addWidget(self.enrol_button)
        page.column.addWidget(Label(tr("Un poste partagé par une équipe"), "title", wrap=True))
        page.column.addWidget(
            Paragraph(
                tr(
                    "Chaque membre de l’équipe ouvrira son propre compte ici, par son nom et sa phrase de "
                    "passe. Les noms de l’équipe se verront à l’accueil, jamais ceux des personnes "
                    "accompagnées."
                ),
                tone="ink-2",
            )
        )
        page.column.addWidget(card)
        page.column.addLayout(foot)
        on_theme(self._space)

    def begin(self, home: Home) -> None:
        """Start anew."""
        self._home = home
        for text, field in ((self.code, self.code_field), (self.name, self.name_field)):
            text.clear()
            field.set_error("")
        self._set_busy(busy=False)

    def focus_first(self) -> None:
        """Give the keyboard to the code."""
        self.code.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Make this PC a workstation."""
        home, code, name = self._home, self.code.text().strip(), self.name.text().strip()
        if self._busy or home is None:
            return
        self.code_field.set_error("" if code else tr("Donnez le code ou le lien que vous avez reçu."))
        self.name_field.set_error("" if name else tr("Donnez un nom à ce poste."))
        if not code or not name:
            (self.name if code else self.code).setFocus()
            return
        self._set_busy(busy=True)
        self._operations.network(lambda: enrol(home, code, "", name), self._enrolled, self._refused)

    def _enrolled(self, done: Enrolled) -> None:
        self._set_busy(busy=False)
        self.enrolled.emit(
            tr(
                "Cet ordinateur est le poste «\u00a0{name}\u00a0» de l’équipe {team}.",
                name=done.name,
                team=done.team_name,
            )
        )

    def _refused(self, error: KnownError) -> None:
        self._set_busy(busy=False)
        self.code_field.set_error(str(error))
        self.code.setFocus()

    def _set_busy(self, *, busy: bool) -> None:
        self._busy = busy
        self.enrol_button.setEnabled(not busy)
        self.enrol_button.set_text(tr("Vérification du code…") if busy else tr("Partager cet ordinateur"))

    def _space(self) -> None:
        self._fields.setSpacing(metrics().gap(16))
