"""Waiting for what must happen, and never longer than it may take."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer, SignalInstance

from carelink.errors import BugError
from carelink.ui.operations import Operations

LONGEST_SECONDS = 60.0
_LOOK_MS = 10
_ROUNDS = 3


def until(condition: Callable[[], bool], what: str) -> None:
    """Let the windows live until a condition holds.

    Raises:
        BugError: It does not, for far too long.
    """
    if condition():
        return
    loop = QEventLoop()
    look = QTimer()
    look.setInterval(_LOOK_MS)
    look.timeout.connect(lambda: loop.quit() if condition() else None)
    look.start()
    limit = QTimer()
    limit.setSingleShot(True)
    limit.timeout.connect(lambda: loop.exit(1))
    limit.start(int(LONGEST_SECONDS * 1000))
    late = loop.exec() != 0
    look.stop()
    limit.stop()
    if late:
        raise BugError(f"the tour waited in vain: {what}")


def after(signal: SignalInstance, act: Callable[[], object], what: str) -> None:
    """Do something and wait for the signal that says it is done."""
    heard: list[bool] = []

    def hear(*_values: object) -> None:
        heard.append(True)

    signal.connect(hear)
    try:
        act()
        until(lambda: bool(heard), what)
    finally:
        signal.disconnect(hear)


def settled(operations: Operations) -> None:
    """Wait until the vault's thread has done what was asked, and what that asked for in turn."""
    for _ in range(_ROUNDS):
        done: list[None] = []
        operations.vault(lambda: None, done.append)
        until(lambda done=done: bool(done), "the vault's thread")  # type: ignore[misc]
