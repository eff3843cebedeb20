"""A nurse reaches her homes without the mouse; a daughter goes straight to her mother."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from carelink.services.cahier import Cahier
from carelink.services.circles import CircleSummary
from carelink.services.exchange.sync import Sync
from carelink.services.joining import Joinings
from carelink.ui.persons.delegate import chips_of
from carelink.ui.persons.model import PersonsModel, folded
from tests.ui.households import Household, Open


def _summary(name: str, *, unread: int = 0, state: str = "member", ended: bool = False) -> CircleSummary:
    return CircleSummary(
        circle=name,
        state=state,
        patient=None,
        name=name,
        role="nurse",
        unread=unread,
        newest=None,
        unsent=0,
        waiting_for="Claire Martin" if state == "waiting" else "",
        alarm="",
        ended=ended,
    )


def _names(model: PersonsModel) -> list[str]:
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def test_a_part_of_a_name_finds_it_without_case_or_accents() -> None:
    model = PersonsModel()
    model.set_summaries([_summary("Jeanne Moreau"), _summary("Hélène Roux"), _summary("Marcel Roux")])
    model.set_search("helene")
    assert _names(model) == ["Hélène Roux"]
    model.set_search("ROUX m")
    assert _names(model) == ["Marcel Roux"]
    model.set_search("")
    assert len(_names(model)) == 3


def test_folding_keeps_what_is_not_an_accent() -> None:
    assert folded("Élise O’Brien") == "elise o’brien"


def test_a_row_is_read_aloud_whole() -> None:
    model = PersonsModel()
    model.set_summaries([_summary("Jeanne Moreau", unread=2), _summary("Luc Lambert", state="waiting")])
    said = [model.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)]
    assert said[0] == "Jeanne Moreau, infirmier ou infirmière, aucune note pour l’instant, 2 non lus"
    assert said[1] == "Luc Lambert, en attente, Claire Martin doit confirmer votre arrivée"


def test_an_invitation_that_has_expired_says_what_to_do() -> None:
    model = PersonsModel()
    model.set_summaries([_summary("Luc Lambert", state="waiting", ended=True)])
    said = model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Luc Lambert, invitation expirée, demandez un autre code à Claire Martin"


def test_a_circle_that_was_left_says_so_without_alarm() -> None:
    (chip,) = chips_of(_summary("Luc Lambert", state="left"))
    assert chip == ("vous n’êtes plus dans ce cercle", "door", "neutral")


def test_a_row_that_only_changed_keeps_its_place(qtbot: QtBot) -> None:
    model = PersonsModel()
    model.set_summaries([_summary("Jeanne Moreau"), _summary("Marcel Roux")])
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.set_summaries([_summary("Jeanne Moreau", unread=1), _summary("Marcel Roux")])


def test_a_nurse_opens_a_home_by_keyboard_alone(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    claire = household.session("Claire Martin")
    homes = {
        name: household.circle(claire, given, name)
        for given, name in (("Lucien", "Faure"), ("Jeanne", "Moreau"), ("Marcel", "Roux"))
    }
    desk = open_window(household.home).unlock("Claire Martin")
    assert desk.persons.list.hasFocus()
    assert _names(desk.persons.model) == ["Jeanne Moreau", "Lucien Faure", "Marcel Roux"]
    QTest.keyClick(desk.persons.list, Qt.Key.Key_Down)
    QTest.keyClick(desk.persons.list, Qt.Key.Key_Return)
    assert desk.stack.currentWidget() is desk.person
    assert desk.person.circle == homes["Faure"]
    QTest.keyClick(desk, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert desk.search.hasFocus()
    QTest.keyClicks(desk.search, "rou")
    qtbot.waitUntil(lambda: _names(desk.persons.model) == ["Marcel Roux"])
    assert desk.stack.currentWidget() is desk.persons
    QTest.keyClick(desk.search, Qt.Key.Key_Return)
    assert desk.person.circle == homes["Roux"]
    assert desk.search.text() == ""


def test_down_goes_from_the_search_to_what_it_found(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    claire = household.session("Claire Martin")
    household.circle(claire, "Lucien", "Faure")
    household.circle(claire, "Jeanne", "Moreau")
    desk = open_window(household.home).unlock("Claire Martin")
    QTest.keyClicks(desk.search, "xyz")
    qtbot.waitUntil(lambda: _names(desk.persons.model) == [])
    QTest.keyClick(desk.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(_names(desk.persons.model)) == 2)
    QTest.keyClick(desk.search, Qt.Key.Key_Down)
    assert desk.persons.list.hasFocus()


def test_those_with_news_come_first_and_say_how_many(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    household.account("Paul Petit", "physician")
    claire, paul = household.session("Claire Martin"), household.session("Paul Petit")
    household.circle(claire, "Alice", "Blanc")
    circle = household.circle(claire, "Jeanne", "Moreau")
    household.let_in(claire, circle, paul, "physician")
    Cahier(paul).write(circle, "care", "Vue ce matin.")
    for session in (paul, claire):
        Sync(session).once()
    desk = open_window(household.home).unlock("Claire Martin")
    first = desk.persons.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert first.startswith("Jeanne Moreau, infirmier ou infirmière, dernière note")
    assert first.endswith("1 non lu")
    assert "1 non lu" in desk.rail.button("persons").accessibleDescription()


def test_a_daughter_with_one_parent_never_sees_a_list(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    household.account("Anne Moreau")
    claire, anne = household.session("Claire Martin"), household.session("Anne Moreau")
    circle = household.circle(claire)
    household.let_in(claire, circle, anne, "relative")
    desk = open_window(household.home).unlock("Anne Moreau")
    assert desk.stack.currentWidget() is desk.person
    assert desk.person.circle == circle
    assert desk.rail.button("person").accessibleName() == "Cahier"
    assert desk.search.isHidden()


def test_what_another_writes_shows_by_itself(household: Household, open_window: Open, qtbot: QtBot) -> None:
    household.account("Claire Martin", "nurse")
    household.account("Anne Moreau")
    claire, anne = household.session("Claire Martin"), household.session("Anne Moreau")
    circle = household.circle(claire)
    household.let_in(claire, circle, anne, "relative")
    desk = open_window(household.home).unlock("Anne Moreau")
    qtbot.waitUntil(lambda: desk.sync.indicator.text().startswith("À jour"), timeout=10_000)
    desk.show_settings()
    Cahier(claire).write(circle, "life", "Promenade au jardin.")
    Sync(claire).once()
    qtbot.waitUntil(lambda: "1 non lu" in desk.rail.button("person").accessibleDescription(), timeout=20_000)


def test_an_invitation_that_waits_is_shown_as_waiting(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    household.account("Sofia Benali", "care_assistant")
    claire, sofia = household.session("Claire Martin"), household.session("Sofia Benali")
    household.circle(sofia, "Marcel", "Roux")
    circle = household.circle(claire)
    words = Joinings(sofia).join(household.link(claire, circle, "care_assistant")).words
    desk = open_window(household.home).unlock("Sofia Benali")
    row = desk.persons.model.row_of(circle)
    said = desk.persons.model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Jeanne Moreau, en attente, Claire Martin doit confirmer votre arrivée"
    desk.persons.list.setCurrentIndex(desk.persons.model.index(row))
    QTest.keyClick(desk.persons.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.stack.currentWidget() is desk.waiting)
    assert desk.waiting.words.text().split() == list(words)


def test_someone_in_no_circle_is_offered_the_first_step(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Karim Haddad", "activity_leader")
    desk = open_window(household.home).unlock("Karim Haddad")
    assert desk.persons.first_join.hasFocus()
    desk.persons.first_join.click()
    assert desk.stack.currentWidget() is desk.join
    assert desk.join.code.hasFocus()
