"""The theme as a `QPalette`, for all that Fusion draws without a style sheet."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from carelink.ui.theme.tokens import Theme


def build_palette(theme: Theme) -> QPalette:
    """Return the palette of `theme`."""
    c = theme.colors
    role = QPalette.ColorRole
    palette = QPalette()
    for color_role, color in {
        role.Window: c.paper,
        role.WindowText: c.ink,
        role.Base: c.card,
        role.AlternateBase: c.paper,
        role.Text: c.ink,
        role.PlaceholderText: c.ink_3,
        role.Button: c.card,
        role.ButtonText: c.ink,
        role.BrightText: c.on_danger,
        role.Light: c.card,
        role.Midlight: c.hover,
        role.Mid: c.line,
        role.Dark: c.line_strong,
        role.Shadow: c.line_strong,
        role.Highlight: c.primary,
        role.HighlightedText: c.on_primary,
        role.Accent: c.primary,
        role.Link: c.primary,
        role.LinkVisited: c.primary,
        role.ToolTipBase: c.raised,
        role.ToolTipText: c.on_raised,
    }.items():
        palette.setColor(color_role, QColor(color))
    for color_role in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, color_role, QColor(c.ink_3))
    return palette
