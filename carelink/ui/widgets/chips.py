"""Small facts at a glance: chips, the compartment's chip, faces and counters."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from carelink.language import tr
from carelink.ui.theme import ToneName, current_theme, font, metrics, on_theme
from carelink.ui.widgets.painting import badge_size, chip_size, draw_avatar, draw_badge, draw_chip
from carelink.ui.widgets.volets import VoletCode, volet_look


class Chip(QLabel):
    """A word or two on a soft ground. It says something; it does nothing."""

    def __init__(
        self,
        text: str,
        *,
        icon: str = "",
        tone: ToneName = "neutral",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._icon_name = icon
        self._tone: ToneName = tone
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        on_theme(self._refresh)

    def set_chip(self, text: str, *, icon: str | None = None, tone: ToneName | None = None) -> None:
        """Change what the chip says, and its icon or tone where given."""
        self.setText(text)
        self._icon_name = self._icon_name if icon is None else icon
        self._tone = self._tone if tone is None else tone
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for its icon and words."""
        return chip_size(self.text(), self._icon_name, self.font())

    def minimumSizeHint(self) -> QSize:
        """Return room for the icon and a few letters."""
        return self.sizeHint().boundedTo(QSize(metrics().px(72), self.sizeHint().height()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the chip."""
        painter = QPainter(self)
        tint = current_theme().tint(self._tone)
        draw_chip(painter, QRectF(self.rect()), self.text(), self._icon_name, tint, self.font())

    def _refresh(self) -> None:
        self.setFont(font("secondary-strong"))
        self.updateGeometry()
        self.update()


class VoletChip(Chip):
    """The compartment something stands in: colour, icon and name, always the three."""

    def __init__(self, code: VoletCode, *, short: bool = False, parent: QWidget | None = None) -> None:
        look = volet_look(code)
        super().__init__(
            look.short_name if short else look.name, icon=look.icon, tone=look.tone, parent=parent
        )
        self.setAccessibleName(tr("Volet {name}", name=look.name))


class Avatar(QLabel):
    """A face: initials on a pastel that stays a person's own."""

    def __init__(self, name: str, *, key: str = "", size: int = 36, parent: QWidget | None = None) -> None:
        """Make a face.

        Args:
            name: The person's name, which it is read aloud as.
            key: What the colour is drawn from; a lasting identifier if there is one.
            size: Diameter at 100 %: 36 in rows, 44, 52 in tiles, 56 in banners, 76 for a family.
            parent: The Qt parent.
        """
        super().__init__(parent)
        self._name = name
        self._key = key
        self._side = size
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        on_theme(self._refresh)

    def set_person(self, name: str, key: str = "") -> None:
        """Show someone else."""
        self._name, self._key = name, key
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a square at the scale in force."""
        side = metrics().px(self._side)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Return the same size: a face stays round."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the face."""
        draw_avatar(QPainter(self), QRectF(self.rect()), self._name, self._key)

    def _refresh(self) -> None:
        self.updateGeometry()
        self.update()


class Badge(QLabel):
    """How many wait to be read; it hides at zero."""

    def __init__(self, count: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = count
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_count(count)
        on_theme(self._refresh)

    def set_count(self, count: int) -> None:
        """Show another number."""
        self._count = count
        self.setAccessibleName(unread_words(count))
        if self.parentWidget() is not None or count <= 0:
            self.setVisible(count > 0)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for its digits."""
        return badge_size(self._count)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the counter."""
        draw_badge(QPainter(self), QPointF(0, 0), self._count)

    def _refresh(self) -> None:
        self.updateGeometry()
        self.update()


def unread_words(count: int) -> str:
    """Return a counter in words: "3 non lus"."""
    if count <= 0:
        return ""
    return tr("1 non lu") if count == 1 else tr("{count} non lus", count=count)
