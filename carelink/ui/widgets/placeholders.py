"""What stands where nothing is yet: an invitation, or the shape of what is coming."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.ui.theme import current_theme, draw_icon, metrics, on_theme
from carelink.ui.widgets.buttons import Button
from carelink.ui.widgets.labels import Label, Paragraph
from carelink.ui.widgets.painting import draw_box


class _RoundIcon(QWidget):
    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon_name = name
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        on_theme(self._refresh)

    def sizeHint(self) -> QSize:
        side = metrics().px(64)
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        tint = current_theme().tint("selected")
        side = self.width()
        draw_box(painter, self.rect(), radius=side / 2, fill=tint.soft, edge=tint.edge)
        inset = side * 0.28
        draw_icon(
            painter, self._icon_name, QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), tint.ink
        )

    def _refresh(self) -> None:
        self.updateGeometry()
        self.update()


class EmptyState(QWidget):
    """Says what will come here and offers the first step."""

    def __init__(
        self,
        icon: str,
        title: str,
        text: str = "",
        *,
        action: Button | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        center = Qt.AlignmentFlag.AlignHCenter
        self.action = action
        self._column = QVBoxLayout(self)
        self._column.addStretch(1)
        self._column.addWidget(_RoundIcon(icon, self), 0, center)
        self._title = Label(title, "section", wrap=True, parent=self)
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column.addWidget(self._title)
        self._text = Paragraph(text, tone="ink-2", parent=self)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setVisible(bool(text))
        self._column.addWidget(self._text)
        if action is not None:
            self._column.addSpacing(4)
            self._column.addWidget(action, 0, center)
        self._column.addStretch(1)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        on_theme(self._space)

    def _space(self) -> None:
        gap = metrics().gap
        self._column.setContentsMargins(gap(32), gap(32), gap(32), gap(32))
        self._column.setSpacing(gap(8))


class SkeletonRows(QWidget):
    """Grey shapes of rows to come. They do not move: less to watch, less to send over a wire."""

    def __init__(self, rows: int = 3, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = rows
        self.setAccessibleName(tr("Chargement en cours"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self._refresh)

    def sizeHint(self) -> QSize:
        """Return the room for its rows."""
        return QSize(metrics().px(320), self._count * self._row_height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the rows."""
        painter = QPainter(self)
        c, gap = current_theme().colors, metrics().gap
        side = metrics().px(36)
        for index in range(self._count):
            top = index * self._row_height()
            draw_box(painter, QRectF(0, top + gap(14), side, side), radius=side / 2, fill=c.skeleton)
            x = side + gap(12)
            room = self.width() - x
            bar = metrics().px(12)
            first, second = (0.34, 0.82) if index % 2 == 0 else (0.27, 0.66)
            draw_box(painter, QRectF(x, top + gap(17), room * first, bar), radius=bar / 2, fill=c.skeleton)
            draw_box(
                painter,
                QRectF(x, top + gap(17) + bar + gap(8), room * second, bar),
                radius=bar / 2,
                fill=c.skeleton,
            )
            if index:
                painter.fillRect(QRectF(0, top, self.width(), 1), QColor(c.line))

    def _row_height(self) -> int:
        return metrics().px(36) + metrics().gap(28)

    def _refresh(self) -> None:
        self.updateGeometry()
        self.update()
