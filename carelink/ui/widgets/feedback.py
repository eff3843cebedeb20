"""What the application says and leaves there: icons beside words, banners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from carelink.ui.theme import current_theme, icon_pixmap, metrics, on_theme
from carelink.ui.widgets.announcing import announce
from carelink.ui.widgets.buttons import Button
from carelink.ui.widgets.labels import Label, Paragraph
from carelink.ui.widgets.painting import draw_box

BannerTone = Literal["info", "caution", "urgent", "success", "neutral"]

_ICONS: dict[BannerTone, str] = {
    "info": "info-circle",
    "caution": "alert-circle",
    "urgent": "alert-triangle",
    "success": "circle-check",
    "neutral": "shield-lock",
}


class IconLabel(QLabel):
    """An icon beside words that say the same; it is silent for those who listen."""

    def __init__(
        self, name: str, color: Callable[[], str], *, size: int = 20, parent: QWidget | None = None
    ) -> None:
        """Make an icon; `color` is asked again when the theme changes."""
        super().__init__(parent)
        self._icon_name, self._color, self._size = name, color, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        on_theme(self._refresh)

    def set_icon(self, name: str) -> None:
        """Show another icon."""
        self._icon_name = name
        self._refresh()

    def _refresh(self) -> None:
        side = metrics().px(self._size)
        self.setPixmap(icon_pixmap(self._icon_name, side, self._color(), self.devicePixelRatioF()))
        self.setFixedSize(side, side)


class Banner(QFrame):
    """A message that stays in its place: what happened, what is safe, what to do."""

    def __init__(
        self,
        text: str,
        *,
        title: str = "",
        tone: BannerTone = "info",
        icon: str = "",
        action: Button | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Make a banner.

        Args:
            text: One clear sentence or two.
            title: A few words above it.
            tone: What kind of message it is; its icon says so too.
            icon: Another icon than the tone's.
            action: One button that helps.
            parent: The Qt parent.
        """
        super().__init__(parent)
        self._tone: BannerTone = tone
        self._own_icon = icon
        self.action = action
        self._icon = IconLabel(icon or _ICONS[tone], self._ink, size=22, parent=self)
        self._title = Label(title, "strong", wrap=True, parent=self)
        self._title.setVisible(bool(title))
        self._text = Paragraph(text, parent=self)
        self._words = QVBoxLayout()
        self._words.addWidget(self._title)
        self._words.addWidget(self._text)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(self._words, 1)
        if action is not None:
            self._row.addWidget(action, 0, Qt.AlignmentFlag.AlignVCenter)
        self._name()
        on_theme(self._refresh)

    def add_action(self, action: Button) -> None:
        """Put one more button at the end."""
        self._row.addWidget(action, 0, Qt.AlignmentFlag.AlignVCenter)

    def set_message(self, text: str, *, title: str = "", tone: BannerTone | None = None) -> None:
        """Say something else, and say it aloud."""
        if tone is not None:
            self._tone = tone
        self._icon.set_icon(self._own_icon or _ICONS[self._tone])
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._text.set_text(text)
        self._name()
        self._refresh()
        announce(self, text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground."""
        theme = current_theme()
        tint = theme.tint(self._tone)
        draw_box(
            QPainter(self),
            self.rect(),
            radius=metrics().gap(12),
            fill=tint.soft,
            edge=tint.edge,
            width=theme.border,
        )

    def _ink(self) -> str:
        return current_theme().tint(self._tone).ink

    def _name(self) -> None:
        title, text = self._title.text(), self._text.plain_text()
        self.setAccessibleName(f"{title} {text}".strip())

    def _refresh(self) -> None:
        gap = metrics().gap
        self._row.setContentsMargins(gap(16), gap(12), gap(16), gap(12))
        self._row.setSpacing(gap(12))
        self._words.setSpacing(gap(2))
        palette = self._title.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(self._ink()))
        self._title.setPalette(palette)
        self.update()
