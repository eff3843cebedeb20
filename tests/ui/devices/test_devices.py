"""My PCs in the settings: seen, named, one more by code and words, one cut off."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from carelink.access.statements import decode_certificate
from carelink.crypto.keys import AccountName, DeviceKeys, certify, new_device_keys, public_keys
from carelink.models.vault.home import Home
from carelink.services.certificates import row_of
from carelink.services.devices import Devices
from carelink.services.exchange.sync import Sync
from carelink.services.pairing import Paired, join_account
from carelink.services.session import Session
from carelink.ui.devices.add import AddDialog
from carelink.ui.devices.card import DevicesCard
from carelink.ui.devices.rename import RenameDialog
from carelink.ui.devices.revoke import RevokeDialog
from carelink.ui.recovery.dialogs import SheetDialog
from carelink.ui.shell.desk import Desk
from carelink.ui.theme import apply_theme
from tests.ui.households import PASSPHRASE, Household, Open

NOVEMBER_10, NOVEMBER_20 = 1_794_300_000_000, 1_795_164_000_000


def bring(session: Session, by: DeviceKeys, name: str, added: int, *, paper: bool = False) -> DeviceKeys:
    """Put a device into the vault that another one certified."""
    own = decode_certificate(session.certificate.body)
    keys = new_device_keys()
    signed = certify(AccountName(own.account_key, own.name_hash), public_keys(keys), added, by, paper=paper)
    with session.write() as stores:
        stores.add_device(row_of(signed, added, name=name))
    return keys


@pytest.fixture
def laptop(household: Household) -> DeviceKeys:
    """Claire's laptop, which she added, and a PC that somebody added with it later."""
    household.account("Claire Martin", "nurse")
    session = household.session("Claire Martin")
    keys = bring(session, session.keys, "Portable", NOVEMBER_10)
    bring(session, keys, "Inconnu", NOVEMBER_20)
    return keys


def shown(desk: Desk, qtbot: QtBot, count: int) -> DevicesCard:
    desk.show_settings()
    card = desk.settings.devices
    qtbot.waitUntil(lambda: len(card.rows) == count, timeout=10_000)
    return card


def test_each_is_there_with_its_name_its_date_and_this_one_marked(
    household: Household, laptop: DeviceKeys, open_window: Open, qtbot: QtBot
) -> None:
    session = household.session("Claire Martin")
    bring(session, session.keys, "", NOVEMBER_20, paper=True)
    card = shown(open_window(household.home).unlock("Claire Martin"), qtbot, 4)
    names = [row.name.text() for row in card.rows.values()]
    assert names[0] == "Cet ordinateur"
    assert sorted(names[1:]) == ["Feuille de secours", "Inconnu", "Portable"]
    here, row = card.rows[session.keys.device.hex()], card.rows[laptop.device.hex()]
    assert here.revoke_button.isHidden()
    assert row.revoke_button.accessibleName() == "Révoquer Portable"
    assert row.rename_button.accessibleName() == "Renommer Portable"
    paper = next(row for row in card.rows.values() if row.view.paper)
    assert paper.name.text() == "Feuille de secours"
    assert paper.rename_button.isHidden()
    assert paper.revoke_button.isHidden()


def test_i_call_one_something_else_with_the_keyboard(
    household: Household, laptop: DeviceKeys, open_window: Open, qtbot: QtBot
) -> None:
    desk = open_window(household.home).unlock("Claire Martin")
    card = shown(desk, qtbot, 3)
    button = card.rows[laptop.device.hex()].rename_button
    button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(button, Qt.Key.Key_Space)
    (dialog,) = desk.window().findChildren(RenameDialog)
    qtbot.waitActive(dialog)
    qtbot.waitUntil(dialog.name.hasFocus)
    dialog.name.clear()
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "vide" in dialog.field.error(), timeout=10_000)
    QTest.keyClicks(dialog.name, "Salon")
    QTest.keyClick(dialog.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: card.rows[laptop.device.hex()].name.text() == "Salon", timeout=10_000)


def test_before_i_revoke_one_i_read_what_goes_with_it(
    household: Household, laptop: DeviceKeys, open_window: Open, qtbot: QtBot
) -> None:
    desk = open_window(household.home).unlock("Claire Martin")
    card = shown(desk, qtbot, 3)
    card.rows[laptop.device.hex()].revoke_button.click()
    (dialog,) = desk.window().findChildren(RevokeDialog)
    qtbot.waitUntil(lambda: "Inconnu" in " ".join(dialog.sentences), timeout=10_000)
    assert dialog.cancel_button.hasFocus()
    assert "il le garde" in " ".join(dialog.sentences)
    # Stolen after the other one came in: that one stays.
    dialog.since.setText("21/11/2026")
    qtbot.waitUntil(lambda: "Inconnu" not in " ".join(dialog.sentences), timeout=10_000)
    dialog.since.setText("31/02/2026")
    assert not dialog.act_button.isEnabled()
    dialog.since.setText("12/11/2026")
    qtbot.waitUntil(lambda: "Inconnu" in " ".join(dialog.sentences), timeout=10_000)
    qtbot.waitUntil(dialog.act_button.isEnabled, timeout=10_000)
    QTest.keyClick(dialog.act_button, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: [row.state for row in card.rows.values()] == ["", "révoqué", "révoqué"], timeout=10_000
    )
    assert card.rows[laptop.device.hex()].revoke_button.isHidden()


def test_escape_leaves_it_as_it_is(
    household: Household, laptop: DeviceKeys, open_window: Open, qtbot: QtBot
) -> None:
    desk = open_window(household.home).unlock("Claire Martin")
    card = shown(desk, qtbot, 3)
    card.rows[laptop.device.hex()].revoke_button.click()
    (dialog,) = desk.window().findChildren(RevokeDialog)
    qtbot.waitUntil(dialog.act_button.isEnabled, timeout=10_000)
    QTest.keyClick(dialog.cancel_button, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert [view.state for view in Devices(desk.workspace.session).known()] == ["active"] * 3


def test_where_the_stolen_pc_made_the_sheet_another_one_is_proposed(
    household: Household, laptop: DeviceKeys, open_window: Open, qtbot: QtBot
) -> None:
    bring(household.session("Claire Martin"), laptop, "", NOVEMBER_20, paper=True)
    desk = open_window(household.home).unlock("Claire Martin")
    card = shown(desk, qtbot, 4)
    card.rows[laptop.device.hex()].revoke_button.click()
    (dialog,) = desk.window().findChildren(RevokeDialog)
    qtbot.waitUntil(dialog.act_button.isEnabled, timeout=10_000)
    dialog.act_button.click()
    qtbot.waitUntil(lambda: bool(desk.window().findChildren(SheetDialog)), timeout=10_000)


@pytest.fixture
def coming() -> Iterator[list[threading.Thread]]:
    """PCs that come in, in threads of their own."""
    threads: list[threading.Thread] = []
    yield threads
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_one_more_comes_in_by_its_code_and_the_words_it_shows(
    household: Household,
    open_window: Open,
    qtbot: QtBot,
    coming: list[threading.Thread],
) -> None:
    household.account("Anne Moreau")
    anne = household.session("Anne Moreau")
    household.circle(anne)
    Sync(anne).once()
    desk = open_window(household.home).unlock("Anne Moreau")
    card = shown(desk, qtbot, 1)
    card.add_button.click()
    (dialog,) = desk.window().findChildren(AddDialog)
    qtbot.waitUntil(lambda: dialog.code is not None, timeout=20_000)
    assert dialog.code is not None
    qtbot.waitUntil(dialog.code.code.hasFocus)
    dialog.act_button.click()
    assert dialog.words_field.error()
    dialog.words.setText("un deux trois")
    dialog.act_button.click()
    qtbot.waitUntil(lambda: "pas encore répondu" in dialog.words_field.error(), timeout=20_000)
    words: list[str] = []
    paired: list[Paired] = []
    link = f"{dialog.code.code.code()}@{household.relay.url}"
    second = Home(household.home.path.with_name("second"))

    def come() -> None:
        paired.append(join_account(second, link, "", PASSPHRASE, "Portable", words.extend))

    coming.append(threading.Thread(target=come))
    coming[0].start()
    qtbot.waitUntil(lambda: len(words) == 3, timeout=20_000)
    dialog.words.setText("un deux trois")
    dialog.act_button.click()
    qtbot.waitUntil(lambda: "rien n’a été ajouté" in dialog.words_field.error(), timeout=20_000)
    dialog.words.setText(" ".join(words))
    with qtbot.waitSignal(dialog.paired, timeout=30_000):
        dialog.act_button.click()
    qtbot.waitUntil(lambda: len(card.rows) == 2, timeout=10_000)
    qtbot.waitUntil(lambda: bool(paired), timeout=30_000)
    assert card.rows[paired[0].device].name.text() == "Portable"


def test_without_a_circle_it_is_said_that_a_relay_is_needed(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Anne Moreau")
    desk = open_window(household.home).unlock("Anne Moreau")
    shown(desk, qtbot, 1).add_button.click()
    (dialog,) = desk.window().findChildren(AddDialog)
    qtbot.waitUntil(lambda: "dans aucun cercle" in dialog.told.accessibleName(), timeout=20_000)
    assert dialog.act_button.isHidden()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_at_150_percent_what_revoking_does_fits_the_screen(
    household: Household, laptop: DeviceKeys, open_window: Open, qtbot: QtBot, qapp: QApplication
) -> None:
    desk = open_window(household.home).unlock("Claire Martin")
    apply_theme(qapp, "light", 150)
    card = shown(desk, qtbot, 3)
    row = card.rows[laptop.device.hex()]
    assert row.width() <= card.width()
    row.revoke_button.click()
    (dialog,) = desk.window().findChildren(RevokeDialog)
    qtbot.waitUntil(dialog.act_button.isEnabled, timeout=10_000)
    assert dialog.width() <= dialog.screen().availableGeometry().width()
