"""The base of every dialog: a title, what it is about, its body, its buttons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPalette, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.ui.theme import current_theme, metrics, on_theme
from carelink.ui.widgets.buttons import Button, ButtonVariant
from carelink.ui.widgets.cards import Separator
from carelink.ui.widgets.labels import Label, Paragraph

_TITLE_BAR = 40
_LEAST_BODY = 120


class Dialog(QDialog):
    """A window-modal dialog, shown with `open()`; results come by Qt's `accepted` and `rejected`.

    Fill `body`; `set_primary` names what it does, and Enter does it. It is as high as its body needs, and
    grows with it; the body scrolls where the screen has no room for more.
    """

    def __init__(
        self, title: str, text: str = "", *, width: int = 520, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._wide = width
        self._sized = False
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAutoFillBackground(True)
        self._title = Label(title, "heading", wrap=True, parent=self)
        self._page = QWidget()
        # With the body, which scrolls: in large text a long one can need more than the screen has.
        self._text = Paragraph(text, tone="ink-2", parent=self._page)
        self._text.setVisible(bool(text))
        self._above = QVBoxLayout()
        self._above.addWidget(self._text)
        self.body = QVBoxLayout()
        self._inside = QVBoxLayout(self._page)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(0)
        self._inside.addLayout(self._above)
        self._inside.addLayout(self.body, 1)
        self._area = scrolling(self._page)
        self._area.viewport().setAutoFillBackground(False)
        self._page.setAutoFillBackground(False)
        self._page.installEventFilter(self)
        self._head = QVBoxLayout()
        self._head.addWidget(self._title)
        self._footer = QHBoxLayout()
        self._footer.addStretch(1)
        self.cancel_button = Button(tr("Annuler"))
        self.cancel_button.clicked.connect(self.reject)
        self._footer.addWidget(self.cancel_button)
        self.primary_button: Button | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head)
        column.addWidget(self._area, 1)
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
        """Return the wanted width and the height that the text needs at it, as far as the screen goes."""
        screen = self._screen()
        width = min(metrics().px(self._wide), screen.width())
        height = self._around(width) + self._body_height(width)
        return QSize(width, min(height, screen.height()))

    def fit(self) -> None:
        """Take the height that the body needs now, after it became another one."""
        self._take_height(self._needed_height())

    def bring_into_view(self, widget: QWidget) -> None:
        """Scroll the body to a part of it, with what was just said beside it."""
        # Afterwards: the words just said have their room once Qt has laid them out.
        QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(widget))

    def body_room(self) -> int:
        """Return how high the body can be before it scrolls."""
        screen = self._screen()
        width = min(metrics().px(self._wide), screen.width())
        text = 0 if self._above.isEmpty() else self._above.totalHeightForWidth(width)
        return screen.height() - self._around(width) - text

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Grow with the body."""
        if watched is self._page and event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self._take_height(max(self.height(), self._needed_height()))
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        """Take the room of what was put into the body."""
        if not event.spontaneous() and not self._sized:
            # Qt by itself takes no more than two thirds of the screen.
            self._sized = True
            self.resize(self.sizeHint())
        super().showEvent(event)
        self.fit()

    def _needed_height(self) -> int:
        needed = self._around(self.width()) + self._body_height(self.width())
        return min(needed, self._screen().height())

    def _take_height(self, height: int) -> None:
        if height == self.height():
            return
        self.resize(self.width(), height)
        screen = self._screen()
        if self.frameGeometry().bottom() > screen.bottom():
            self.move(QPoint(self.x(), max(screen.top(), screen.bottom() - self.frameGeometry().height())))

    def _screen(self) -> QRect:
        """Return the room on the screen for what is inside the window's frame."""
        return (self.parentWidget() or self).screen().availableGeometry().adjusted(0, 0, 0, -_TITLE_BAR)

    def _around(self, width: int) -> int:
        head = self._head.totalHeightForWidth(width)
        return head + 1 + self._footer.totalSizeHint().height()

    def _body_height(self, width: int) -> int:
        inside = width - 2 * self._area.frameWidth()
        if self._inside.hasHeightForWidth():
            height = self._inside.totalHeightForWidth(inside)
        else:
            height = self._inside.totalSizeHint().height()
        # What is less than its least height would be taken from the title.
        return max(height, self._area.minimumHeight())

    def _refresh(self) -> None:
        gap = metrics().gap
        self._head.setContentsMargins(gap(24), gap(24), gap(24), gap(8))
        self._above.setContentsMargins(gap(24), 0, gap(24), gap(8))
        self.body.setSpacing(gap(16))
        # Below and beside, room for the focus ring, which the edge of the page would cut.
        self.body.setContentsMargins(gap(24), gap(8), gap(24), gap(20))
        self._area.setMinimumHeight(min(metrics().px(_LEAST_BODY), self._screen().height() // 3))
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
    area.setViewport(_viewport())
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area


def _viewport() -> QWidget:
    """Return a viewport as Qt makes one, but made by Python.

    Of a widget that only C++ knows, PySide6 asks every class of QtWidgets whether it is one (15 ms, once):
    the unlock screen would wait for that.
    """
    viewport = QWidget()
    viewport.setObjectName("qt_scrollarea_viewport")
    viewport.setAutoFillBackground(True)
    viewport.setBackgroundRole(QPalette.ColorRole.NoRole)
    return viewport
