"""The banner that never scrolls away: who this file is about."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.records.status import PatientStatus
from carelink.services.circles import CircleView
from carelink.ui.person.moments import today
from carelink.ui.person.words import identity_words, status_line
from carelink.ui.theme import ToneName, current_theme, metrics, on_theme
from carelink.ui.widgets import Avatar, Button, Chip, FlowLayout, Label


class IdentityBanner(QWidget):
    """Face, name in use, name at birth, date of birth, age, where the person is; and where the circle stands.

    Signals:
        status_wanted: Someone wants to say where the person is.
    """

    status_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._avatar = Avatar("", size=56, parent=self)
        self.name = Label("", "title")
        self.details = Label("", "body", tone="ink-2")
        self.status = Chip("")
        self.where = Chip("")
        self.say_where = Button(tr("Statut"), variant="quiet", size="compact", icon="pencil", parent=self)
        self.say_where.setToolTip(tr("Dire où est la personne"))
        self.say_where.clicked.connect(self.status_wanted)
        words = QWidget(self)
        flow = FlowLayout(words, gap=10, row_gap=2)
        for widget in (self.name, self.details, self.where, self.status):
            flow.addWidget(widget)
        policy = words.sizePolicy()
        policy.setHeightForWidth(True)
        words.setSizePolicy(policy)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._avatar, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout()
        column.addStretch(1)
        column.addWidget(words)
        column.addStretch(1)
        self._row.addLayout(column, 1)
        self._row.addWidget(self.say_where, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        on_theme(self._space)

    def show_person(self, view: CircleView) -> None:
        """Show whom a circle is about."""
        patient = view.patient
        name = patient.display if patient else tr("Personne accompagnée")
        details = (
            identity_words(patient, today())
            if patient
            else tr("Son identité arrivera avec les clés du cercle.")
        )
        self._avatar.set_person(name, view.circle)
        self.name.setText(name)
        self.details.setText(details)
        where = _show_where(self.where, view)
        self.say_where.setVisible(view.may_say_status and view.state == "member")
        icon, words, tone = _state(view)
        self.status.set_chip(words, icon=icon, tone=tone)
        self.status.setVisible(bool(words))
        self.setAccessibleName(", ".join(part for part in (name, details, where, words) if part))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground, of one piece with the tabs below."""
        QPainter(self).fillRect(self.rect(), QColor(current_theme().colors.card))

    def _space(self) -> None:
        gap = metrics().gap
        self._row.setContentsMargins(gap(28), gap(14), gap(28), gap(6))
        self._row.setSpacing(gap(16))


def _show_where(chip: Chip, view: CircleView) -> str:
    """Show where the person is, once anyone has said it, and return it in words."""
    status, sex = view.status, view.patient.sex if view.patient else ""
    chip.setVisible(status.since is not None)
    if status.since is None:
        return ""
    icons: dict[str, tuple[str, ToneName]] = {
        PatientStatus.PRESENT: ("home", "neutral"),
        PatientStatus.HOSPITALISED: ("bed", "caution"),
        PatientStatus.ABSENT: ("walk", "caution"),
        PatientStatus.LEFT: ("door", "neutral"),
        PatientStatus.DECEASED: ("heart", "neutral"),
    }
    icon, tone = icons[status.status]
    words = status_line(replace(status, by=""), sex)
    chip.set_chip(words, icon=icon, tone=tone)
    chip.setToolTip(status_line(status, sex))
    return words


def _state(view: CircleView) -> tuple[str, str, ToneName]:
    mine = next((member for member in view.members if member.mine), None)
    if view.alarm or not all(member.consistent for member in view.members):
        return "alert-triangle", tr("Alerte\u00a0: voir l’onglet Cercle"), "urgent"
    if mine is not None and not mine.active:
        return "door", tr("Vous n’êtes plus dans ce cercle"), "neutral"
    if view.state == "proposed":
        return "clock", tr("Cercle pas encore envoyé au relais"), "caution"
    if view.state == "waiting":
        return "hourglass", tr("Vous attendez d’y être admis ou admise"), "caution"
    return "", "", "neutral"
