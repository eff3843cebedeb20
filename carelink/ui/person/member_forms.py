"""What is asked before a change of a member: until when, with or without the past, which role."""

from __future__ import annotations

import datetime
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.access.roles import Function, Role
from carelink.language import tr
from carelink.services.members import MemberView
from carelink.services.membership import Change
from carelink.services.wording import role_name
from carelink.ui.person.moments import day_words, today
from carelink.ui.theme import metrics
from carelink.ui.widgets import CheckBox, LabeledField, Select, TextField

_OTHER = "other"
_SPANS = (7, 30, 90, 365)


class ChangeForm(QWidget):
    """The part of a change that is chosen.

    Signals:
        changed: An answer became another.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(metrics().gap(12))

    def apply(self, change: Change) -> Change | None:
        """Return the change as chosen, or None where something is missing or nothing is another."""
        raise NotImplementedError


class OpeningForm(ChangeForm):
    """How long a volet opens, and whether what came before opens with it."""

    def __init__(self, *, asks_past: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.until = Select(tr("Jusqu’à quand"))
        self.until.addItem(tr("Sans date de fin"), "")
        names = (tr("une semaine"), tr("un mois"), tr("trois mois"), tr("un an"))
        for days, name in zip(_SPANS, names, strict=True):
            day = today() + datetime.timedelta(days=days)
            words = day_words(day, year=day.year != today().year)
            self.until.addItem(tr("{span}, jusqu’au {day}", span=name, day=words), day.isoformat())
        self.until.addItem(tr("Une autre date"), _OTHER)
        self.date = TextField(tr("Date de fin"), placeholder="31/12/2026")
        self._date_field = LabeledField(
            tr("Date de fin"), self.date, help_text=tr("Jour, mois, année\u00a0: 31/12/2026")
        )
        self.history = CheckBox(tr("Aussi ce qui a été écrit avant aujourd’hui"))
        self.history.setChecked(True)
        self.history.setVisible(asks_past)
        self.column.addWidget(LabeledField(tr("Jusqu’à quand"), self.until))
        self.column.addWidget(self._date_field)
        self.column.addWidget(self.history)
        self._date_field.hide()
        self.until.currentIndexChanged.connect(self._follow)
        self.date.textChanged.connect(self._follow)
        self.history.toggled.connect(self._follow)

    def apply(self, change: Change) -> Change | None:
        """Return the change with its end."""
        chosen = str(self.until.currentData())
        day = _typed_day(self.date.text()) if chosen == _OTHER else chosen
        if day is None:
            return None
        until = _evening(day) if day else None
        return replace(change, until=until, history=self.history.isChecked())

    def _follow(self) -> None:
        other = self.until.currentData() == _OTHER
        self._date_field.setVisible(other)
        typed = self.date.text().strip()
        wrong = other and len(typed) >= len("1/1/2026") and _typed_day(typed) is None
        self._date_field.set_error(tr("Écrivez un jour à venir, ainsi\u00a0: 31/12/2026.") if wrong else "")
        self.changed.emit()


class RoleForm(ChangeForm):
    """Role and functions."""

    def __init__(self, member: MemberView, roles: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._member = member
        self.role = Select(tr("Rôle dans le cercle"))
        for code in roles if member.role in roles else (member.role, *roles):
            words = role_name(code)
            self.role.addItem(words[:1].upper() + words[1:], code)
        self.role.setCurrentIndex(self.role.findData(member.role))
        self.functions = {
            Function.COORDINATOR: CheckBox(
                tr("Coordonne ce cercle\u00a0: invite, retire, voit qui a consulté, sans rien lire de plus")
            ),
            Function.REFERENT: CheckBox(tr("Référent ou référente de la famille")),
        }
        self.column.addWidget(LabeledField(tr("Rôle dans le cercle"), self.role))
        for function, box in self.functions.items():
            box.setChecked(function in member.functions)
            box.toggled.connect(self.changed)
            self.column.addWidget(box)
        self.role.currentIndexChanged.connect(self._follow)
        self._follow()

    def apply(self, change: Change) -> Change | None:
        """Return the change with role and functions, or None while they are what they were."""
        role = str(self.role.currentData())
        functions = tuple(
            sorted(f.value for f, box in self.functions.items() if box.isChecked() and not box.isHidden())
        )
        if (role, functions) == (self._member.role, tuple(sorted(self._member.functions))):
            return None
        return replace(change, role=role, functions=functions)

    def _follow(self) -> None:
        role = Role(str(self.role.currentData()))
        # Whoever decides for the person runs the circle by that alone.
        self.functions[Function.COORDINATOR].setVisible(not role.is_patient_side)
        self.functions[Function.REFERENT].setVisible(role.is_professional)
        self.changed.emit()


def _typed_day(text: str) -> str | None:
    """Return a day to come as an ISO date, or None where none is written."""
    try:
        day = datetime.datetime.strptime(text.strip(), "%d/%m/%Y").replace(tzinfo=datetime.UTC).date()
    except ValueError:
        return None
    return day.isoformat() if day > today() else None


def _evening(day: str) -> int:
    """Return the last minute of a day here, in milliseconds since 1970."""
    moment = datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(23, 59))
    return int(moment.astimezone().timestamp()) * 1000
