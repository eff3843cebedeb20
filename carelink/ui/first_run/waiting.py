"""Waiting to be let in: the words to read out, who must come online, and that one may leave."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.services.joining import Joining
from carelink.services.notice import joining_notice
from carelink.services.wording import of_name, role_name
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Banner, Button, Card, Label, Paragraph, WaitList, WaitStep
from carelink.ui.widgets.centred import CentredPage


class WaitingPage(QWidget):
    """One invitation answered; the desk turns it into the person's file when its author let us in.

    Signals:
        left: Back to the list of persons.
        code_wanted: To type another code, in the place of one that has expired.
    """

    left = Signal()
    code_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.circle = ""
        self.expired = False
        page = CentredPage(680)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self._title = Label("", "title", wrap=True)
        self._lead = Paragraph("", "large", tone="ink-2")
        self.words = Label("", "display", tone="primary", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._ask = Paragraph("", tone="ink-2")
        self._ask.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words_card = Card(tone="soft")
        self._spoken = QVBoxLayout()
        self._spoken.addWidget(self._ask)
        self._spoken.addWidget(self.words)
        self._words_card.add_row(self._spoken)
        self.steps = WaitList()
        steps = Card()
        steps.add_row(self.steps)
        self.safe = Banner(
            tr(
                "Vous pouvez fermer cette fenêtre ou éteindre l’ordinateur\u00a0: votre place est gardée. "
                "Cet écran change tout seul dès que vous êtes dans le cercle."
            )
        )
        self.too_late = Banner("", tone="caution")
        self.code_button = Button(tr("Taper un autre code"), variant="primary", icon="key")
        self.code_button.clicked.connect(self.code_wanted)
        self.back_button = Button(tr("Voir toutes les personnes"), icon="arrow-left")
        self.back_button.clicked.connect(self.left)
        self.notice = notice_card()
        for widget in (
            self._title,
            self._lead,
            self.too_late,
            self._words_card,
            steps,
            self.safe,
            self.notice,
        ):
            page.column.addWidget(widget)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.code_button)
        self._foot.addWidget(self.back_button)
        self._foot.addStretch(1)
        page.column.addLayout(self._foot)
        on_theme(self._space)

    def show_joining(self, joining: Joining, *, way_back: bool) -> None:
        """Show where an invitation stands."""
        self.circle = joining.circle
        self.expired = joining.state == "expired"
        person, inviter = joining.patient, joining.inviter
        self._title.setText(
            tr("Votre invitation a expiré")
            if self.expired
            else tr("Bientôt dans le cercle {of_name}", of_name=of_name(person))
        )
        self.too_late.set_message(
            tr(
                "Demandez un autre code à {inviter}, et tapez-le ici. Rien n’est perdu\u00a0: {inviter} peut "
                "aussi confirmer encore la réponse que vous aviez envoyée.",
                inviter=inviter,
            )
        )
        for widget in (self.too_late, self.code_button):
            widget.setVisible(self.expired)
        self.safe.setVisible(not self.expired)
        self.notice.setVisible(not self.expired)
        role = role_name(joining.role)
        self._lead.set_text(
            tr(
                "Elle était pour le cercle {of_name}, comme\u00a0: {role}.",
                of_name=of_name(person),
                role=role,
            )
            if self.expired
            else tr("Vous y entrerez comme\u00a0: {role}.", role=role)
        )
        self._words_card.setVisible(bool(joining.words))
        self._ask.set_text(
            tr(
                "Appelez {inviter} et lisez ces trois mots. Ils prouvent que c’est bien vous.",
                inviter=inviter,
            )
        )
        self.words.setText("   ".join(joining.words))
        self.words.setAccessibleName(tr("Vos trois mots\u00a0: {words}", words=", ".join(joining.words)))
        confirm = (
            tr("{inviter} doit ouvrir CareLink\u00a0: le code donné en main propre suffit.", inviter=inviter)
            if joining.in_person
            else tr("{inviter} doit ouvrir CareLink et taper vos trois mots.", inviter=inviter)
        )
        self.steps.set_steps(
            [
                WaitStep(tr("Votre réponse est arrivée au relais"), "", "done"),
                WaitStep(tr("{inviter} confirme votre arrivée", inviter=inviter), confirm, "current"),
                WaitStep(
                    tr("Le cahier {of_name} arrive ici", of_name=of_name(person)),
                    tr("Avec ce que votre rôle permet de lire."),
                    "later",
                ),
            ]
        )
        self.back_button.setVisible(way_back)

    def focus_first(self) -> None:
        """Give the keyboard to the words, which can be selected and are read aloud."""
        if self.expired:
            self.code_button.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        target = self.words if not self._words_card.isHidden() else self.back_button
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _space(self) -> None:
        self._spoken.setSpacing(metrics().gap(8))
        self._foot.setSpacing(metrics().gap(10))


def notice_card() -> Card:
    """Return what whoever joins is told: what is kept, why, for how long, the person's rights."""
    card = Card(tr("Ce qu’il faut savoir en entrant"))
    for part in joining_notice():
        words = QVBoxLayout()
        words.setSpacing(metrics().gap(2))
        words.addWidget(Label(part.title, "strong"))
        words.addWidget(Paragraph(part.text, tone="ink-2"))
        card.add_row(words)
    return card
