"""People with real vaults around a real relay, for tests that open the whole window."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from carelink.models.vault.home import AccountCard, Home
from carelink.services.accounts import create_account, open_account
from carelink.services.circles import Circles, checked_patient
from carelink.services.exchange.sync import Sync
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.joining import Joinings
from carelink.services.session import Session
from carelink.ui.main_window import MainWindow
from carelink.ui.shell.desk import Desk
from tests.sync.fixtures import quicken

__all__ = ["PASSPHRASE", "Household", "Open", "frail_relay", "household", "open_window", "relay"]

PASSPHRASE = "cheval batterie agrafe correct"


class RunningRelay:
    """A relay in a process of its own, which can be stopped and started at the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self._process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        port = self.url.rpartition(":")[2] or "0"
        command = [sys.executable, "-m", "carelink", "--json", "hub", "serve", "--data", str(self.folder)]
        self._process = subprocess.Popen(
            [*command, "--port", port], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        self.url = json.loads(self._process.stdout.readline())["url"]

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None


@dataclass
class Household:
    """Accounts of one PC, and the relay that they use."""

    home: Home
    relay: RunningRelay
    sessions: list[Session] = field(default_factory=list)

    def account(self, name: str, profession: str = "") -> AccountCard:
        made = create_account(self.home, name, PASSPHRASE, profession)
        return self.home.find(made.account)

    def session(self, name: str) -> Session:
        opened = open_account(self.home, self.home.find(name), PASSPHRASE)
        self.sessions.append(opened)
        return opened

    def circle(self, session: Session, given: str = "Jeanne", birth_name: str = "Moreau") -> str:
        patient = checked_patient(given, birth_name, "1938-04-12")
        return Circles(session).create(patient, self.relay.url)

    def link(self, session: Session, circle: str, role: str, *, in_person: bool = False) -> str:
        Sync(session).once()
        wanted = InvitationRequest(role, agreed="oral", in_person=in_person)
        return Invitations(session).invite(circle, wanted).link

    def let_in(self, inviter: Session, circle: str, newcomer: Session, role: str) -> None:
        Joinings(newcomer).join(self.link(inviter, circle, role, in_person=True))
        for session in (inviter, newcomer):
            Sync(session).once()


@pytest.fixture(scope="session")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRelay]:
    running = RunningRelay(tmp_path_factory.mktemp("relay"))
    yield running
    running.stop()


@pytest.fixture
def frail_relay(tmp_path: Path) -> Iterator[RunningRelay]:
    """A relay that a test may stop."""
    running = RunningRelay(tmp_path / "relay")
    yield running
    running.stop()


@pytest.fixture
def household(tmp_path: Path, relay: RunningRelay, monkeypatch: pytest.MonkeyPatch) -> Iterator[Household]:
    quicken(monkeypatch)
    made = Household(Home(tmp_path / "home"), relay)
    yield made
    for session in made.sessions:
        session.close()


@dataclass
class Opened:
    """A window on the accounts of a folder, used as a person would."""

    window: MainWindow
    qtbot: QtBot

    @property
    def desk(self) -> Desk:
        assert self.window.desk is not None
        return self.window.desk

    def unlock(self, name: str, passphrase: str = PASSPHRASE) -> Desk:
        card = Home.find(self.window._home, name)
        self.window.unlock.grid.chosen.emit(card.account)
        QTest.keyClicks(self.window.unlock.passphrase, passphrase)
        self.window.unlock.open_button.click()
        self.qtbot.waitUntil(lambda: self.window.desk is not None, timeout=20_000)
        self.qtbot.waitUntil(lambda: bool(self.desk.rail.current()), timeout=20_000)
        return self.desk


Open = Callable[[Home], Opened]


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication) -> Iterator[Open]:
    """Open CareLink on a folder; closed after the test, with all its threads."""
    opened: list[MainWindow] = []

    def open_on(home: Home) -> Opened:
        window = MainWindow(home)
        opened.append(window)
        window.resize(1366, 768)
        window.show()
        window.activateWindow()
        qtbot.waitActive(window)
        qtbot.waitUntil(lambda: qapp.focusWidget() is not None)
        return Opened(window, qtbot)

    yield open_on
    for window in opened:
        window.close()
        window.deleteLater()
    qapp.processEvents()


def open_claire(household: Household, open_window: Open) -> Opened:
    """Make a nurse's account, and open it."""
    household.account("Claire Martin", "nurse")
    opened = open_window(household.home)
    opened.unlock("Claire Martin")
    return opened
