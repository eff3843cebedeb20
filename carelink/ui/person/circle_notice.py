"""Above a person's file: that one is no longer in the circle, or that a volet was closed to one."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.services.circles import CircleView
from carelink.ui.person.circle_words import closed_words, over_words
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Banner


class StayNotice(QWidget):
    """What ended, since when, and what is kept; hidden where nothing did."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self.hide()
        on_theme(self._space)

    # Made when first shown: seldom is there something to say, and the cahier comes first.

    @cached_property
    def banner(self) -> Banner:
        """Says it."""
        banner = Banner("", tone="neutral", parent=self)
        self._column.addWidget(banner)
        return banner

    def show_circle(self, view: CircleView) -> None:
        """Say what there is to say about a circle."""
        said = over_words(view) or closed_words(view)
        if said and said != (self.banner.accessibleName() if "banner" in vars(self) else ""):
            self.banner.set_message(said)
        self.setVisible(bool(said))

    def _space(self) -> None:
        gap = metrics().gap
        self._column.setContentsMargins(gap(28), gap(12), gap(28), 0)
