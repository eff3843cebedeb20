"""The desktop app: one window over the accounts of this PC."""

from __future__ import annotations

import logging
import os
import sys
from types import TracebackType

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from carelink.errors import KnownError
from carelink.language import set_language
from carelink.models.vault.home import Home
from carelink.ui.main_window import MainWindow
from carelink.ui.operations import unexpected
from carelink.ui.settings.look import LookKeeper
from carelink.ui.theme import application

_log = logging.getLogger(__name__)


def open_own_desktop() -> int:
    """Show CareLink's window on this user's own accounts, and tell in a sentence where it cannot be shown.

    Returns:
        The exit code of the process.
    """
    try:
        return open_desktop(Home.default())
    except KeyboardInterrupt:
        return 130
    except KnownError as error:
        sentence = str(error)
    except Exception as fault:
        if os.environ.get("CARELINK_DEBUG"):
            raise
        sentence = str(unexpected(fault))
    sys.stderr.write(f"{sentence}\n")
    return 1


def open_desktop(home: Home, account: str | None = None) -> int:
    """Show CareLink's window until it is closed.

    Args:
        home: Folder of the accounts; the demonstration's opens each account in one click.
        account: Name or id of the account to offer first.

    Returns:
        The exit code of the process.

    Raises:
        KnownError: No account, or several, of that name.
    """
    set_language(os.environ.get("CARELINK_LANGUAGE", "fr"))
    chosen = home.find(account).account if account else None
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = application()
    app.setApplicationName("CareLink")
    app.setDesktopFileName("carelink")
    keeper = LookKeeper(home, app)
    keeper.apply()
    window = MainWindow(home, chosen)
    _show(window)
    teller = FaultTeller(window)
    usual, sys.excepthook = sys.excepthook, teller.tell
    try:
        return app.exec()
    finally:
        sys.excepthook = usual


class FaultTeller:
    """Says what failed in a screen: in a sentence to the person, by its kind alone to the log."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def tell(self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        """Take what nobody caught; the window goes on."""
        if isinstance(fault, KnownError):
            sentence = str(fault)
        elif isinstance(fault, Exception):
            _log.error("unexpected %s in a screen", kind.__name__)
            sentence = str(unexpected(fault))
        else:
            sys.__excepthook__(kind, fault, trace)
            return
        if os.environ.get("CARELINK_DEBUG"):
            sys.__excepthook__(kind, fault, trace)
        self._window.operations.problem.emit(sentence)


def _show(window: MainWindow) -> None:
    """Show the window at its usual size, or over the whole of a smaller screen."""
    room = window.screen().availableGeometry().size()
    wanted = window.sizeHint()
    if room.width() <= wanted.width() or room.height() <= wanted.height():
        window.resize(wanted.boundedTo(room))
        window.showMaximized()
    else:
        window.resize(wanted)
        window.show()
