"""The cahier: filters, composer, time line; and whose circle it is."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from carelink.access.compartments import NOTE_STREAMS, Compartment
from carelink.language import tr
from carelink.records.bodies import TraceAction
from carelink.services.cahier import HeldNote
from carelink.services.circles import CircleView
from carelink.services.time_line import TimeLineQuery
from carelink.services.wording import compartment_name
from carelink.ui.person.circle_card import CircleCard
from carelink.ui.person.composer import Composer
from carelink.ui.person.entry_dialog import EntryDialog
from carelink.ui.person.filters import ALL, UNREAD, FilterBar
from carelink.ui.person.moments import today
from carelink.ui.person.time_line_model import TimeLineModel
from carelink.ui.person.time_line_view import ROW_MARGIN, TimeLineView
from carelink.ui.person.words import first_name
from carelink.ui.theme import metrics, on_theme
from carelink.ui.widgets import Banner, Button, EmptyState, scrolling
from carelink.ui.workspace import Workspace

SIDE_WIDTH = 340
LOW = 450
"""Height of the page, at 100 %, below which composer and filters make room for each other."""
LOWEST = 290
"""Below which what is being written has the page for itself."""
READ_AFTER_MS = 1000
DAY_CHECK_MS = 60_000
SIDE_FROM = 1080
"""Width of the page, at 100 %, from which there is room beside the time line."""


class CahierPage(QWidget):
    """One person's cahier de liaison.

    Signals:
        circle_wanted: The circle's table is to be shown.
        local_change: Something was written or read here.
    """

    circle_wanted = Signal()
    local_change = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._view: CircleView | None = None
        self._readable: tuple[str, ...] = ()
        self._held: HeldNote | None = None
        self._day = today()
        self.model = TimeLineModel(workspace, self)
        self.list = TimeLineView(self.model, self)
        self.filters = FilterBar(self)
        self.composer = Composer(workspace, self)
        self.side = CircleCard(self)
        self._lay_out()
        self._connect()
        on_theme(self._space)

    def show_circle(self, view: CircleView, readable: tuple[str, ...], writable: tuple[str, ...]) -> None:
        """Show a circle's cahier from its newest transmission on."""
        self._view, self._readable = view, readable
        self.filters.start_over()
        self.filters.show_volets(readable)
        self.composer.follow_status(view.status)
        self.composer.show_circle(view.circle, writable)
        self._show_around(view)
        self.model.show_query(view.circle, self._wanted())
        self._count_unread()

    def update_circle(self, view: CircleView, readable: tuple[str, ...], writable: tuple[str, ...]) -> None:
        """Show what changed, leaving the reader where they are."""
        self._view, self._readable = view, readable
        self.filters.show_volets(readable)
        self.composer.follow_status(view.status)
        self.composer.update_rights(writable)
        self._show_around(view)
        self.model.refresh()
        self._count_unread()

    def write(self) -> None:
        """Put the keyboard into the composer."""
        if self.composer.isVisible():
            self.composer.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the right column away where there is no room for it."""
        super().resizeEvent(event)
        self._fold()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to count what is read."""
        super().showEvent(event)
        self._seen.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep what is half written."""
        super().hideEvent(event)
        self.composer.keep_draft()

    def _lay_out(self) -> None:
        self._awaited = Banner("", tone="caution", icon="hourglass", parent=self)
        self._awaited.hide()
        accept = Button(tr("D’accord, envoyer"))
        accept.clicked.connect(self._confirm_readers)
        self._new_readers = Banner("", tone="caution", action=accept, parent=self)
        self._new_readers.hide()
        self.stack = QStackedWidget(self)
        self._states: dict[QWidget, QScrollArea] = {}
        self.stack.addWidget(self.list)
        self.stack.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.stack.setMinimumHeight(metrics().px(30))
        self._above = QVBoxLayout()
        for widget in (self.filters, self._awaited, self._new_readers, self.composer):
            self._above.addWidget(widget)
        main = QVBoxLayout()
        main.setSpacing(0)
        main.addLayout(self._above)
        main.addWidget(self.stack, 1)
        main.addStretch(0)
        self._columns = QHBoxLayout(self)
        self._columns.addLayout(main, 1)
        # It scrolls by itself, so that many people never ask the window for more height.
        self._beside = scrolling(self.side)
        self._columns.addWidget(self._beside)

    # Built when first shown: most cahiers have something in them.

    @cached_property
    def empty(self) -> EmptyState:
        """What stands in a cahier in which nothing is yet."""
        first = Button(tr("Écrire la première transmission"), icon="pencil-plus")
        first.clicked.connect(self.write)
        return self._with_state(
            EmptyState(
                "book",
                tr("Le cahier commence ici"),
                tr(
                    "Les transmissions de chacun viendront ici, la plus récente en premier. "
                    "Chacun n’y lit que les volets qui lui sont ouverts."
                ),
                action=first,
            )
        )

    @cached_property
    def nothing(self) -> EmptyState:
        """What stands where nothing was found."""
        everything = Button(tr("Tout montrer"), icon="filter")
        everything.clicked.connect(self._show_everything)
        return self._with_state(
            EmptyState(
                "search",
                tr("Aucune transmission ne correspond"),
                tr("Essayez d’autres mots, ou montrez tout le cahier."),
                action=everything,
            )
        )

    @cached_property
    def all_read(self) -> EmptyState:
        """What stands where nothing is left to read."""
        return self._with_state(
            EmptyState(
                "circle-check",
                tr("Tout est lu"),
                tr("Ce qui arrivera sera ici jusqu’à ce que vous l’ayez lu."),
            )
        )

    def _with_state(self, state: EmptyState) -> EmptyState:
        # It scrolls, so that its words never ask the window for more height.
        self._states[state] = scrolling(state)
        self.stack.addWidget(self._states[state])
        return state

    def _connect(self) -> None:
        self._folding = QTimer(self)
        self._folding.setSingleShot(True)
        self._folding.setInterval(0)
        self._folding.timeout.connect(self._fold)
        self._seen = QTimer(self)
        self._seen.setSingleShot(True)
        self._seen.setInterval(READ_AFTER_MS)
        self._seen.timeout.connect(self._mark_read)
        clock = QTimer(self)
        clock.setInterval(DAY_CHECK_MS)
        clock.timeout.connect(self._check_day)
        clock.start()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow_focus)
        self.filters.query_changed.connect(self._filter)
        self.model.loaded.connect(self._choose_state)
        self.model.refreshed.connect(self._choose_state)
        self.list.rows_shown.connect(self._seen.start)
        self.list.entry_opened.connect(self._open)
        self.list.compose_wanted.connect(self.write)
        self.composer.published.connect(self._published)
        self.composer.left.connect(self.list.setFocus)
        self.side.circle_wanted.connect(self.circle_wanted)
        for keys, act in (("Ctrl+F", self._search), ("Ctrl+N", self.write)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(act)

    def _search(self) -> None:
        self.filters.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filters.search.selectAll()

    def _wanted(self) -> TimeLineQuery:
        query = self.filters.query()
        # Only what is read here is ever asked of the vault.
        if query.compartments or {stream.value for stream in NOTE_STREAMS} <= set(self._readable):
            return query
        return replace(query, compartments=self._readable)

    def _filter(self) -> None:
        if self._view is None:
            return
        query = self._wanted()
        self.model.show_query(self._view.circle, query)
        trace, circle = self._workspace.trace, self._view.circle
        shown = query.compartments or self._readable
        act = TraceAction.SEARCHED if query.search.strip() else TraceAction.OPENED
        self._workspace.operations.vault(lambda: trace.record(circle, shown, act), self._traced)

    def _traced(self, _nothing: None) -> None:
        """The trace goes with the next exchange; it is not worth one of its own."""

    def _show_everything(self) -> None:
        self.filters.start_over()
        self._filter()

    def _choose_state(self) -> None:
        query = self.filters.query()
        if self.model.rowCount():
            self.stack.setCurrentWidget(self.list)
            self.setFocusProxy(self.list)
            return
        if query.search or self.filters.chosen() not in {ALL, UNREAD}:
            state = self.nothing
        elif query.unread:
            state = self.all_read
        else:
            state = self.empty
            if state.action is not None:
                state.action.setVisible(self.composer.volets is not None)
        self.setFocusProxy(self.composer.edit)
        self.stack.setCurrentWidget(self._states[state])

    def _show_around(self, view: CircleView) -> None:
        self.side.show_people(view)
        self._awaited.setVisible(bool(view.awaited))
        if view.awaited:
            volets = ", ".join(compartment_name(code) for code in view.awaited)
            who = tr(" ou ").join(view.holders) or tr("un membre du cercle qui la détient")
            self._awaited.set_message(
                tr(
                    "La clé n’est pas encore arrivée pour\u00a0: {volets}. Elle viendra dès que {who} "
                    "ouvrira CareLink\u202f; vous n’avez rien à faire.",
                    volets=volets,
                    who=who,
                )
            )
        self._workspace.operations.vault(self._workspace.cahier.held, self._show_held)

    def _show_held(self, notes: list[HeldNote]) -> None:
        circle = self._view.circle if self._view is not None else ""
        self._held = next((note for note in notes if note.circle == circle), None)
        self._new_readers.setVisible(self._held is not None)
        if self._held is not None:
            self._new_readers.set_message(
                tr(
                    "{names} lirait aussi une note que vous avez écrite avant son arrivée. Elle n’est pas "
                    "encore partie\u00a0: donnez votre accord pour l’envoyer.",
                    names=", ".join(first_name(name) for name in self._held.readers),
                )
            )

    def _confirm_readers(self) -> None:
        if self._held is not None:
            entry, cahier = self._held.entry, self._workspace.cahier
            self._workspace.operations.vault(lambda: cahier.confirm_readers(entry), self._after_writing)

    def _open(self, row: int) -> None:
        view = self._view
        if view is None:
            return
        entry = self.model.entry(row)
        writable = self._workspace.cahier.writable(view.circle)
        writes = entry.compartment in writable and not entry.is_signal
        withdraws = writes and (entry.author.mine or view.may_invite)
        if entry.is_restricted:
            writes = withdraws = self._workspace.restricted.readers(entry.entry).may_change
        dialog = EntryDialog(
            self._workspace,
            entry,
            may_correct=writes,
            may_withdraw=withdraws,
            may_take=Compartment.CARE.value in writable,
            parent=self.window(),
        )
        dialog.changed.connect(self._after_writing)
        dialog.open()

    def _published(self) -> None:
        if self.filters.chosen() != ALL or self.filters.search.text():
            self.filters.start_over()
            self._filter()
        self.list.verticalScrollBar().setValue(0)
        self._after_writing()

    def _after_writing(self, _nothing: object = None) -> None:
        self.model.refresh()
        self._workspace.poke()
        self.local_change.emit()

    def _mark_read(self) -> None:
        view = self._view
        if view is None or not self.list.isVisible() or not self.window().isActiveWindow():
            return
        first, last = self.list.first_and_last()
        shown = [self.model.entry(row) for row in range(first, last + 1)]
        entries = [entry.entry for entry in shown if entry.unread]
        if not entries:
            return
        volets = {entry.compartment for entry in shown if entry.unread}
        named = [entry.entry for entry in shown if entry.unread and entry.is_restricted]
        circle, space = view.circle, self._workspace

        def work() -> list[str]:
            space.cahier.mark_read(circle, entries)
            # A file that stays open is read on: another half hour is another visit.
            space.trace.record(circle, tuple(volets))
            if named:
                space.restricted.opened(circle, named)
            return entries

        self._workspace.operations.vault(work, self._marked)

    def _marked(self, entries: list[str]) -> None:
        self.model.set_read(entries)
        self._count_unread()
        self.local_change.emit()

    def _count_unread(self) -> None:
        if self._view is not None:
            self.filters.set_unread(self._workspace.cahier.unread(self._view.circle))

    def _check_day(self) -> None:
        if self._day != today():
            self._day = today()
            self.list.day_changed()

    def _follow_focus(self, _old: QWidget | None, _now: QWidget | None) -> None:
        # It is told once more while the page is taken apart.
        if isValid(self._folding) and self._is_low():
            self._folding.start()

    def _is_low(self) -> bool:
        return self.height() < metrics().px(LOW)

    def _fold(self) -> None:
        low = self._is_low()
        focused = QApplication.focusWidget()
        writing = focused is not None and self.composer.isAncestorOf(focused)
        lowest = self.height() < metrics().px(LOWEST)
        self.composer.set_collapsed(low and not writing, bare=lowest)
        self.filters.setVisible(not (low and writing))
        self.stack.setVisible(not (lowest and writing))
        self._beside.setVisible(self.width() >= metrics().px(SIDE_FROM))

    def _space(self) -> None:
        gap = metrics().gap
        # Beside the rows are a margin for the focus ring and, at the right, the scroll bar.
        bar = self.list.verticalScrollBar().sizeHint().width()
        self._columns.setContentsMargins(gap(28) - ROW_MARGIN, gap(16), gap(28), gap(6))
        self._columns.setSpacing(max(0, gap(20) - ROW_MARGIN - bar))
        self._above.setContentsMargins(ROW_MARGIN, 0, ROW_MARGIN + bar, gap(8))
        self._above.setSpacing(gap(12))
        self._beside.setFixedWidth(metrics().px(SIDE_WIDTH) + bar)
        self._fold()
