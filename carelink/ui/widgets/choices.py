"""Choices in a form: a box to tick, one of several, a list that unfolds."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QRadioButton,
    QSizePolicy,
    QStyledItemDelegate,
    QWidget,
)

from carelink.ui.theme import current_theme, draw_icon, font, metrics, on_theme
from carelink.ui.widgets.painting import draw_box, draw_text

_WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)


class _Mark:
    """Geometry that a tick box and a round button share: a mark, then words that wrap."""

    def __init__(self, owner: QAbstractButton) -> None:
        self._owner = owner

    def side(self) -> int:
        return metrics().px(20)

    def gap(self) -> int:
        return metrics().gap(10)

    def text_height(self, width: int) -> int:
        fm = QFontMetrics(self._owner.font())
        return fm.boundingRect(QRect(0, 0, max(1, width), 10_000), _WRAPPED, self._owner.text()).height()

    def height_for(self, width: int) -> int:
        text = self.text_height(width - self.side() - self.gap())
        return max(metrics().px(28), text + metrics().gap(6), self.side())

    def hint(self) -> QSize:
        fm = QFontMetrics(self._owner.font())
        words = fm.horizontalAdvance(self._owner.text())
        width = self.side() + (self.gap() + words + 2 if words else 0)
        return QSize(max(width, 24), self.height_for(width + 2))

    def mark_rect(self) -> QRect:
        line = QFontMetrics(self._owner.font()).height()
        text = self.text_height(self._owner.width() - self.side() - self.gap())
        top = (self._owner.height() - text) // 2 + (line - self.side()) // 2
        return QRect(0, max(0, top), self.side(), self.side())

    def paint_words(self, painter: QPainter) -> None:
        owner = self._owner
        c = current_theme().colors
        left = self.side() + self.gap()
        width = owner.width() - left
        text = self.text_height(width)
        painter.setFont(owner.font())
        painter.setPen(QColor(c.ink if owner.isEnabled() else c.ink_3))
        painter.drawText(QRect(left, (owner.height() - text) // 2, width, text), _WRAPPED, owner.text())

    def outline(self) -> tuple[QWidget, QRect, int]:
        return self._owner, self._owner.rect(), metrics().gap(6)


class CheckBox(QCheckBox):
    """Something to tick; its words wrap rather than being cut."""

    def __init__(self, text: str, *, name: str = "", parent: QWidget | None = None) -> None:
        """Make a tick box; `name` is read aloud where `text` is empty."""
        super().__init__(text, parent)
        self._mark = _Mark(self)
        self.setAccessibleName(name or text)
        _wrapping(self)
        on_theme(self._refresh)

    def sizeHint(self) -> QSize:
        """Return the room for its words on one line."""
        return self._mark.hint()

    def minimumSizeHint(self) -> QSize:
        """Return the room for the mark and a few words."""
        return QSize(min(metrics().px(140), self.sizeHint().width()), max(24, metrics().px(28)))

    def heightForWidth(self, width: int) -> int:
        """Return the height of its words once wrapped."""
        return self._mark.height_for(width)

    def hitButton(self, pos: QPoint) -> bool:
        """Let the words be clicked as well as the box."""
        return self.rect().contains(pos)

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Tell the ring the shape."""
        return self._mark.outline()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the box, its tick and the words."""
        painter = QPainter(self)
        c = current_theme().colors
        box = self._mark.mark_rect()
        checked = self.checkState() != Qt.CheckState.Unchecked
        on = c.primary if self.isEnabled() else c.ink_3
        draw_box(
            painter,
            box,
            radius=metrics().gap(6),
            fill=on if checked else c.card,
            edge=on if checked else c.field,
            width=1.5,
        )
        if checked:
            side = metrics().px(16)
            inset = (box.width() - side) / 2
            place = QRectF(box.x() + inset, box.y() + inset, side, side)
            draw_icon(painter, "check", place, c.on_primary if self.isEnabled() else c.card, stroke=3)
        self._mark.paint_words(painter)

    def _refresh(self) -> None:
        self.setFont(font("body"))
        self.updateGeometry()
        self.update()


class RadioButton(QRadioButton):
    """One of several; arrows move between those that share a parent."""

    def __init__(self, text: str, *, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._mark = _Mark(self)
        self.setAccessibleName(text)
        _wrapping(self)
        on_theme(self._refresh)

    def sizeHint(self) -> QSize:
        """Return the room for its words on one line."""
        return self._mark.hint()

    def minimumSizeHint(self) -> QSize:
        """Return the room for the mark and a few words."""
        return QSize(min(metrics().px(140), self.sizeHint().width()), max(24, metrics().px(28)))

    def heightForWidth(self, width: int) -> int:
        """Return the height of its words once wrapped."""
        return self._mark.height_for(width)

    def hitButton(self, pos: QPoint) -> bool:
        """Let the words be clicked as well as the mark."""
        return self.rect().contains(pos)

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Tell the ring the shape."""
        return self._mark.outline()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the circle and the words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c = current_theme().colors
        ring = QRectF(self._mark.mark_rect()).adjusted(1, 1, -1, -1)
        on = c.primary if self.isEnabled() else c.ink_3
        painter.setPen(QPen(QColor(on if self.isChecked() else c.field), 2 if self.isChecked() else 1.5))
        painter.setBrush(QColor(c.card))
        painter.drawEllipse(ring)
        if self.isChecked():
            inset = ring.width() * 0.27
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(on))
            painter.drawEllipse(ring.adjusted(inset, inset, -inset, -inset))
        self._mark.paint_words(painter)

    def _refresh(self) -> None:
        self.setFont(font("body"))
        self.updateGeometry()
        self.update()


def _wrapping(button: QAbstractButton) -> None:
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)
    button.setSizePolicy(policy)
    button.setCursor(Qt.CursorShape.PointingHandCursor)


class Select(QComboBox):
    """A list that unfolds; one choice, never typed in."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMaxVisibleItems(12)
        self.setItemDelegate(QStyledItemDelegate(self))
        on_theme(self._refresh)

    def sizeHint(self) -> QSize:
        """Return the room for its longest choice."""
        fm = QFontMetrics(self.font())
        longest = max((fm.horizontalAdvance(self.itemText(i)) for i in range(self.count())), default=0)
        width = longest + metrics().gap(36) + metrics().px(18)
        return QSize(max(width, metrics().px(120)), self._height())

    def minimumSizeHint(self) -> QSize:
        """Return a narrower width, where its words are cut."""
        return QSize(metrics().px(120), self._height())

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Tell the ring the shape."""
        return self, self.rect(), metrics().gap(10)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the field, the choice and the arrow."""
        painter = QPainter(self)
        theme = current_theme()
        c = theme.colors
        draw_box(
            painter,
            self.rect(),
            radius=metrics().gap(10),
            fill=c.card if self.isEnabled() else c.paper,
            edge=c.field if self.isEnabled() else c.line_strong,
            width=theme.border,
        )
        side, pad = metrics().px(18), metrics().gap(12)
        words = self.rect().adjusted(pad, 0, -pad - side - metrics().gap(6), 0)
        draw_text(painter, words, self.currentText(), c.ink if self.isEnabled() else c.ink_3, self.font())
        arrow = QRectF(self.width() - pad - side, (self.height() - side) / 2, side, side)
        draw_icon(painter, "chevron-down", arrow, c.ink_2)

    def _height(self) -> int:
        return max(QFontMetrics(self.font()).height() + metrics().gap(10), metrics().px(38))

    def _refresh(self) -> None:
        self.setFont(font("body"))
        self.setFixedHeight(self._height())
        self.updateGeometry()
        self.update()
