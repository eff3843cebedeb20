"""Changing who is in a circle and who reads what: what is offered, what is said first, what comes of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from carelink.records.bodies import ChangeAction
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from carelink.services.members import MemberView
from carelink.services.membership import Change, Membership
from carelink.services.session import Session
from carelink.ui.person import PersonPage
from carelink.ui.person.circle_words import over_words
from carelink.ui.person.member_change import ChangeDialog
from carelink.ui.person.member_dialog import MemberDialog
from carelink.ui.person.member_forms import OpeningForm, RoleForm
from carelink.ui.widgets import Label
from tests.sync.house import sync
from tests.ui.person.conftest import Around, Open, opened

CIRCLE_TAB = 1


def member(session: Session, circle: str, name: str) -> MemberView:
    return next(m for m in Circles(session).show(circle).members if m.name == name)


def change(around: Around, action: ChangeAction, name: str, compartment: str = "") -> None:
    who = member(around.nurse, around.circle, name).id
    Membership(around.nurse).change(around.circle, Change(action, who, compartment=compartment))
    around.exchange()


def circle_page(session: Session, open_file: Open) -> PersonPage:
    page = open_file(session)
    page.tabs.setCurrentIndex(CIRCLE_TAB)
    return page


def member_dialog(page: PersonPage, name: str, qtbot: QtBot) -> MemberDialog:
    rows = page.members.members.model.rows
    page.members.members.view.opened.emit([row.name for row in rows].index(name))
    # One that was closed goes with the next turn of the event loop.
    dialog = page.findChildren(MemberDialog)[-1]
    qtbot.waitActive(dialog)
    qtbot.waitUntil(lambda: dialog.offers is not None)
    return dialog


def asked(dialog: MemberDialog, code: str, qtbot: QtBot) -> ChangeDialog:
    dialog.offered[code].click()
    question = dialog.findChild(ChangeDialog)
    assert question is not None
    qtbot.waitActive(question)
    qtbot.waitUntil(lambda: bool(question.sentences))
    QApplication.processEvents()
    return question


def offered(session: Session, name: str, open_file: Open, qtbot: QtBot) -> Collection[str]:
    dialog = member_dialog(circle_page(session, open_file), name, qtbot)
    codes = set(dialog.offered)
    dialog.reject()
    return codes


def test_a_relative_sees_everyone_and_is_offered_nothing_but_leaving(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page = circle_page(around.daughter, open_file)
    assert page.members.leave_button.isVisible()
    assert {row.action for row in page.members.members.model.rows if not row.is_heading} == {"Voir"}
    for name in ("Claire Martin", "Dr Paul Petit"):
        dialog = member_dialog(page, name, qtbot)
        assert not dialog.offered
        dialog.reject()


def test_a_coordinator_decides_for_someone_without_an_account_and_not_for_the_person_there(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    alone = offered(around.nurse, "Anne Maurel", open_file, qtbot)
    assert alone == {"close-life", "close-coordination", "open-care", "close-care", "role", "remove"}
    jeanne = around.house.account("Jeanne Moreau")
    around.house.let_in(around.nurse, around.circle, jeanne, "patient")
    around.exchange()
    assert offered(around.nurse, "Anne Maurel", open_file, qtbot) == {"role", "remove"}
    assert offered(around.nurse, "Jeanne Moreau", open_file, qtbot) == set()
    sync(jeanne)
    assert offered(jeanne, "Anne Maurel", open_file, qtbot) == alone


def test_a_representative_decides_for_all_but_the_person(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    marc = around.house.account("Marc Moreau")
    around.house.let_in(around.nurse, around.circle, marc, "legal_representative")
    around.exchange()
    sync(marc)
    assert "close-life" in offered(marc, "Dr Paul Petit", open_file, qtbot)
    assert offered(around.nurse, "Marc Moreau", open_file, qtbot) == set(), "nobody changes who decides"


def test_nothing_of_oneself_is_offered(around: Around, open_file: Open, qtbot: QtBot) -> None:
    assert offered(around.nurse, "Claire Martin (vous)", open_file, qtbot) == set()


def test_removing_says_first_what_it_does_and_starts_on_cancel(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page = circle_page(around.nurse, open_file)
    question = asked(member_dialog(page, "Dr Paul Petit", qtbot), "remove", qtbot)
    said = " ".join(question.sentences)
    assert "Dr Paul Petit ne sera plus dans le cercle" in said
    assert "y reste" in said
    assert question.act_button.text() == "Retirer Dr Paul Petit"
    assert question.accessibleDescription() == said
    assert QApplication.focusWidget() is question.cancel_button
    QTest.keyClick(question, Qt.Key.Key_Return)
    assert not question.isVisible(), "Enter leaves all as it is"
    assert member(around.nurse, around.circle, "Dr Paul Petit").active


def test_escape_leaves_all_as_it_is(around: Around, open_file: Open, qtbot: QtBot) -> None:
    page = circle_page(around.nurse, open_file)
    question = asked(member_dialog(page, "Dr Paul Petit", qtbot), "remove", qtbot)
    question.reason.setText("A quitté le cabinet")
    QTest.keyClick(question, Qt.Key.Key_Escape)
    assert not question.isVisible()
    assert member(around.nurse, around.circle, "Dr Paul Petit").active


def test_a_removal_asks_why_and_then_the_doctor_is_among_those_of_before(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page = circle_page(around.nurse, open_file)
    question = asked(member_dialog(page, "Dr Paul Petit", qtbot), "remove", qtbot)
    question.act_button.click()
    assert QApplication.focusWidget() is question.reason
    assert not question.awaiting
    question.reason.setText("A quitté le cabinet")
    question.act_button.click()
    qtbot.waitUntil(lambda: not member(around.nurse, around.circle, "Dr Paul Petit").active)
    qtbot.waitUntil(lambda: bool(page.members.past.rows))
    assert "Dr Paul Petit" not in [row.name for row in page.members.members.model.rows]
    (row,) = page.members.past.rows
    assert row.startswith("Dr Paul Petit, médecin traitant, ")
    assert row.endswith("a été retiré ou retirée")
    card = page.members.past.card
    assert card is not None
    assert not card.isVisible()
    page.members.past.fold.click()
    assert card.isVisible()


def test_without_the_relay_one_sentence_says_that_nothing_changed(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page = circle_page(around.nurse, open_file)
    question = asked(member_dialog(page, "Anne Maurel", qtbot), "close-life", qtbot)
    around.house.hub.offline = True
    question.act_button.click()
    assert question.awaiting
    question.reject()
    assert question.isVisible(), "while the relay may be making it, it is not left"
    qtbot.waitUntil(lambda: not question.awaiting)
    assert "rien n’a été changé" in question.told.accessibleName()
    assert "life" in member(around.nurse, around.circle, "Anne Maurel").reads
    assert question.act_button.isEnabled()
    question.reject()


def test_a_volet_opens_until_a_date(around: Around, open_file: Open, qtbot: QtBot) -> None:
    page = circle_page(around.nurse, open_file)
    question = asked(member_dialog(page, "Anne Maurel", qtbot), "open-care", qtbot)
    form = question.form
    assert isinstance(form, OpeningForm)
    form.until.setCurrentIndex(2)
    form.history.setChecked(False)
    qtbot.waitUntil(lambda: any("s’arrêtera de lui-même" in said for said in question.sentences))
    assert any("avant aujourd’hui" in said for said in question.sentences)
    question.act_button.click()
    qtbot.waitUntil(lambda: "care" in member(around.nurse, around.circle, "Anne Maurel").reads)
    qtbot.waitUntil(page.members.decisions.isVisible)
    (row,) = page.members.decisions.rows
    assert row.startswith("Anne Maurel, Dossier médical. Accordé par Claire Martin, le ")
    anne = next(row for row in page.members.members.model.rows if row.name == "Anne Maurel")
    assert anne.cells[2].words.startswith("accordé jusqu’au ")


def test_a_date_that_is_past_opens_nothing(around: Around, open_file: Open, qtbot: QtBot) -> None:
    page = circle_page(around.nurse, open_file)
    question = asked(member_dialog(page, "Anne Maurel", qtbot), "open-care", qtbot)
    form = question.form
    assert isinstance(form, OpeningForm)
    form.until.setCurrentIndex(form.until.count() - 1)
    form.date.setText("31/12/2001")
    assert not question.act_button.isVisible()
    form.date.setText("31/12/2099")
    qtbot.waitUntil(question.act_button.isVisible)
    assert any("31\u00a0décembre\u00a02099" in said for said in question.sentences)
    question.reject()


def test_a_role_is_changed_once_another_is_chosen(around: Around, open_file: Open, qtbot: QtBot) -> None:
    page = circle_page(around.nurse, open_file)
    question = asked(member_dialog(page, "Anne Maurel", qtbot), "role", qtbot)
    form = question.form
    assert isinstance(form, RoleForm)
    assert not question.act_button.isVisible()
    form.role.setCurrentIndex(form.role.findData("volunteer"))
    qtbot.waitUntil(question.act_button.isVisible)
    assert any("ne pourra plus lire\u00a0: Coordination" in said for said in question.sentences)
    question.act_button.click()
    qtbot.waitUntil(lambda: member(around.nurse, around.circle, "Anne Maurel").role == "volunteer")


def test_leaving_is_one_click_away_asks_no_reason_and_leaves_what_was_received(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    around.write(around.nurse, "life", "Un bon repas")
    around.exchange()
    page = circle_page(around.daughter, open_file)
    page.members.leave_button.click()
    question = opened(page, ChangeDialog, qtbot)
    qtbot.waitUntil(lambda: bool(question.sentences))
    assert not question.reason.isVisible()
    assert "Aucune raison n’est demandée" in " ".join(question.sentences)
    question.act_button.click()
    qtbot.waitUntil(page.over.isVisible)
    assert "Vous avez quitté ce cercle le " in page.over.banner.accessibleName()
    assert not page.members.leave_button.isVisible()
    page.tabs.setCurrentIndex(0)
    assert page.cahier.composer.isHidden()
    qtbot.waitUntil(lambda: page.cahier.model.rowCount() == 1)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("removed", "Vous n’êtes plus dans ce cercle depuis le "),
        ("expired", "Votre séjour dans ce cercle s’est terminé le "),
    ],
)
def test_whoever_was_removed_or_whose_stay_is_over_reads_since_when(
    how: str, said: str, around: Around
) -> None:
    Membership(around.daughter).leave(around.circle)
    view = Circles(around.daughter).show(around.circle)
    members = tuple(
        dataclasses.replace(m, stays=(dataclasses.replace(m.stays[0], how=how),)) if m.mine else m
        for m in view.members
    )
    words = over_words(dataclasses.replace(view, members=members))
    assert words.startswith(said)
    assert words.endswith("Rien de nouveau n’y arrivera.")


def test_a_closed_volet_shows_what_is_held_with_a_plain_line(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    around.write(around.nurse, "coordination", "Rendez-vous mardi")
    around.exchange()
    change(around, ChangeAction.DENIED, "Anne Maurel", "coordination")
    page = open_file(around.daughter)
    assert page.over.isVisible()
    assert "Coordination" in page.over.banner.accessibleName()
    qtbot.waitUntil(lambda: page.cahier.model.rowCount() == 1)
    assert "coordination" not in Cahier(around.daughter).writable(around.circle)
    doctor = open_file(around.doctor)
    assert doctor.over.isHidden()
    doctor.tabs.setCurrentIndex(CIRCLE_TAB)
    assert doctor.members.decisions.isHidden(), "whom it does not concern is not told"
    page.tabs.setCurrentIndex(CIRCLE_TAB)
    assert page.members.decisions.rows[0].startswith("Vous, Coordination. Refus noté par Claire Martin")


def test_the_keyboard_goes_from_member_to_member_and_opens_one(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page = circle_page(around.nurse, open_file)
    table = page.members.members
    table.view.setFocus()
    names = []
    for _ in range(len(table.model.rows)):
        names.append(table.model.rows[table.view.currentIndex().row()].name)
        QTest.keyClick(table.view, Qt.Key.Key_Down)
    assert list(dict.fromkeys(names)) == [row.name for row in table.model.rows if not row.is_heading]
    QTest.keyClick(table.view, Qt.Key.Key_Return)
    dialog = opened(page, MemberDialog, qtbot)
    assert dialog.accessibleName() == names[-1]
    assert QApplication.focusWidget() is dialog.cancel_button
    qtbot.waitUntil(lambda: dialog.offers is not None)
    buttons = [button.accessibleName() for button in dialog.offered.values()]
    assert len(set(buttons)) == len(buttons), "each is told apart by its name alone"
    dialog.reject()


def test_a_member_says_who_invited_them_and_since_when(around: Around, open_file: Open, qtbot: QtBot) -> None:
    dialog = member_dialog(circle_page(around.daughter, open_file), "Dr Paul Petit", qtbot)
    said = " ".join(label.text() for label in dialog.findChildren(Label))
    assert "À l’invitation de Claire Martin" in said
    assert "Dans le cercle depuis le " in said
    dialog.reject()


def test_who_runs_the_circle_alone_is_advised_to_be_two(around: Around, open_file: Open) -> None:
    assert circle_page(around.nurse, open_file).members.advice.isVisible()
    assert circle_page(around.daughter, open_file).members.advice.isHidden()
    second = around.house.account("Julie Roux", "nurse")
    around.house.let_in(around.nurse, around.circle, second, "nurse", functions=("coordinator",))
    assert circle_page(around.nurse, open_file).members.advice.isHidden()
