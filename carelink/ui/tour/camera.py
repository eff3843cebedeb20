"""Pictures of the window with what stands over it, numbered in the order of the tour."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QRect, QSize
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from carelink.errors import KnownError
from carelink.language import tr

_SHADE = 0.35


class Camera:
    """Writes pictures into a folder.

    Attributes:
        pictures: What was written, in order.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.pictures: list[Path] = []

    def shoot(self, window: QWidget, profile: str, screen: str) -> None:
        """Take a picture of a window as someone of that profile sees it.

        Raises:
            KnownError: The picture cannot be written.
        """
        _lay_out()
        picture = window.grab()
        for over in _over(window):
            picture = _with_over(picture, window, over)
        path = self._folder / f"{len(self.pictures) + 1:03}-{profile}-{screen}.png"
        if not picture.save(str(path)):
            raise KnownError(
                tr(
                    "L’image {path} n’a pas pu être écrite\u00a0: vérifiez le dossier et la place sur le "
                    "disque, puis recommencez.",
                    path=path,
                )
            )
        self.pictures.append(path)


def _lay_out() -> None:
    """Let layouts and deferred deletions happen, as between two turns of the loop."""
    for _ in range(3):
        QApplication.sendPostedEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


def _over(window: QWidget) -> list[QWidget]:
    """Return what stands over a window, a dialog's own dialogs after it."""
    over = [
        widget
        for widget in QApplication.topLevelWidgets()
        if widget is not window and widget.isVisible() and isinstance(widget, QDialog | QMenu)
    ]
    return sorted(over, key=_depth)


def _depth(widget: QWidget) -> int:
    parent = widget.parentWidget()
    return 0 if parent is None else 1 + _depth(parent.window())


def _with_over(picture: QPixmap, window: QWidget, over: QWidget) -> QPixmap:
    top = over.grab()
    if not isinstance(over, QDialog):
        place = over.mapToGlobal(QPoint(0, 0)) - window.mapToGlobal(QPoint(0, 0))
        painter = QPainter(picture)
        painter.drawPixmap(place, top)
        painter.end()
        return picture
    # Where the system puts a dialog, and whether it frames it, differs; here it is in the middle, and
    # the picture grows where a dialog is larger than its window.
    size = window.size().expandedTo(over.size())
    whole = QPixmap(size * picture.devicePixelRatio())
    whole.setDevicePixelRatio(picture.devicePixelRatio())
    shade = QColor("black")
    whole.fill(shade)
    painter = QPainter(whole)
    painter.drawPixmap(_middle(size, window.size()), picture)
    shade.setAlphaF(_SHADE)
    painter.fillRect(QRect(QPoint(0, 0), size), shade)
    painter.drawPixmap(_middle(size, over.size()), top)
    painter.end()
    return whole


def _middle(room: QSize, size: QSize) -> QPoint:
    return QPoint((room.width() - size.width()) // 2, (room.height() - size.height()) // 2)
