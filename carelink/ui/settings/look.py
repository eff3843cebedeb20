"""The look remembered for this PC, put on the application, and following the system where left to it."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from carelink.models.vault.home import Home, HomeSettings
from carelink.ui.theme import ThemeName, apply_theme, system_scale, system_theme

SCALE_LIMITS = (100, 200)


def apply_look(settings: HomeSettings) -> None:
    """Show CareLink as remembered; what was left to the system follows it."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return
    name: ThemeName = system_theme() if settings.theme == "system" else settings.theme
    least, most = SCALE_LIMITS
    apply_theme(app, name, min(most, max(least, settings.text_scale, system_scale())))


class LookKeeper(QObject):
    """Puts the look of a folder on the application, again whenever the system's changes."""

    def __init__(self, home: Home, parent: QObject) -> None:
        super().__init__(parent)
        self._home = home
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        hints.accessibility().contrastPreferenceChanged.connect(self._system_changed)

    def apply(self) -> None:
        """Show CareLink as remembered."""
        apply_look(self._home.settings())

    def _system_changed(self) -> None:
        if self._home.settings().theme == "system":
            self.apply()
