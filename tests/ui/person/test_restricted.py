"""A note kept to named readers: they are chosen by name, said plainly, and nobody else sees anything."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from carelink.services.restricted import Restricted
from carelink.services.time_line import TimeLineQuery
from carelink.ui.person.entry_dialog import EntryDialog
from carelink.ui.person.named_readers import ChooseReadersDialog, ShareDialog
from carelink.ui.widgets import Label
from tests.ui.person.conftest import Around, Open, opened


def written(around: Around, text: str) -> str:
    entry = Restricted(around.nurse).write(around.circle, text, [around.doctor.account.hex()])
    around.exchange()
    return entry


def test_the_composer_asks_who_will_read_and_says_it(around: Around, open_file: Open, qtbot: QtBot) -> None:
    page = open_file(around.nurse)
    composer = page.cahier.composer
    assert composer.volets is not None
    composer.volets.set_current("restricted")
    assert composer.readers.words()[0] == "Vous êtes seul ou seule à la lire\u00a0: choisir qui d’autre"
    composer.readers.click()
    dialog = opened(page, ChooseReadersDialog, qtbot)
    assert set(dialog.boxes) == {around.doctor.account.hex(), around.daughter.account.hex()}
    dialog.boxes[around.doctor.account.hex()].setChecked(True)
    dialog.button.click()
    assert composer.readers.words() == ("Seront les seuls à lire\u00a0:", "Dr Paul Petit", "")
    assert page.window().focusWidget() is composer.edit
    composer.edit.setPlainText("Entretien confidentiel")
    with qtbot.waitSignal(composer.published):
        composer.publish()
    around.exchange()
    query = TimeLineQuery(compartments=("restricted",))
    for reader, count in ((around.nurse, 1), (around.doctor, 1), (around.daughter, 0)):
        assert len(open_file(reader)._workspace.cahier.entries(around.circle, query)) == count
    assert composer.readers.words()[0].startswith("Vous êtes seul")


def test_a_relative_is_offered_nothing_of_it(around: Around, open_file: Open) -> None:
    written(around, "Entretien confidentiel")
    page = open_file(around.daughter)
    assert page.cahier.composer.volets is not None
    chips = page.cahier.filters.chips
    assert chips is not None
    assert "restricted" not in {chip.choice.code for chip in chips._chips.values()}
    assert page.cahier.model.rowCount() == 0


def test_a_reader_sees_who_else_reads_and_its_author_adds_someone(
    around: Around, open_file: Open, qtbot: QtBot
) -> None:
    written(around, "Entretien confidentiel")
    page = open_file(around.nurse)
    page.cahier.list.entry_opened.emit(0)
    dialog = opened(page, EntryDialog, qtbot)
    qtbot.waitUntil(lambda: bool(_labels(dialog, "Dr Paul Petit")))
    share = next(b for b in dialog.findChildren(type(dialog.correct_button)) if "lire" in b.text())
    share.click()
    chooser = opened(dialog, ShareDialog, qtbot)  # type: ignore[arg-type]
    assert set(chooser.boxes) == {around.daughter.account.hex()}
    chooser.boxes[around.daughter.account.hex()].setChecked(True)
    with qtbot.waitSignal(chooser.shared):
        chooser.button.click()
    around.exchange()
    assert [view.text for view in open_file(around.daughter)._workspace.cahier.entries(around.circle)] == [
        "Entretien confidentiel"
    ]


def _labels(dialog: EntryDialog, start: str) -> list[str]:
    return [label.text() for label in dialog.findChildren(Label) if label.text().startswith(start)]
