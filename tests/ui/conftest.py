"""Screens are tested in the light theme at 100 %, whatever the test before chose."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from carelink.ui.theme import apply_theme

# The off-screen platform says this of windows that have a least size; it is no fault of ours.
_PLATFORM_NOISE = r"This plugin does not support"

Show = Callable[[QWidget], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the off-screen platform say what it cannot do."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore(_PLATFORM_NOISE, extend=True))


@pytest.fixture(autouse=True)
def light_theme(qapp: QApplication) -> Iterator[None]:
    """Start each test in the same look, and without the windows that the one before closed."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    apply_theme(qapp, "light", 100)
    yield
    apply_theme(qapp, "light", 100)


@pytest.fixture(autouse=True)
def _collect_between_tests() -> Iterator[None]:
    """Keep Python's collector out of the threads that a test starts, as the window does."""
    gc.disable()
    yield
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.enable()
    gc.collect()
    if not gc.get_freeze_count():
        # A window that closes thaws all, also what was loaded before the first test.
        gc.freeze()


@pytest.fixture
def show(qtbot: QtBot, qapp: QApplication) -> Show:
    """Show a widget in the active window; it is closed after the test."""

    def _show(widget: QWidget) -> None:
        qtbot.addWidget(widget)
        widget.show()
        widget.activateWindow()
        qtbot.waitActive(widget)
        qapp.processEvents()

    return _show
