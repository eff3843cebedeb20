"""The part of a dialog that scrolls."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QScrollArea, QVBoxLayout

from carelink.ui.theme import metrics
from carelink.ui.widgets import scrolling


def dialog_page(column: QVBoxLayout, least: int) -> QScrollArea:
    """Return `column` as a page that scrolls on the dialog's own ground.

    Args:
        column: What it holds.
        least: The height below which it is not made smaller, at 100 %, where the screen has it.
    """
    gap = metrics().gap
    # Room for the focus ring, which the edge of the page would cut.
    column.setContentsMargins(gap(8), gap(8), gap(8), gap(8))
    area = scrolling(column)
    screen = QGuiApplication.primaryScreen().availableGeometry().height()
    around = metrics().px(230)
    area.setMinimumHeight(max(metrics().px(140), min(metrics().px(least), screen - around)))
    area.viewport().setAutoFillBackground(False)
    page = area.widget()
    if page is not None:
        page.setAutoFillBackground(False)
    return area
