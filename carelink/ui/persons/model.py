"""The persons as a Qt model: those with news first, then by name; filtered by any part of a name."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from carelink.language import tr
from carelink.services.circles import CircleSummary
from carelink.services.wording import role_name
from carelink.ui.moments import moment_words
from carelink.ui.widgets import unread_words

SUMMARY = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class PersonsModel(QAbstractListModel):
    """Rows of CircleSummary; `SUMMARY` gives the record, the accessible text says all that is painted."""

    def __init__(self) -> None:
        super().__init__()
        self._all: tuple[CircleSummary, ...] = ()
        self._shown: list[CircleSummary] = []
        self._words = ""

    def set_summaries(self, summaries: Sequence[CircleSummary]) -> None:
        """Show these; rows that stay in their place are repainted, not made anew."""
        self._all = tuple(summaries)
        self._refresh()

    def set_search(self, words: str) -> None:
        """Keep those in whose name every word begins or is found."""
        self._words = folded(words)
        self._refresh()

    def summaries(self) -> tuple[CircleSummary, ...]:
        """Return all of them, shown or not."""
        return self._all

    def row_of(self, circle: str) -> int:
        """Return the row of a circle, or -1 where it is not shown."""
        return next((row for row, s in enumerate(self._shown) if s.circle == circle), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a name, a record, or what is read aloud."""
        if not index.isValid():
            return None
        summary = self._shown[index.row()]
        if role == SUMMARY:
            return summary
        if role == Qt.ItemDataRole.DisplayRole:
            return summary.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = (summary.name, status_words(summary), news_words(summary), unread_words(summary.unread))
            return ", ".join(part for part in parts if part)
        return None

    def _refresh(self) -> None:
        wanted = self._words.split()
        shown = [s for s in self._all if all(word in folded(s.name) for word in wanted)]
        if [s.circle for s in shown] == [s.circle for s in self._shown]:
            self._shown = shown
            if shown:
                self.dataChanged.emit(self.index(0), self.index(len(shown) - 1))
            return
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()


def folded(text: str) -> str:
    """Return a text as it is compared: without case or accents."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return plain.casefold()


def news_words(summary: CircleSummary) -> str:
    """Return when the last note was written, or what is waited for."""
    if summary.ended:
        return tr("demandez un autre code à {name}", name=summary.waiting_for)
    if summary.state == "waiting":
        return tr("{name} doit confirmer votre arrivée", name=summary.waiting_for)
    if summary.newest is None:
        return tr("aucune note pour l’instant")
    return tr("dernière note\u00a0: {when}", when=moment_words(summary.newest))


def status_words(summary: CircleSummary) -> str:
    """Return what is out of the ordinary with a circle, or as what one is in it."""
    if summary.alarm:
        return tr("membres à vérifier")
    if summary.ended:
        return tr("invitation expirée")
    if summary.state == "waiting":
        return tr("en attente")
    if summary.state == "left":
        return tr("vous n’êtes plus dans ce cercle")
    return role_name(summary.role) if summary.role else ""
