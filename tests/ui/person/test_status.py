"""Where the person is, as everyone sees it, and how it is said."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from carelink.records.status import PatientStatus
from carelink.services.circles import Circles
from carelink.services.status import Statuses
from carelink.ui.person.status_dialog import StatusDialog
from tests.sync.house import sync
from tests.ui.person.conftest import DAY, Around, Open, opened


def test_the_banner_says_where_the_person_is_once_someone_said_it(around: Around, open_file: Open) -> None:
    page = open_file(around.daughter)
    assert not page.identity.where.isVisible()
    Statuses(around.nurse).say(around.circle, "hospitalised", around.house.clock.now - DAY)
    sync(around.daughter)
    page.show_circle(around.circle)
    assert page.identity.where.isVisible()
    assert page.identity.where.text().startswith("Hospitalisé ou hospitalisée depuis le ")
    assert page.identity.where.text() in page.identity.accessibleName()
    assert "Claire Martin" in page.identity.where.toolTip()


def test_only_who_may_say_it_is_offered_to(around: Around, open_file: Open) -> None:
    assert not open_file(around.daughter).identity.say_where.isVisible()
    assert open_file(around.doctor).identity.say_where.isVisible()


def test_a_death_is_told_with_what_it_stops_and_confirmed(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page = open_file(around.nurse)
    page.identity.say_where.click()
    dialog = opened(page, StatusDialog, qtbot)
    assert dialog.chosen() is PatientStatus.PRESENT
    assert not dialog.sure.isVisible()
    dialog.choices[PatientStatus.DECEASED].setChecked(True)
    assert "notes de clôture" in dialog.consequence.accessibleName()
    assert not dialog.primary.isEnabled()
    dialog.primary.click()
    assert Circles(around.nurse).show(around.circle).status.status == "present"
    dialog.sure.setChecked(True)
    with qtbot.waitSignal(dialog.said):
        dialog.primary.click()
    qtbot.waitUntil(page.identity.where.isVisible)
    kinds = [page.cahier.composer.kind.itemData(i) for i in range(page.cahier.composer.kind.count())]
    assert kinds == ["closing"]


def test_a_day_that_is_none_is_said_beside_its_field(around: Around, open_file: Open, qtbot: QtBot) -> None:
    page = open_file(around.nurse)
    page.identity.say_where.click()
    dialog = opened(page, StatusDialog, qtbot)
    dialog.choices[PatientStatus.ABSENT].setChecked(True)
    dialog.since.setText("31/02/2026")
    dialog.primary.click()
    assert "12/04/2026" in dialog.since.accessibleDescription()
    dialog.since.setText("01/01/2999")
    dialog.primary.click()
    qtbot.waitUntil(dialog.problem.isVisible)
    assert "passée" in dialog.problem.text()
    dialog.reject()
