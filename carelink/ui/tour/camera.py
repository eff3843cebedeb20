"""Pictures of the window with what stands over it, numbered in the order of the tour."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from carelink.errors import KnownError
from carelink.language import tr


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
            _add(picture, window, over)
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
    return [
        widget
        for widget in QApplication.topLevelWidgets()
        if widget is not window and widget.isVisible() and isinstance(widget, QDialog | QMenu)
    ]


def _add(picture: QPixmap, window: QWidget, over: QWidget) -> None:
    place = over.mapToGlobal(QPoint(0, 0)) - window.mapToGlobal(QPoint(0, 0))
    top = over.grab()
    painter = QPainter(picture)
    if isinstance(over, QDialog):
        # Where the system puts a dialog, and whether it frames it, differs; here it is in the middle.
        room = (window.size() - over.size()) / 2
        place = QPoint(max(0, room.width()), max(0, room.height()))
        painter.fillRect(window.rect(), _shade())
    painter.drawPixmap(place, top)
    painter.end()


def _shade() -> QColor:
    color = QColor("black")
    color.setAlphaF(0.35)
    return color
