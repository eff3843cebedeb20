"""Put a look on the application, at the start or while it runs."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessibilityHints, QGuiApplication
from PySide6.QtWidgets import QApplication

from carelink.ui.theme.focus_ring import FocusRingController
from carelink.ui.theme.fonts import font, load_fonts
from carelink.ui.theme.palette import build_palette
from carelink.ui.theme.state import metrics, set_active, theme_signals
from carelink.ui.theme.stylesheet import build_stylesheet
from carelink.ui.theme.tokens import ThemeName, load_theme

_REFERENCE_DPI = 96
_STYLE = "Fusion"
# Said by properties: to look for them, PySide6 would make Python's pictures of styles (7 ms).
_STYLED = "carelink-styled"
_RINGED = "carelink-ringed"


def application() -> QApplication:
    """Return the application, made now if there is none, in the style that themes are made for."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    made = QApplication([*sys.argv[:1], "-style", _STYLE])
    made.setProperty(_STYLED, True)
    return made


def system_theme() -> ThemeName:
    """Return the theme that the system's settings ask for."""
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return "contrast"
    return "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"


def system_scale() -> int:
    """Return the text scale, in per cent, that the system's settings ask for."""
    densities = [screen.logicalDotsPerInch() for screen in QGuiApplication.screens()]
    return round(100 * max(densities, default=_REFERENCE_DPI) / _REFERENCE_DPI)


def _wants_less_motion(accessibility: QAccessibilityHints) -> bool:
    return accessibility.motionPreference() == Qt.MotionPreference.ReducedMotion


def apply_theme(app: QApplication, name: ThemeName = "light", scale: int = 100) -> None:
    """Show `app` in a theme at a text scale; call it again to change the look of open windows.

    Args:
        app: The running application.
        name: "light", "dark" or "contrast".
        scale: Size of the text in per cent, kept between 100 and 200.
    """
    load_fonts()
    theme = load_theme(name)
    hints = QGuiApplication.styleHints()
    set_active(theme, scale, motion=not _wants_less_motion(hints.accessibility()))
    if not app.property(_STYLED):
        if app.style().objectName() != _STYLE.lower():
            app.setStyle(_STYLE)
        app.setProperty(_STYLED, True)
    if not app.property(_RINGED):
        FocusRingController(app)
        app.setProperty(_RINGED, True)
    app.setFont(font("body"))
    app.setPalette(build_palette(theme))
    app.setStyleSheet(build_stylesheet(theme, metrics()))
    theme_signals().theme_changed.emit()
