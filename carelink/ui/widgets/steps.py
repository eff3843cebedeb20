"""Where one stands: the steps of a journey, and what is being waited for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.ui.theme import current_theme, draw_icon, font, metrics, on_theme
from carelink.ui.widgets.labels import Label, Paragraph
from carelink.ui.widgets.painting import draw_box, draw_text

WaitState = Literal["done", "current", "later", "failed"]


class StepIndicator(QWidget):
    """The steps of a short journey, in a row; those done are ticked."""

    def __init__(self, labels: Sequence[str], current: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = list(labels)
        self._current = current
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_current(current)
        on_theme(self._refresh)

    def set_labels(self, labels: Sequence[str]) -> None:
        """Begin another journey."""
        self._labels = list(labels)
        self.set_current(0)
        self.updateGeometry()

    def set_current(self, index: int) -> None:
        """Move to a step."""
        self._current = index
        self.setAccessibleName(
            tr(
                "Étape {number} sur {total}\u00a0: {label}",
                number=index + 1,
                total=len(self._labels),
                label=self._labels[index],
            )
        )
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for all words."""
        fm = QFontMetrics(font("secondary-strong"))
        words = sum(fm.horizontalAdvance(label) + 2 for label in self._labels)
        count = len(self._labels)
        width = words + count * (self._side() + metrics().gap(8)) + (count - 1) * metrics().gap(48)
        return QSize(width, max(self._side(), fm.height()))

    def minimumSizeHint(self) -> QSize:
        """Return the room where only the step in view keeps its words."""
        fm = QFontMetrics(font("secondary-strong"))
        count = len(self._labels)
        widest = max(fm.horizontalAdvance(label) for label in self._labels)
        return QSize(count * (self._side() + metrics().gap(20)) + widest, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the numbers, the words and the line between."""
        painter = QPainter(self)
        c = current_theme().colors
        side, gap = self._side(), metrics().gap(8)
        bold = font("secondary-strong")
        fm = QFontMetrics(bold)
        roomy = self.width() >= self.sizeHint().width()
        shown = [label if roomy or i == self._current else "" for i, label in enumerate(self._labels)]
        used = sum(side + (gap + fm.horizontalAdvance(text) + 2 if text else 0) for text in shown)
        links = max(1, len(shown) - 1)
        link = min(metrics().gap(48), (self.width() - used) // links)
        x = 0
        for index, text in enumerate(shown):
            done, here = index < self._current, index == self._current
            circle = QRectF(x, (self.height() - side) / 2, side, side)
            edge = c.primary if done or here else c.field
            draw_box(
                painter,
                circle,
                radius=side / 2,
                fill=c.primary if here else c.card,
                edge=edge,
                width=2 if done or here else 1,
            )
            if done:
                inset = side * 0.2
                place = circle.adjusted(inset, inset, -inset, -inset)
                draw_icon(painter, "check", place, c.primary, stroke=2.5)
            else:
                ink = c.on_primary if here else c.ink_2
                center = Qt.AlignmentFlag.AlignCenter
                draw_text(painter, circle, str(index + 1), ink, bold, align=center)
            x += side
            if text:
                width = fm.horizontalAdvance(text) + 2
                ink = c.ink if here else c.ink_2
                draw_text(painter, QRectF(x + gap, 0, width, self.height()), text, ink, bold)
                x += gap + width
            if index < len(shown) - 1:
                line = QRectF(x + gap, self.height() / 2 - 1, max(0, link - 2 * gap), 2)
                painter.fillRect(line, QColor(c.primary if done else c.line_strong))
                x += link

    def _side(self) -> int:
        return metrics().px(26)

    def _refresh(self) -> None:
        self.updateGeometry()
        self.update()


@dataclass(frozen=True)
class WaitStep:
    """One thing that has to happen: what, who must do it, and how far it is."""

    label: str
    detail: str = ""
    state: WaitState = "later"


class WaitList(QWidget):
    """What is being waited for, one under the other: done, in progress, later."""

    def __init__(self, steps: Sequence[WaitStep] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._rows: list[QWidget] = []
        self.set_steps(steps)
        on_theme(self._space)

    def set_steps(self, steps: Sequence[WaitStep]) -> None:
        """Show how far things are."""
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [_WaitRow(step, last=step is steps[-1], parent=self) for step in steps]
        for row in self._rows:
            self._column.addWidget(row)
        self.setAccessibleName(", ".join(row.accessibleName() for row in self._rows))

    def _space(self) -> None:
        self._column.setSpacing(0)


class _WaitRow(QWidget):
    def __init__(self, step: WaitStep, *, last: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._step, self._last = step, last
        self.setAccessibleName(f"{step.label} ({_state_words(step.state)})")
        self._words = QVBoxLayout()
        waiting = step.state == "later"
        self._words.addWidget(Label(step.label, "strong", tone="ink-2" if waiting else "ink", wrap=True))
        if step.detail:
            self._words.addWidget(Paragraph(step.detail, "secondary", tone="ink-2"))
        self._row = QHBoxLayout(self)
        self._row.addLayout(self._words, 1)
        on_theme(self._refresh)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = current_theme()
        c, side = theme.colors, metrics().px(26)
        circle = QRectF(0, 0, side, side)
        if not self._last:
            line = QRectF(side / 2 - 1, side + 3, 2, max(0, self.height() - side - 6))
            painter.fillRect(line, QColor(c.primary if self._step.state == "done" else c.line_strong))
        looks: dict[WaitState, tuple[str, str, str, str]] = {
            "done": ("check", c.primary, c.on_primary, c.primary),
            "current": ("hourglass", c.card, c.primary, c.primary),
            "later": ("", c.card, c.ink_2, c.field),
            "failed": ("x", c.card, theme.tint("urgent").ink, theme.tint("urgent").ink),
        }
        icon, fill, ink, edge = looks[self._step.state]
        draw_box(painter, circle, radius=side / 2, fill=fill, edge=edge, width=2 if icon else 1)
        if icon:
            inset = side * 0.2
            draw_icon(painter, icon, circle.adjusted(inset, inset, -inset, -inset), ink, stroke=2.25)

    def _refresh(self) -> None:
        gap, side = metrics().gap, metrics().px(26)
        line = QFontMetrics(font("strong")).height()
        bottom = 0 if self._last else gap(16)
        self._row.setContentsMargins(side + gap(12), max(0, (side - line) // 2), 0, bottom)
        self._words.setSpacing(gap(2))
        self.setMinimumHeight(side + bottom)


def _state_words(state: WaitState) -> str:
    match state:
        case "done":
            return tr("fait")
        case "current":
            return tr("en cours")
        case "later":
            return tr("à venir")
        case "failed":
            return tr("n’a pas abouti")
