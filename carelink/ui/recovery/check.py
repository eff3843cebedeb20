"""Showing that the page is at hand: some of its words, asked for by their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from carelink.language import tr
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import LabeledField, Paragraph, TextField, announce


class WordCheck(QWidget):
    """A field for each word that is asked for.

    Signals:
        submitted: Enter was pressed in the last one.
    """

    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[int, LabeledField] = {}
        self._typed: dict[int, TextField] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(
            Paragraph(tr("Prenez la page et recopiez ces mots. Majuscules et accents n’importent pas."))
        )
        on_theme(self._space)

    def ask(self, numbers: Sequence[int]) -> None:
        """Ask for these words."""
        for field in self.fields.values():
            self._column.removeWidget(field)
            field.hide()
            field.deleteLater()
        self.fields.clear()
        self._typed.clear()
        for number in numbers:
            name = tr("Mot n°\u00a0{n}", n=number)
            typed = WordField(name)
            self._typed[number] = typed
            self.fields[number] = LabeledField(name, typed)
            self._column.addWidget(self.fields[number])
            typed.returnPressed.connect(self._go_on)

    def answers(self) -> dict[int, str]:
        """Return what was typed, by number."""
        return {number: self.typed(number).text() for number in self.fields}

    def typed(self, number: int) -> TextField:
        """Return the field of a word."""
        return self._typed[number]

    def say_wrong(self, numbers: Iterable[int], sentence: str) -> None:
        """Say beside each of these words that it is not the one, and lead to the first."""
        wrong = sorted(numbers)
        for number, field in self.fields.items():
            field.set_error(sentence if number in wrong else "")
        if wrong:
            first = self.typed(wrong[0])
            first.setFocus(Qt.FocusReason.OtherFocusReason)
            first.selectAll()
            announce(self, self.fields[wrong[0]].error())

    def focus_first(self) -> None:
        """Give the keyboard to the first word."""
        if self.fields:
            self.typed(min(self.fields)).setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self) -> None:
        """Keep nothing of what was typed."""
        for number in self.fields:
            self.typed(number).clear()
            self.fields[number].set_error("")

    def _go_on(self) -> None:
        numbers = list(self.fields)
        here = next((index for index, n in enumerate(numbers) if self.typed(n).hasFocus()), len(numbers) - 1)
        if here < len(numbers) - 1:
            self.typed(numbers[here + 1]).setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.submitted.emit()

    def _space(self) -> None:
        self._column.setSpacing(metrics().gap(12))


class WordField(TextField):
    """Takes one word of a sheet: nothing learns it, nothing changes it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent=parent)
        hint = Qt.InputMethodHint
        self.setInputMethodHints(
            hint.ImhSensitiveData | hint.ImhNoPredictiveText | hint.ImhNoAutoUppercase | hint.ImhLatinOnly
        )
