"""What comes to CareLink's windows from outside: keys, the mouse, a finger."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QGuiApplication


class WindowsWatch(QObject):
    """Is given the events of every window, before what stands in it; override `eventFilter`.

    A filter on the application itself would be given each event of each object, and make a Python
    object of it: with PySide6 6.12 that loads the whole of QtWidgets at the first start (50 ms).
    """

    def watch(self) -> None:
        """Watch from now on; windows that open later too, for the keyboard goes to them."""
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusObjectChanged.connect(self.follow)
            self.follow(QGuiApplication.focusObject())

    def follow(self, _focused: QObject | None) -> None:
        """Watch the windows there are now."""
        for window in QGuiApplication.topLevelWindows():
            window.installEventFilter(self)

    def unwatch(self) -> None:
        """Watch no more."""
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusObjectChanged.disconnect(self.follow)
        for window in QGuiApplication.topLevelWindows():
            window.removeEventFilter(self)

    def eventFilter(self, _watched: QObject, _event: QEvent) -> bool:
        """Let everything through."""
        return False
