"""A 3 px ring, 2 px away, around whatever has the keyboard.

One overlay serves the whole application. It lives in the page that scrolls, or else in the
window, so that it moves and is cut exactly as the focused widget is.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QSplitter,
    QStackedWidget,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from carelink.ui.theme.state import current_theme, theme_signals

WIDTH = 3
DISTANCE = 2
_MARGIN = WIDTH + DISTANCE
_DEFAULT_RADIUS = 10
_FOLLOWED = {
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.Show,
    QEvent.Type.Hide,
    QEvent.Type.ParentChange,
}


class FocusRing(QWidget):
    """The overlay. It lets the mouse through and is no part of the accessible tree's text."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.radius = _DEFAULT_RADIUS

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(current_theme().colors.focus), WIDTH))
        half = WIDTH / 2
        outer = QRectF(self.rect()).adjusted(half, half, -half, -half)
        radius = self.radius + DISTANCE + half
        painter.drawRoundedRect(outer, radius, radius)


class FocusRingController(QObject):
    """Follows the focus of the application and places the ring."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._ring: FocusRing | None = None
        self._widget: QWidget | None = None
        self._watched: list[QWidget] = []
        self._by_mouse = False
        app.focusChanged.connect(self._focus_moved)
        theme_signals().theme_changed.connect(self._place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the focused widget and what it stands in."""
        kind = event.type()
        if kind in _FOLLOWED:
            self._place()
        elif kind == QEvent.Type.KeyPress and self._by_mouse and watched is self._widget:
            self._by_mouse = False
            self._place()
        return False

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._watched = []
        self._widget = new
        types_text = isinstance(new, QLineEdit | QPlainTextEdit | QTextEdit)
        pressed = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        # A click already shows where the person is; the ring is for those who use keys.
        self._by_mouse = pressed and not types_text
        ancestor = new
        while ancestor is not None:
            ancestor.installEventFilter(self)
            self._watched.append(ancestor)
            ancestor = None if ancestor.isWindow() else ancestor.parentWidget()
        self._place()

    def _place(self) -> None:
        widget = self._widget
        if widget is None or not isValid(widget) or self._by_mouse or not widget.isVisible():
            self._hide()
            return
        frame, rect, radius = _outline(widget)
        page = _page(frame)
        if page is frame:
            self._hide()
            return
        if self._ring is None or not isValid(self._ring):
            self._ring = FocusRing(page)
        ring = self._ring
        if ring.parentWidget() is not page:
            ring.setParent(page)
        ring.radius = radius
        place = QRect(frame.mapTo(page, QPoint(rect.x(), rect.y())), rect.size())
        ring.setGeometry(place.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN))
        ring.raise_()
        ring.show()
        ring.update()

    def _hide(self) -> None:
        if self._ring is not None and isValid(self._ring):
            self._ring.hide()


def _outline(widget: QWidget) -> tuple[QWidget, QRect, int]:
    """Return a widget, a rectangle in its coordinates, and a corner radius.

    They are what the method `focus_outline` returns, where the ring is not around the widget's own rectangle.
    """
    own: Callable[[], tuple[QWidget, QRect, int]] | None = getattr(widget, "focus_outline", None)
    return (widget, widget.rect(), _DEFAULT_RADIUS) if own is None else own()


def _page(widget: QWidget) -> QWidget:
    """Return the ancestor that the ring is drawn in."""
    page = widget
    while not page.isWindow():
        parent = page.parentWidget()
        if parent is None:
            return page
        above = parent.parentWidget()
        scrolls = isinstance(above, QAbstractScrollArea) and above.viewport() is parent
        if scrolls and page is not widget:
            return page
        page = parent
    # These place their children themselves and would take the ring for one of them.
    while isinstance(page, QSplitter | QStackedWidget):
        inner = page.childAt(page.rect().center())
        if inner is None:
            return page
        page = inner
    return page
