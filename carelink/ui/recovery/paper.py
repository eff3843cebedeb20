"""The words of a sheet on screen, as they are on the page: numbered, in two columns."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from carelink.language import tr
from carelink.ui.theme import current_theme, font, metrics, on_theme
from carelink.ui.widgets.painting import draw_box, draw_text

_COLUMNS = 2
_ROW = 27


class WordsPaper(QWidget):
    """Paints the words. They can be read aloud, and neither be selected nor copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: tuple[str, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Les 24 mots de votre feuille de secours"))
        on_theme(self._refresh)

    def words(self) -> tuple[str, ...]:
        """Return the words shown."""
        return self._words

    def show_words(self, words: Sequence[str]) -> None:
        """Show words, or none."""
        self._words = tuple(words)
        self.setAccessibleDescription(
            ", ".join(f"{number}\u00a0{word}" for number, word in enumerate(self._words, 1))
        )
        self._refresh()

    def sizeHint(self) -> QSize:
        """Return the room for two columns."""
        number, word = self._widths()
        return QSize(_COLUMNS * (number + word + metrics().gap(32)), self._height())

    def minimumSizeHint(self) -> QSize:
        """Return the room in which no word is cut."""
        return self.sizeHint()

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Tell the ring the shape."""
        return self, self.rect(), metrics().gap(12)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the sheet and its words."""
        painter = QPainter(self)
        theme, gap = current_theme(), metrics().gap
        c = theme.colors
        draw_box(painter, self.rect(), radius=gap(12), fill=c.paper, edge=c.line_strong, width=theme.border)
        number_wide, _ = self._widths()
        rows = max(1, len(self._words) // _COLUMNS)
        wide, high = self.width() // _COLUMNS, metrics().px(_ROW)
        for index, word in enumerate(self._words):
            column, row = divmod(index, rows)
            left, top = column * wide + gap(20), gap(12) + row * high
            place = QRect(left, top, number_wide, high)
            draw_text(painter, place, f"{index + 1}.", c.ink_2, font("body"))
            place = QRect(left + number_wide, top, wide - number_wide - gap(20), high)
            draw_text(painter, place, word, c.ink, font("name"))

    def _widths(self) -> tuple[int, int]:
        word = max((QFontMetrics(font("name")).horizontalAdvance(word) for word in self._words), default=0)
        return QFontMetrics(font("body")).horizontalAdvance("24.") + metrics().gap(10), word + 2

    def _height(self) -> int:
        rows = max(1, len(self._words) // _COLUMNS)
        return rows * metrics().px(_ROW) + 2 * metrics().gap(12)

    def _refresh(self) -> None:
        self.updateGeometry()
        self.update()
