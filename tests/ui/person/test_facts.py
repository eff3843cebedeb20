"""Facts and decisions in *Cercle*: what each reader sees, and how a fact is written down."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from carelink.services.circles import Circles
from carelink.services.facts import FactRequest, Facts
from carelink.ui.person import PersonPage
from carelink.ui.person.access_rows import member_rows
from carelink.ui.person.facts_dialog import FactDialog
from tests.sync.house import sync
from tests.ui.person.conftest import Around, Open, opened


def words(widget: QWidget) -> str:
    return " ".join(label.accessibleName() or label.text() for label in widget.findChildren(QLabel))


def circle_tab(page: PersonPage, qtbot: QtBot) -> PersonPage:
    page.tabs.setCurrentIndex(1)
    qtbot.waitUntil(page.members.isVisible)
    return page


def test_whoever_coordinates_writes_a_fact_down_and_the_carers_see_their_part(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page = circle_tab(open_file(around.nurse), qtbot)
    qtbot.waitUntil(page.members.facts.facts.isVisible)
    page.members.facts.add_button.click()
    dialog = opened(page, FactDialog, qtbot)
    dialog.primary.click()
    qtbot.waitUntil(dialog.problem.isVisible)
    assert "Dites qui" in dialog.problem.text()
    dialog.member.setCurrentIndex(dialog.member.findText("Anne Maurel"))
    dialog.document.setText("formulaire signé")
    with qtbot.waitSignal(dialog.kept):
        dialog.primary.click()
    qtbot.waitUntil(lambda: "formulaire signé, vu par Claire Martin" in words(page.members.facts.facts))
    around.exchange()
    doctor = circle_tab(open_file(around.doctor), qtbot)
    qtbot.waitUntil(lambda: "Personne de confiance" in words(doctor.members.facts.facts))
    assert "formulaire" not in words(doctor.members.facts)
    assert not doctor.members.facts.add_button.isVisible()
    rows = member_rows(Circles(around.doctor).show(around.circle))
    (daughter,) = [row for row in rows if row.name.startswith("Anne")]
    assert "personne de confiance" in daughter.detail


def test_a_relative_sees_no_card_of_facts_or_decisions(around: Around, open_file: Open, qtbot: QtBot) -> None:
    Facts(around.nurse).record(around.circle, FactRequest("curatorship", person="CANARY"))
    sync(around.nurse)
    sync(around.daughter)
    page = circle_tab(open_file(around.daughter), qtbot)
    qtbot.wait(300)
    assert not page.members.facts.facts.isVisible()
    assert not page.members.facts.decisions.isVisible()
    assert "CANARY" not in words(page)


def test_those_who_do_not_coordinate_are_told_the_way_on(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    nurse = circle_tab(open_file(around.nurse), qtbot)
    qtbot.wait(300)
    assert not nurse.members.succession.isVisible()
    doctor = circle_tab(open_file(around.doctor), qtbot)
    qtbot.waitUntil(doctor.members.succession.isVisible)
    card = doctor.members.succession
    card.who.setCurrentIndex(card.who.findText("Anne Maurel"))
    card.want.click()
    qtbot.waitUntil(lambda: "Dr Paul Petit propose Anne Maurel" in card.wishes.plain_text())
