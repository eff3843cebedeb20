"""Personnes: a plain list, so that a nurse reaches her twenty homes without the mouse."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from carelink.language import tr
from carelink.services.circles import CircleSummary
from carelink.ui.persons.delegate import PersonDelegate
from carelink.ui.persons.model import SUMMARY, PersonsModel
from carelink.ui.theme import current_theme, metrics, on_theme
from carelink.ui.widgets import Button, Card, EmptyState, Label
from carelink.ui.widgets.painting import draw_box


class PersonList(QListView):
    """The rows. Arrows and the first letters of a name move; Enter opens.

    Signals:
        opened: The row that Enter or a click chose.
    """

    opened = Signal(QModelIndex)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Personnes accompagnées"))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.clicked.connect(self.opened)

    def sizeHint(self) -> QSize:
        """Return the height of all rows: the list is no higher than what it holds."""
        rows = self.model().rowCount()
        return QSize(metrics().px(480), max(0, self.sizeHintForRow(0)) * rows + 2)

    def minimumSizeHint(self) -> QSize:
        """Return the height of two rows; the others scroll."""
        return QSize(metrics().px(240), min(self.sizeHint().height(), 2 * max(0, self.sizeHintForRow(0))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the current row on Enter."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class PersonsPage(QWidget):
    """The list, its ways to make it longer, and what stands there while it is empty.

    Signals:
        person_chosen: The CircleSummary to open.
        join_wanted: To join another circle.
        circle_wanted: To create one.
        list_wanted: To create those of a list.
    """

    person_chosen = Signal(object)
    join_wanted = Signal()
    circle_wanted = Signal()
    list_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = PersonsModel()
        self.list = PersonList()
        self.list.setModel(self.model)
        self._delegate = PersonDelegate(self)
        self.list.setItemDelegate(self._delegate)
        self.list.opened.connect(self._open)
        self._title = Label(tr("Personnes"), "title")
        self._count = Label("", tone="ink-2", wrap=True)
        self.join_button = Button(tr("Rejoindre un cercle"), icon="mail-opened")
        self.join_button.clicked.connect(self.join_wanted)
        self.circle_button = Button(tr("Créer un cercle"), icon="plus")
        self.circle_button.clicked.connect(self.circle_wanted)
        self.list_button = Button(tr("Importer une liste"), icon="upload")
        self.list_button.clicked.connect(self.list_wanted)
        self.list_button.hide()
        self._lists = False
        head = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(0)
        for label in (self._title, self._count):
            words.addWidget(label)
        head.addLayout(words, 1)
        self._head = head
        for button in (self.list_button, self.join_button, self.circle_button):
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        surface = _Surface()
        inner = QVBoxLayout(surface)
        inner.setContentsMargins(1, 6, 1, 6)
        inner.addWidget(self.list)
        self._everyone = QWidget()
        outer = QVBoxLayout(self._everyone)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(surface)
        outer.addStretch(1)
        self._none = self._none_yet()
        self._not_found = EmptyState("search", tr("Personne de ce nom"), tr("Essayez une partie du nom."))
        self._stack = QStackedWidget()
        for widget in (self._everyone, self._none, self._not_found):
            self._stack.addWidget(widget)
        self._column = QVBoxLayout(self)
        self._column.addLayout(head)
        self._column.addWidget(self._stack, 1)
        on_theme(self._space)

    def show_summaries(self, summaries: Sequence[CircleSummary]) -> None:
        """Show these persons; the row in question stays so."""
        current = self.list.currentIndex().data(SUMMARY)
        self.model.set_summaries(summaries)
        if isinstance(current, CircleSummary):
            self._make_current(current.circle)
        self._show_state()

    def offer_lists(self, *, offered: bool) -> None:
        """Show the way to bring in a list, for whoever cares for many."""
        self._lists = offered
        self.list_button.setVisible(offered)

    def search(self, words: str) -> None:
        """Keep those whose name has these words, and make the first the one to open."""
        self.model.set_search(words)
        if self.model.rowCount() and not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.model.index(0))
        self._show_state()

    def open_first(self) -> None:
        """Open the row in question, or the first."""
        index = self.list.currentIndex()
        if not index.isValid():
            index = self.model.index(0)
        if index.isValid():
            self._open(index)

    def focus_first(self) -> None:
        """Give the keyboard to the list, or to the first step where it is empty."""
        if not self.model.rowCount():
            self.first_join.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if not self.list.currentIndex().isValid():
            self.list.setCurrentIndex(self.model.index(0))
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open(self, index: QModelIndex) -> None:
        summary = index.data(SUMMARY)
        if isinstance(summary, CircleSummary):
            self.person_chosen.emit(summary)

    def _make_current(self, circle: str) -> None:
        row = self.model.row_of(circle)
        if row >= 0:
            self.list.setCurrentIndex(self.model.index(row))

    def _show_state(self) -> None:
        everyone = self.model.summaries()
        with_news = sum(1 for summary in everyone if summary.unread)
        count = tr("1 personne") if len(everyone) == 1 else tr("{n} personnes", n=len(everyone))
        news = (
            tr("rien de nouveau")
            if not with_news
            else tr("du nouveau pour une personne")
            if with_news == 1
            else tr("du nouveau pour {n} personnes", n=with_news)
        )
        self._count.setText(f"{count} · {news}" if everyone else "")
        for button in (self.join_button, self.circle_button):
            button.setVisible(bool(everyone))
        self.list_button.setVisible(self._lists)
        self.list.updateGeometry()
        shown = 0 if self.model.rowCount() else 2 if everyone else 1
        self._stack.setCurrentIndex(shown)

    def _none_yet(self) -> QWidget:
        card = Card()
        self.first_join = Button(tr("J’ai une invitation"), variant="primary", icon="mail-opened")
        self.first_join.clicked.connect(self.join_wanted)
        self.first_circle = Button(tr("Créer un cercle"), icon="plus")
        self.first_circle.clicked.connect(self.circle_wanted)
        both = QVBoxLayout()
        both.addWidget(
            EmptyState(
                "users",
                tr("Personne ici pour l’instant"),
                tr("Rejoignez le cercle de quelqu’un avec le code reçu, ou créez un cercle."),
            )
        )
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addStretch(1)
        for button in (self.first_join, self.first_circle):
            row.addWidget(button)
        row.addStretch(1)
        both.addLayout(row)
        both.addSpacing(24)
        card.add_row(both)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        column.addStretch(1)
        return holder

    def _space(self) -> None:
        gap = metrics().gap
        self._column.setContentsMargins(gap(28), gap(24), gap(28), gap(24))
        self._column.setSpacing(gap(16))
        self._head.setSpacing(gap(10))
        self.list.doItemsLayout()


class _Surface(QWidget):
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        c = theme.colors
        draw_box(painter, self.rect(), radius=metrics().gap(14), fill=c.card, edge=c.line, width=theme.border)
