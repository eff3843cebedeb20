"""Noticing that nobody is there any more."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

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


class IdleWatch(QObject):
    """Watches keys and the mouse of the whole application while it is on.

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

    def start(self, minutes: float) -> None:
        """Watch from now on."""
        self._limit = minutes * 60
        self._touch()
        self._timer.setInterval(min(_CHECK_MS, max(20, round(self._limit * 500))))
        if not self._timer.isActive():
            self._timer.start()
            app = QApplication.instance()
            if app is not None:
                app.installEventFilter(self)

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)

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
