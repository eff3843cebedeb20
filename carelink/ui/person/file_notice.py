"""A line above a file that stays until someone acknowledges it."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Button
from carelink.ui.workspace import Workspace


class FileNotice(QWidget):
    """What there is to tell about the circle on screen; hidden while there is nothing.

    Its parts are made when first shown: seldom is there something to tell, and the cahier comes first.
    """

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._view: CircleView | None = None
        self._column = QVBoxLayout(self)
        self.hide()
        on_theme(self._space)

    @cached_property
    def button(self) -> Button:
        """Acknowledges what is told."""
        button = Button(tr("J’ai vu"), icon="check")
        button.clicked.connect(self._acknowledge)
        return button

    def show_circle(self, view: CircleView) -> None:
        """Tell what there is to tell about a circle."""
        if self._view is None or self._view.circle != view.circle:
            self.hide()
        self._view = view
        self._look_up(view)

    def _look_up(self, view: CircleView) -> None:
        """Ask the vault what there is to tell."""
        raise NotImplementedError

    def _acknowledge(self) -> None:
        """Keep that it was seen."""
        raise NotImplementedError

    def _acknowledged(self, _nothing: None) -> None:
        if self._view is not None:
            self.show_circle(self._view)

    def _unread(self, _error: KnownError) -> None:
        """What there is to tell is told when the file is opened next."""

    def _space(self) -> None:
        gap = metrics().gap
        self._column.setContentsMargins(gap(28), gap(12), gap(28), 0)
        self._column.setSpacing(gap(8))
