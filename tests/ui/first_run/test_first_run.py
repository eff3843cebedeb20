"""Someone's first minutes: an account, then a circle to create, to join, or to look at."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from carelink.crypto.recovery import sheet_keys
from carelink.models.vault.home import Home
from carelink.services.exchange.sync import Sync
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.joining import Joinings
from carelink.ui.first_run.circle import read_birth
from carelink.ui.first_run.passphrase import PassphraseChoice, strength_words
from carelink.ui.first_run.sheet import SheetPage
from tests.ui.conftest import Show
from tests.ui.households import PASSPHRASE, Household, Open, Opened


@pytest.mark.parametrize(
    ("typed", "begins"),
    [
        ("", ""),
        ("lune mer vent", "Correcte"),
        ("court", "Faible\u00a0: elle est trop courte."),
        ("trois mots ici", "Faible\u00a0: ses mots"),
        ("aaaaaaaaaaaaaaaa", "Faible"),
        ("cheval batterie agrafe correct", "Solide"),
        ("une seule longue phrase", "Solide"),
    ],
)
def test_how_strong_a_passphrase_is_is_said_in_words(typed: str, begins: str) -> None:
    assert strength_words(typed).startswith(begins)
    assert bool(strength_words(typed)) == bool(typed)


@pytest.mark.parametrize("typed", ["12/04/1938", "12.04.1938", "12 4 1938", "1938-04-12", " 12/4/1938 "])
def test_a_date_is_read_as_people_type_it(typed: str) -> None:
    assert read_birth(typed) == "1938-04-12"


@pytest.mark.parametrize("typed", ["", "avril 1938", "31/02/1938", "12/04/38"])
def test_what_is_no_date_is_not_guessed(typed: str) -> None:
    assert read_birth(typed) == ""


def test_four_words_are_proposed_and_can_be_taken(show: Show) -> None:
    choice = PassphraseChoice()
    show(choice)
    proposed = choice.words.text()
    assert len(proposed.split()) == 4
    choice.again.click()
    assert choice.words.text() != proposed
    choice.take.click()
    assert choice.checked() == choice.words.text()
    choice.forget()
    assert choice.first.text() == choice.second.text() == ""


def test_a_second_phrase_that_differs_is_refused(show: Show) -> None:
    choice = PassphraseChoice()
    show(choice)
    choice.first.setText(PASSPHRASE)
    choice.second.setText(PASSPHRASE + "s")
    assert choice.checked() is None
    assert "diffèrent" in choice.second_field.error()
    assert choice.second.hasFocus()


def _make_account(opened: Opened, name: str, profession: str = "", *, with_sheet: bool = False) -> None:
    page = opened.window.account
    QTest.keyClicks(page.name, name)
    page.profession.setCurrentIndex(page.profession.findData(profession))
    page.next_button.click()
    page.choice.first.setText(PASSPHRASE)
    page.choice.second.setText(PASSPHRASE)
    page.next_button.click()
    opened.qtbot.waitUntil(lambda: opened.window.desk is not None, timeout=20_000)
    opened.qtbot.waitUntil(lambda: opened.window.stack.currentWidget() is opened.desk)
    if not with_sheet:
        sheet_page(opened).later_button.click()


def sheet_page(opened: Opened) -> SheetPage:
    page = opened.desk.stack.currentWidget()
    assert isinstance(page, SheetPage)
    return page


def test_on_a_new_computer_three_ways_in_are_offered(household: Household, open_window: Open) -> None:
    window = open_window(household.home).window
    assert window.stack.currentWidget() is window.welcome
    assert window.welcome.join_button.hasFocus()
    assert window.welcome.back_button.isHidden()


def test_an_account_needs_a_name_and_a_strong_passphrase(household: Household, open_window: Open) -> None:
    opened = open_window(household.home)
    opened.window.welcome.circle_button.click()
    page = opened.window.account
    page.next_button.click()
    assert page.name_field.error()
    page.name.setText("Claire Martin")
    page.next_button.click()
    page.choice.first.setText("court")
    page.choice.second.setText("court")
    page.next_button.click()
    assert "trop courte" in page.choice.first_field.error()
    assert household.home.accounts() == ()


def test_a_nurse_makes_her_account_and_jeanne_s_circle(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    opened = open_window(household.home)
    opened.window.welcome.circle_button.click()
    _make_account(opened, "Claire Martin", "nurse")
    form = opened.desk.circle
    assert opened.desk.stack.currentWidget() is form
    assert form.steps.isVisible()
    assert form.role.currentData() == "nurse"
    form.create_button.click()
    assert form.given_field.error()
    assert form.relay_field.error()
    form.given.setText("Jeanne")
    form.birth_name.setText("Lambert")
    form.used_name.setText("Moreau")
    form.birth.setText("12/04/1938")
    form.relay.setText(household.relay.url)
    form.create_button.click()
    qtbot.waitUntil(lambda: opened.desk.stack.currentWidget() is opened.desk.person, timeout=10_000)
    assert opened.desk.person.circle
    (summary,) = opened.desk.persons.model.summaries()
    assert summary.name == "Jeanne Moreau"


def test_the_recovery_sheet_is_made_before_anything_else_with_the_key_of_the_account(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    opened = open_window(household.home)
    opened.window.welcome.circle_button.click()
    _make_account(opened, "Anne Moreau", with_sheet=True)
    page = sheet_page(opened)
    making = page.making
    qtbot.waitUntil(page.act_button.hasFocus)
    QTest.keyClick(page.act_button, Qt.Key.Key_Space)
    words = making.paper.words()
    assert sheet_keys(words).keys.device.hex()
    assert "écrivez ici l’adresse" in making.relay.plain_text()
    page.act_button.click()
    for number in making.check.fields:
        making.check.typed(number).setText(words[number - 1])
    last = making.check.typed(max(making.check.fields))
    last.setFocus()
    QTest.keyClick(last, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: making.step == "done", timeout=20_000)
    assert page.later_button.isHidden()
    page.act_button.click()
    assert opened.desk.stack.currentWidget() is opened.desk.circle
    with opened.desk.workspace.session.read() as stores:
        (row,) = stores.devices()
    assert row.state == "active"
    assert sheet_keys(words).open_owner(row.owner).identity


def test_put_off_the_sheet_counts_for_nothing_and_the_errand_goes_on(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    opened = open_window(household.home)
    opened.window.welcome.join_button.click()
    _make_account(opened, "Anne Moreau", with_sheet=True)
    making = sheet_page(opened).making
    sheet_page(opened).act_button.click()
    sheet_page(opened).later_button.click()
    assert making.paper.words() == ()
    assert opened.desk.stack.currentWidget() is opened.desk.join
    session = opened.desk.workspace.session

    def devices() -> int:
        with session.read() as stores:
            return len(stores.devices())

    qtbot.waitUntil(lambda: devices() == 0)


def test_a_relay_s_address_that_is_none_is_said_beside_the_field(
    household: Household, open_window: Open
) -> None:
    opened = open_window(household.home)
    opened.window.welcome.circle_button.click()
    _make_account(opened, "Claire Martin", "nurse")
    form = opened.desk.circle
    for field, text in ((form.given, "Jeanne"), (form.birth_name, "Lambert"), (form.birth, "12/04/1938")):
        field.setText(text)
    form.relay.setText("http://relais.exemple.fr")
    form.create_button.click()
    assert "https://" in form.relay_field.error()
    assert form.relay.hasFocus()


def test_with_a_link_i_wait_read_my_words_and_am_let_in_without_a_click(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    claire = household.session("Claire Martin")
    circle = household.circle(claire)
    link = household.link(claire, circle, "relative")
    opened = open_window(Home(household.home.path.with_name("anne")))
    opened.window.welcome.join_button.click()
    _make_account(opened, "Anne Moreau")
    desk = opened.desk
    assert desk.stack.currentWidget() is desk.join
    desk.join.code.setText(link)
    assert desk.join.relay_field.isHidden()
    desk.join.join_button.click()
    qtbot.waitUntil(lambda: desk.stack.currentWidget() is desk.waiting, timeout=20_000)
    words = desk.waiting.words.text().split()
    assert len(words) == 3
    said = desk.waiting.steps.accessibleName()
    assert "Claire Martin confirme votre arrivée (en cours)" in said
    assert "fermer cette fenêtre" in desk.waiting.safe.accessibleName()

    Invitations(claire).confirm(circle, words=" ".join(words))
    qtbot.waitUntil(lambda: desk.stack.currentWidget() is desk.person, timeout=30_000)
    assert desk.person.circle == circle


def test_waiting_outlasts_the_window(household: Household, open_window: Open, qtbot: QtBot) -> None:
    household.account("Claire Martin", "nurse")
    household.account("Anne Moreau")
    claire, anne = household.session("Claire Martin"), household.session("Anne Moreau")
    circle = household.circle(claire)
    words = Joinings(anne).join(household.link(claire, circle, "relative")).words
    for _ in range(2):
        opened = open_window(household.home)
        desk = opened.unlock("Anne Moreau")
        qtbot.waitUntil(lambda desk=desk: desk.stack.currentWidget() is desk.waiting)  # type: ignore[misc]
        assert desk.waiting.words.text().split() == list(words)
        opened.window.close()
    Invitations(claire).confirm(circle, words=" ".join(words))
    Sync(anne).once()
    desk = open_window(household.home).unlock("Anne Moreau")
    assert desk.stack.currentWidget() is desk.person


def test_who_waits_for_an_expired_invitation_is_told_and_types_another_code(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Claire Martin", "nurse")
    household.account("Anne Moreau")
    claire, anne = household.session("Claire Martin"), household.session("Anne Moreau")
    circle = household.circle(claire)
    Sync(claire).once()
    short = InvitationRequest("relative", agreed="oral", lifetime=4000)
    made = Invitations(claire).invite(circle, short)
    Joinings(anne).join(made.link)
    qtbot.wait(max(0, made.expires - claire.clock()) + 500)
    desk = open_window(household.home).unlock("Anne Moreau")
    page = desk.waiting
    qtbot.waitUntil(lambda: page.expired, timeout=20_000)
    said = _texts(page)
    assert "Votre invitation a expiré" in said
    assert "Demandez un autre code à Claire Martin" in page.too_late.accessibleName()
    assert not page.safe.isVisible()
    qtbot.waitUntil(page.code_button.hasFocus)
    page.code_button.click()
    assert desk.stack.currentWidget() is desk.join
    desk.join.code.setText(household.link(claire, circle, "relative"))
    desk.join.join_button.click()
    qtbot.waitUntil(lambda: desk.stack.currentWidget() is page and not page.expired, timeout=20_000)
    assert page.safe.isVisible()
    assert not page.code_button.isVisible()


def test_a_code_alone_asks_for_the_relay(household: Household, open_window: Open, qtbot: QtBot) -> None:
    household.account("Claire Martin", "nurse")
    claire = household.session("Claire Martin")
    circle = household.circle(claire)
    code = household.link(claire, circle, "relative", in_person=True).partition("@")[0]
    household.account("Anne Moreau")
    desk = open_window(household.home).unlock("Anne Moreau")
    desk.show_join()
    desk.join.code.setText(code)
    assert desk.join.relay_field.isVisible()
    desk.join.submit()
    assert desk.join.relay_field.error()
    desk.join.relay.setText(household.relay.url)
    desk.join.submit()
    qtbot.waitUntil(lambda: desk.stack.currentWidget() is desk.waiting, timeout=20_000)
    assert "main propre" in _texts(desk.waiting)


def test_an_unknown_code_is_refused_and_can_be_typed_again(
    household: Household, open_window: Open, qtbot: QtBot
) -> None:
    household.account("Anne Moreau")
    desk = open_window(household.home).unlock("Anne Moreau")
    desk.show_join()
    desk.join.code.setText(f"ABCD-EFGH-JKMN@{household.relay.url}")
    desk.join.submit()
    assert not desk.join.join_button.isEnabled()
    qtbot.waitUntil(lambda: bool(desk.join.code_field.error()), timeout=20_000)
    assert "n’est pas connu" in desk.join.code_field.error()
    assert desk.join.join_button.isEnabled()
    assert desk.join.code.hasFocus()


def _texts(widget: object) -> str:
    from PySide6.QtWidgets import QLabel, QWidget

    assert isinstance(widget, QWidget)
    return " ".join(label.text() for label in widget.findChildren(QLabel))
