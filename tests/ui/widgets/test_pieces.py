from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from carelink.language import set_language
from carelink.ui.theme import apply_theme, current_theme, metrics
from carelink.ui.widgets import (
    VOLET_CODES,
    Badge,
    Banner,
    Button,
    Card,
    CodeDisplay,
    Dialog,
    ElidedLabel,
    EmptyState,
    FlowLayout,
    FoldingColumns,
    Label,
    NavItem,
    NavRail,
    Paragraph,
    PersonTile,
    QrCode,
    StepIndicator,
    SyncIndicator,
    TabsBar,
    Toast,
    VoletChip,
    WaitList,
    WaitStep,
    volet_look,
)
from carelink.ui.widgets.painting import badge_text, face_for, initials

Show = Callable[[QWidget], None]


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Claire Martin", "CM"),
        ("Dr Paul Petit", "PP"),
        ("Mme Anne de La Tour", "AT"),
        ("Élise", "É"),
        ("Jean-Luc Roux", "JR"),
        ("", "·"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_person_keeps_their_colour_and_people_differ() -> None:
    assert face_for("Claire Martin") == face_for("Claire Martin")
    assert len({face_for(f"personne {n}") for n in range(100)}) == len(current_theme().faces)


@pytest.mark.parametrize(("count", "shown"), [(0, ""), (3, "3"), (99, "99"), (100, "99+")])
def test_counters(count: int, shown: str) -> None:
    assert badge_text(count) == shown


def test_a_counter_hides_at_zero_and_speaks_in_words(show: Show) -> None:
    page = QWidget()
    badge = Badge(1)
    QHBoxLayout(page).addWidget(badge)
    show(page)
    assert badge.isVisible()
    assert badge.accessibleName() == "1 non lu"
    badge.set_count(3)
    assert badge.accessibleName() == "3 non lus"
    badge.set_count(0)
    assert not badge.isVisible()


def test_a_compartment_is_told_by_name_icon_and_colour() -> None:
    looks = [volet_look(code) for code in VOLET_CODES]
    assert [look.name for look in looks] == [
        "Vie quotidienne", "Coordination", "Dossier médical", "Médical restreint",
    ]  # fmt: skip
    assert [look.short_name for look in looks] == ["Vie", "Coordination", "Médical", "Restreint"]
    assert len({look.icon for look in looks}) == 4
    assert len({current_theme().tint(look.tone) for look in looks}) == 4


def test_a_short_chip_is_still_read_aloud_in_full(show: Show) -> None:
    chip = VoletChip("care", short=True)
    show(chip)
    assert chip.text() == "Médical"
    assert chip.accessibleName() == "Volet Dossier médical"


def test_what_others_wrote_is_never_markup(show: Show) -> None:
    hostile = "<img src='file:///etc/passwd'><b>gras</b>"
    label, paragraph = Label(hostile), Paragraph(hostile)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert "<b>" not in paragraph.text()
    assert "&lt;b&gt;gras" in paragraph.text()
    assert paragraph.plain_text() == hostile


def test_a_cut_label_says_all_in_its_tooltip(show: Show) -> None:
    label = ElidedLabel("Équipe de nuit, unité de vie protégée du premier étage")
    label.resize(80, 20)
    show(label)
    label.resize(80, 20)
    assert label.toolTip() == label.text()
    label.resize(800, 20)
    assert label.toolTip() == ""


def test_a_row_wraps_instead_of_being_cut(show: Show) -> None:
    page = QWidget()
    flow = FlowLayout(page, gap=8)
    buttons = [Button(f"Bouton {n}") for n in range(6)]
    for button in buttons:
        flow.addWidget(button)
    page.resize(260, flow.heightForWidth(260))
    show(page)
    assert len({button.y() for button in buttons}) > 1
    assert all(button.geometry().right() < 260 for button in buttons)
    assert buttons[-1].geometry().bottom() < page.height()
    assert flow.heightForWidth(2000) == buttons[0].height()


def test_columns_fold_where_there_is_no_room_for_both(show: Show) -> None:
    main, side = Card("Cahier"), Card("À faire")
    columns = FoldingColumns(main, side, fold_at=900)
    columns.resize(1000, 400)
    show(columns)
    assert not columns.is_folded()
    assert side.x() > main.geometry().right()
    columns.resize(800, 400)
    QApplication.processEvents()
    assert columns.is_folded()
    assert side.y() > main.geometry().bottom()


def test_a_card_forgets_its_rows(show: Show) -> None:
    card = Card("À faire")
    card.add_row(Label("Peser Marcel Roux"))
    show(card)
    card.clear_rows()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert [label.text() for label in card.findChildren(Label) if label.isVisible()] == ["À faire"]
    card.add_row(Label("Appeler"))
    assert len(card.findChildren(Label)) == 2


def test_a_tile_says_who_and_as_what(show: Show) -> None:
    tile = PersonTile("Sofia Benali", "Aide-soignante", note="Brouillon en attente")
    show(tile)
    interface = QAccessible.queryAccessibleInterface(tile)
    assert interface.text(QAccessible.Text.Name) == "Sofia Benali"
    assert interface.text(QAccessible.Text.Description) == "Aide-soignante, Brouillon en attente"


def test_a_dialog_opens_without_stopping_the_program(show: Show, qtbot: QtBot) -> None:
    page = QWidget()
    show(page)
    dialog = Dialog("Inviter", "Le code vaut une heure.", parent=page)
    primary = dialog.set_primary("Inviter")
    dialog.open()
    assert dialog.isVisible()
    assert dialog.isModal()
    with qtbot.waitSignal(primary.clicked):
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible()
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


@pytest.mark.parametrize("scale", [100, 150, 200])
@pytest.mark.parametrize("lines", [1, 2, 6, 14])
def test_no_word_of_a_dialog_is_cut_however_long_and_large(
    show: Show, qapp: QApplication, scale: int, lines: int
) -> None:
    apply_theme(qapp, "light", scale)
    page = QWidget()
    show(page)
    text = "Une phrase assez longue pour remplir une ligne entière de la fenêtre. " * lines
    title = "Un titre assez long pour demander deux lignes, et bien plus encore en très grand texte"
    dialog = Dialog(title, text, parent=page)
    dialog.body.addWidget(Label("Le corps"))
    dialog.open()
    qapp.processEvents()
    for label in (dialog._title, dialog._text):
        assert label.height() >= label.heightForWidth(label.width())
    assert dialog.height() <= page.screen().availableGeometry().height()


def test_a_toast_replaces_the_one_before_and_offers_its_action(show: Show, qtbot: QtBot) -> None:
    page = QWidget()
    page.resize(600, 300)
    show(page)
    first = Toast.show_in(page, "Publié.")
    toast = Toast.show_in(page, "Brouillon jeté.", action="Reprendre")
    assert not first.isVisible()
    assert toast.isVisible()
    assert toast.geometry().bottom() < page.height()
    undo = next(button for button in toast.findChildren(Button) if button.text() == "Reprendre")
    with qtbot.waitSignal(toast.action_triggered):
        QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert not toast.isVisible()


def test_a_toast_leaves_by_itself_but_not_while_it_has_the_keyboard(show: Show, qtbot: QtBot) -> None:
    page = QWidget()
    page.resize(600, 300)
    show(page)
    toast = Toast.show_in(page, "Publié.", action="Annuler")
    page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    toast.findChildren(Button)[0].setFocus()
    toast._life.setInterval(1)
    toast._life.start()
    qtbot.wait(30)
    assert toast.isVisible()
    with qtbot.waitSignal(toast.destroyed):
        page.setFocus()


def test_news_is_announced_to_those_who_listen(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: said.append(event.message()))
    sync = SyncIndicator("À jour")
    show(sync)
    sync.set_state("À jour · il y a 1 min", "ok")
    sync.set_state("Hors ligne depuis 18 h", "offline")
    Banner("Rien").set_message("Rien n’a été envoyé.", tone="urgent")
    assert said == ["Hors ligne depuis 18 h", "Rien n’a été envoyé."]


def test_the_rail_tells_where_one_is_and_where_one_goes(show: Show, qtbot: QtBot) -> None:
    rail = NavRail(
        "Navigation",
        [NavItem("home", "Accueil", "home"), NavItem("people", "Personnes", "users")],
        [NavItem("lock", "Verrouiller", "lock", page=False)],
    )
    rail.resize(rail.width(), 500)
    show(rail)
    went: list[str] = []
    did: list[str] = []
    rail.current_changed.connect(went.append)
    rail.activated.connect(did.append)
    rail.set_badge("people", 3)
    assert rail.button("people").accessibleDescription() == "3 non lus"
    assert rail.button("home").accessibleDescription() == "page affichée"
    QTest.mouseClick(rail.button("people"), Qt.MouseButton.LeftButton)
    rail.button("people").setFocus()
    QTest.keyClick(rail.button("people"), Qt.Key.Key_Down)
    assert rail.button("lock").hasFocus()
    QTest.keyClick(rail.button("lock"), Qt.Key.Key_Return)
    QTest.keyClick(rail.button("lock"), Qt.Key.Key_Down)
    QTest.keyClick(rail.button("home"), Qt.Key.Key_Space)
    assert went == ["people", "home"]
    assert did == ["lock"]
    assert rail.current() == "home"
    rail.set_current("people")
    assert went == ["people", "home"]
    assert rail.width() == 92


def test_tabs_are_tabs_for_a_screen_reader_and_arrows_move(show: Show) -> None:
    tabs = TabsBar("Dossier", ["Cahier", "Agenda", "Cercle"])
    show(tabs)
    interface = QAccessible.queryAccessibleInterface(tabs)
    assert interface.role() == QAccessible.Role.PageTabList
    QTest.keyClick(tabs, Qt.Key.Key_Right)
    assert tabs.tabText(tabs.currentIndex()) == "Agenda"


def test_a_journey_says_where_one_stands(show: Show) -> None:
    steps = StepIndicator(["Vous", "La personne", "Votre phrase"])
    show(steps)
    steps.set_current(1)
    assert steps.accessibleName() == "Étape 2 sur 3\u00a0: La personne"


def test_what_is_waited_for_is_said_with_its_state(show: Show) -> None:
    waiting = WaitList(
        [WaitStep("Invitation envoyée", state="done"), WaitStep("Claire confirme", "", "current")]
    )
    show(waiting)
    assert waiting.accessibleName() == "Invitation envoyée (fait), Claire confirme (en cours)"
    waiting.set_steps([WaitStep("Le cahier arrive", state="later")])
    assert waiting.accessibleName() == "Le cahier arrive (à venir)"


def test_a_code_is_copied_whole_and_spelt_out(show: Show, qtbot: QtBot) -> None:
    display = CodeDisplay("7481-2063", name="Code d’invitation")
    show(display)
    assert display.accessibleDescription() == "7 4 8 1 - 2 0 6 3"
    display.setFocus()
    with qtbot.waitSignal(display.copied):
        QTest.keyClick(display, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "7481-2063"
    assert display.copy_button.text() == "Copié"


@pytest.mark.parametrize("size", [21, 33, 57])
def test_a_square_to_scan_is_exact_with_its_quiet_margin(size: int, show: Show) -> None:
    matrix = [[(x * 7 + y * 3) % 5 < 2 for x in range(size)] for y in range(size)]
    square = QrCode(matrix, name="Code QR", size=200)
    square.resize(square.sizeHint())
    show(square)
    image = square.grab().toImage()
    module = square.width() // (size + 8)
    assert module * (size + 8) == square.width()
    for y in range(size):
        for x in range(size):
            place = QPointF((x + 4.5) * module, (y + 4.5) * module).toPoint()
            assert image.pixelColor(place) == QColor("#000000" if matrix[y][x] else "#FFFFFF")
    assert image.pixelColor(3 * module, square.height() // 2) == QColor("#FFFFFF")


def test_an_empty_place_offers_the_first_step(show: Show, qtbot: QtBot) -> None:
    first = Button("Écrire la première", variant="primary")
    show(EmptyState("notes", "Aucune transmission", "Elles viendront ici.", action=first))
    with qtbot.waitSignal(first.clicked):
        QTest.mouseClick(first, Qt.MouseButton.LeftButton)


def test_a_button_keeps_its_size_in_a_tight_place(show: Show) -> None:
    button = Button("Nouvelle transmission", variant="primary", icon="pencil-plus")
    assert button.minimumSizeHint() == button.sizeHint()
    assert button.sizeHint().height() == 38
    assert Button("Photo", size="compact").sizeHint().height() == 32
    assert Button("Lui écrire", size="family").sizeHint().height() == 46
    assert Button("Oublié", variant="link").sizeHint().height() >= 24
    assert metrics().px(38) == 38
    assert isinstance(button.sizeHint(), QSize)


def test_names_follow_the_user_s_language() -> None:
    try:
        set_language("en")
        assert volet_look("care").name
    finally:
        set_language("fr")
