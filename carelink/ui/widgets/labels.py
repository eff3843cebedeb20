"""Text: labels by role and tone, paragraphs, one-line labels that give way, headings."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from carelink.ui.theme import TextRole, current_theme, font, metrics, on_theme
from carelink.ui.widgets.chips import Chip
from carelink.ui.widgets.painting import draw_text
from carelink.ui.widgets.tooltips import as_plain_tooltip

_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "<br>"})

TextTone = Literal["ink", "ink-2", "ink-3", "primary", "urgent", "caution", "care"]


def tone_color(tone: TextTone) -> str:
    """Return the colour of a tone in the theme in force."""
    theme = current_theme()
    match tone:
        case "ink":
            return theme.colors.ink
        case "ink-2":
            return theme.colors.ink_2
        case "ink-3":
            return theme.colors.ink_3
        case "primary":
            return theme.colors.primary
        case "urgent" | "caution" | "care":
            return theme.tint(tone).ink


class Label(QLabel):
    """A text with a role and a tone. It is always plain: what others wrote is never markup."""

    def __init__(
        self,
        text: str = "",
        role: TextRole = "body",
        *,
        tone: TextTone = "ink",
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._role: TextRole = role
        self._tone: TextTone = tone
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        on_theme(self._refresh)

    def set_tone(self, tone: TextTone) -> None:
        """Change the colour."""
        self._tone = tone
        self._refresh()

    def _refresh(self) -> None:
        self.setFont(font(self._role))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(tone_color(self._tone)))
        self.setPalette(palette)
        self.updateGeometry()


class Paragraph(Label):
    """Running text over several lines, with the line height that eases reading."""

    def __init__(
        self,
        text: str = "",
        role: TextRole = "body",
        *,
        tone: TextTone = "ink",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", role, tone=tone, wrap=True, parent=parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self._plain = ""
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show `text`, taken as plain text."""
        self._plain = text
        safe = text.translate(_MARKUP)
        self.setText(f'<p style="line-height:112%; margin:0">{safe}</p>')
        self.setAccessibleName(text)

    def plain_text(self) -> str:
        """Return the text as it was given."""
        return self._plain


class ElidedLabel(Label):
    """One line that ends with "…" where it is cut, and then says all in its tooltip."""

    def __init__(
        self,
        text: str = "",
        role: TextRole = "body",
        *,
        tone: TextTone = "ink",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, role, tone=tone, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def is_elided(self) -> bool:
        """Whether some of the text is hidden."""
        return self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width() + 1

    def minimumSizeHint(self) -> QSize:
        """Return a few letters: the rest may give way."""
        fm = self.fontMetrics()
        return QSize(min(fm.horizontalAdvance(self.text()), 5 * fm.averageCharWidth()), fm.height())

    def setText(self, text: str) -> None:
        """Change the text and, where it is cut, the tooltip."""
        super().setText(text)
        self._explain()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the tooltip only while the text is cut."""
        super().resizeEvent(event)
        self._explain()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint what fits."""
        painter = QPainter(self)
        draw_text(painter, self.contentsRect(), self.text(), tone_color(self._tone), self.font())

    def _explain(self) -> None:
        self.setToolTip(as_plain_tooltip(self.text()) if self.is_elided() else "")


class SectionHeading(QWidget):
    """The title of a part of a screen, with a count or an action beside it."""

    def __init__(
        self,
        text: str,
        *,
        role: TextRole = "section",
        count: str = "",
        action: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.label = Label(text, role, parent=self)
        self._chip = Chip(count, parent=self)
        self._chip.setVisible(bool(count))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.label)
        self._row.addWidget(self._chip)
        self._row.addStretch(1)
        if action is not None:
            self._row.addWidget(action)
        self.setAccessibleName(text)
        on_theme(self._refresh)

    def set_count(self, count: str) -> None:
        """Show a count in words ("14 nouvelles"), or none."""
        self._chip.set_chip(count)
        self._chip.setVisible(bool(count))

    def _refresh(self) -> None:
        self._row.setSpacing(metrics().gap(10))
