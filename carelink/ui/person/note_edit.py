"""The words of a note being written."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from carelink.records.bodies import MAX_TEXT_CHARACTERS
from carelink.ui.theme import metrics
from carelink.ui.widgets import GrowingTextEdit


class NoteEdit(GrowingTextEdit):
    """The words of a note; it refuses what no note can hold.

    Signals:
        too_long: How long the text would have been.
        left: Escape was pressed.
    """

    too_long = Signal(int)
    left = Signal()

    def set_least_lines(self, lines: int) -> None:
        """Be at least so many lines high."""
        self._lines = (lines, self._lines[1])
        self._fit()

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste, unless the note would be over the limit."""
        if not source.hasText():
            return
        text = source.text()
        length = len(self.toPlainText()) + len(text)
        if length > MAX_TEXT_CHARACTERS:
            self.too_long.emit(length)
            return
        self.textCursor().insertText(text)
        self.ensureCursorVisible()

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Put the ring around the whole card: its text fills most of it."""
        card = self.parentWidget()
        return (card, card.rect(), metrics().gap(14)) if card else super().focus_outline()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)
