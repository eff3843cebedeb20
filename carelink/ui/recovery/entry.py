"""Copying the words of a sheet: a field for each, known words proposed, a whole page taken by paste."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QCompleter, QGridLayout, QWidget

from carelink.language import tr
from carelink.services.restoring import WORDS, known_words, nearest_word, plain, words_in
from carelink.ui.recovery.check import WordField
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import LabeledField, announce

_COLUMNS = 3
_LEAST_WIDTH = 170
_PLAIN = Qt.ItemDataRole.UserRole


class WordCompleter(QCompleter):
    """Proposes the words of sheets by their first letters, accents or not."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        model = QStandardItemModel(self)
        for word in known_words():
            item = QStandardItem(word)
            item.setData(plain(word), _PLAIN)
            model.appendRow(item)
        self.setModel(model)
        self.setCompletionRole(_PLAIN)
        self.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.setMaxVisibleItems(5)

    def splitPath(self, path: str) -> list[str]:
        """Return what was typed as it is compared."""
        return [plain(path)]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """Return the word as it is printed."""
        return str(index.data(Qt.ItemDataRole.DisplayRole))


class WordsEntry(QWidget):
    """Twenty-four numbered fields.

    Signals:
        relay_found: An address that stood in what was pasted.
        completed: The last word is there.
    """

    relay_found = Signal(str)
    completed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[int, LabeledField] = {}
        self.typed: dict[int, WordField] = {}
        self._columns = 0
        self._spreading = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        completer = WordCompleter(self)
        for number in range(1, WORDS + 1):
            name = tr("Mot n°\u00a0{n}", n=number)
            typed = WordField(name)
            typed.setCompleter(completer)
            typed.textEdited.connect(self._edited)
            typed.returnPressed.connect(self._go_on)
            typed.installEventFilter(self)
            self.typed[number] = typed
            self.fields[number] = LabeledField(name, typed)
        self._lay(_COLUMNS)
        on_theme(self._space)

    def words(self) -> list[str]:
        """Return what was typed, in order."""
        return [self.typed[number].text().strip() for number in range(1, WORDS + 1)]

    def fill(self, words: Mapping[int, str]) -> None:
        """Put words into their fields."""
        self._spreading = True
        for number, word in words.items():
            self.typed[number].setText(word)
        self._spreading = False
        for number in words:
            self._judge(number)

    def check(self) -> bool:
        """Say beside each word that is missing or unknown what to do, and lead to the first."""
        wrong = [number for number in self.typed if not self._judge(number, required=True)]
        if wrong:
            self.lead_to(wrong[0])
        return not wrong

    def lead_to(self, number: int) -> None:
        """Give the keyboard to a word, and say aloud what is wrong with it."""
        self.typed[number].setFocus(Qt.FocusReason.OtherFocusReason)
        self.typed[number].selectAll()
        announce(self, f"{self.typed[number].accessibleName()}. {self.fields[number].error()}")

    def forget(self) -> None:
        """Keep no word."""
        for number, typed in self.typed.items():
            typed.clear()
            self.fields[number].set_error("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Judge a word when it is left."""
        if event.type() == QEvent.Type.FocusOut and isinstance(watched, WordField):
            number = self._number(watched)
            if watched.text().strip():
                self._judge(number)
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many columns as there is room for."""
        self._lay(max(1, min(_COLUMNS, self.width() // metrics().px(_LEAST_WIDTH))))
        super().resizeEvent(event)

    def _edited(self, text: str) -> None:
        typed = QApplication.focusWidget()
        if self._spreading or not isinstance(typed, WordField):
            return
        number = self._number(typed)
        self.fields[number].set_error("")
        if not text.strip() or not any(letter.isspace() for letter in text):
            return
        found = words_in(text, number)
        for relay in found.relays:
            self.relay_found.emit(relay)
        self.fill(found.words)
        last = max(found.words, default=number)
        if last < WORDS:
            self.typed[last + 1].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.completed.emit()

    def _go_on(self) -> None:
        typed = QApplication.focusWidget()
        if not isinstance(typed, WordField):
            return
        number = self._number(typed)
        if number < WORDS:
            self.typed[number + 1].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.completed.emit()

    def _number(self, typed: WordField) -> int:
        return next((number for number, field in self.typed.items() if field is typed), 1)

    def _judge(self, number: int, *, required: bool = False) -> bool:
        word = self.typed[number].text().strip()
        if not word:
            self.fields[number].set_error(tr("Il manque ce mot.") if required else "")
            return not required
        nearest = nearest_word(word)
        if nearest and plain(nearest) == plain(word):
            self.fields[number].set_error("")
            return True
        self.fields[number].set_error(
            tr("Ce mot n’existe pas. Peut-être «\u00a0{nearest}\u00a0»\u202f?", nearest=nearest)
            if nearest
            else tr("Ce mot n’existe pas\u00a0: relisez la page.")
        )
        return False

    def _lay(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        rows = WORDS // columns
        for number, field in self.fields.items():
            column, row = divmod(number - 1, rows)
            self._grid.addWidget(field, row, column, Qt.AlignmentFlag.AlignTop)
        for column in range(_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _space(self) -> None:
        self._grid.setHorizontalSpacing(metrics().gap(14))
        self._grid.setVerticalSpacing(metrics().gap(8))
