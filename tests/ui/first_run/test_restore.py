"""On a bare PC: the words of the page bring everything back; a code brings in one more PC."""

from __future__ import annotations

import logging
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from carelink.models.vault.home import Home
from carelink.services import restoring
from carelink.services.exchange.sync import Sync
from carelink.services.pairing import Pairing
from carelink.services.recovery import Recovery
from carelink.services.session import Session
from carelink.services.sheets import Sheet
from carelink.ui.first_run.pair import PairPage
from carelink.ui.first_run.restore import PASSPHRASE_STEP, WORDS_STEP, WORK_STEP, RestorePage
from tests.ui.households import PASSPHRASE, Household, Open, Opened

NEW = "girafe trombone brioche lundi"


@pytest.fixture
def anne(household: Household) -> Session:
    """Someone with a circle that her relay knows."""
    household.account("Anne Moreau")
    session = household.session("Anne Moreau")
    household.circle(session)
    Sync(session).once()
    return session


@pytest.fixture
def sheet(anne: Session) -> Sheet:
    made = Recovery(anne).new_sheet()
    Recovery(anne).confirm(made)
    Sync(anne).once()
    return made


@pytest.fixture
def bare(household: Household) -> Home:
    return Home(household.home.path.with_name("bare"))


def begun(opened: Opened, sheet: Sheet, relay: str) -> RestorePage:
    opened.window.welcome.restore_button.click()
    page = opened.window.restore
    assert opened.window.stack.currentWidget() is page
    opened.qtbot.waitUntil(page.entry.typed[1].hasFocus)
    page.entry.fill(dict(enumerate(sheet.words, 1)))
    page.relay.setText(relay)
    page.next_button.click()
    opened.qtbot.waitUntil(lambda: page.step == PASSPHRASE_STEP, timeout=10_000)
    return page


def choose(page: RestorePage | PairPage, passphrase: str) -> None:
    page.choice.first.setText(passphrase)
    page.choice.second.setText(passphrase)
    page.next_button.click()


def test_the_words_bring_my_circles_back(
    household: Household,
    sheet: Sheet,
    bare: Home,
    open_window: Open,
    qtbot: QtBot,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: list[threading.Thread] = []
    real = restoring._find

    def watched(*given: object) -> object:
        threads.append(threading.current_thread())
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(restoring, "_find", watched)
    opened = open_window(bare)
    with caplog.at_level(logging.DEBUG):
        page = begun(opened, sheet, household.relay.url)
        choose(page, NEW)
        assert page.step == WORK_STEP
        assert page.bar.isVisible()
        qtbot.waitUntil(lambda: page.restored is not None, timeout=30_000)
        assert "Un cercle est retrouvé." in page.what.plain_text()
        assert "révoquez-le" in page.advice.accessibleName()
        qtbot.waitUntil(page.next_button.hasFocus)
        QTest.keyClick(page.next_button, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: opened.window.desk is not None, timeout=20_000)
    assert threading.main_thread() not in threads
    qtbot.waitUntil(lambda: opened.window.stack.currentWidget() is opened.desk, timeout=10_000)
    assert [summary.name for summary in opened.desk.persons.model.summaries()] == ["Jeanne Moreau"]
    assert page.entry.words() == [""] * 24
    # A word of the list may stand in the name of a field, as "phrase" does.
    names = b"".join(path.read_bytes() for path in household.home.path.rglob("header.json")).decode()
    long = [word for word in sheet.words if len(word) >= 6 and word not in names]
    assert not [word for word in long if word in caplog.text]
    for path in (path for path in bare.path.rglob("*") if path.is_file()):
        assert not [word for word in long if word.encode() in path.read_bytes()], path


def test_words_that_are_of_no_sheet_and_a_missing_relay_are_said(
    household: Household, sheet: Sheet, bare: Home, open_window: Open, qtbot: QtBot
) -> None:
    opened = open_window(bare)
    opened.window.welcome.restore_button.click()
    page = opened.window.restore
    page.next_button.click()
    assert page.entry.fields[1].error() == "Il manque ce mot."
    page.entry.fill(dict(enumerate((*sheet.words[1:], sheet.words[0]), 1)))
    page.next_button.click()
    assert "adresse du relais" in page.relay_field.error()
    page.relay.setText("relais")
    page.next_button.click()
    qtbot.waitUntil(page.problem.isVisible, timeout=10_000)
    page.relay.setText(household.relay.url)
    page.next_button.click()
    qtbot.waitUntil(lambda: "deux ont été échangés" in page.problem.accessibleName(), timeout=10_000)
    assert page.step == WORDS_STEP
    assert bare.accounts() == ()


def test_a_sheet_that_the_relay_does_not_know_leaves_nothing(
    household: Household, anne: Session, bare: Home, open_window: Open, qtbot: QtBot
) -> None:
    opened = open_window(bare)
    page = begun(opened, Recovery(anne).new_sheet(), household.relay.url)
    choose(page, NEW)
    qtbot.waitUntil(page.problem.isVisible, timeout=20_000)
    assert "ne connaît pas cette feuille" in page.problem.accessibleName()
    assert bare.accounts() == ()
    page.back_button.click()
    page.back_button.click()
    assert opened.window.stack.currentWidget() is opened.window.welcome
    assert page.entry.words() == [""] * 24


def test_my_passphrase_forgotten_the_old_vault_is_set_aside_whole(
    household: Household, sheet: Sheet, open_window: Open, qtbot: QtBot
) -> None:
    before = household.home.folder(sheet_account(household)).stat().st_ino
    for session in household.sessions:
        session.close()
    opened = open_window(household.home)
    opened.window.unlock.newcomer.emit()
    page = begun(opened, sheet, household.relay.url)
    choose(page, NEW)
    qtbot.waitUntil(page.aside_button.isVisible, timeout=20_000)
    assert "déjà sur cet ordinateur" in page.problem.accessibleName()
    page.aside_button.click()
    qtbot.waitUntil(lambda: page.restored is not None, timeout=30_000)
    page.next_button.click()
    qtbot.waitUntil(lambda: opened.window.desk is not None, timeout=20_000)
    (kept,) = (household.home.path / "set-aside").iterdir()
    assert kept.stat().st_ino == before
    assert len(household.home.accounts()) == 1


def sheet_account(household: Household) -> str:
    return household.home.find(None).account


def test_a_code_and_three_words_bring_in_this_pc(
    household: Household, anne: Session, bare: Home, open_window: Open, qtbot: QtBot
) -> None:
    made = Pairing(anne).offer()
    opened = open_window(bare)
    opened.window.welcome.pair_button.click()
    page = opened.window.pair
    qtbot.waitUntil(page.code.hasFocus)
    page.next_button.click()
    assert page.code_field.error()
    page.code.setText(made.code)
    assert page.relay_field.isVisible()
    page.next_button.click()
    assert page.relay_field.error()
    page.code.setText(made.link)
    assert page.relay_field.isHidden()
    QTest.keyClicks(page.name, "Portable")
    QTest.keyClick(page.name, Qt.Key.Key_Return)
    choose(page, NEW)
    qtbot.waitUntil(lambda: len(page.words.text().split()) == 3, timeout=20_000)
    assert page.words.accessibleName().startswith("Vos trois mots")
    assert Pairing(anne).confirm(page.words.text()).name == "Portable"
    qtbot.waitUntil(lambda: opened.window.desk is not None, timeout=30_000)
    qtbot.waitUntil(lambda: opened.window.stack.currentWidget() is opened.desk, timeout=10_000)
    assert opened.desk.workspace.session.account == anne.account


@pytest.mark.parametrize("how", ["back", "close"])
def test_left_while_it_waits_nothing_is_made(
    household: Household, anne: Session, bare: Home, open_window: Open, qtbot: QtBot, how: str
) -> None:
    opened = open_window(bare)
    opened.window.welcome.pair_button.click()
    page = opened.window.pair
    page.code.setText(Pairing(anne).offer().link)
    page.next_button.click()
    choose(page, NEW)
    qtbot.waitUntil(lambda: len(page.words.text().split()) == 3, timeout=20_000)
    if how == "back":
        page.back_button.click()
        assert page.code.text()
        assert page.problem.isHidden()
    else:
        opened.window.close()
    assert bare.accounts() == ()


def test_a_code_that_nobody_knows_is_said_beside_the_way_to_another(
    household: Household, bare: Home, open_window: Open, qtbot: QtBot
) -> None:
    opened = open_window(bare)
    opened.window.welcome.pair_button.click()
    page = opened.window.pair
    page.code.setText(f"ABCD-EFGH-JKMN@{household.relay.url}")
    page.next_button.click()
    choose(page, PASSPHRASE)
    qtbot.waitUntil(page.problem.isVisible, timeout=20_000)
    assert "Refaites-en" in page.problem.accessibleName()
    assert page.code.hasFocus()
