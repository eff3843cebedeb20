"""Buttons: one primary a screen, secondary for the rest, quiet inside cards, danger with care."""

from __future__ import annotations

from typing import Literal, NamedTuple

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from carelink.ui.theme import TextRole, current_theme, draw_icon, font, metrics, on_theme
from carelink.ui.widgets.painting import draw_box, draw_text
from carelink.ui.widgets.tooltips import as_plain_tooltip

ButtonVariant = Literal["primary", "secondary", "quiet", "link", "danger"]
ButtonSize = Literal["compact", "normal", "family"]

_HEIGHTS: dict[ButtonSize, int] = {"compact": 32, "normal": 38, "family": 46}
_PADDING: dict[ButtonSize, int] = {"compact": 12, "normal": 16, "family": 20}
_ROLES: dict[ButtonSize, TextRole] = {"compact": "strong", "normal": "strong", "family": "name"}
MIN_TARGET = 24


class _Paint(NamedTuple):
    ink: str
    fill: str | None
    edge: str | None


class Button(QPushButton):
    """A button with a word, and perhaps an icon before it and a shortcut after it."""

    def __init__(
        self,
        text: str,
        *,
        variant: ButtonVariant = "secondary",
        size: ButtonSize = "normal",
        icon: str = "",
        trailing_icon: str = "",
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Make a button.

        Args:
            text: Its words, also its accessible name.
            variant: How much it stands out.
            size: 32, 38 or 46 px high at 100 %.
            icon: Name of the icon before the words.
            trailing_icon: Name of the icon after the words.
            hint: A keyboard shortcut shown after the words ("Ctrl ↵"); setting it works is the caller's.
            parent: The Qt parent.
        """
        super().__init__(parent)
        self.setText(text)
        self._variant: ButtonVariant = variant
        self._size: ButtonSize = size
        self._icon_name = icon
        self._trailing = trailing_icon
        self._hint = hint
        self.setAutoDefault(False)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        on_theme(self._refresh)

    def set_text(self, text: str, icon: str | None = None) -> None:
        """Change the words, the accessible name with them, and the icon if one is given."""
        self.setText(text)
        self.setAccessibleName(text)
        if icon is not None:
            self._icon_name = icon
        self.updateGeometry()
        self.update()

    def fill_width(self) -> None:
        """Let the button take the whole width of its column."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the room its words need at the scale in force."""
        fm = QFontMetrics(self.font())
        pad = 2 * self._pad()
        width = fm.horizontalAdvance(self.text()) + pad + 2
        for name in (self._icon_name, self._trailing):
            width += self._icon_side() + self._icon_gap() if name else 0
        if self._hint:
            width += QFontMetrics(self._hint_font()).horizontalAdvance(self._hint) + metrics().gap(8)
        if self._variant == "link":
            return QSize(width, max(fm.height() + metrics().gap(4), MIN_TARGET))
        return QSize(width, max(fm.height() + metrics().gap(8), metrics().px(_HEIGHTS[self._size])))

    def minimumSizeHint(self) -> QSize:
        """Return the same size: the words of a button are never cut."""
        return self.sizeHint()

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Tell the ring the shape of the button."""
        return self, self.rect(), self._radius()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Repaint as hovered."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Repaint as left."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground, the icon and the words, centred together."""
        painter = QPainter(self)
        look = self._look()
        draw_box(
            painter,
            self.rect(),
            radius=self._radius(),
            fill=look.fill,
            edge=look.edge,
            width=current_theme().border,
        )
        spare = max(0, self.width() - self.sizeHint().width())
        x = self._pad() + spare // 2
        side = self._icon_side()
        if self._icon_name:
            draw_icon(painter, self._icon_name, self._icon_rect(x), look.ink)
            x += side + self._icon_gap()
        advance = QFontMetrics(self.font()).horizontalAdvance(self.text())
        draw_text(painter, QRect(x, 0, advance + 2, self.height()), self.text(), look.ink, self.font())
        x += advance
        if self._hint:
            x += metrics().gap(8)
            hint_font = self._hint_font()
            width = QFontMetrics(hint_font).horizontalAdvance(self._hint) + 2
            draw_text(painter, QRect(x, 0, width, self.height()), self._hint, look.ink, hint_font)
            x += width
        if self._variant == "link" and self.underMouse():
            base = (self.height() + QFontMetrics(self.font()).height()) // 2 - 1
            painter.fillRect(QRect(self._pad(), base, advance, 1), QColor(look.ink))
        if self._trailing:
            draw_icon(painter, self._trailing, self._icon_rect(x + self._icon_gap()), look.ink)

    def _refresh(self) -> None:
        chosen = font("secondary-strong") if self._variant == "link" else font(_ROLES[self._size])
        if self._size == "compact" and self._variant != "link":
            chosen.setPixelSize(metrics().px(14))
        self.setFont(chosen)
        self.updateGeometry()
        self.update()

    def _pad(self) -> int:
        if self._variant == "link":
            return 0
        tight = 8 if self._variant == "quiet" else _PADDING[self._size]
        return metrics().gap(tight)

    def _icon_side(self) -> int:
        return metrics().px(16 if self._variant == "link" else 18)

    def _icon_gap(self) -> int:
        return metrics().gap(8)

    def _icon_rect(self, x: int) -> QRectF:
        side = self._icon_side()
        return QRectF(x, (self.height() - side) / 2, side, side)

    def _hint_font(self) -> QFont:
        return font("secondary")

    def _radius(self) -> int:
        return metrics().gap(4 if self._variant == "link" else 10)

    def _link_ink(self) -> str:
        c = current_theme().colors
        return c.primary_pressed if self.isDown() else c.primary_hover if self.underMouse() else c.primary

    def _look(self) -> _Paint:
        c = current_theme().colors
        selected = current_theme().tint("selected")
        hovered, down = self.underMouse(), self.isDown()
        if not self.isEnabled():
            bare = self._variant in {"quiet", "link"}
            return _Paint(c.ink_3, None if bare else c.paper, None if bare else c.line)
        match self._variant:
            case "primary":
                fill = c.primary_pressed if down else c.primary_hover if hovered else c.primary
                return _Paint(c.on_primary, fill, None)
            case "danger":
                fill = c.danger_pressed if down else c.danger_hover if hovered else c.danger
                return _Paint(c.on_danger, fill, None)
            case "quiet":
                active = hovered or down or self.isChecked()
                return _Paint(c.primary, selected.soft if active else None, selected.edge if active else None)
            case "link":
                return _Paint(self._link_ink(), None, None)
            case "secondary":
                fill = c.pressed if down else c.hover if hovered else c.card
                return _Paint(c.ink, fill, c.line_strong)


class IconButton(QPushButton):
    """A button with an icon alone, for the tightest tool rows: named, with a tooltip."""

    def __init__(
        self,
        icon: str,
        name: str,
        *,
        variant: Literal["secondary", "quiet"] = "quiet",
        size: Literal["small", "compact", "normal", "family"] = "normal",
        parent: QWidget | None = None,
    ) -> None:
        """Make an icon button.

        Args:
            icon: Name of the icon.
            name: What it does, for the tooltip and for those who cannot see it.
            variant: With an outline or without.
            size: 28, 32, 38 or 46 px at 100 %.
            parent: The Qt parent.
        """
        super().__init__(parent)
        self._variant = variant
        self._side = {"small": 28, "compact": 32, "normal": 38, "family": 46}[size]
        self._icon_name = icon
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_icon(icon, name)
        on_theme(self._refresh)

    def set_icon(self, icon: str, name: str) -> None:
        """Change the icon together with what it says."""
        self._icon_name = icon
        self.setAccessibleName(name)
        self.setToolTip(as_plain_tooltip(name))
        self.update()

    def sizeHint(self) -> QSize:
        """Return a square at the scale in force."""
        side = max(metrics().px(self._side), MIN_TARGET)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Return the same size: a target never shrinks."""
        return self.sizeHint()

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Tell the ring the shape of the button."""
        return self, self.rect(), self._radius()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Repaint as hovered."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Repaint as left."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground and the icon."""
        painter = QPainter(self)
        c = current_theme().colors
        active = self.isEnabled() and (self.underMouse() or self.isDown())
        bordered = self._variant == "secondary"
        fill = (c.pressed if self.isDown() else c.hover) if active else c.card if bordered else None
        draw_box(
            painter,
            self.rect(),
            radius=self._radius(),
            fill=fill,
            edge=c.line_strong if bordered else None,
            width=current_theme().border,
        )
        ink = c.ink_2 if self.isEnabled() else c.ink_3
        draw_icon(painter, self._icon_name, self._icon_place(), ink)

    def _icon_place(self) -> QRectF:
        side = metrics().px(16 if self._side < 32 else 20)
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _radius(self) -> int:
        return metrics().gap(8 if self._side < 38 else 10)

    def _refresh(self) -> None:
        self.updateGeometry()
        self.update()
