"""Where people type one line: text, passphrase, search; and the label around any field."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.ui.theme import current_theme, draw_icon, font, metrics, on_theme
from carelink.ui.widgets.buttons import ButtonSize, IconButton
from carelink.ui.widgets.labels import Label
from carelink.ui.widgets.painting import draw_box, draw_text

_HEIGHTS: dict[ButtonSize, int] = {"compact": 32, "normal": 38, "family": 46}
_SEARCH_DELAY_MS = 150


class TextField(QLineEdit):
    """One line of text."""

    def __init__(
        self,
        name: str,
        *,
        placeholder: str = "",
        icon: str = "",
        size: ButtonSize = "normal",
        parent: QWidget | None = None,
    ) -> None:
        """Make a field.

        Args:
            name: What it asks for; read aloud, and shown by the label around it if there is one.
            placeholder: An example, never the only label.
            icon: Name of an icon at its start.
            size: 32, 38 or 46 px high at 100 %.
            parent: The Qt parent.
        """
        super().__init__(parent)
        self._icon_name = icon
        self._size: ButtonSize = size
        self._trailing = 0
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        on_theme(self._refresh)

    def set_invalid(self, invalid: bool) -> None:
        """Show or clear the red outline; the words that explain it are `LabeledField`'s."""
        if bool(self.property("invalid")) == invalid:
            return
        self.setProperty("invalid", invalid)
        self.style().unpolish(self)
        self.style().polish(self)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a comfortable width and the height of the controls around."""
        return QSize(metrics().px(240), self._height())

    def minimumSizeHint(self) -> QSize:
        """Return the narrowest width in which something can still be read."""
        return QSize(metrics().px(120), self._height())

    def focus_outline(self) -> tuple[QWidget, QRect, int]:
        """Tell the ring the shape of the field."""
        return self, self.rect(), metrics().gap(10)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the field, then its icon."""
        super().paintEvent(event)
        if self._icon_name:
            side = metrics().px(18)
            place = QRectF(metrics().gap(12), (self.height() - side) / 2, side, side)
            draw_icon(QPainter(self), self._icon_name, place, current_theme().colors.ink_3)

    def _height(self) -> int:
        fm = QFontMetrics(self.font())
        return max(fm.height() + metrics().gap(10), metrics().px(_HEIGHTS[self._size]))

    def _refresh(self) -> None:
        self.setFont(font("large" if self._size == "family" else "body"))
        left = metrics().px(18) + metrics().gap(8) if self._icon_name else 0
        self.setTextMargins(left, 0, self._trailing, 0)
        self.setFixedHeight(self._height())
        self.updateGeometry()


class PassphraseField(TextField):
    """A passphrase: hidden, until its owner asks to see it."""

    def __init__(
        self, name: str, *, placeholder: str = "", size: ButtonSize = "normal", parent: QWidget | None = None
    ) -> None:
        super().__init__(name, placeholder=placeholder, size=size, parent=parent)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self.reveal_button = IconButton("eye", self._reveal_words(), size="small", parent=self)
        self.reveal_button.clicked.connect(self.toggle_reveal)
        on_theme(self._reserve)

    @property
    def revealed(self) -> bool:
        """Whether the letters can be read."""
        return self.echoMode() == QLineEdit.EchoMode.Normal

    def toggle_reveal(self) -> None:
        """Show the letters, or hide them again."""
        if self.revealed:
            self.setEchoMode(QLineEdit.EchoMode.Password)
            self.reveal_button.set_icon("eye", self._reveal_words())
        else:
            self.setEchoMode(QLineEdit.EchoMode.Normal)
            self.reveal_button.set_icon("eye-off", self._hide_words())

    def forget(self) -> None:
        """Empty the field and hide what comes next."""
        self.clear()
        if self.revealed:
            self.toggle_reveal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the eye at the end."""
        super().resizeEvent(event)
        self._place()

    def _reveal_words(self) -> str:
        return tr("Afficher la phrase de passe")

    def _hide_words(self) -> str:
        return tr("Masquer la phrase de passe")

    def _reserve(self) -> None:
        self._trailing = self.reveal_button.sizeHint().width()
        self._refresh()
        self._place()

    def _place(self) -> None:
        size = self.reveal_button.sizeHint()
        y = (self.height() - size.height()) // 2
        self.reveal_button.setGeometry(
            QRect(self.width() - size.width() - max(y, 4), y, size.width(), size.height())
        )


class PinField(PassphraseField):
    """A PIN: like a passphrase, with the keyboard of digits where one is on the screen.

    Whatever is typed shows: on a French keyboard, digits need the Shift key, and a field that swallowed the
    rest would seem broken.
    """

    def __init__(self, name: str, *, size: ButtonSize = "normal", parent: QWidget | None = None) -> None:
        super().__init__(name, size=size, parent=parent)
        self.setInputMethodHints(self.inputMethodHints() | Qt.InputMethodHint.ImhPreferNumbers)

    def _reveal_words(self) -> str:
        return tr("Afficher le code PIN")

    def _hide_words(self) -> str:
        return tr("Masquer le code PIN")


class SearchField(TextField):
    """Find something: a loupe, the words, the shortcut, and a cross once there are words.

    Signals:
        search_changed: The words, once typing pauses; at once when they are cleared.
    """

    search_changed = Signal(str)

    def __init__(
        self,
        name: str,
        *,
        placeholder: str = "",
        hint: str = "",
        size: ButtonSize = "normal",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(name, placeholder=placeholder, icon="search", size=size, parent=parent)
        self._hint = hint
        self.clear_button = IconButton("x", tr("Effacer la recherche"), size="small", parent=self)
        self.clear_button.clicked.connect(self._clear)
        self.clear_button.hide()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_SEARCH_DELAY_MS)
        self._pause.timeout.connect(self._announce)
        self.textChanged.connect(self._typed)
        on_theme(self._reserve)

    def event(self, event: QEvent) -> bool:
        """Claim Escape from the window's shortcuts while there are words to clear."""
        claims = event.type() == QEvent.Type.ShortcutOverride and bool(self.text())
        if claims and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Clear on Escape while there are words; otherwise let the window have the key."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self._clear()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the cross at the end."""
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the field and, while it is empty, its shortcut."""
        super().paintEvent(event)
        if not self._hint or self.text():
            return
        small = font("small")
        fm = QFontMetrics(small)
        c = current_theme().colors
        width, height = self._hint_width(), fm.height() + metrics().gap(4)
        key = QRectF(self.width() - width - metrics().gap(12), (self.height() - height) / 2, width, height)
        painter = QPainter(self)
        draw_box(painter, key, radius=metrics().gap(6), fill=c.paper, edge=c.line_strong)
        draw_text(painter, key, self._hint, c.ink_2, small, align=Qt.AlignmentFlag.AlignCenter)

    def _hint_width(self) -> int:
        return QFontMetrics(font("small")).horizontalAdvance(self._hint) + metrics().gap(14)

    def _typed(self, text: str) -> None:
        self.clear_button.setVisible(bool(text))
        self._pause.start()

    def _announce(self) -> None:
        self.search_changed.emit(self.text().strip())

    def _clear(self) -> None:
        self.clear()
        self._pause.stop()
        self._announce()
        self.setFocus()

    def _reserve(self) -> None:
        cross = self.clear_button.sizeHint().width()
        self._trailing = max(cross, self._hint_width() + metrics().gap(4) if self._hint else 0)
        self._refresh()
        self._place()

    def _place(self) -> None:
        size = self.clear_button.sizeHint()
        y = (self.height() - size.height()) // 2
        self.clear_button.setGeometry(
            QRect(self.width() - size.width() - max(y, 4), y, size.width(), size.height())
        )


class LabeledField(QWidget):
    """A field under its label, with a line of help, or of error, below."""

    def __init__(
        self, label: str, field: QWidget, *, help_text: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.field = field
        self._help = help_text
        self.label = Label(label, "secondary-strong", parent=self)
        self.label.setBuddy(field)
        self._note = Label(help_text, "secondary", tone="ink-2", wrap=True, parent=self)
        self._note.setVisible(bool(help_text))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.label, field, self._note):
            self._column.addWidget(widget)
        if not field.accessibleName():
            field.setAccessibleName(label)
        field.setAccessibleDescription(help_text)
        self.setFocusProxy(field)
        on_theme(self._space)

    def set_error(self, message: str) -> None:
        """Say what is wrong and how to mend it; an empty message brings the help back."""
        if isinstance(self.field, TextField):
            self.field.set_invalid(bool(message))
        self._note.setText(message or self._help)
        self._note.set_tone("urgent" if message else "ink-2")
        self._note.setVisible(bool(message or self._help))
        self.field.setAccessibleDescription(message or self._help)

    def set_help(self, text: str) -> None:
        """Change the line of help, which is shown unless there is an error."""
        error = self.error()
        self._help = text
        self.set_error(error)

    def error(self) -> str:
        """Return the error shown, or nothing."""
        shown = self._note.text()
        return "" if shown == self._help else shown

    def _space(self) -> None:
        self._column.setSpacing(metrics().gap(6))
