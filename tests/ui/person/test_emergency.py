"""The record opened in an emergency: who is on call, what everybody is told, and who may oppose it."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from carelink.access.roles import Function
from carelink.services.emergency import Emergency
from carelink.services.membership import Membership
from carelink.services.session import Session
from carelink.ui.person import PersonPage
from carelink.ui.person.invite_dialog import InviteDialog
from carelink.ui.widgets import Banner, Dialog
from tests.sync.house import sync
from tests.ui.person.conftest import HOUR, Around, Open, opened

CIRCLE_TAB = 1
WHY = "Chute, ne répond plus"


@pytest.fixture
def nora(around: Around) -> Session:
    around.write(around.nurse, "care", "Sous anticoagulants")
    around.exchange()
    nora = around.house.account("Nora Astreinte", "physician")
    around.house.let_in(around.nurse, around.circle, nora, "on_call")
    around.exchange()
    sync(nora)
    return nora


def _open(nora: Session, around: Around, hours: int = 2) -> None:
    Emergency(nora).open(around.circle, WHY, hours)
    around.exchange()


def _said(banner: Banner) -> str:
    return banner.accessibleName().replace("\u00a0", " ")


def _confirm(page: PersonPage, qtbot: QtBot) -> Dialog:
    dialog = opened(page, Dialog, qtbot)
    assert dialog.primary_button is not None
    dialog.primary_button.click()
    return dialog


class TestOnCall:
    def test_a_panel_stands_in_place_of_an_empty_cahier(
        self, nora: Session, open_file: Open, qtbot: QtBot
    ) -> None:
        page = open_file(nora)
        qtbot.waitUntil(lambda: "Vous êtes d’astreinte pour Jeanne" in page.panel.intro.plain_text())
        assert page.panel.isVisible()
        assert not page.cahier.isVisible()
        assert "Dossier médical" in page.panel.what.text()
        assert "tout le cercle, famille comprise, en est averti avant" in page.panel.told.text()
        hours = page.panel.hours
        assert [hours.itemData(row) for row in range(hours.count())] == [1, 2, 3, 4, 5, 6, 7, 8]

    def test_without_a_reason_nothing_is_asked(self, nora: Session, open_file: Open, qtbot: QtBot) -> None:
        page = open_file(nora)
        qtbot.waitUntil(lambda: bool(page.panel.intro.plain_text()))
        page.panel.open_button.click()
        assert page.findChild(Dialog) is None
        assert "pourquoi" in page.panel._reason_field.error()
        page.panel.reason.setPlainText("x" * 501)
        page.panel.open_button.click()
        assert page.panel._reason_field.error() == "1\u00a0caractère de trop."
        assert page.findChild(Dialog) is None

    def test_the_reason_opens_the_volets_to_read_and_the_panel_comes_back_at_the_end(
        self, nora: Session, around: Around, open_file: Open, qtbot: QtBot
    ) -> None:
        page = open_file(nora)
        qtbot.waitUntil(lambda: bool(page.panel.intro.plain_text()))
        QTest.keyClicks(page.panel.reason, "Chute")
        page.panel.hours.setCurrentIndex(0)
        page.panel.open_button.click()
        assert Emergency(nora).state(around.circle).opened == (), "not before it is confirmed"
        _confirm(page, qtbot)
        qtbot.waitUntil(page.cahier.isVisible)
        qtbot.waitUntil(lambda: page.cahier.model.rowCount() == 1)
        assert page.cahier.model.entry(0).text == "Sous anticoagulants"
        assert not page.cahier.composer.isVisible()
        qtbot.waitUntil(page.emergency.isVisible)
        assert "Vous pouvez lire le dossier jusqu’à" in _said(page.emergency.open_banner)

        around.house.clock.now += HOUR
        page.emergency._is_over()
        qtbot.waitUntil(page.panel.isVisible)
        qtbot.waitUntil(lambda: not page.emergency.isVisible())
        assert not page.cahier.isVisible()
        assert page.panel.reason.toPlainText() == ""
        qtbot.waitUntil(page.panel.open_button.isVisible)
        assert "Vous êtes d’astreinte pour Jeanne" in page.panel.intro.plain_text()

    def test_who_leaves_while_it_is_open_reads_no_more_of_it(
        self, nora: Session, around: Around, open_file: Open, qtbot: QtBot
    ) -> None:
        _open(nora, around)
        Membership(nora).leave(around.circle)
        page = open_file(nora)
        qtbot.waitUntil(lambda: "Vous n’êtes plus d’astreinte" in page.panel.intro.plain_text())
        assert page.panel.isVisible()
        assert not page.panel.open_button.isVisible()

    def test_an_unreachable_relay_is_one_sentence_and_the_words_stay(
        self, nora: Session, around: Around, open_file: Open, qtbot: QtBot
    ) -> None:
        page = open_file(nora)
        qtbot.waitUntil(lambda: bool(page.panel.intro.plain_text()))
        page.panel.reason.setPlainText(WHY)
        around.house.hub.offline = True
        page.panel.open_button.click()
        _confirm(page, qtbot)
        qtbot.waitUntil(page.panel.problem.isVisible)
        assert page.panel.problem.text()
        assert page.panel.reason.toPlainText() == WHY
        assert page.panel.open_button.isEnabled()
        assert Emergency(nora).state(around.circle).opened == ()

    def test_once_it_is_opposed_there_is_nothing_left_to_open(
        self, nora: Session, around: Around, open_file: Open, qtbot: QtBot
    ) -> None:
        Emergency(around.nurse).oppose(around.circle, opposed=True)
        sync(nora)
        page = open_file(nora)
        qtbot.waitUntil(lambda: "est refusé" in page.panel.intro.plain_text())
        assert not page.panel.open_button.isVisible()


class TestEverybody:
    def test_is_told_who_why_and_until_when_while_it_is_open(
        self, nora: Session, around: Around, open_file: Open, qtbot: QtBot
    ) -> None:
        _open(nora, around)
        page = open_file(around.daughter)
        qtbot.waitUntil(page.emergency.isVisible)
        said = _said(page.emergency.open_banner)
        assert said.startswith("Le dossier de Jeanne est ouvert en urgence Nora Astreinte a ouvert")
        assert WHY in said
        assert "lui reste ouvert jusqu’à" in said
        around.house.clock.now += 2 * HOUR
        page.emergency._is_over()
        qtbot.waitUntil(lambda: not page.emergency.isVisible())

    def test_who_runs_the_circle_is_told_after_it_ended_until_they_saw_it(
        self, nora: Session, around: Around, open_file: Open, qtbot: QtBot
    ) -> None:
        _open(nora, around)
        around.house.clock.now += 3 * HOUR
        around.exchange()
        page = open_file(around.nurse)
        qtbot.waitUntil(page.emergency.isVisible)
        said = _said(page.emergency.review_banner)
        assert "Nora Astreinte a ouvert le dossier en urgence" in said
        assert WHY in said
        page.emergency.button.click()
        qtbot.waitUntil(lambda: not page.emergency.isVisible())
        assert Emergency(around.nurse).to_review() == []
        assert open_file(around.daughter).emergency.isHidden()

    def test_nothing_is_shown_where_there_was_no_emergency(
        self, around: Around, open_file: Open, qtbot: QtBot
    ) -> None:
        page = open_file(around.nurse)
        qtbot.wait(100)
        assert page.emergency.isHidden()
        assert "panel" not in vars(page)


class TestTheCircle:
    def test_names_who_is_on_call_and_every_opening(
        self, nora: Session, around: Around, open_file: Open, qtbot: QtBot
    ) -> None:
        _open(nora, around)
        page = open_file(around.daughter)
        page.tabs.setCurrentIndex(CIRCLE_TAB)
        section = page.members.emergency
        qtbot.waitUntil(lambda: len(section.sentences()) == 2)
        assert section.sentences()[0].startswith("D’astreinte\u00a0: Nora Astreinte.")
        assert WHY in section.sentences()[1]
        assert not section.decide_button.isVisible(), "a relative decides nothing"

    def test_the_coordinator_opposes_it_where_the_patient_is_not_there_and_allows_it_again(
        self, nora: Session, around: Around, open_file: Open, qtbot: QtBot
    ) -> None:
        _open(nora, around)
        page = open_file(around.nurse)
        page.tabs.setCurrentIndex(CIRCLE_TAB)
        section = page.members.emergency
        qtbot.waitUntil(section.decide_button.isVisible)
        section.decide_button.click()
        dialog = opened(page, Dialog, qtbot)
        assert "Nora Astreinte ne pourra plus ouvrir le dossier" in dialog.accessibleDescription()
        _confirm(page, qtbot)
        qtbot.waitUntil(lambda: "est refusé" in "".join(section.sentences()))
        qtbot.waitUntil(lambda: "a été fermé avant son terme" in section.sentences()[-1])
        assert "prévu" not in section.sentences()[-1]
        assert Emergency(around.nurse).state(around.circle).on_call == ()
        qtbot.waitUntil(lambda: section.decide_button.text() == "Permettre à nouveau l’accès d’urgence")
        qtbot.waitUntil(lambda: page.findChild(Dialog) is None)
        section.decide_button.click()
        _confirm(page, qtbot)
        qtbot.waitUntil(lambda: "Personne n’est d’astreinte" in "".join(section.sentences()))

    def test_once_the_patient_is_there_it_is_theirs_to_decide(
        self, nora: Session, around: Around, open_file: Open, qtbot: QtBot
    ) -> None:
        jeanne = around.house.account("Jeanne Moreau")
        around.house.let_in(around.nurse, around.circle, jeanne, "patient")
        around.exchange()
        for session, decides in ((jeanne, True), (around.nurse, False)):
            page = open_file(session)
            page.tabs.setCurrentIndex(CIRCLE_TAB)
            section = page.members.emergency
            qtbot.waitUntil(section.isVisible)
            assert section.decide_button.isVisible() is decides

    def test_inviting_someone_on_call_says_what_it_makes_possible(
        self, around: Around, open_file: Open, qtbot: QtBot
    ) -> None:
        page = open_file(around.nurse)
        page.tabs.setCurrentIndex(CIRCLE_TAB)
        page.members.invite()
        dialog = opened(page, InviteDialog, qtbot)
        form = dialog.form
        assert form.on_call.isHidden()
        form.role.setCurrentIndex(form.role.findData("on_call"))
        assert "sans laisser de trace" in form.on_call.accessibleName()
        assert form.on_call.isVisible()
        assert "Ne lira rien, sauf urgence" in form.rights.plain_text()
        coordinates: QCheckBox = form.functions[Function.COORDINATOR]
        assert not coordinates.isVisible()
        dialog.reject()
