"""A short word at the foot of a window, which passes."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPropertyAnimation, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsOpacityEffect, QHBoxLayout, QLabel, QWidget

from carelink.language import tr
from carelink.ui.theme import current_theme, draw_icon, font, metrics, on_theme
from carelink.ui.widgets.announcing import announce
from carelink.ui.widgets.buttons import Button, IconButton
from carelink.ui.widgets.feedback import IconLabel
from carelink.ui.widgets.painting import draw_box

_TOAST_MS = 6000


class Toast(QFrame):
    """A short word at the foot of a window, said aloud too; it leaves by itself.

    It waits while the mouse or the keyboard is on it.

    Signals:
        action_triggered: The person took the action offered.
    """

    action_triggered = Signal()

    def __init__(self, text: str, *, icon: str = "check", action: str = "", parent: QWidget) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self.setObjectName("toast")
        self.setAccessibleName(text)
        self._label = QLabel(text, self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._icon = IconLabel(icon, self._ink, parent=self)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._icon)
        self._row.addWidget(self._label, 1)
        if action:
            button = _ToastButton(action, self)
            button.clicked.connect(self._act)
            self._row.addWidget(button)
        self._close = _ToastClose("x", tr("Fermer"), size="small", parent=self)
        self._close.clicked.connect(self.dismiss)
        self._row.addWidget(self._close)
        self._life = QTimer(self)
        self._life.setSingleShot(True)
        self._life.setInterval(_TOAST_MS)
        self._life.timeout.connect(self._expire)
        self._effect = QGraphicsOpacityEffect(self)
        self._effect.setEnabled(False)
        self.setGraphicsEffect(self._effect)
        self._fade = QPropertyAnimation(self._effect, b"opacity", self)
        self._fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._fade.finished.connect(self._shown)
        parent.installEventFilter(self)
        on_theme(self._refresh)

    @classmethod
    def show_in(cls, window: QWidget, text: str, *, icon: str = "check", action: str = "") -> Toast:
        """Show a toast at the foot of `window`, in place of the one before."""
        for old in window.findChildren(Toast):
            old.dismiss()
        toast = cls(text, icon=icon, action=action, parent=window)
        toast.appear()
        return toast

    def appear(self) -> None:
        """Show it, with a short fade where motion is welcome."""
        self._place()
        self.show()
        self.raise_()
        self._life.start()
        announce(self, self.accessibleName())
        if metrics().fade_ms:
            self._effect.setEnabled(True)
            self._fade.setDuration(metrics().fade_ms)
            self._fade.setStartValue(0.0)
            self._fade.setEndValue(1.0)
            self._fade.start()

    def dismiss(self) -> None:
        """Take it away now."""
        self._life.stop()
        self._fade.stop()
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the foot of the window when it is resized."""
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self._place()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        """Wait while it is looked at."""
        super().enterEvent(event)
        self._life.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Count again."""
        super().leaveEvent(event)
        self._life.start()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground, dark on light and light on dark."""
        c = current_theme().colors
        draw_box(
            QPainter(self),
            self.rect(),
            radius=metrics().gap(12),
            fill=c.raised,
            edge=c.raised_edge,
            width=current_theme().border,
        )

    def _act(self) -> None:
        self.action_triggered.emit()
        self.dismiss()

    def _expire(self) -> None:
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self._life.start()
        else:
            self.dismiss()

    def _shown(self) -> None:
        self._effect.setEnabled(False)

    def _ink(self) -> str:
        return current_theme().colors.on_raised

    def _place(self) -> None:
        window = self.parentWidget()
        if window is None:
            return
        gap = metrics().gap(24)
        width = min(self.sizeHint().width(), window.width() - 2 * gap)
        height = self.heightForWidth(width) if self.hasHeightForWidth() else self.sizeHint().height()
        self.setGeometry(
            (window.width() - width) // 2,
            window.height() - height - gap,
            width,
            max(height, metrics().px(48)),
        )

    def _refresh(self) -> None:
        gap = metrics().gap
        self._row.setContentsMargins(gap(16), gap(8), gap(10), gap(8))
        self._row.setSpacing(gap(12))
        self._label.setFont(font("body"))
        palette = self._label.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(self._ink()))
        self._label.setPalette(palette)
        words = self._label.fontMetrics().horizontalAdvance(self._label.text())
        self._label.setMinimumWidth(min(words + 4, metrics().px(360)))
        self._place()


class _ToastButton(Button):
    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, variant="link", parent=parent)

    def _link_ink(self) -> str:
        return current_theme().colors.raised_action


class _ToastClose(IconButton):
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_icon(
            painter,
            "x",
            self._icon_place(),
            current_theme().colors.on_raised,
        )
