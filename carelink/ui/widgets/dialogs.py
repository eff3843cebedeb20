"""The base of every dialog: a title, what it is about, its body, its buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.ui.theme import current_theme, metrics, on_theme
from carelink.ui.widgets.buttons import Button, ButtonVariant
from carelink.ui.widgets.cards import Separator
from carelink.ui.widgets.labels import Label, Paragraph


class Dialog(QDialog):
    """A window-modal dialog, shown with `open()`; results come by Qt's `accepted` and `rejected`.

    Fill `body`; `set_primary` names what it does, and Enter does it.
    """

    def __init__(
        self, title: str, text: str = "", *, width: int = 520, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._wide = width
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAutoFillBackground(True)
        self._title = Label(title, "heading", wrap=True, parent=self)
        self._text = Paragraph(text, tone="ink-2", parent=self)
        self._text.setVisible(bool(text))
        inner = QWidget(self)
        self.body = QVBoxLayout(inner)
        self._inner = QVBoxLayout()
        for widget in (self._title, self._text, inner):
            self._inner.addWidget(widget)
        self._inner.addStretch(1)
        self._footer = QHBoxLayout()
        self._footer.addStretch(1)
        self.cancel_button = Button(tr("Annuler"))
        self.cancel_button.clicked.connect(self.reject)
        self._footer.addWidget(self.cancel_button)
        self.primary_button: Button | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._inner, 1)
        column.addWidget(Separator(parent=self))
        column.addLayout(self._footer)
        on_theme(self._refresh)

    def set_primary(self, text: str, *, variant: ButtonVariant = "primary", icon: str = "") -> Button:
        """Add the button that does what the dialog is for.

        It is not wired: connect its `clicked`, and call `accept` once what it does has succeeded.
        """
        button = Button(text, variant=variant, icon=icon)
        button.setDefault(True)
        self._footer.addWidget(button)
        self.primary_button = button
        return button

    def set_closing(self, text: str) -> None:
        """Name the button that leaves: "Fermer" where there is nothing to cancel."""
        self.cancel_button.set_text(text)

    def add_footer(self, widget: QWidget) -> None:
        """Put something at the start of the foot, away from the answer."""
        self._footer.insertWidget(0, widget)

    def sizeHint(self) -> QSize:
        """Return the wanted width and the height that the text needs at it."""
        width = metrics().px(self._wide)
        layout = self.layout()
        height = layout.totalHeightForWidth(width) if layout is not None else 0
        return QSize(width, max(height, super().sizeHint().height()))

    def _refresh(self) -> None:
        gap = metrics().gap
        self._inner.setContentsMargins(gap(24), gap(24), gap(24), gap(20))
        self._inner.setSpacing(gap(8))
        self.body.setSpacing(gap(16))
        self.body.setContentsMargins(0, gap(8), 0, 0)
        self._footer.setContentsMargins(gap(24), gap(16), gap(24), gap(16))
        self._footer.setSpacing(gap(10))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(current_theme().colors.card))
        self.setPalette(palette)


def scrolling(content: QWidget | QLayout) -> QScrollArea:
    """Return a page that scrolls up and down around `content`, and never sideways."""
    if isinstance(content, QLayout):
        page = QWidget()
        page.setLayout(content)
    else:
        page = content
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area
