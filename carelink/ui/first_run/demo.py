"""The demonstration, from the window: making it with progress, its relay, its accounts."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.home import Home
from carelink.ui.operations import Operations
from carelink.ui.unlock.accounts import AccountFace
from carelink.ui.widgets import Banner, Button, Card, Label
from carelink.ui.widgets.brand import Brand
from carelink.ui.widgets.centred import CentredPage


@dataclass(frozen=True, slots=True)
class OpenDemo:
    """The demonstration, ready: its folder, its people, and the one passphrase of them all."""

    home: Home
    faces: tuple[AccountFace, ...]
    passphrase: str


class _CancelledError(KnownError):
    """The person went back while it was being made."""


class DemoPage(QWidget):
    """Makes the demonstration where it is not there yet, and starts its relay.

    Signals:
        ready: The OpenDemo.
        left: Back, before it was ready.
    """

    ready = Signal(object)
    left = Signal()
    _progressed = Signal(str, int, int)

    def __init__(self, operations: Operations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._operations = operations
        self._cancel = threading.Event()
        self._home: Home | None = None
        page = CentredPage(560, middle=True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page)
        self.problem = Banner("", tone="urgent")
        self.problem.hide()
        self._what = Label("", tone="ink-2", wrap=True)
        self._what.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Préparation de la démonstration"))
        card = Card()
        column = QVBoxLayout()
        column.addWidget(self.bar)
        column.addWidget(self._what)
        card.add_row(column)
        self._card = card
        self.back_button = Button(tr("Retour"), icon="arrow-left")
        self.back_button.clicked.connect(self._go_back)
        page.column.addWidget(
            Brand(tr("Deux cercles inventés se préparent. La première fois, cela prend une ou deux minutes."))
        )
        page.column.addWidget(self.problem)
        page.column.addWidget(card)
        page.column.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._progressed.connect(self._show_progress, Qt.ConnectionType.QueuedConnection)

    def begin(self, home: Home) -> None:
        """Prepare the demonstration in a folder."""
        self.stop_building()
        cancel = self._cancel = threading.Event()
        self._home = home
        self.problem.hide()
        self._card.show()
        self._show_progress(tr("Un instant…"), 0, 0)

        def progress(what: str, done: int, total: int) -> None:
            if cancel.is_set():
                raise _CancelledError
            self._progressed.emit(what, done, total)

        def work() -> OpenDemo:
            from carelink.services.demo import Demo

            demo = Demo(home)
            demo.build(progress)
            demo.start_relay()
            faces = tuple(AccountFace(a.account, a.name, story=a.description) for a in demo.accounts())
            return OpenDemo(home, faces, demo.passphrase)

        self._operations.network(work, self._ready, self._failed)

    def stop_building(self) -> None:
        """Give up what is being made; it is made anew the next time."""
        self._cancel.set()

    def focus_first(self) -> None:
        """Give the keyboard to the way back."""
        self.back_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go_back(self) -> None:
        self.stop_building()
        self.left.emit()

    def _ready(self, demo: OpenDemo) -> None:
        if not self._cancel.is_set():
            self.ready.emit(demo)

    def _failed(self, error: KnownError) -> None:
        if isinstance(error, _CancelledError):
            return
        self._card.hide()
        self.problem.show()
        self.problem.set_message(str(error))

    def _show_progress(self, what: str, done: int, total: int) -> None:
        self._what.setText(what)
        self.bar.setRange(0, total)
        self.bar.setValue(done)
