"""Where people write: a text that grows with what is written, up to a limit."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from carelink.ui.theme import TextRole, font, metrics, on_theme

# Qt lays lines out in fractions of a pixel; without it the last line may want to scroll.
_ROUNDING = 2
_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class GrowingTextEdit(QPlainTextEdit):
    """Several lines of plain text; as high as its text between two limits.

    Signals:
        submitted: Ctrl+Enter was pressed.
    """

    submitted = Signal()

    def __init__(
        self,
        name: str,
        *,
        placeholder: str = "",
        min_lines: int = 2,
        max_lines: int = 12,
        bare: bool = False,
        role: TextRole = "body",
        parent: QWidget | None = None,
    ) -> None:
        """Make a text edit.

        Args:
            name: What it asks for, read aloud.
            placeholder: An example or an invitation.
            min_lines: Its height when empty.
            max_lines: From there on it scrolls.
            bare: Without an outline, to stand inside a card that has one.
            role: The font's role.
            parent: The Qt parent.
        """
        super().__init__(parent)
        self._lines = (min_lines, max_lines)
        self._role: TextRole = role
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        self.setProperty("bare", bare)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        on_theme(self._refresh)

    def sizeHint(self) -> QSize:
        """Return a comfortable width and the height of its text."""
        return QSize(metrics().px(320), self._wanted_height())

    def minimumSizeHint(self) -> QSize:
        """Return the narrowest usable width."""
        return QSize(metrics().px(160), self._wanted_height())

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Tell the ring the shape of the field."""
        return self, self.rect(), metrics().gap(10)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Submit on Ctrl+Enter."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in _ENTER:
            self.submitted.emit()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again: another width wraps otherwise."""
        super().resizeEvent(event)
        self._fit()

    def _frame_height(self) -> int:
        margins = self.contentsMargins()
        inside = self.viewportMargins()
        return (
            margins.top()
            + margins.bottom()
            + inside.top()
            + inside.bottom()
            + round(2 * self.document().documentMargin())
            + _ROUNDING
        )

    def _wanted_lines(self) -> int:
        # QPlainTextDocumentLayout measures its height in lines, not in pixels.
        return max(1, round(self.document().size().height()))

    def _wanted_height(self) -> int:
        least, most = self._lines
        lines = max(least, min(most, self._wanted_lines()))
        return lines * self.fontMetrics().lineSpacing() + self._frame_height()

    def _fit(self) -> None:
        scrolls = self._wanted_lines() > self._lines[1]
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if self.verticalScrollBarPolicy() != policy:
            self.setVerticalScrollBarPolicy(policy)
        height = self._wanted_height()
        if self.height() != height or self.minimumHeight() != height:
            self.setFixedHeight(height)
            self.updateGeometry()

    def _refresh(self) -> None:
        self.setFont(font(self._role))
        self._fit()
