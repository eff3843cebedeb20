"""The very first screen: what brings you here?"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.ui.theme import current_theme, metrics, on_theme
from carelink.ui.widgets import Button, Card, FlowLayout, IconLabel, Label, Paragraph
from carelink.ui.widgets.brand import Brand
from carelink.ui.widgets.centred import CentredPage


class WelcomePage(QWidget):
    """The ways in, two for whoever has an account elsewhere, and a way back where there are accounts here.

    Signals:
        join_wanted: With an invitation.
        circle_wanted: To create a circle.
        station_wanted: To share this PC among a team.
        demo_wanted: To look around first.
        restore_wanted: To start again from the recovery sheet.
        pair_wanted: To add this PC to an account of another one.
        left: Back to the accounts of this PC.
    """

    join_wanted = Signal()
    circle_wanted = Signal()
    station_wanted = Signal()
    demo_wanted = Signal()
    restore_wanted = Signal()
    pair_wanted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = CentredPage(720, middle=True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        page.column.addWidget(
            Brand(tr("Le cahier de liaison de ceux qui prennent soin d’une même personne."))
        )
        self.join_button = Button(tr("J’ai une invitation"), variant="primary")
        self.circle_button = Button(tr("Créer un cercle"))
        self.station_button = Button(tr("Entrer le code de poste"))
        self.demo_button = Button(tr("Voir la démonstration"))
        for icon, title, text, button, signal in (
            (
                "mail-opened",
                tr("On m’a invité"),
                tr("Quelqu’un vous a donné un code ou un lien pour rejoindre le cercle d’un proche."),
                self.join_button,
                self.join_wanted,
            ),
            (
                "users",
                tr("Je commence un cercle"),
                tr("Vous accompagnez une personne et voulez réunir autour d’elle famille et soignants."),
                self.circle_button,
                self.circle_wanted,
            ),
            (
                "device-desktop",
                tr("Cet ordinateur est un poste partagé"),
                tr("Dans un établissement, chaque membre de l’équipe y ouvre son compte par son nom."),
                self.station_button,
                self.station_wanted,
            ),
            (
                "player-play",
                tr("Je veux d’abord regarder"),
                tr("Deux cercles inventés, avec trois mois de notes. Rien ne quitte cet ordinateur."),
                self.demo_button,
                self.demo_wanted,
            ),
        ):
            button.clicked.connect(signal)
            page.column.addWidget(_Way(icon, title, text, button))
        page.column.addWidget(self._elsewhere())
        self.back_button = Button(
            tr("Retour aux comptes de cet ordinateur"), variant="quiet", icon="arrow-left"
        )
        self.back_button.clicked.connect(self.left)
        page.column.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignLeft)

    def _elsewhere(self) -> Card:
        self.restore_button = Button(
            tr("Restaurer depuis la feuille de secours"), variant="quiet", icon="file-text"
        )
        self.restore_button.clicked.connect(self.restore_wanted)
        self.pair_button = Button(
            tr("Ajouter cet ordinateur à mon compte"), variant="quiet", icon="device-desktop"
        )
        self.pair_button.clicked.connect(self.pair_wanted)
        holder = QWidget()
        flow = FlowLayout(holder, gap=8)
        for button in (self.pair_button, self.restore_button):
            flow.addWidget(button)
        both = QVBoxLayout()
        both.addWidget(Label(tr("J’ai déjà un compte"), "section"))
        both.addWidget(holder)
        card = Card(tone="muted")
        card.add_row(both)
        return card

    def show_way_back(self, *, way_back: bool) -> None:
        """Offer to go back, where there are accounts to go back to."""
        self.back_button.setVisible(way_back)

    def focus_first(self) -> None:
        """Give the keyboard to the first way in."""
        self.join_button.setFocus(Qt.FocusReason.OtherFocusReason)


class _Way(Card):
    def __init__(self, icon: str, title: str, text: str, button: Button) -> None:
        super().__init__()
        self._way = QHBoxLayout()
        self._words = QVBoxLayout()
        self._words.addWidget(Label(title, "section", wrap=True))
        self._words.addWidget(Paragraph(text, tone="ink-2"))
        self._way.addWidget(IconLabel(icon, _primary, size=28), 0, Qt.AlignmentFlag.AlignTop)
        self._way.addLayout(self._words, 1)
        self._way.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        button.setAccessibleDescription(text)
        self.add_row(self._way)
        on_theme(self._respace)

    def _respace(self) -> None:
        self._way.setSpacing(metrics().gap(16))
        self._words.setSpacing(metrics().gap(4))


def _primary() -> str:
    return current_theme().colors.primary
