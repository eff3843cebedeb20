"""The circle: who is in, who reads what, who comes in and how."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from carelink.access.roles import Function
from carelink.records.bodies import AgreementHow
from carelink.services.circles import Circles
from carelink.services.invitations import InvitationRequest, Invitations, NewInvitation
from carelink.services.joining import Joinings
from carelink.services.rights import default_roles
from carelink.ui.person import PersonPage
from carelink.ui.person.access_rows import AccessRow, member_rows, role_rows
from carelink.ui.person.invitation_rows import InvitationRow, VouchRow
from carelink.ui.person.invite_dialog import Handover, InviteDialog
from carelink.ui.person.trace_dialog import TraceDialog
from carelink.ui.qr import qr_matrix
from carelink.ui.theme import apply_theme
from carelink.ui.widgets import Dialog, Paragraph
from tests.sync.house import sync
from tests.ui.conftest import Show
from tests.ui.person.conftest import Around, Open, opened

CIRCLE_TAB = 1


def rows_of(around: Around) -> list[AccessRow]:
    return member_rows(Circles(around.nurse).show(around.circle))


def row_of(rows: list[AccessRow], name: str) -> AccessRow:
    return next(row for row in rows if row.name.startswith(name))


def words(row: AccessRow) -> list[str]:
    return [cell.words for cell in row.cells]


def open_circle(around: Around, open_file: Open, qtbot: QtBot) -> PersonPage:
    page = open_file(around.nurse)
    page.tabs.setCurrentIndex(CIRCLE_TAB)
    qtbot.waitUntil(page.members.isVisible)
    return page


def invited(
    around: Around, open_file: Open, qtbot: QtBot, name: str
) -> tuple[PersonPage, InvitationRow, str]:
    """Invite someone who answers, and return the row that asks for their words."""
    request = InvitationRequest(role="relative", name=name, agreed="oral")
    made = Invitations(around.nurse).invite(around.circle, request)
    newcomer = around.house.account(name)
    joining = Joinings(newcomer).join(made.link)
    page = open_circle(around, open_file, qtbot)
    qtbot.waitUntil(lambda: any(row.words is not None for row in page.findChildren(InvitationRow)))
    row = next(row for row in page.findChildren(InvitationRow) if row.words is not None)
    return page, row, " ".join(joining.words)


def test_members_stand_in_groups_with_what_each_reads_in_words(around: Around) -> None:
    rows = rows_of(around)
    assert [row.name for row in rows if row.is_heading] == ["La personne et sa famille", "Équipe de soins"]
    assert words(row_of(rows, "Anne")) == ["lit et écrit", "lit", "pas d’accès"]
    assert words(row_of(rows, "Dr Paul")) == ["lit et écrit"] * 3
    nurse = row_of(rows, "Claire")
    assert nurse.name == "Claire Martin (vous)"
    assert "coordonne ce cercle" in nurse.detail
    assert "Dossier médical\u00a0: pas d’accès" in row_of(rows, "Anne").sentence()


def test_the_table_is_read_cell_by_cell(around: Around, open_file: Open, qtbot: QtBot) -> None:
    page = open_circle(around, open_file, qtbot)
    model = page.members.members.model
    names = [str(model.index(row, 0).data()) for row in range(model.rowCount())]
    anne = names.index("Anne Maurel")
    assert model.index(anne, 3).data() == "pas d’accès"
    assert "fille" in model.index(anne, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert page.members.members.height() >= page.members.members.view.verticalHeader().length()


def test_everyone_sees_what_each_role_reads(around: Around, open_file: Open) -> None:
    rows = role_rows(default_roles())
    assert len([row for row in rows if not row.is_heading]) == len(default_roles())
    assert words(row_of(rows, "Personne accompagnée"))[2] == "lit, écrit ses relevés"
    assert words(row_of(rows, "Bénévole")) == ["lit", "pas d’accès", "pas d’accès"]
    page = open_file(around.daughter)
    assert page.members.roles.model.rows == rows


def test_a_member_whose_rights_are_not_their_role_s_raises_an_alarm(around: Around, open_file: Open) -> None:
    page = open_file(around.nurse)
    view = Circles(around.nurse).show(around.circle)
    members = tuple(dataclasses.replace(m, consistent=m.name != "Anne Maurel") for m in view.members)
    page.tabs.setCurrentIndex(CIRCLE_TAB)
    page.members.show_circle(dataclasses.replace(view, members=members))
    assert page.members.alarm.isVisible()
    assert "Anne Maurel" in page.members.alarm.accessibleName()
    assert row_of(page.members.members.model.rows, "Anne").warning


def test_only_who_runs_the_circle_invites_and_reads_the_trace(around: Around, open_file: Open) -> None:
    daughter, nurse = open_file(around.daughter), open_file(around.nurse)
    for page in (daughter, nurse):
        page.tabs.setCurrentIndex(CIRCLE_TAB)
    assert not daughter.members.invite_button.isVisible()
    assert not daughter.members.trace_button.isVisible()
    assert nurse.members.invite_button.isVisible()
    assert nurse.members.trace_button.isVisible()


def test_inviting_a_relative_asks_how_the_person_agreed(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page = open_circle(around, open_file, qtbot)
    page.members.invite()
    dialog = opened(page, InviteDialog, qtbot)
    form = dialog.form
    assert form.request() is None
    assert "rôle" in form.problem.text()

    form.role.setCurrentIndex(form.role.findData("nurse"))
    asked = form.request()
    assert asked is not None
    assert asked.agreed == "care_team"
    form.agreement.professional[AgreementHow.WRITTEN].setChecked(True)
    asked = form.request()
    assert asked is not None
    assert asked.agreed == "written"
    form.role.setCurrentIndex(form.role.findData("relative"))
    assert "N’aura aucun accès\u00a0: Dossier médical." in form.rights.plain_text()
    assert form.request() is None
    assert "accord" in form.problem.text()

    form.agreement.other[AgreementHow.NONE].setChecked(True)
    assert form.request() is None
    form.agreement.reason.setText("ne peut plus s’exprimer")
    form.name.setText("Luc Lambert")
    asked = form.request()
    assert asked is not None
    assert (asked.role, asked.agreed, asked.agreed_reason) == ("relative", "none", "ne peut plus s’exprimer")
    dialog.reject()


def test_inviting_who_represents_the_person_asks_for_the_measure_or_why_it_is_missing(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page = open_circle(around, open_file, qtbot)
    page.members.invite()
    dialog = opened(page, InviteDialog, qtbot)
    form = dialog.form
    form.role.setCurrentIndex(form.role.findData("legal_representative"))
    form.agreement.other[AgreementHow.ORAL].setChecked(True)
    qtbot.waitUntil(form.agreement.no_measure.isVisible)
    assert form.request() is None
    assert "mesure" in form.problem.text()
    form.agreement.no_measure.setText("jugement attendu")
    asked = form.request()
    assert asked is not None
    assert (asked.agreed, asked.no_measure) == ("oral", "jugement attendu")
    form.agreement.set_measured(True)
    asked = form.request()
    assert asked is not None
    assert (form.agreement.no_measure.isVisible(), asked.no_measure) == (False, "")
    dialog.reject()


def test_an_invitation_gives_a_code_a_link_and_a_square(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page = open_circle(around, open_file, qtbot)
    page.members.invite()
    dialog = opened(page, InviteDialog, qtbot)
    dialog.form.role.setCurrentIndex(dialog.form.role.findData("physician"))
    assert dialog.primary_button is not None
    dialog.primary_button.click()
    qtbot.waitUntil(lambda: dialog.handover is not None)
    assert dialog.handover is not None
    code = dialog.handover.code.code()
    dialog.handover.copy_link.click()
    assert QGuiApplication.clipboard().text().startswith(f"{code}@")
    dialog.reject()

    pending = Invitations(around.nurse).pending(around.circle)
    assert [invitation.code for invitation in pending] == [code]
    qtbot.waitUntil(lambda: len(page.findChildren(InvitationRow)) == 1)


def test_an_unreachable_relay_is_said_in_the_form_and_the_answers_stay(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    around.house.hub.offline = True
    page = open_circle(around, open_file, qtbot)
    page.members.invite()
    dialog = opened(page, InviteDialog, qtbot)
    dialog.form.role.setCurrentIndex(dialog.form.role.findData("physician"))
    dialog.form.name.setText("Paul")
    assert dialog.primary_button is not None
    dialog.primary_button.click()
    qtbot.waitUntil(dialog.form.problem.isVisible)
    assert "ne répond pas" in dialog.form.problem.text()
    assert dialog.form.name.text() == "Paul"
    assert dialog.primary_button.isEnabled()
    dialog.reject()


def test_a_function_is_added_to_the_role_where_it_makes_sense(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page = open_circle(around, open_file, qtbot)
    page.members.invite()
    dialog = opened(page, InviteDialog, qtbot)
    form = dialog.form
    coordinator, referent = form.functions[Function.COORDINATOR], form.functions[Function.REFERENT]
    assert not coordinator.isVisible()
    form.role.setCurrentIndex(form.role.findData("nurse"))
    coordinator.setChecked(True)
    referent.setChecked(True)
    asked = form.request()
    assert asked is not None
    assert set(asked.functions) == {"coordinator", "referent"}

    form.agreement.other[AgreementHow.ORAL].setChecked(True)
    form.agreement.no_measure.setText("jugement attendu")
    for role, functions in (("relative", ("coordinator",)), ("legal_representative", ())):
        form.role.setCurrentIndex(form.role.findData(role))
        asked = form.request()
        assert asked is not None
        assert asked.functions == functions
    dialog.reject()


def test_the_code_stands_in_a_dialog_of_its_own_height(
    around: Around, open_file: Open, qtbot: QtBot, qapp: QApplication
) -> None:
    page = open_circle(around, open_file, qtbot)
    page.members.invite()
    dialog = opened(page, InviteDialog, qtbot)
    dialog.form.role.setCurrentIndex(dialog.form.role.findData("relative"))
    dialog.form.agreement.other[AgreementHow.ORAL].setChecked(True)
    qapp.processEvents()
    room = dialog.screen().availableGeometry().height()
    assert dialog.height() <= room
    assert dialog.primary_button is not None
    dialog.primary_button.click()
    qtbot.waitUntil(lambda: dialog.handover is not None)
    qapp.processEvents()
    handover = dialog.handover
    assert handover is not None
    area = next(area for area in dialog.findChildren(QScrollArea) if area.isAncestorOf(handover))
    # A busy PC lays the dialog out some events later.
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() == 0)
    assert dialog.height() < room
    assert area.viewport().height() - handover.height() < 60
    dialog.reject()


def test_on_a_narrow_screen_with_large_text_the_code_and_its_words_are_whole(
    qapp: QApplication, show: Show
) -> None:
    apply_theme(qapp, "light", 150)
    code = "KQD5-MY40-0VH4"
    handover = Handover(
        NewInvitation("x", code, f"{code}@https://relais.exemple.fr", 1_795_000_000_000), in_person=False
    )
    dialog = Dialog("Inviter", width=400)
    dialog.body.addWidget(handover)
    show(dialog)
    area = next(area for area in dialog.findChildren(QScrollArea) if area.isAncestorOf(handover))
    for part in (handover.code.copy_button, handover.copy_link, handover.qr, *handover.findChildren(QLabel)):
        right = part.mapTo(area.viewport(), part.rect().topRight()).x()
        assert right < area.viewport().width()


@pytest.mark.parametrize("kind", [InviteDialog, TraceDialog])
def test_a_dialog_in_large_text_stays_on_the_screen_and_its_body_scrolls(
    kind: type[QDialog], around: Around, open_file: Open, qtbot: QtBot, qapp: QApplication
) -> None:
    apply_theme(qapp, "light", 200)
    page = open_circle(around, open_file, qtbot)
    button = page.members.invite_button if kind is InviteDialog else page.members.trace_button
    button.click()
    dialog = opened(page, kind, qtbot)
    if isinstance(dialog, InviteDialog):
        dialog.form.role.setCurrentIndex(dialog.form.role.findData("relative"))
        qapp.processEvents()
        assert dialog.findChildren(QScrollArea)[0].verticalScrollBar().maximum() > 0
    room = dialog.screen().availableGeometry()
    assert dialog.height() <= room.height()
    assert dialog.width() <= room.width()
    dialog.reject()


def test_the_square_holds_the_link() -> None:
    matrix = qr_matrix("carelink://ABCD-EFGH-JKMN@https://relais.exemple.fr")
    assert len(matrix) == len(matrix[0]) >= 21
    assert matrix[0][:7] == [True] * 7


def test_wrong_words_let_nobody_in_and_the_right_ones_do(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    page, row, right = invited(around, open_file, qtbot, "Luc Lambert")
    assert row.words is not None
    assert row.confirm is not None

    QTest.mouseClick(row.confirm, Qt.MouseButton.LeftButton)
    assert "trois mots" in row.problem.text()

    row.words.setText("un deux trois")
    QTest.mouseClick(row.confirm, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "personne n’a été ajouté" in row.problem.text())
    assert "Luc Lambert" not in [r.name for r in rows_of(around)]

    row.words.setText(right)
    QTest.keyClick(row.words, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Luc Lambert" in [r.name for r in page.members.members.model.rows])
    qtbot.waitUntil(lambda: page.members.waiting is None)


def test_words_being_typed_survive_news(around: Around, open_file: Open, qtbot: QtBot) -> None:
    page, row, _right = invited(around, open_file, qtbot, "Luc Lambert")
    assert row.words is not None
    row.words.setText("cheval bat")
    Invitations(around.nurse).invite(around.circle, InvitationRequest(role="nurse", name="Julie"))
    page._workspace.circles_changed.emit({around.circle})
    qtbot.waitUntil(lambda: len([r for r in page.findChildren(InvitationRow) if r.isVisible()]) == 2)
    rows = [r for r in page.findChildren(InvitationRow) if r.isVisible() and r.words is not None]
    assert [r.words.text() for r in rows if r.words is not None] == ["cheval bat"]


def test_a_promised_medical_record_is_countersigned_by_someone_who_reads_it(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    coordinator = around.house.account("Mélanie Faure", "social_worker")
    circle = around.house.circle(coordinator)
    therapist = around.house.account("Thomas Verdier", "therapist")
    around.house.let_in(coordinator, circle, around.nurse, "nurse")
    around.house.let_in(coordinator, circle, therapist, "therapist")
    for session in (coordinator, around.nurse, therapist, around.nurse):
        sync(session)
    rows = member_rows(Circles(around.nurse).show(circle))
    assert words(row_of(rows, "Thomas"))[2] == "attend l’accord d’un soignant"

    page = open_file(around.nurse)
    page.show_circle(circle)
    page.tabs.setCurrentIndex(CIRCLE_TAB)
    row = page.findChild(VouchRow)
    assert row is not None
    row.button.click()
    qtbot.waitUntil(lambda: words(row_of(page.members.members.model.rows, "Thomas"))[2] == "lit et écrit")
    assert page.members.waiting is None


@pytest.mark.parametrize(
    ("vouchable", "said", "unsaid"),
    [
        (("care",), ("dossier médical",), ("Vie quotidienne", "Coordination")),
        (("coordination",), ("Coordination",), ("médical", "soigne")),
        (("life", "care"), ("dossier médical", "Vie quotidienne"), ("Coordination",)),
    ],
)
def test_vouching_row_says_what_is_promised_and_nothing_else(
    qtbot: QtBot, around: Around, vouchable: tuple[str, ...], said: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    view = Circles(around.nurse).show(around.circle)
    doctor = next(member for member in view.members if member.name == "Dr Paul Petit")
    row = VouchRow(dataclasses.replace(doctor, vouchable=vouchable), "Claire Martin")
    qtbot.addWidget(row)
    words = " ".join(paragraph.text() for paragraph in row.findChildren(Paragraph))
    assert [part for part in said if part not in words] == []
    assert [part for part in unsaid if part in words] == []


def test_vouching_row_names_profession_and_inviter(qtbot: QtBot, around: Around) -> None:
    view = Circles(around.nurse).show(around.circle)
    doctor = next(member for member in view.members if member.name == "Dr Paul Petit")
    row = VouchRow(dataclasses.replace(doctor, rpps="99900000022"), "Claire Martin")
    qtbot.addWidget(row)
    said = " ".join(label.text() for label in row.findChildren(type(row.problem)))
    for part in ("Dr Paul Petit", "médecin traitant", "99900000022", "Claire Martin"):
        assert part in said
    with qtbot.waitSignal(row.vouched) as asked:
        row.button.click()
    assert asked.args == [doctor.id]
