"""Tabler outline icons, tinted, and sharp at any device pixel ratio."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from carelink.errors import BugError
from carelink.resources import read_text, resource
from carelink.ui.theme.state import current_theme, metrics

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

_STROKE = 'stroke-width="2"'
_RATIOS = (1.0, 1.25, 1.5, 2.0, 3.0)


@cache
def icon_names() -> frozenset[str]:
    """Return the names of the icons that are shipped."""
    return frozenset(
        entry.name.removesuffix(".svg")
        for entry in resource("icons").iterdir()
        if entry.name.endswith(".svg")
    )


@cache
def _source(name: str) -> str:
    if name not in icon_names():
        raise BugError(f"no icon is called {name!r}")
    return read_text(f"icons/{name}.svg")


@lru_cache(maxsize=512)
def _render(name: str, color: str, pixels: int, stroke: float) -> QPixmap:
    svg = _source(name).replace("currentColor", color)
    svg = svg.replace(_STROKE, f'stroke-width="{stroke}"')
    renderer = QSvgRenderer(svg.encode())
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return pixmap


def icon_pixmap(name: str, size: int, color: str, ratio: float = 1.0, *, stroke: float = 1.75) -> QPixmap:
    """Return an icon drawn for a screen.

    Args:
        name: Name of a file of `resources/icons`, without its suffix.
        size: Side in logical pixels, already scaled.
        color: `#RRGGBB`, from the theme.
        ratio: Device pixel ratio of what it is painted on.
        stroke: Thickness of the line on the 24-unit grid.
    """
    pixmap = QPixmap(_render(name, QColor(color).name(), round(size * ratio), stroke))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def icon(name: str, color: str | None = None, size: int = 20) -> QIcon:
    """Return an icon for a menu or an action, in the text colour unless told.

    It is not tinted anew when the theme changes: build menus when they open.
    """
    from PySide6.QtGui import QIcon

    tint = current_theme().colors.ink if color is None else color
    side = metrics().px(size)
    result = QIcon()
    for ratio in _RATIOS:
        result.addPixmap(icon_pixmap(name, side, tint, ratio))
    return result


def draw_icon(painter: QPainter, name: str, rect: QRectF, color: str, *, stroke: float = 1.75) -> None:
    """Paint an icon in the middle of `rect`, as large as its smaller side."""
    side = int(min(rect.width(), rect.height()))
    ratio = painter.device().devicePixelRatioF()
    pixmap = icon_pixmap(name, side, color, ratio, stroke=stroke)
    x = rect.x() + (rect.width() - side) / 2
    y = rect.y() + (rect.height() - side) / 2
    painter.drawPixmap(QRectF(round(x), round(y), side, side), pixmap, QRectF(pixmap.rect()))


def icon_size(size: int = 20) -> QSize:
    """Return the scaled size of an icon, for Qt's own widgets."""
    side = metrics().px(size)
    return QSize(side, side)
