"""A PC that a team shares: its door shows the team, and each opens their own account."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from carelink.models.vault.home import Home
from carelink.models.vault.workstation import DoorPerson, load_workstation, save_workstation
from carelink.services.exchange.sync import Sync
from carelink.services.session import Session
from carelink.services.stations import enrol
from carelink.services.teams import Teams
from carelink.services.workstations import Workstations
from carelink.ui.settings.portable import PortableDialog
from tests.ui.households import PASSPHRASE, Household, Open


@pytest.fixture
def claire(household: Household) -> Session:
    household.account("Claire Martin", "nurse")
    session = household.session("Claire Martin")
    Teams(session).create("Soins", hub=household.relay.url)
    Sync(session).once()
    return session


def code(session: Session) -> str:
    return Workstations(session).offer(Teams(session).resolve("Soins")).link


def test_i_share_a_pc_and_open_my_account_on_it(
    household: Household, claire: Session, open_window: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    opened = open_window(household.home)
    desk = opened.unlock("Claire Martin")
    desk.show_settings()
    card = desk.settings.portable
    qtbot.waitUntil(lambda: not card.make_button.isHidden())
    card.make_button.click()
    (dialog,) = desk.window().findChildren(PortableDialog)
    qtbot.waitActive(dialog)
    QTest.keyClicks(dialog.current, PASSPHRASE)
    dialog.change_button.click()
    qtbot.waitUntil(card.make_button.isHidden, timeout=20_000)
    opened.window.lock()
    link = code(claire)
    Sync(claire).once()
    shared = open_window(Home(tmp_path / "shared"))
    welcome = shared.window.welcome
    assert shared.window.stack.currentWidget() is welcome
    welcome.station_button.click()
    page = shared.window.station
    QTest.keyClicks(page.code, link)
    QTest.keyClicks(page.name, "Poste infirmier 2")
    page.enrol_button.click()
    qtbot.waitUntil(lambda: shared.window.stack.currentWidget() is shared.window.unlock, timeout=20_000)
    assert "Poste infirmier 2" in shared.window.unlock.notice.accessibleName()
    there = shared.unlock("Claire Martin")
    there.show_settings()
    assert not hasattr(there.settings, "pin")
    assert there.settings.portable.stop_button.isHidden()
    shared.window.lock()
    assert shared.window.desk is None


def test_among_many_i_find_my_name_by_typing_it(
    household: Household, claire: Session, open_window: Open, tmp_path: Path
) -> None:
    home = Home(tmp_path / "shared")
    enrol(home, code(claire), "", "Poste 1")
    station = load_workstation(home.path)
    assert station is not None
    names = ["Zoé Février", *(f"Personne {chr(65 + n)}" for n in range(12))]
    people = tuple(DoorPerson(f"{n:032x}", name, "nurse") for n, name in enumerate(names))
    save_workstation(home.path, station._replace(people=people))
    unlock = open_window(home).window.unlock
    assert unlock.search.isVisible()
    QTest.keyClicks(unlock.search, "fevr")
    shown = [name for n, name in enumerate(names) if unlock.grid.tile(f"{n:032x}").isVisible()]
    assert shown == ["Zoé Février"]
