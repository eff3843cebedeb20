"""Screens are tested in the light theme at 100 %, whatever the test before chose."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from carelink.ui import garbage
from carelink.ui.theme import apply_theme, current_theme, metrics

# The off-screen platform says this of windows that have a least size; it is no fault of ours.
_PLATFORM_NOISE = r"This plugin does not support"

_LONG_SECONDS = 0.05

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
    _light(qapp)
    yield
    _light(qapp)


_shown: list[object] = []


def _light(app: QApplication) -> None:
    # All that is there would be laid out again: not where no test chose another look since.
    if [metrics(), current_theme()] != _shown:
        apply_theme(app, "light", 100)
        _shown[:] = [metrics(), current_theme()]


class _Collector:
    """Python's collector for windows that close while their process goes on: what is loaded stays apart."""

    collect, disable, enable = gc.collect, gc.disable, gc.enable
    get_count, get_threshold, isenabled = gc.get_count, gc.get_threshold, gc.isenabled

    @staticmethod
    def freeze() -> None:
        """Do nothing: it was done before the first test."""

    unfreeze = freeze


@pytest.fixture(autouse=True)
def _collect_between_tests(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep Python's collector out of the threads that a test starts, as the window does."""
    monkeypatch.setattr(garbage, "gc", _Collector)
    gc.disable()
    yield
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.enable()
    began = time.perf_counter()
    gc.collect()
    if time.perf_counter() - began > _LONG_SECONDS:
        # What tests load as they go piles up, and each later collection would look through it.
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
