"""Beside the cahier: whose it is, at a glance."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carelink.access.roles import Function
from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.services.members import MemberView
from carelink.services.wording import of_name
from carelink.ui.person.words import as_what, first_name
from carelink.ui.theme import metrics
from carelink.ui.widgets import Avatar, Button, Card, ElidedLabel

SHOWN = 7


class CircleCard(QWidget):
    """The people of the circle, family first, and the way to the whole table.

    Signals:
        circle_wanted: The whole circle is to be shown.
    """

    circle_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._card: Card | None = None
        self._column.addStretch(1)

    def show_people(self, view: CircleView) -> None:
        """Show who is in now."""
        if self._card is not None:
            self._column.removeWidget(self._card)
            self._card.hide()
            self._card.deleteLater()
        people = [member for member in view.members if member.active]
        # Whom the family asks first stands first.
        people.sort(key=lambda member: (not _is_contact(member), member.mine, member.professional))
        title = tr("Son cercle")
        if view.patient is not None:
            title = tr("Le cercle {of_name}", of_name=of_name(first_name(view.patient.given)))
        card = Card(title, count=str(len(people)))
        for member in people[:SHOWN]:
            card.add_row(_person(member))
        more = Button(tr("Qui est là, et qui lit quoi"), variant="quiet", trailing_icon="arrow-right")
        more.clicked.connect(self.circle_wanted)
        row = QHBoxLayout()
        row.addWidget(more)
        row.addStretch(1)
        card.add_row(row)
        self._card = card
        self._column.insertWidget(0, card)


def _is_contact(member: MemberView) -> bool:
    return Function.REFERENT in member.functions and not member.mine


def _person(member: MemberView) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(metrics().gap(12))
    row.addWidget(Avatar(member.name, key=member.id))
    words = QVBoxLayout()
    words.setSpacing(0)
    name = tr("{name} (vous)", name=member.name) if member.mine else member.name
    words.addWidget(ElidedLabel(name, "strong"))
    words.addWidget(ElidedLabel(as_what(member.role, member.relation), "secondary", tone="ink-2"))
    if Function.REFERENT in member.functions:
        contact = tr("votre contact\u00a0: à qui demander d’abord")
        if member.mine:
            contact = tr("contact de la famille")
        words.addWidget(ElidedLabel(contact, "secondary-strong", tone="primary"))
    row.addLayout(words, 1)
    return holder
