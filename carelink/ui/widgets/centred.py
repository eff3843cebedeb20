"""A page whose column stays in the middle and no wider than is easy to read."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets.dialogs import scrolling


class _Page(QWidget):
    def __init__(self, width: int, *, middle: bool) -> None:
        super().__init__()
        self._wide = width
        outer = QVBoxLayout(self)
        self.column = QVBoxLayout()
        if middle:
            outer.addStretch(1)
        outer.addLayout(self.column)
        outer.addStretch(1)
        on_theme(self._space)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._space()

    def _space(self) -> None:
        gap = metrics().gap
        side = max(gap(24), (self.width() - metrics().px(self._wide)) // 2)
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(side, gap(24), side, gap(24))
        self.column.setSpacing(gap(16))


class CentredPage(QWidget):
    """A column to fill (`column`) that scrolls when the window is small.

    Args:
        width: Its greatest width at 100 %.
        middle: Whether it stands in the middle of the height too.
    """

    def __init__(self, width: int = 720, *, middle: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = _Page(width, middle=middle)
        self.column = page.column
        self.area: QScrollArea = scrolling(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)
        # After the layout has settled: before, things are not where they will be.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._show_focused)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self.follow_focus)
        self.area.verticalScrollBar().rangeChanged.connect(self.follow_focus)

    def follow_focus(self, *_what_changed: object) -> None:
        """Scroll to what has the keyboard, however it came to it, and wherever the layout moves it."""
        self._soon.start()

    def _show_focused(self) -> None:
        focused, page = QApplication.focusWidget(), self.area.widget()
        if not isinstance(focused, QWidget) or page is None or not page.isAncestorOf(focused):
            return
        # What a field says stands below it: leave room for that too.
        margin = metrics().gap(72)
        bottom = focused.mapTo(page, QPoint(0, focused.height())).y()
        if bottom + margin <= self.area.viewport().height():
            self.area.verticalScrollBar().setValue(0)
        else:
            self.area.ensureWidgetVisible(focused, 0, margin)
