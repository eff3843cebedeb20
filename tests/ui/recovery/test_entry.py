"""Copying the words of a page: typed one by one, or the page pasted whole."""

from __future__ import annotations

import unicodedata

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from carelink.crypto.recovery import new_words
from carelink.services.sheets import Sheet, page_text
from carelink.ui.recovery.entry import WordsEntry
from carelink.ui.theme import apply_theme
from tests.ui.conftest import Show

RELAY = "https://relais.exemple.fr"


@pytest.fixture
def entry(show: Show) -> WordsEntry:
    made = WordsEntry()
    made.resize(700, 600)
    show(made)
    made.typed[1].setFocus()
    return made


def paste(entry: WordsEntry, number: int, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    entry.typed[number].setFocus()
    QTest.keyClick(entry.typed[number], Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)).upper()


def test_space_and_enter_go_to_the_next_word(entry: WordsEntry) -> None:
    words = new_words()
    done: list[bool] = []
    entry.completed.connect(lambda: done.append(True))
    for number, word in enumerate(words, 1):
        assert entry.typed[number].hasFocus()
        QTest.keyClicks(entry.typed[number], bare(word))
        if number % 2:
            QTest.keyClick(entry.typed[number], Qt.Key.Key_Space)
        else:
            QTest.keyClick(entry.typed[number], Qt.Key.Key_Return)
    assert entry.words() == [bare(word) for word in words]
    assert done == [True]
    assert entry.check()


@pytest.mark.parametrize("how", ["page", "words"])
def test_pasted_everything_finds_its_place(entry: WordsEntry, how: str) -> None:
    words = new_words()
    sheet = Sheet("aa", "Anne", 1_800_000_000_000, words, (RELAY,))
    relays: list[str] = []
    entry.relay_found.connect(relays.append)
    paste(entry, 1, page_text(sheet) if how == "page" else "\n".join(words))
    assert entry.words() == list(words)
    assert relays == ([RELAY] if how == "page" else [])
    assert entry.check()


def test_some_words_pasted_begin_where_they_are_pasted(entry: WordsEntry) -> None:
    words = new_words()
    paste(entry, 5, " ".join(words[4:8]))
    assert entry.words()[4:8] == list(words[4:8])
    assert [number for number, word in enumerate(entry.words(), 1) if word] == [5, 6, 7, 8]
    assert entry.typed[9].hasFocus()


def test_what_is_wrong_with_a_word_is_said_beside_it(entry: WordsEntry) -> None:
    words = list(new_words())
    words[6] = "maisom"
    entry.fill(dict(enumerate(words, 1)))
    assert "«\u00a0maison\u00a0»" in entry.fields[7].error()
    entry.typed[12].clear()
    assert not entry.check()
    assert [number for number, field in entry.fields.items() if field.error()] == [7, 12]
    assert entry.fields[12].error() == "Il manque ce mot."
    assert entry.typed[7].hasFocus()
    entry.typed[7].setText("zzyzxq")
    entry.typed[8].setFocus()
    assert entry.fields[7].error() == "Ce mot n’existe pas\u00a0: relisez la page."


def test_the_first_letters_propose_words_without_their_accents(entry: WordsEntry) -> None:
    QTest.keyClicks(entry.typed[1], "ele")
    completer = entry.typed[1].completer()
    proposed = completer.completionModel()
    found = [proposed.index(row, 0).data() for row in range(proposed.rowCount())]
    assert len(found) > 1
    assert all(bare(word).startswith("ELE") for word in found)
    popup = completer.popup()
    assert popup is not None
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert entry.words()[0] == found[0]


def test_forgotten_nothing_is_left(entry: WordsEntry) -> None:
    entry.fill(dict(enumerate(new_words(), 1)))
    entry.forget()
    assert entry.words() == [""] * 24


def test_at_150_percent_there_are_fewer_columns(entry: WordsEntry, qapp: QApplication) -> None:
    assert entry.typed[9].y() == entry.typed[1].y()
    assert entry.fields[9].x() > entry.fields[1].x()
    apply_theme(qapp, "light", 200)
    entry.resize(701, 600)
    qapp.processEvents()
    assert entry.fields[9].x() == entry.fields[1].x()
