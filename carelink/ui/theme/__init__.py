"""The look of CareLink: one token file, three themes, a text scale from 100 to 200 %.

apply_theme(application(), "light", scale=100)      once at the start, again at each change
current_theme().colors.ink                colours by use, as "#RRGGBB"
current_theme().tint("care").soft         the tints, compartments included
metrics().px(38), metrics().gap(16)       sizes and spaces at the scale in force
font("section"), icon("lock")             text and icons by role and name
on_theme(self._refresh)                   call me now and whenever the look changes
"""

from __future__ import annotations

from carelink.ui.theme.apply import application, apply_theme, system_scale, system_theme
from carelink.ui.theme.fonts import TextRole, font
from carelink.ui.theme.icons import draw_icon, icon, icon_names, icon_pixmap, icon_size
from carelink.ui.theme.state import Metrics, current_theme, metrics, on_theme, theme_signals
from carelink.ui.theme.tokens import THEME_NAMES, Theme, ThemeName, Tint, ToneName

__all__ = [
    "THEME_NAMES",
    "Metrics",
    "TextRole",
    "Theme",
    "ThemeName",
    "Tint",
    "ToneName",
    "application",
    "apply_theme",
    "current_theme",
    "draw_icon",
    "font",
    "icon",
    "icon_names",
    "icon_pixmap",
    "icon_size",
    "metrics",
    "on_theme",
    "system_scale",
    "system_theme",
    "theme_signals",
]
