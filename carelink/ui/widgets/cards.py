"""Cards: a surface with a title and rows; and the tile of a person to choose."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from carelink.ui.theme import current_theme, font, metrics, on_theme
from carelink.ui.widgets.labels import SectionHeading
from carelink.ui.widgets.painting import badge_size, draw_avatar, draw_badge, draw_box, draw_text

CardTone = Literal["plain", "urgent", "active", "soft", "muted"]

_RADIUS = 14
_EDGE = 5


class Separator(QFrame):
    """A thin line between rows, or between two things side by side."""

    def __init__(self, *, vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the line."""
        QPainter(self).fillRect(self.rect(), QColor(current_theme().colors.line))


class Card(QFrame):
    """A surface for what belongs together: perhaps a title, then rows under thin lines."""

    def __init__(
        self,
        title: str = "",
        *,
        count: str = "",
        action: QWidget | None = None,
        tone: CardTone = "plain",
        parent: QWidget | None = None,
    ) -> None:
        """Make a card.

        Args:
            title: Its heading; none makes a bare surface.
            count: A count in words beside the heading ("14 nouvelles").
            action: A quiet button at the end of the heading.
            tone: "urgent" has a red edge, "active" a primary outline, "soft" and "muted" a ground.
            parent: The Qt parent.
        """
        super().__init__(parent)
        self._tone: CardTone = tone
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._rows: list[QVBoxLayout] = []
        self.heading: SectionHeading | None = None
        if title:
            self.setAccessibleName(title)
            self.heading = SectionHeading(title, count=count, action=action)
            self._header = QHBoxLayout()
            self._header.addWidget(self.heading)
            self._column.addLayout(self._header)
        on_theme(self._space)

    def set_tone(self, tone: CardTone) -> None:
        """Change what the surface says."""
        self._tone = tone
        self._space()
        self.update()

    def add_row(self, content: QWidget | QLayout) -> None:
        """Append a row, under a thin line unless it is the first of a bare card."""
        if self._rows or self.heading is not None:
            self._column.addWidget(Separator(parent=self))
        row = QVBoxLayout()
        if isinstance(content, QWidget):
            row.addWidget(content)
        else:
            row.addLayout(content)
        self._rows.append(row)
        self._column.addLayout(row)
        self._space()

    def clear_rows(self) -> None:
        """Remove every row and what it holds."""
        first = 1 if self.heading is not None else 0
        while self._column.count() > first:
            _discard(self._column, first)
        self._rows.clear()

    def add_stretch(self) -> None:
        """Keep the rows at the top of a card that is higher than they are."""
        self._column.addStretch(1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the surface, and the edge of what is urgent."""
        theme = current_theme()
        c = theme.colors
        painter = QPainter(self)
        radius = metrics().gap(_RADIUS)
        fill, edge, width = c.card, c.line, float(theme.border)
        match self._tone:
            case "urgent":
                edge = c.danger
            case "active":
                edge, width = c.primary, 2.0
            case "soft":
                fill, edge = theme.tint("selected").soft, c.primary
            case "muted":
                fill, edge = c.paper, c.line_strong
            case "plain":
                pass
        draw_box(painter, self.rect(), radius=radius, fill=fill, edge=edge, width=width)
        if self._tone == "urgent":
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            path = QPainterPath()
            path.addRoundedRect(QRectF(self.rect()), radius, radius)
            painter.setClipPath(path)
            painter.fillRect(QRect(0, 0, metrics().gap(_EDGE), self.height()), QColor(c.danger))

    def _space(self) -> None:
        side, top = metrics().gap(18), metrics().gap(14)
        left = side + (metrics().gap(_EDGE) if self._tone == "urgent" else 0)
        if self.heading is not None:
            self._header.setContentsMargins(left, top, metrics().gap(12), top)
        for row in self._rows:
            row.setContentsMargins(left, top, side, top)


def _discard(layout: QLayout, index: int) -> None:
    item = layout.takeAt(index)
    if item is None:
        return
    widget, inner = item.widget(), item.layout()
    if widget is not None:
        widget.hide()
        widget.setParent(None)
        widget.deleteLater()
    if inner is not None:
        while inner.count():
            _discard(inner, 0)
        inner.deleteLater()


class PersonTile(QPushButton):
    """Someone to choose: a face, a name, what they are, perhaps a note and a count."""

    def __init__(
        self,
        name: str,
        subtitle: str = "",
        *,
        note: str = "",
        key: str = "",
        unread: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        """Make a tile.

        Args:
            name: The person's name.
            subtitle: As what they are here.
            note: One line in the primary colour ("Brouillon en attente").
            key: What the face's colour is drawn from.
            unread: A counter; never on a lock screen.
            parent: The Qt parent.
        """
        super().__init__(parent)
        self._name, self._subtitle, self._note = name, subtitle, note
        self._key, self._unread = key, unread
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)
        self.setAccessibleDescription(", ".join(part for part in (subtitle, note) if part))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self._refresh)

    def sizeHint(self) -> QSize:
        """Return the room for the face and its lines."""
        sizes = metrics()
        words = max(
            QFontMetrics(font("name")).horizontalAdvance(self._name),
            QFontMetrics(font("secondary")).horizontalAdvance(self._subtitle),
            QFontMetrics(font("small-strong")).horizontalAdvance(self._note),
        )
        width = sizes.gap(18) * 2 + sizes.px(52) + sizes.gap(14) + words + 2
        height = max(sizes.px(52) + sizes.gap(32), self._text_height() + sizes.gap(28))
        return QSize(max(width, sizes.px(220)), height)

    def minimumSizeHint(self) -> QSize:
        """Return a narrower tile, where a long name is cut."""
        return QSize(metrics().px(200), self.sizeHint().height())

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Tell the ring the shape."""
        return self, self.rect(), metrics().gap(_RADIUS)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Repaint as hovered."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Repaint as left."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the tile; once chosen, with the primary outline."""
        painter = QPainter(self)
        theme, sizes = current_theme(), metrics()
        c = theme.colors
        chosen = self.isChecked()
        draw_box(
            painter,
            self.rect(),
            radius=sizes.gap(_RADIUS),
            fill=c.pressed if self.isDown() else c.hover if self.underMouse() else c.card,
            edge=c.primary if chosen else c.line_strong if self.underMouse() else c.line,
            width=2 if chosen else theme.border,
        )
        side, pad = sizes.px(52), sizes.gap(18)
        draw_avatar(painter, QRectF(pad, (self.height() - side) / 2, side, side), self._name, self._key)
        x = pad + side + sizes.gap(14)
        y = (self.height() - self._text_height()) // 2
        right = self.width() - pad
        room = right - x - (badge_size(self._unread).width() + sizes.gap(8) if self._unread else 0)
        for text, role, color in self._lines():
            line_font = font(role)
            height = QFontMetrics(line_font).height()
            draw_text(painter, QRect(x, y, room, height), text, color, line_font)
            y += height + sizes.gap(2)
        if self._unread:
            size = badge_size(self._unread)
            place = QPointF(right - size.width(), (self.height() - size.height()) / 2)
            draw_badge(painter, place, self._unread)

    def _lines(self) -> list[tuple[str, Literal["name", "secondary", "small-strong"], str]]:
        c = current_theme().colors
        lines: list[tuple[str, Literal["name", "secondary", "small-strong"], str]] = [
            (self._name, "name", c.ink)
        ]
        if self._subtitle:
            lines.append((self._subtitle, "secondary", c.ink_2))
        if self._note:
            lines.append((self._note, "small-strong", c.primary))
        return lines

    def _text_height(self) -> int:
        heights = [QFontMetrics(font(role)).height() for _text, role, _color in self._lines()]
        return sum(heights) + metrics().gap(2) * (len(heights) - 1)

    def _refresh(self) -> None:
        self.updateGeometry()
        self.update()


class ColorBar(QWidget):
    """The short upright bar that gives an appointment its compartment's colour."""

    def __init__(self, color: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = color
        self.setFixedWidth(4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(Qt.PenStyle.NoPen))
        painter.setBrush(QColor(self._color))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
