"""Below the table: what is closed or opened to whom, and who was in the circle before."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.services.members import MemberView
from carelink.services.wording import compartment_name
from carelink.ui.person.circle_words import decision_words, stay_words
from carelink.ui.person.row_layout import volet_chip
from carelink.ui.person.words import as_what
from carelink.ui.theme import ToneName, current_theme, metrics
from carelink.ui.widgets import Avatar, Button, Card, Chip, FlowLayout, IconLabel, Label, announce


class DecisionsCard(QWidget):
    """Each volet closed or opened beyond the roles, with who decided; hidden where there is none.

    Signals:
        opened: Id of the member whom a row is about.
    """

    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[str] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._card: Card | None = None
        self.hide()

    def show_decisions(self, view: CircleView) -> None:
        """Show those that the reader may know."""
        if self._card is not None:
            self._column.removeWidget(self._card)
            self._card.hide()
            self._card.deleteLater()
            self._card = None
        people = {member.id: member for member in view.members if member.active}
        closed = [(d.member, d.compartment) for d in view.denials if d.member in people]
        opened = [(g.member, g.compartment) for g in view.grants if g.member in people]
        self.rows = []
        self.setVisible(bool(closed or opened))
        if not (closed or opened):
            return
        self._card = Card(tr("Volets fermés ou ouverts à quelqu’un"))
        for member, volet in closed:
            self._card.add_row(self._row(view, people[member], volet, "hand-stop", "urgent"))
        for member, volet in opened:
            self._card.add_row(self._row(view, people[member], volet, "key", "care"))
        self._column.addWidget(self._card)

    def _row(self, view: CircleView, member: MemberView, volet: str, icon: str, tone: ToneName) -> QWidget:
        name = tr("Vous") if member.mine else member.name
        said = decision_words(view, member.id, volet)
        self.rows.append(f"{name}, {compartment_name(volet)}. {said}")
        holder = QWidget()
        holder.setAccessibleName(self.rows[-1])
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(metrics().gap(12))
        row.addWidget(IconLabel(icon, lambda: current_theme().tint(tone).ink, size=20))
        words = QWidget()
        flow = FlowLayout(words, gap=10)
        chip, chip_icon, chip_tone = volet_chip(volet)
        for part in (
            Label(name, "strong"),
            Chip(chip, icon=chip_icon, tone=chip_tone),
            Label(said, "secondary", tone="ink-2"),
        ):
            flow.addWidget(part)
        policy = words.sizePolicy()
        policy.setHeightForWidth(True)
        words.setSizePolicy(policy)
        row.addWidget(words, 1)
        button = Button(tr("Voir"), variant="quiet", size="compact")
        button.setAccessibleName(tr("Voir {name}", name=member.name))
        button.clicked.connect(lambda: self.opened.emit(member.id))
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        return holder


class PastMembers(QWidget):
    """Who was in the circle, folded away until asked for; hidden where nobody was."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[str] = []
        self._count = 0
        self.fold = Button("", variant="quiet", icon="chevron-right")
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._unfold)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(metrics().gap(8))
        self._column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        self.card: Card | None = None
        self.hide()

    def show_members(self, view: CircleView) -> None:
        """Show those whose stay is over, the latest first."""
        gone = [member for member in view.members if not member.active and member.stays]
        gone.sort(key=lambda member: -member.stays[0].until)
        if self.card is not None:
            self._column.removeWidget(self.card)
            self.card.hide()
            self.card.deleteLater()
            self.card = None
        self.rows = []
        self.setVisible(bool(gone))
        if not gone:
            return
        self._count = len(gone)
        self.card = Card()
        for member in gone:
            self.card.add_row(self._row(member))
        self._column.addWidget(self.card)
        self._unfold(unfolded=self.fold.isChecked())

    def _unfold(self, unfolded: bool) -> None:
        self.fold.set_text(
            tr("Ont fait partie du cercle ({count})", count=self._count),
            icon="chevron-down" if unfolded else "chevron-right",
        )
        if self.card is not None:
            self.card.setVisible(unfolded)
        if self.fold.hasFocus():
            announce(self, ". ".join(self.rows) if unfolded else tr("Liste repliée"))

    def _row(self, member: MemberView) -> QWidget:
        name = tr("{name} (vous)", name=member.name) if member.mine else member.name
        lines = [as_what(member.role, member.relation), *(stay_words(stay) for stay in member.stays)]
        self.rows.append(f"{name}, {', '.join(lines)}")
        holder = QWidget()
        holder.setAccessibleName(self.rows[-1])
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(metrics().gap(12))
        row.addWidget(Avatar(member.name, key=member.id), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(name, "strong", wrap=True))
        words.addWidget(Label(" · ".join(lines), "secondary", tone="ink-2", wrap=True))
        row.addLayout(words, 1)
        return holder
