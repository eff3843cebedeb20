"""The state of exchange in the window, with a relay that goes and comes back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from carelink.models.vault.home import Home
from carelink.services.cahier import Cahier
from carelink.services.exchange.sync import Sync
from carelink.services.joining import Joinings
from carelink.ui.shell.desk import Desk
from tests.ui.households import Household, Open, RunningRelay


def _panel_words(desk: Desk) -> str:
    assert desk.sync.panel is not None
    return " ".join(label.text() for label in desk.sync.panel.findChildren(QLabel))


def test_a_relay_that_goes_is_said_and_what_waits_leaves_when_it_is_back(
    tmp_path_home: Home, frail_relay: RunningRelay, open_window: Open, qtbot: QtBot
) -> None:
    household = Household(tmp_path_home, frail_relay)
    household.account("Claire Martin", "nurse")
    claire = household.session("Claire Martin")
    circle = household.circle(claire)
    Sync(claire).once()
    claire.close()
    frail_relay.stop()
    desk = open_window(household.home).unlock("Claire Martin")
    mark = desk.sync.indicator
    qtbot.waitUntil(lambda: mark.text().startswith("Hors ligne depuis"), timeout=20_000)
    workspace = desk._workspace
    workspace.operations.vault(
        lambda: workspace.cahier.write(circle, "life", "Écrit sans réseau."), lambda _: workspace.poke()
    )
    qtbot.waitUntil(lambda: "1 note à envoyer" in mark.text(), timeout=20_000)
    mark.setFocus()
    QTest.keyClick(mark, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "ne répond pas" in _panel_words(desk), timeout=10_000)
    assert "Hors ligne depuis" in _panel_words(desk)
    frail_relay.start()
    assert desk.sync.panel is not None
    desk.sync.panel.now_button.click()
    qtbot.waitUntil(lambda: mark.text().startswith("À jour"), timeout=30_000)
    qtbot.waitUntil(lambda: "tout est parti" in _panel_words(desk), timeout=10_000)
    QTest.keyClick(desk.sync.panel, Qt.Key.Key_Escape)
    assert not desk.sync.panel.isVisible()


def test_a_note_that_someone_new_would_read_waits_for_my_yes(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    for name, profession in (("Claire Martin", "nurse"), ("Paul Petit", "physician"), ("Anne Moreau", "")):
        household.account(name, profession)
    claire, paul = household.session("Claire Martin"), household.session("Paul Petit")
    anne = household.session("Anne Moreau")
    circle = household.circle(claire)
    household.let_in(claire, circle, paul, "physician")
    Sync(claire).once()
    # Written for Claire alone, and not sent yet when Anne comes in.
    Cahier(paul).write(circle, "life", "Pour l’équipe seulement.")
    Joinings(anne).join(household.link(claire, circle, "relative", in_person=True))
    Sync(claire).once()
    desk = open_window(household.home).unlock("Paul Petit")
    mark = desk.sync.indicator
    qtbot.waitUntil(lambda: mark.text() == "1 note vous attend", timeout=20_000)
    mark.click()
    qtbot.waitUntil(lambda: "Anne Moreau la lirait aussi" in _panel_words(desk), timeout=10_000)
    panel = desk.sync.panel
    assert panel is not None
    (yes,) = [button for button in panel.findChildren(QPushButton) if button.text() == "Laisser partir"]
    yes.click()
    qtbot.waitUntil(lambda: mark.text().startswith("À jour"), timeout=20_000)
    Sync(anne).once()
    assert [entry.text for entry in Cahier(anne).entries(circle)] == ["Pour l’équipe seulement."]


def test_the_menu_of_my_name_leads_on(household: Household, open_window: Open, qtbot: QtBot) -> None:
    from carelink.ui.shell.account_menu import AccountMenu

    household.account("Claire Martin", "nurse")
    household.account("Sofia Benali", "care_assistant")
    desk = open_window(household.home).unlock("Claire Martin")
    desk.account.click()
    menu = desk.findChild(AccountMenu)
    assert isinstance(menu, AccountMenu)
    words = [action.text().partition("\t")[0] for action in menu.actions() if not action.isSeparator()]
    assert words == [
        "Rejoindre un cercle",
        "Créer un cercle",
        "Réglages",
        "Passer à Sofia Benali",
        "Verrouiller",
    ]
    with qtbot.waitSignal(desk.lock_wanted) as asked:
        menu.actions()[4].trigger()
    menu.close()
    assert asked.args == [household.home.find("Sofia Benali").account]


def test_a_problem_that_nobody_waited_for_is_shown_in_passing(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    desk = open_window(household.home).unlock("Claire Martin")
    desk._workspace.operations.problem.emit("Il n’y a plus de place sur le disque.")
    said = [label.text() for label in desk.findChildren(QLabel)]
    assert "Il n’y a plus de place sur le disque." in said
