"""The bar above every screen: find, the state of exchange, who I am."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from carelink.language import tr
from carelink.ui.theme import current_theme, draw_icon, font, metrics, on_theme
from carelink.ui.widgets.announcing import announce
from carelink.ui.widgets.cards import Separator
from carelink.ui.widgets.fields import SearchField
from carelink.ui.widgets.painting import draw_avatar, draw_box, draw_text

SyncLook = Literal["ok", "working", "waiting", "offline", "problem"]

_SYNC_ICONS: dict[SyncLook, str] = {
    "ok": "",
    "working": "refresh",
    "waiting": "clock",
    "offline": "cloud-off",
    "problem": "alert-triangle",
}


class _BarButton(QPushButton):
    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        return self, self.rect(), metrics().gap(10)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paint_ground(self, painter: QPainter) -> None:
        if self.underMouse() or self.isDown():
            c = current_theme().colors
            draw_box(
                painter, self.rect(), radius=metrics().gap(10), fill=c.pressed if self.isDown() else c.hover
            )


class SyncIndicator(_BarButton):
    """How things stand between this computer and the others: a mark and words, never a mark alone.

    A click asks for the details.
    """

    def __init__(self, text: str, look: SyncLook = "ok", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look: SyncLook = look
        self.setAccessibleDescription(tr("État des échanges"))
        self.set_state(text, look)
        on_theme(self._refresh)

    def set_state(self, text: str, look: SyncLook) -> None:
        """Say how things stand; a change of kind is also said aloud."""
        changed = look != self._look
        self._look = look
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()
        if changed:
            announce(self, text)

    def sizeHint(self) -> QSize:
        """Return the room for the mark and the words."""
        fm = QFontMetrics(self.font())
        width = metrics().gap(20) + self._mark() + metrics().gap(8) + fm.horizontalAdvance(self.text()) + 2
        return QSize(width, max(metrics().px(32), fm.height() + metrics().gap(8)))

    def minimumSizeHint(self) -> QSize:
        """Return room for the mark and the first words."""
        return self.sizeHint().boundedTo(QSize(metrics().px(120), self.sizeHint().height()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the mark and the words."""
        painter = QPainter(self)
        self.paint_ground(painter)
        theme = current_theme()
        c = theme.colors
        marks: dict[SyncLook, tuple[str, str]] = {
            "ok": (c.dot_ok, c.ink_2),
            "working": (c.primary, c.ink_2),
            "waiting": (theme.tint("caution").ink, theme.tint("caution").ink),
            "offline": (c.ink_2, c.ink_2),
            "problem": (theme.tint("urgent").ink, theme.tint("urgent").ink),
        }
        mark, ink = marks[self._look]
        x, side = metrics().gap(10), self._mark()
        place = QRectF(x, (self.height() - side) / 2, side, side)
        if icon := _SYNC_ICONS[self._look]:
            draw_icon(painter, icon, place, mark)
        else:
            draw_box(painter, place, radius=side / 2, fill=mark)
        x += side + metrics().gap(8)
        words = QRect(x, 0, self.width() - x - metrics().gap(8), self.height())
        draw_text(painter, words, self.text(), ink, self.font())

    def _mark(self) -> int:
        return metrics().px(16 if _SYNC_ICONS[self._look] else 9)

    def _refresh(self) -> None:
        self.setFont(font("secondary"))
        self.updateGeometry()
        self.update()


class AccountButton(_BarButton):
    """Who I am here; it opens the menu of the account (`clicked`)."""

    def __init__(self, name: str, subtitle: str, *, key: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._subtitle, self._key = name, subtitle, key
        self.set_person(name, subtitle, key=key)
        on_theme(self._refresh)

    def set_person(self, name: str, subtitle: str, *, key: str = "") -> None:
        """Show whose session this is."""
        self._name, self._subtitle, self._key = name, subtitle, key
        self.setAccessibleName(tr("Mon compte\u00a0: {name}, {role}", name=name, role=subtitle))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for the face, both lines and the arrow."""
        gap = metrics().gap
        words = max(
            QFontMetrics(font("secondary-strong")).horizontalAdvance(self._name),
            QFontMetrics(font("small")).horizontalAdvance(self._subtitle),
        )
        width = gap(6) + metrics().px(36) + gap(10) + words + 2 + gap(12) + metrics().px(18) + gap(8)
        return QSize(width, metrics().px(46))

    def minimumSizeHint(self) -> QSize:
        """Return room for the face, part of the name and the arrow."""
        return self.sizeHint().boundedTo(QSize(metrics().px(170), self.sizeHint().height()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the face, the name, as what, and the arrow."""
        painter = QPainter(self)
        self.paint_ground(painter)
        c, gap = current_theme().colors, metrics().gap
        face, arrow = metrics().px(36), metrics().px(18)
        draw_avatar(painter, QRectF(gap(6), (self.height() - face) / 2, face, face), self._name, self._key)
        x = gap(6) + face + gap(10)
        right = self.width() - gap(8) - arrow
        upper, lower = font("secondary-strong"), font("small")
        first, second = QFontMetrics(upper).height(), QFontMetrics(lower).height()
        top = (self.height() - first - second) // 2
        room = right - gap(8) - x
        draw_text(painter, QRect(x, top, room, first), self._name, c.ink, upper)
        draw_text(painter, QRect(x, top + first, room, second), self._subtitle, c.ink_2, lower)
        place = QRectF(right, (self.height() - arrow) / 2, arrow, arrow)
        draw_icon(painter, "chevron-down", place, c.ink, stroke=2)

    def _refresh(self) -> None:
        self.updateGeometry()
        self.update()


class TopBar(QFrame):
    """The bar itself: the search, then at the end the exchange and the account."""

    def __init__(
        self,
        search: SearchField,
        sync: SyncIndicator,
        account: AccountButton,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.search, self.sync, self.account = search, sync, account
        self._line = Separator(vertical=True, parent=self)
        self._row = QHBoxLayout(self)
        self._row.addWidget(search, 4)
        self._row.addStretch(1)
        for widget in (sync, self._line, account):
            self._row.addWidget(widget)
        on_theme(self._refresh)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the bar and the line below it."""
        painter = QPainter(self)
        c = current_theme().colors
        painter.fillRect(self.rect(), QColor(c.card))
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), QColor(c.line))

    def _refresh(self) -> None:
        gap = metrics().gap
        self.setFixedHeight(metrics().px(60))
        self.search.setMaximumWidth(metrics().px(420))
        self._line.setFixedHeight(metrics().px(28))
        self._row.setContentsMargins(gap(24), 0, gap(16), 1)
        self._row.setSpacing(gap(8))
        self.update()
