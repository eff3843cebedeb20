"""What to keep of the accesses: one person, one volet, one act, a time."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from carelink.access.compartments import COMPARTMENT_STREAMS, Stream
from carelink.language import tr
from carelink.records.bodies import TraceAction
from carelink.services.trace import TracedPerson, TraceQuery
from carelink.services.trace.words import volet_words
from carelink.services.wording import compartment_name
from carelink.ui.person.moments import today
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import FlowLayout, Select

_PERIODS = (1, 7, 30, 90)
_WIDEST = 190


class TraceFilters(QWidget):
    """Four lists that unfold.

    Signals:
        query_changed: The TraceQuery now wanted.
    """

    query_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: dict[str, str] = {}
        self.who = Select(tr("Personne"), self)
        self.who.addItem(tr("Tout le monde"), "")
        self.volet = Select(tr("Volet"), self)
        self.volet.addItem(tr("Tous les volets"), "")
        for stream in COMPARTMENT_STREAMS:
            self.volet.addItem(compartment_name(stream), stream.value)
        self.volet.addItem(tr("Cette liste"), Stream.TRACE.value)
        self.act = Select(tr("Acte"), self)
        self.act.addItem(tr("Tous les actes"), "")
        self.act.addItem(tr("Ouvertures"), TraceAction.OPENED.value)
        self.act.addItem(tr("Recherches"), TraceAction.SEARCHED.value)
        self.act.addItem(tr("Exports"), TraceAction.EXPORTED.value)
        self.period = Select(tr("Période"), self)
        self.period.addItem(tr("Depuis toujours"), 0)
        self.period.addItem(tr("Aujourd’hui"), _PERIODS[0])
        for days in _PERIODS[1:]:
            self.period.addItem(tr("{days} derniers jours", days=days), days)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        row = FlowLayout(self, gap=10)
        for select in self._selects():
            row.addWidget(select)
            select.currentIndexChanged.connect(self._changed)
        on_theme(self._space)

    def show_people(self, people: Sequence[TracedPerson]) -> None:
        """Offer the people whose accesses may be listed."""
        for person in people:
            self._names[person.id] = person.name
            what = tr("a quitté le cercle") if person.left else person.what
            self.who.addItem(f"{person.name} · {what}" if what else person.name, person.id)
        self._space()

    def query(self) -> TraceQuery:
        """Return what is wanted."""
        days = int(self.period.currentData())
        since = None
        if days:
            first = today() - datetime.timedelta(days=days - 1)
            since = int(datetime.datetime.combine(first, datetime.time()).astimezone().timestamp() * 1000)
        return TraceQuery(
            member=str(self.who.currentData()),
            compartment=str(self.volet.currentData()),
            action=str(self.act.currentData()),
            since=since,
        )

    def start_over(self) -> None:
        """Show everything."""
        for select in self._selects():
            select.blockSignals(True)
            select.setCurrentIndex(0)
            select.blockSignals(False)
            select.update()
        self._changed()

    def nothing_words(self) -> str:
        """Return that nothing was found, for the filter in force; empty where there is no filter."""
        in_force = [select for select in self._selects() if select.currentIndex()]
        if not in_force:
            return ""
        if len(in_force) > 1:
            return tr("Aucune consultation ne correspond")
        if in_force[0] is self.who:
            name = self._names[str(self.who.currentData())]
            return tr("Aucune consultation de {name} n’est connue ici", name=name)
        if in_force[0] is self.volet:
            volet = volet_words(str(self.volet.currentData()))
            return tr("Personne n’a encore ouvert {volet}", volet=volet)
        if in_force[0] is self.act:
            return {
                TraceAction.OPENED.value: tr("Personne n’a encore ouvert ce dossier"),
                TraceAction.SEARCHED.value: tr("Personne n’a fait de recherche dans ce dossier"),
                TraceAction.EXPORTED.value: tr("Personne n’a rien exporté de ce dossier"),
            }[str(self.act.currentData())]
        return tr("Aucune consultation sur cette période")

    def _selects(self) -> tuple[Select, ...]:
        return self.who, self.volet, self.act, self.period

    def _space(self) -> None:
        # Names as long as they come: the field keeps its place in the row, the list shows them whole.
        self.who.setMaximumWidth(metrics().px(_WIDEST))
        longest = max(
            self.who.fontMetrics().horizontalAdvance(self.who.itemText(i)) for i in range(self.who.count())
        )
        room = self.screen().availableGeometry().width() // 2
        self.who.view().setMinimumWidth(min(longest + metrics().gap(40), room))

    def _changed(self) -> None:
        self.query_changed.emit(self.query())
