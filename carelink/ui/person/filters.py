"""What to keep of the time line: volets that the reader reads, unread, urgent, words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from carelink.language import tr
from carelink.services.time_line import TimeLineQuery
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import NOTE_CODES, Choice, SearchField, ToggleGroup, unread_words, volet_choices

ALL = "all"
UNREAD = "unread"
URGENT = "urgent"


class FilterBar(QWidget):
    """Chips, of which one is chosen, and the search field.

    Signals:
        query_changed: The TimeLineQuery now wanted.
    """

    query_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._readable: tuple[str, ...] | None = None
        self.chips: ToggleGroup | None = None
        self.search = SearchField(
            tr("Chercher dans le cahier"),
            placeholder=tr("Chercher dans le cahier"),
            hint="Ctrl F",
            size="compact",
        )
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.search, 0, Qt.AlignmentFlag.AlignTop)
        self.search.search_changed.connect(self._changed)
        on_theme(self._refresh)

    def show_volets(self, readable: Sequence[str]) -> None:
        """Offer the volets that are read here, and only those."""
        if self._readable == tuple(readable):
            return
        self._readable = tuple(readable)
        if self.chips is not None:
            self._row.removeWidget(self.chips)
            self.chips.hide()
            self.chips.deleteLater()
        choices = [Choice(ALL, tr("Tout"))]
        codes = [code for code in NOTE_CODES if code in readable]
        if len(codes) > 1:
            choices += volet_choices(codes)
        choices.append(Choice(UNREAD, tr("Non lu"), "mail-opened"))
        choices.append(Choice(URGENT, tr("Urgent"), "alert-triangle", "urgent"))
        self.chips = ToggleGroup(tr("Montrer"), choices, self)
        self.chips.choice_changed.connect(self._changed)
        self._row.insertWidget(0, self.chips, 1)

    def start_over(self) -> None:
        """Show everything, without telling: another cahier is about to be shown."""
        for widget in (self, self.search):
            widget.blockSignals(True)
        self.search.clear()
        if self.chips is not None:
            self.chips.set_current(ALL)
        for widget in (self, self.search):
            widget.blockSignals(False)
        self.search.clear_button.hide()

    def set_unread(self, count: int) -> None:
        """Show how many wait to be read."""
        if self.chips is not None:
            label = tr("Non lu {count}", count=count) if count else tr("Non lu")
            self.chips.chip(UNREAD).set_label(label, unread_words(count) or tr("Non lu"))

    def query(self) -> TimeLineQuery:
        """Return what is wanted."""
        chosen = self.chips.current() if self.chips is not None else ALL
        return TimeLineQuery(
            compartments=(chosen,) if chosen in NOTE_CODES else (),
            search=self.search.text().strip(),
            unread=chosen == UNREAD,
            urgent=chosen == URGENT,
        )

    def chosen(self) -> str:
        """Return the code of the chip in force."""
        return self.chips.current() if self.chips is not None else ALL

    def _changed(self) -> None:
        self.query_changed.emit(self.query())

    def _refresh(self) -> None:
        self._row.setSpacing(metrics().gap(12))
        self.search.setMinimumWidth(metrics().px(190))
        self.search.setMaximumWidth(metrics().px(280))
