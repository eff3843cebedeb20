"""What look is in force now, and the signal that says when it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from carelink.ui.theme.tokens import Theme, load_theme

MIN_SCALE = 100
MAX_SCALE = 200


class Metrics(NamedTuple):
    """Sizes at the text scale in force. All are logical pixels; the screen's ratio is Qt's."""

    scale: int
    motion: bool

    def px(self, size: float) -> int:
        """Scale a size that follows the text: a control's height, an icon, an avatar."""
        return round(size * self.scale / 100)

    def gap(self, size: float) -> int:
        """Scale a space. It grows half as fast as the text, so that large text keeps room."""
        return round(size * (100 + (self.scale - 100) / 2) / 100)

    @property
    def fade_ms(self) -> int:
        """Length of a fade; 0 when the system asks for less motion."""
        return 140 if self.motion else 0


class ThemeSignals(QObject):
    """Tells custom-painted widgets to refresh."""

    theme_changed = Signal()


class _Active:
    def __init__(self) -> None:
        self.theme = load_theme("light")
        self.metrics = Metrics(scale=MIN_SCALE, motion=True)
        self.signals = ThemeSignals()


_active = _Active()


def current_theme() -> Theme:
    """Return the theme in force."""
    return _active.theme


def metrics() -> Metrics:
    """Return the sizes in force."""
    return _active.metrics


def theme_signals() -> ThemeSignals:
    """Return the object whose `theme_changed` is emitted after each change of look."""
    return _active.signals


def on_theme(refresh: Callable[[], None]) -> None:
    """Call `refresh` now and after each change of look.

    Args:
        refresh: A bound method of a `QObject`; it is forgotten when the object is destroyed.
    """
    refresh()
    _active.signals.theme_changed.connect(refresh)


def set_active(theme: Theme, scale: int, *, motion: bool) -> None:
    """Record the look in force; `apply_theme` calls it, then shows it and tells everyone."""
    _active.theme = theme
    _active.metrics = Metrics(scale=max(MIN_SCALE, min(MAX_SCALE, scale)), motion=motion)
