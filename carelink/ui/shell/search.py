"""Finding a person from anywhere."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from carelink.language import tr
from carelink.ui.widgets import SearchField


class PersonSearch(SearchField):
    """The field of the top bar.

    Signals:
        list_wanted: Down was pressed: to what was found.
    """

    list_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        name = tr("Chercher une personne")
        super().__init__(name, placeholder=name, hint="Ctrl K", parent=parent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to what was found on Down."""
        if event.key() == Qt.Key.Key_Down:
            self.list_wanted.emit()
            return
        super().keyPressEvent(event)
