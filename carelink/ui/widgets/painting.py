"""What several widgets and list delegates paint alike: boxes, chips, faces, badges."""

from __future__ import annotations

import zlib

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from carelink.ui.theme import Tint, current_theme, draw_icon, font, metrics

_TITLES = {"dr", "docteur", "docteure", "pr", "m.", "mme", "mlle", "mr"}
_CENTER = Qt.AlignmentFlag.AlignCenter
_MIDDLE_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


def draw_box(
    painter: QPainter,
    rect: QRect | QRectF,
    *,
    radius: float,
    fill: str | None = None,
    edge: str | None = None,
    width: float = 1,
) -> None:
    """Paint a rounded box whose outline stays inside `rect` and on whole pixels."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(rect)
    if edge is None:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        painter.setPen(QPen(QColor(edge), width))
        box = box.adjusted(width / 2, width / 2, -width / 2, -width / 2)
        radius -= width / 2
    if fill is None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setBrush(QColor(fill))
    painter.drawRoundedRect(box, radius, radius)
    painter.restore()


def draw_text(
    painter: QPainter,
    rect: QRect | QRectF,
    text: str,
    color: str,
    text_font: QFont,
    *,
    align: Qt.AlignmentFlag = _MIDDLE_LEFT,
) -> None:
    """Paint one line of text, cut with an ellipsis where the place is short."""
    place = QRectF(rect)
    shown = QFontMetrics(text_font).elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()) + 1)
    painter.setFont(text_font)
    painter.setPen(QColor(color))
    flags = int(align | Qt.TextFlag.TextSingleLine)
    painter.drawText(place.adjusted(0, 0, 2, 0), flags, shown)


def initials(name: str) -> str:
    """Return one or two capitals for a name: "Dr Paul Petit" gives "PP"."""
    words = [word for word in name.replace("-", " ").split() if word.lower() not in _TITLES]
    letters = [word[0] for word in words if word[0].isalnum()]
    if not letters:
        return "·"
    chosen = letters if len(letters) == 1 else [letters[0], letters[-1]]
    return "".join(chosen).upper()


def face_for(key: str) -> Tint:
    """Return the pastel of a person: always the same for the same identifier or name."""
    faces = current_theme().faces
    # Nothing secret: the checksum is loaded with Qt anyway, a hash would load OpenSSL (4 ms).
    return faces[zlib.crc32(key.encode()) % len(faces)]


def draw_avatar(painter: QPainter, rect: QRectF, name: str, key: str = "") -> None:
    """Paint a round face with the initials of `name`; `key` chooses the colour."""
    face = face_for(key or name)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(face.soft))
    painter.drawEllipse(rect)
    letters = font("strong")
    letters.setPixelSize(max(metrics().px(11), round(rect.height() * 0.38)))
    painter.setFont(letters)
    painter.setPen(QColor(face.ink))
    painter.drawText(rect, int(_CENTER), initials(name))
    painter.restore()


def chip_size(text: str, icon: str, text_font: QFont) -> QSize:
    """Return the room that a chip needs."""
    sizes = metrics()
    fm = QFontMetrics(text_font)
    width = fm.horizontalAdvance(text) + 2 * sizes.gap(8)
    if icon:
        width += sizes.px(16) + sizes.gap(6 if text else 0)
    return QSize(width + 1, max(fm.height() + sizes.gap(7), sizes.px(24)))


def draw_chip(painter: QPainter, rect: QRectF, text: str, icon: str, tint: Tint, text_font: QFont) -> None:
    """Paint a chip: ground, icon, word."""
    sizes = metrics()
    draw_box(painter, rect, radius=sizes.gap(8), fill=tint.soft, edge=tint.edge, width=current_theme().border)
    inner = rect.adjusted(sizes.gap(8), 0, -sizes.gap(8), 0)
    if icon:
        side = sizes.px(16)
        draw_icon(
            painter, icon, QRectF(inner.x(), rect.y() + (rect.height() - side) / 2, side, side), tint.ink
        )
        inner.setLeft(inner.left() + side + sizes.gap(6))
    draw_text(painter, inner, text, tint.ink, text_font)


def badge_text(count: int) -> str:
    """Return what a counter shows: nothing at zero, "99+" beyond two digits."""
    if count <= 0:
        return ""
    return str(count) if count < 100 else "99+"


def badge_size(count: int) -> QSize:
    """Return the room that a counter needs."""
    fm = QFontMetrics(font("small-strong"))
    height = fm.height() + metrics().gap(3)
    return QSize(max(height, fm.horizontalAdvance(badge_text(count)) + metrics().gap(10)), height)


def draw_badge(painter: QPainter, top_left: QPointF, count: int) -> None:
    """Paint a counter on its red ground."""
    text = badge_text(count)
    if not text:
        return
    colors = current_theme().colors
    size = badge_size(count)
    rect = QRectF(top_left.x(), top_left.y(), size.width(), size.height())
    draw_box(painter, rect, radius=size.height() / 2, fill=colors.danger)
    painter.setFont(font("small-strong"))
    painter.setPen(QColor(colors.on_danger))
    painter.drawText(rect, int(_CENTER), text)
