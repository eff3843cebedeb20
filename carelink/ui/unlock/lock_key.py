"""Ctrl+L, wherever the keyboard is: a shortcut of Qt's would not be heard over an open dialog."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent

from carelink.ui.unlock.windows import WindowsWatch


class LockKey(WindowsWatch):
    """Hears Ctrl+L in the whole application.

    Signals:
        pressed: It was pressed.
    """

    pressed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.watch()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Take the key before anyone else."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() != Qt.Key.Key_L or event.modifiers() != Qt.KeyboardModifier.ControlModifier:
            return False
        self.pressed.emit()
        return True
