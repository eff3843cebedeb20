"""Who consulted the file: what leaves a trace, how it is listed, and what the person is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from carelink.services.session import Session
from carelink.services.trace import Trace
from carelink.ui.person import PersonPage
from carelink.ui.person.entry_dialog import EntryDialog
from carelink.ui.person.trace_dialog import TraceDialog
from carelink.ui.person.trace_model import Visit
from carelink.ui.workspace import Workspace
from tests.sync.house import sync
from tests.ui.person.conftest import Around, Open, opened

CIRCLE_TAB = 1
HALF_AN_HOUR = 31 * 60_000


def traced(around: Around, session: Session) -> list[tuple[str, str]]:
    """Return what someone did, as the nurse knows it, newest first."""
    return [
        (view.action, view.compartment)
        for view in Trace(around.nurse).read(around.circle)
        if view.person.id == session.account.hex()
    ]


def visits(dialog: TraceDialog) -> list[Visit]:
    """Return what is listed, without the days."""
    rows = [dialog.model.row(place) for place in range(dialog.model.rowCount())]
    return [row.visit for row in rows if row.visit is not None]


@pytest.fixture
def open_trace(around: Around, open_file: Open, qtbot: QtBot) -> Iterator[Callable[[], TraceDialog]]:
    made: list[TraceDialog] = []

    def show() -> TraceDialog:
        page = open_file(around.nurse)
        page.tabs.setCurrentIndex(CIRCLE_TAB)
        page.members.trace_button.click()
        made.append(opened(page, TraceDialog, qtbot))
        qtbot.waitUntil(lambda: bool(made[0].rows()) or made[0].empty() is not None)
        qtbot.waitUntil(lambda: made[0].filters.who.count() > 1)
        return made[0]

    yield show
    for dialog in made:
        dialog.reject()


class TestWhatLeavesOne:
    def test_opening_a_file_a_volet_and_a_search(self, around: Around, open_file: Open, qtbot: QtBot) -> None:
        page = open_file(around.nurse)
        qtbot.waitUntil(lambda: len(traced(around, around.nurse)) == 3)
        assert {volet for _, volet in traced(around, around.nurse)} == {"life", "coordination", "care"}

        around.house.clock.now += HALF_AN_HOUR
        assert page.cahier.filters.chips is not None
        page.cahier.filters.chips.chip("care").click()
        qtbot.waitUntil(lambda: len(traced(around, around.nurse)) == 4)
        assert traced(around, around.nurse)[0] == ("opened", "care")

        page.cahier.filters.search.setText("morphine")
        qtbot.waitUntil(lambda: len(traced(around, around.nurse)) == 5)
        assert traced(around, around.nurse)[0] == ("searched", "care")

    def test_the_history_of_a_note(self, around: Around, open_file: Open, qtbot: QtBot) -> None:
        entry = around.write(around.nurse, "care", "Pansement")
        page = open_file(around.nurse)
        qtbot.waitUntil(lambda: len(traced(around, around.nurse)) == 3)
        page._workspace.cahier.amend(entry, "Pansement refait")
        page.cahier.model.refresh()
        qtbot.waitUntil(lambda: page.cahier.model.rowCount() == 1 and page.cahier.model.entry(0).amended)
        around.house.clock.now += HALF_AN_HOUR
        page.cahier.list.entry_opened.emit(0)
        dialog = opened(page, EntryDialog, qtbot)
        qtbot.waitUntil(lambda: len(traced(around, around.nurse)) == 4)
        assert traced(around, around.nurse)[0] == ("opened", "care")
        dialog.reject()

    def test_what_arrives_and_is_read_in_a_file_that_stays_open(
        self, around: Around, open_file: Open, qtbot: QtBot
    ) -> None:
        page = open_file(around.nurse)
        qtbot.waitUntil(lambda: len(traced(around, around.nurse)) == 3)
        around.house.clock.now += HALF_AN_HOUR
        around.write(around.doctor, "care", "Nouvelle ordonnance")
        around.exchange()
        page.window().activateWindow()
        page._workspace.circles_changed.emit({around.circle})
        qtbot.waitUntil(lambda: len(traced(around, around.nurse)) == 4)
        assert traced(around, around.nurse)[0] == ("opened", "care")

    def test_the_list_itself(
        self, around: Around, open_trace: Callable[[], TraceDialog], qtbot: QtBot
    ) -> None:
        open_trace()
        qtbot.waitUntil(lambda: ("opened", "trace") in traced(around, around.nurse))


class TestTheList:
    def test_it_says_who_opened_what_under_the_day(
        self, around: Around, open_trace: Callable[[], TraceDialog]
    ) -> None:
        Trace(around.doctor).record(around.circle, ("life", "care"))
        around.exchange()
        dialog = open_trace()
        (row,) = [row for row in dialog.rows() if "Paul" in row]
        assert row.startswith(
            "Dr Paul Petit, médecin traitant, a ouvert la vie quotidienne et le dossier médical, "
        )
        days = [place for place in range(dialog.model.rowCount()) if dialog.model.row(place).visit is None]
        assert days[0] == 0

    def test_who_does_not_read_it_has_no_button_and_no_notice(
        self, around: Around, open_file: Open, qtbot: QtBot
    ) -> None:
        Trace(around.doctor).record(around.circle, ("care",))
        around.exchange()
        page = open_file(around.daughter)
        page.tabs.setCurrentIndex(CIRCLE_TAB)
        qtbot.wait(50)
        assert not page.members.trace_button.isVisible()
        assert not page.notice.isVisible()

    def test_each_filter_narrows_it_and_each_emptiness_is_said(
        self, around: Around, open_trace: Callable[[], TraceDialog], qtbot: QtBot
    ) -> None:
        Trace(around.daughter).record(around.circle, ("life",))
        around.exchange()
        dialog = open_trace()
        filters = dialog.filters

        def choose(select: str, data: object) -> None:
            box = getattr(filters, select)
            box.setCurrentIndex(box.findData(data))

        choose("who", around.daughter.account.hex())
        qtbot.waitUntil(lambda: len(dialog.rows()) == 2)
        assert "Anne Maurel" in dialog.rows()[1]
        for select, data, said in (
            ("who", around.doctor.account.hex(), "Aucune consultation de Dr Paul Petit n’est connue ici"),
            ("act", "exported", "Personne n’a rien exporté de ce dossier"),
            ("act", "searched", "Personne n’a fait de recherche dans ce dossier"),
        ):
            filters.start_over()
            qtbot.waitUntil(lambda: len(dialog.rows()) > 2)
            choose(select, data)
            qtbot.waitUntil(lambda: dialog.empty() is not None)
            empty = dialog.empty()
            assert empty is not None
            assert empty.accessibleName() == said
            assert not dialog.export_button.isEnabled()
        choose("volet", "care")
        qtbot.waitUntil(lambda: "ne correspond" in (e.accessibleName() if (e := dialog.empty()) else ""))
        everything = dialog.empty()
        assert everything is not None
        assert everything.action is not None
        everything.action.click()
        qtbot.waitUntil(lambda: len(dialog.rows()) > 2)
        assert dialog.export_button.isEnabled()

    def test_a_period_without_anything_says_so(
        self, around: Around, open_trace: Callable[[], TraceDialog], qtbot: QtBot
    ) -> None:
        dialog = open_trace()
        # The house's clock is two days behind this computer's.
        dialog.filters.period.setCurrentIndex(1)
        qtbot.waitUntil(lambda: dialog.empty() is not None)
        empty = dialog.empty()
        assert empty is not None
        assert empty.accessibleName() == "Aucune consultation sur cette période"

    def test_older_ones_come_page_by_page_and_a_visit_is_not_cut_in_two(
        self, around: Around, open_trace: Callable[[], TraceDialog], qtbot: QtBot
    ) -> None:
        times = 101
        for _ in range(times):
            # Sixty to a page: the first page ends in the middle of a visit.
            Trace(around.nurse).record(around.circle, ("life", "care"))
            around.house.clock.now += HALF_AN_HOUR
        dialog = open_trace()
        model = dialog.model
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
        qtbot.wait(50)
        assert len(visits(dialog)) < times
        while len(visits(dialog)) <= times:
            dialog.list.scrollToBottom()
            qtbot.wait(5)
        assert len(visits(dialog)) == times + 1
        assert [len(visit.compartments) for visit in visits(dialog)] == [3] + [2] * times
        days = [model.row(place).day for place in range(model.rowCount()) if model.row(place).visit is None]
        assert len(days) == len(set(days))

    def test_what_is_listed_is_written_to_a_table(
        self, around: Around, open_trace: Callable[[], TraceDialog], qtbot: QtBot, tmp_path: Path
    ) -> None:
        Trace(around.doctor).record(around.circle, ("care",))
        around.exchange()
        dialog = open_trace()
        dialog.filters.who.setCurrentIndex(dialog.filters.who.findData(around.doctor.account.hex()))
        qtbot.waitUntil(lambda: len(dialog.rows()) == 2)
        dialog.export_button.click()
        asked = dialog.findChild(QFileDialog)
        assert asked is not None
        assert "Jeanne" not in str(asked.selectedFiles())
        out = tmp_path / "table.csv"
        asked.fileSelected.emit(str(out))
        asked.reject()
        qtbot.waitUntil(out.exists)
        qtbot.waitUntil(lambda: ("exported", "trace") in traced(around, around.nurse))
        lines = out.read_text(encoding="utf-8-sig").splitlines()
        assert len(lines) == 2
        assert "Dr Paul Petit" in lines[1]


class TestTheNotice:
    @pytest.fixture
    def jeanne(self, around: Around) -> Session:
        """The person, who came before the second doctor."""
        jeanne = around.house.account("Jeanne Moreau")
        around.house.let_in(around.nurse, around.circle, jeanne, "patient")
        newcomer = around.house.account("Dr Lise Roy", "physician")
        around.house.let_in(around.nurse, around.circle, newcomer, "physician", relation="gériatre")
        sync(jeanne)
        Trace(newcomer).record(around.circle, ("care",))
        Trace(around.doctor).record(around.circle, ("care",))
        for session in (newcomer, around.doctor, jeanne):
            sync(session)
        return jeanne

    def test_it_stays_until_it_is_acknowledged(
        self, around: Around, jeanne: Session, open_file: Open, qtbot: QtBot
    ) -> None:
        page = open_file(jeanne)
        qtbot.waitUntil(page.notice.isVisible)
        said = page.notice.banner.accessibleName()
        assert said.startswith(
            "Votre dossier médical a été ouvert Dr Lise Roy, gériatre, a ouvert votre dossier"
        )
        assert "Paul Petit" not in said
        again = open_file(jeanne)
        qtbot.waitUntil(again.notice.isVisible)
        again.notice.button.click()
        qtbot.waitUntil(again.notice.isHidden)
        third = open_file(jeanne)
        qtbot.wait(50)
        assert third.notice.isHidden()

    def test_a_coordinator_is_told_nothing(
        self, around: Around, jeanne: Session, open_file: Open, qtbot: QtBot
    ) -> None:
        sync(around.nurse)
        page = open_file(around.nurse)
        qtbot.wait(50)
        assert page.notice.isHidden()

    def test_it_leaves_with_the_file_that_it_is_about(
        self,
        around: Around,
        jeanne: Session,
        workspaces: Callable[[Session], Workspace],
        qtbot: QtBot,
        qapp: QApplication,
    ) -> None:
        other = around.house.circle(jeanne, "patient")
        page = PersonPage(workspaces(jeanne))
        qtbot.addWidget(page)
        page.show_circle(around.circle)
        page.show()
        qtbot.waitUntil(page.notice.isVisible)
        page.show_circle(other)
        qtbot.wait(50)
        assert page.notice.isHidden()
