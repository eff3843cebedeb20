"""Codes to read out or to scan: large letters with a copy button, and the QR square."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from carelink.language import tr
from carelink.ui.theme import current_theme, font, metrics, on_theme
from carelink.ui.widgets.announcing import announce
from carelink.ui.widgets.buttons import Button
from carelink.ui.widgets.painting import draw_box, draw_text

_QUIET_ZONE = 4
_COPIED_MS = 2500


class _Letters(QWidget):
    """Each letter in a cell of one width, so that a code is read letter by letter."""

    def __init__(self, code: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.code = code
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        on_theme(self._refresh)

    def cell(self) -> int:
        fm = QFontMetrics(self.font())
        return max((fm.horizontalAdvance(letter) for letter in self.code), default=0) + metrics().gap(3)

    def sizeHint(self) -> QSize:
        return QSize(self._advance(self.cell()), QFontMetrics(self.font()).height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width() // 2, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        c = current_theme().colors
        cell, letters = self.cell(), self.font()
        if self.sizeHint().width() > self.width():
            letters.setPixelSize(max(15, letters.pixelSize() * self.width() // self.sizeHint().width()))
            cell = cell * self.width() // self.sizeHint().width()
        center = Qt.AlignmentFlag.AlignCenter
        x = 0
        for letter in self.code:
            width = cell if letter.isalnum() else cell * 2 // 3
            ink = c.ink if letter.isalnum() else c.ink_3
            draw_text(painter, QRectF(x - 2, 0, width + 4, self.height()), letter, ink, letters, align=center)
            x += width

    def _advance(self, cell: int) -> int:
        return sum(cell if letter.isalnum() else cell * 2 // 3 for letter in self.code)

    def _refresh(self) -> None:
        self.setFont(font("code"))
        self.updateGeometry()
        self.update()


class CodeDisplay(QFrame):
    """A code to dictate or to copy. It takes the keyboard: Ctrl+C copies.

    Signals:
        copied: The code is on the clipboard.
    """

    copied = Signal()

    def __init__(self, code: str, *, name: str, parent: QWidget | None = None) -> None:
        """Show `code`; `name` says what it is ("Code d'invitation")."""
        super().__init__(parent)
        self._name = name
        self._letters = _Letters(code, self)
        self.copy_button = Button(tr("Copier"), size="compact", icon="copy", parent=self)
        self.copy_button.clicked.connect(self.copy)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._letters, 1)
        self._row.addWidget(self.copy_button)
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.setInterval(_COPIED_MS)
        self._back.timeout.connect(self._ready)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_code(code)
        on_theme(self._refresh)

    def code(self) -> str:
        """Return the code as it is copied."""
        return self._letters.code

    def set_code(self, code: str) -> None:
        """Show another code."""
        self._letters.code = code
        self._letters.updateGeometry()
        self._letters.update()
        self.setAccessibleName(f"{self._name}\u00a0: {code}")
        self.setAccessibleDescription(" ".join(code))

    def copy(self) -> None:
        """Put the code on the clipboard and say so."""
        QGuiApplication.clipboard().setText(self.code())
        self.copy_button.set_text(tr("Copié"), icon="check")
        announce(self, tr("Copié"))
        self._back.start()
        self.copied.emit()

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Tell the ring the shape."""
        return self, self.rect(), metrics().gap(12)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy on the usual keys."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground."""
        theme = current_theme()
        c = theme.colors
        draw_box(
            QPainter(self),
            self.rect(),
            radius=metrics().gap(12),
            fill=c.paper,
            edge=c.line_strong,
            width=theme.border,
        )

    def _ready(self) -> None:
        self.copy_button.set_text(tr("Copier"), icon="copy")

    def _refresh(self) -> None:
        gap = metrics().gap
        self._row.setContentsMargins(gap(20), gap(14), gap(16), gap(14))
        self._row.setSpacing(gap(16))
        self.update()


class QrCode(QWidget):
    """A square to scan: black on white in every theme, with its quiet margin."""

    def __init__(
        self, matrix: Sequence[Sequence[bool]], *, name: str, size: int = 200, parent: QWidget | None = None
    ) -> None:
        """Show `matrix`, row by row, dark being true; `name` is read aloud in its place."""
        super().__init__(parent)
        self._size = size
        self._matrix: tuple[tuple[bool, ...], ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_matrix(matrix)
        on_theme(self._refresh)

    def set_matrix(self, matrix: Sequence[Sequence[bool]]) -> None:
        """Show another square."""
        self._matrix = tuple(tuple(bool(cell) for cell in row) for row in matrix)
        self._refresh()

    def sizeHint(self) -> QSize:
        """Return the square nearest to the wanted size whose modules are whole pixels."""
        modules = len(self._matrix) + 2 * _QUIET_ZONE
        side = modules * max(2, round(metrics().px(self._size) / modules))
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint whole pixels, so that cameras see sharp edges."""
        painter = QPainter(self)
        c = current_theme().colors
        draw_box(painter, self.rect(), radius=metrics().gap(10), fill="#FFFFFF", edge=c.line_strong)
        count = len(self._matrix)
        if not count:
            return
        module = max(1, min(self.width(), self.height()) // (count + 2 * _QUIET_ZONE))
        left = (self.width() - module * count) // 2
        top = (self.height() - module * count) // 2
        black = QColor("#000000")
        for y, row in enumerate(self._matrix):
            for x, dark in enumerate(row):
                if dark:
                    painter.fillRect(QRect(left + x * module, top + y * module, module, module), black)

    def _refresh(self) -> None:
        self.updateGeometry()
        self.update()
