"""Noticing that nobody is there any more."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from shiboken6 import isValid

from carelink.ui.unlock.windows import WindowsWatch

_SIGNS_OF_LIFE = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.InputMethod,
    }
)
_CHECK_MS = 5_000


class IdleWatch(WindowsWatch):
    """Watches keys and the mouse of the whole application while it is on.

    What an input method composes passes no window: it comes to the widget that has the keyboard.

    Two clocks are compared: the one that stands still while the computer sleeps, and the one that
    people can set, so that neither sleep nor a wrong date keeps an account open.

    Signals:
        idle: Nobody has touched anything for the time set.
    """

    idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limit = 600.0
        self._timer = QTimer(self)
        self._timer.setInterval(_CHECK_MS)
        self._timer.timeout.connect(self.check)
        self._steady = self._wall = 0.0
        self._typed_into: QObject | None = None

    def start(self, minutes: float) -> None:
        """Watch from now on."""
        self._limit = minutes * 60
        self._touch()
        self._timer.setInterval(min(_CHECK_MS, max(20, round(self._limit * 500))))
        if not self._timer.isActive():
            self._timer.start()
            self.watch()

    def stop(self) -> None:
        """Watch no more."""
        if self._timer.isActive():
            self._timer.stop()
            self.unwatch()
            self._leave()

    def follow(self, focused: QObject | None) -> None:
        """Watch what has the keyboard too."""
        super().follow(focused)
        self._leave()
        self._typed_into = focused
        if focused is not None:
            focused.installEventFilter(self)

    def _leave(self) -> None:
        if self._typed_into is not None and isValid(self._typed_into):
            self._typed_into.removeEventFilter(self)
        self._typed_into = None

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Note a sign of life."""
        if event.type() in _SIGNS_OF_LIFE:
            self._touch()
        return False

    def check(self) -> None:
        """Tell that nobody is there, if so."""
        away = max(time.monotonic() - self._steady, time.time() - self._wall)
        if away >= self._limit:
            self.stop()
            self.idle.emit()

    def _touch(self) -> None:
        self._steady, self._wall = time.monotonic(), time.time()
