"""What several tests of the settings do."""

from __future__ import annotations

import threading
from types import ModuleType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from carelink.ui.settings.secret_dialog import SecretDialog
from tests.sync.fixtures import quick_stretch


def try_to_leave_in_between(
    dialog: SecretDialog, deriving: ModuleType, busy: str, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> int:
    """Accept a filled dialog, press Escape while its keys are derived, and let it end.

    Returns:
        How many keys were derived, none of them by the window.
    """
    threads: list[threading.Thread] = []
    go_on = threading.Event()

    def watched(secret: str | bytes, salt: bytes) -> bytes:
        threads.append(threading.current_thread())
        go_on.wait(20)
        return quick_stretch(secret, salt)

    monkeypatch.setattr(deriving, "stretch", watched)
    dialog.change_button.click()
    qtbot.waitUntil(lambda: bool(threads), timeout=20_000)
    assert dialog.change_button.text() == busy
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    with qtbot.waitSignal(dialog.accepted, timeout=20_000):
        go_on.set()
    assert threading.main_thread() not in threads
    return len(threads)
