"""The rail of words on the left, and the tabs of a person's file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QTabBar, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.ui.theme import current_theme, draw_icon, font, metrics, on_theme
from carelink.ui.widgets.chips import unread_words
from carelink.ui.widgets.dialogs import scrolling
from carelink.ui.widgets.painting import badge_size, draw_badge, draw_box, draw_text

RAIL_WIDTH = 92
_CENTER = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True)
class NavItem:
    """One place to go; `page` is false for what only acts, such as locking."""

    code: str
    label: str
    icon: str
    page: bool = True


class NavButton(QPushButton):
    """A place to go: icon, word, and how many wait there."""

    def __init__(self, item: NavItem, parent: QWidget | None = None) -> None:
        super().__init__(item.label, parent)
        self.item = item
        self._count = 0
        self._here = False
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(item.label)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self._refresh)

    def set_badge(self, count: int) -> None:
        """Show how many wait, and say it."""
        self._count = count
        self._describe()

    def is_here(self) -> bool:
        """Whether this is the page in view."""
        return self._here

    def set_here(self, here: bool) -> None:
        """Show, and say, that this is the page in view."""
        self._here = here
        self._describe()

    def sizeHint(self) -> QSize:
        """Return the room for the icon above the word."""
        fm = QFontMetrics(self.font())
        width = fm.horizontalAdvance(self.text()) + metrics().gap(16)
        return QSize(width, metrics().px(24) + fm.height() + metrics().gap(28))

    def minimumSizeHint(self) -> QSize:
        """Return the same size: the word is never cut."""
        return self.sizeHint()

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Tell the ring the shape; it stays inside the rail."""
        return self, self.rect().adjusted(4, 2, -4, -2), metrics().gap(10)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Repaint as hovered."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Repaint as left."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the place, its icon, its word and its counter."""
        painter = QPainter(self)
        theme = current_theme()
        c, chosen = theme.colors, self._here
        tint = theme.tint("selected")
        radius = metrics().gap(12)
        if chosen:
            draw_box(painter, self.rect(), radius=radius, fill=tint.soft, edge=tint.edge, width=2)
        elif self.underMouse():
            draw_box(painter, self.rect(), radius=radius, fill=c.hover)
        ink = tint.ink if chosen else c.ink_2
        side, fm = metrics().px(24), QFontMetrics(self.font())
        block = side + metrics().gap(6) + fm.height()
        top = (self.height() - block) / 2
        icon_rect = QRectF((self.width() - side) / 2, top, side, side)
        draw_icon(painter, self.item.icon, icon_rect, ink)
        word = QRectF(0, top + side + metrics().gap(6), self.width(), fm.height())
        draw_text(painter, word, self.text(), ink, self.font(), align=_CENTER)
        size = badge_size(self._count)
        draw_badge(painter, QPointF(icon_rect.right() - 5, icon_rect.y() - size.height() / 3), self._count)

    def _describe(self) -> None:
        place = tr("page affichée") if self._here else ""
        self.setAccessibleDescription(", ".join(part for part in (place, unread_words(self._count)) if part))
        self.update()

    def _refresh(self) -> None:
        self.setFont(font("small-strong"))
        self.updateGeometry()
        self.update()


class _Logo(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        on_theme(self._refresh)

    def paintEvent(self, _event: QPaintEvent) -> None:
        side = metrics().px(32)
        place = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        draw_icon(QPainter(self), "heart-handshake", place, current_theme().colors.primary, stroke=2)

    def _refresh(self) -> None:
        self.setFixedHeight(metrics().px(60))
        self.update()


class NavRail(QFrame):
    """Where one can go, with words; below, what is always at hand.

    Up and Down move between the items; Enter and Space go.

    Signals:
        current_changed: The code of the page chosen by the person.
        activated: The code of an item that only acts.
    """

    current_changed = Signal(str)
    activated = Signal(str)

    def __init__(
        self, name: str, items: Sequence[NavItem], foot: Sequence[NavItem] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._buttons: dict[str, NavButton] = {}
        places = QWidget()
        self._places = QVBoxLayout(places)
        self._foot = QVBoxLayout()
        for item in items:
            self._places.addWidget(self._make(item))
        self._places.addStretch(1)
        for item in foot:
            self._foot.addWidget(self._make(item))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 1, 0)
        self._column.setSpacing(0)
        self._column.addWidget(_Logo(self))
        area = scrolling(places)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._column.addWidget(area, 1)
        self._column.addLayout(self._foot)
        area.viewport().setAutoFillBackground(False)
        places.setAutoFillBackground(False)
        if items:
            self.set_current(items[0].code)
        for before, after in pairwise(self._buttons.values()):
            self.setTabOrder(before, after)
        on_theme(self._refresh)

    def current(self) -> str:
        """Return the code of the page in view, or nothing."""
        return next((code for code, button in self._buttons.items() if button.is_here()), "")

    def set_current(self, code: str) -> None:
        """Show which page is in view, without saying it back."""
        for other, button in self._buttons.items():
            button.set_here(other == code)

    def set_badge(self, code: str, count: int) -> None:
        """Show how many wait behind an item."""
        self._buttons[code].set_badge(count)

    def button(self, code: str) -> NavButton:
        """Return the button of an item."""
        return self._buttons[code]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the rail and the line at its side."""
        painter = QPainter(self)
        c = current_theme().colors
        painter.fillRect(self.rect(), QColor(c.card))
        painter.fillRect(QRect(self.width() - 1, 0, 1, self.height()), QColor(c.line))

    def _make(self, item: NavItem) -> NavButton:
        button = _RailButton(item, self)
        button.clicked.connect(button.go)
        button.went.connect(self._go)
        button.stepped.connect(self._step)
        self._buttons[item.code] = button
        return button

    def _go(self, code: str) -> None:
        if self._buttons[code].item.page:
            self.set_current(code)
            self.current_changed.emit(code)
        else:
            self.activated.emit(code)

    def _step(self, code: str, by: int) -> None:
        codes = list(self._buttons)
        target = codes[(codes.index(code) + by) % len(codes)]
        self._buttons[target].setFocus(Qt.FocusReason.TabFocusReason)

    def _refresh(self) -> None:
        side, gap = metrics().gap(8), metrics().gap(4)
        self._places.setContentsMargins(side, metrics().gap(8), side, metrics().gap(8))
        self._places.setSpacing(gap)
        self._foot.setContentsMargins(side, gap, side, metrics().gap(12))
        self._foot.setSpacing(gap)
        words = max((button.sizeHint().width() for button in self._buttons.values()), default=0)
        self.setFixedWidth(max(RAIL_WIDTH, words + 2 * side + 1))
        self.update()


class _RailButton(NavButton):
    went = Signal(str)
    stepped = Signal(str, int)

    def go(self) -> None:
        self.went.emit(self.item.code)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
            return
        if event.key() in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            self.stepped.emit(self.item.code, -1 if event.key() == Qt.Key.Key_Up else 1)
            return
        super().keyPressEvent(event)


class TabsBar(QTabBar):
    """The parts of a file, in words; a line under the one in view. Arrows move, as Qt does."""

    def __init__(self, name: str, labels: Sequence[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setMouseTracking(True)
        self._hovered = -1
        for label in labels:
            self.addTab(label)
        on_theme(self._refresh)

    def tabSizeHint(self, index: int) -> QSize:
        """Return the room for a word and the space around it."""
        fm = QFontMetrics(self.font())
        return QSize(
            fm.horizontalAdvance(self.tabText(index)) + metrics().gap(30), fm.height() + metrics().gap(28)
        )

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Return the same size: words are not cut, the bar scrolls."""
        return self.tabSizeHint(index)

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Put the ring around the tab in view."""
        return self, self.tabRect(self.currentIndex()).adjusted(6, 6, -6, -11), metrics().gap(8)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse to repaint the tab under it."""
        super().mouseMoveEvent(event)
        self._hover(self.tabAt(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the mouse."""
        super().leaveEvent(event)
        self._hover(-1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the words and the line."""
        painter = QPainter(self)
        c = current_theme().colors
        for index in range(self.count()):
            rect = self.tabRect(index)
            if rect.isEmpty():
                continue
            chosen = index == self.currentIndex()
            ink = c.primary if chosen else c.ink if index == self._hovered else c.ink_2
            draw_text(painter, rect, self.tabText(index), ink, self.font(), align=_CENTER)
            if chosen:
                pad, thick = metrics().gap(13), 3
                line = QRect(rect.x() + pad, rect.bottom() - thick + 1, rect.width() - 2 * pad, thick)
                draw_box(painter, line, radius=1.5, fill=c.primary)

    def _hover(self, index: int) -> None:
        if index != self._hovered:
            self._hovered = index
            self.update()

    def _refresh(self) -> None:
        self.setFont(font("strong"))
        self.updateGeometry()
        self.update()
