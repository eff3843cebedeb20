"""An open account's window: rail, top bar, and the screens it moves between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.home import Home
from carelink.services.circles import CircleSummary
from carelink.services.joining import Joining
from carelink.services.wording import of_name
from carelink.ui.first_run.waiting import WaitingPage
from carelink.ui.person import PersonFile, PersonPage, read_file
from carelink.ui.persons.page import PersonsPage
from carelink.ui.shell.account_menu import AccountMenu
from carelink.ui.shell.sync_mark import SyncMark
from carelink.ui.unlock.words import profession_words
from carelink.ui.widgets import AccountButton, NavItem, NavRail, SearchField, Toast, TopBar
from carelink.ui.workspace import Workspace

if TYPE_CHECKING:
    from carelink.ui.first_run.circle import CirclePage
    from carelink.ui.first_run.join import JoinPage
    from carelink.ui.settings.page import SettingsPage

Errand = Literal["", "join", "circle"]
PERSONS, PERSON, SETTINGS, LOCK = "persons", "person", "settings", "lock"


@dataclass(frozen=True, slots=True)
class _FirstLook:
    """What the first screen of an account shows, read at once: it is painted when all of it is there."""

    summaries: list[CircleSummary]
    file: PersonFile | None


class Desk(QWidget):
    """Moves between the screens of one account; it can be built before that account is open.

    A family member with a single circle stays with its person: there is no list to pass through.

    Signals:
        lock_wanted: To lock; with the account to offer next, or nothing.
        settings_changed: The HomeSettings now.
        ready: The first screen has what it shows.
    """

    lock_wanted = Signal(str)
    settings_changed = Signal(object)
    ready = Signal()

    _home: Home

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._errand: Errand = ""
        self._began = False
        self._file: PersonFile | None = None
        self._alone: bool | None = None
        self._wanted = ""
        self.stack = QStackedWidget(self)
        self.sync = SyncMark(workspace, self)
        self.search = SearchField(
            tr("Chercher une personne"), placeholder=tr("Chercher une personne"), hint="Ctrl K", parent=self
        )
        self.account = AccountButton("", "", parent=self)
        self.top_bar = TopBar(self.search, self.sync.indicator, self.account, self)
        self.rail = NavRail(tr("Navigation"), [], parent=self)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.top_bar)
        right.addWidget(self.stack, 1)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.rail)
        self._row.addLayout(right, 1)
        self._find = QShortcut(QKeySequence("Ctrl+K"), self)
        self._find.activated.connect(self._focus_search)
        self._connect()

    # Built when first shown, or ahead: whoever opens their day would wait for them.

    @cached_property
    def persons(self) -> PersonsPage:
        """The list of everyone."""
        page = PersonsPage(self.stack)
        page.person_chosen.connect(self.show_person)
        page.join_wanted.connect(self.show_join)
        page.circle_wanted.connect(self.show_create)
        self.stack.addWidget(page)
        return page

    @cached_property
    def person(self) -> PersonPage:
        """One person's file."""
        page = PersonPage(self._workspace, self.stack)
        self.stack.addWidget(page)
        return page

    @cached_property
    def waiting(self) -> WaitingPage:
        """What is shown of a circle that has not let one in yet."""
        page = WaitingPage(self.stack)
        page.left.connect(self.show_persons)
        page.code_wanted.connect(self.show_join)
        self.stack.addWidget(page)
        return page

    @cached_property
    def join(self) -> JoinPage:
        """The page that asks for an invitation's code."""
        from carelink.ui.first_run.join import JoinPage

        page = JoinPage(self._workspace)
        page.joined.connect(self._joined)
        page.left.connect(self._go_home)
        self.stack.addWidget(page)
        return page

    @cached_property
    def circle(self) -> CirclePage:
        """The page that asks who a new circle is for."""
        from carelink.ui.first_run.circle import CirclePage

        page = CirclePage(self._workspace)
        page.created.connect(self._created)
        page.left.connect(self._go_home)
        self.stack.addWidget(page)
        return page

    @cached_property
    def settings(self) -> SettingsPage:
        """The settings."""
        from carelink.ui.settings.page import SettingsPage

        page = SettingsPage(self._workspace, self._home)
        page.changed.connect(self.settings_changed)
        self.stack.addWidget(page)
        return page

    def prepare(self, size: QSize) -> Iterator[None]:
        """Build, in small steps, what an opening account shows first: empty, laid out, and painted once.

        Args:
            size: The desk's, once it is shown.
        """
        self.resize(size)
        laid_out = self.layout()
        if laid_out is not None:
            laid_out.activate()
        for build in (lambda: self.person, lambda: self.persons):
            page = build()
            page.resize(self.stack.size())
            yield
        for part in (self.rail, self.top_bar, self.person.cahier, self.person, self.persons):
            part.grab()
            yield

    @property
    def workspace(self) -> Workspace:
        """The open account."""
        return self._workspace

    def begin(self, home: Home, errand: Errand = "") -> None:
        """Show the first screen: the errand someone came with, their person, or all of them.

        Args:
            home: Folder of the accounts that the menu offers.
            errand: What they came for, when they have just made their account.
        """
        self._home, self._errand = home, errand
        session = self._workspace.session
        what = profession_words(session.profession)
        self.account.set_person(session.name, what, key=session.account.hex())
        self._workspace.operations.vault(self._look, self._on_first_look, self._not_read)

    def reload(self) -> None:
        """Read the persons again."""
        self._workspace.operations.vault(self._workspace.circles.summaries, self._on_summaries)

    def say(self, text: str, *, icon: str = "check") -> None:
        """Say something in passing."""
        Toast.show_in(self, text, icon=icon)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Down go from the search to what it found."""
        if (
            watched is self.search
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Down
        ):
            self.show_persons()
            return True
        return False

    def show_persons(self) -> None:
        """Show everyone."""
        self._show(self.persons, PERSONS)
        self.persons.focus_first()
        self.reload()

    def show_settings(self) -> None:
        """Show the settings."""
        self.settings.refresh()
        self._show(self.settings, SETTINGS)
        self.settings.focus_first()

    def show_join(self) -> None:
        """Ask for an invitation's code."""
        self.join.begin(first=self._errand == "join")
        self._show(self.join, "")
        self.join.focus_first()

    def show_create(self) -> None:
        """Ask who a new circle is for."""
        self.circle.begin(first=self._errand == "circle")
        self._show(self.circle, "")
        self.circle.focus_first()

    def show_person(self, summary: CircleSummary) -> None:
        """Show a person's file, or what is waited for."""
        if summary.state == "waiting":
            self._workspace.operations.vault(
                self._workspace.joinings.joinings, self._waiting_shower(summary.circle)
            )
            return
        known, self._file = self._file, None
        self.person.show_circle(summary.circle, known)
        self._show(self.person, PERSON if self._alone else PERSONS)
        self.person.setFocus(Qt.FocusReason.OtherFocusReason)

    def _connect(self) -> None:
        self._workspace.operations.problem.connect(self._complain)
        self._workspace.circles_changed.connect(self._on_changed)
        self.search.installEventFilter(self)
        self.search.search_changed.connect(self._searched)
        self.search.returnPressed.connect(self._search_taken)
        self.account.clicked.connect(self._open_menu)

    def _on_changed(self, _circles: object) -> None:
        self.reload()

    def _look(self) -> _FirstLook:
        summaries = self._workspace.circles.summaries()
        alone = self._is_alone(summaries) and summaries[0].state != "waiting"
        return _FirstLook(summaries, read_file(self._workspace, summaries[0].circle) if alone else None)

    def _on_first_look(self, look: _FirstLook) -> None:
        self._file = look.file
        self._on_summaries(look.summaries)
        self._file = None
        self._workspace.start()
        self.ready.emit()

    def _not_read(self, error: KnownError) -> None:
        self._complain(str(error))
        self._workspace.start()
        self.ready.emit()
        self.reload()

    def _is_alone(self, summaries: list[CircleSummary]) -> bool:
        return len(summaries) == 1 and not self._workspace.session.profession

    def _on_summaries(self, summaries: list[CircleSummary]) -> None:
        self.persons.show_summaries(summaries)
        self._set_alone(alone=self._is_alone(summaries))
        unread = sum(summary.unread for summary in summaries)
        self.rail.set_badge(PERSON if self._alone else PERSONS, unread)
        if not self._began:
            self._began = True
            self._go_first(summaries)
            return
        known = {summary.circle: summary for summary in summaries}
        wanted = known.get(self._wanted)
        if wanted is not None:
            self._wanted = ""
            self.show_person(wanted)
            return
        if "waiting" not in vars(self):
            return
        here = known.get(self.waiting.circle)
        if self.stack.currentWidget() is not self.waiting or here is None:
            return
        if here.ended and not self.waiting.expired:
            self.show_person(here)
        elif here.state == "member":
            self.waiting.circle = ""
            self.show_person(here)
            self.say(tr("Vous êtes dans le cercle {of_name}.", of_name=of_name(here.name)))

    def _go_first(self, summaries: list[CircleSummary]) -> None:
        if self._errand == "join":
            self.show_join()
        elif self._errand == "circle":
            self.show_create()
        elif self._alone or (len(summaries) == 1 and summaries[0].state == "waiting"):
            self.show_person(summaries[0])
        else:
            self._show(self.persons, PERSONS)
            self.persons.focus_first()

    def _go_home(self) -> None:
        self._errand = ""
        if self._alone:
            self.show_person(self.persons.model.summaries()[0])
        else:
            self.show_persons()

    def _joined(self, joining: Joining) -> None:
        self._errand = ""
        self._show_waiting(joining)
        self.reload()

    def _created(self, circle: str) -> None:
        self._errand = ""
        self._wanted = circle
        self.reload()

    def _waiting_shower(self, circle: str) -> Callable[[list[Joining]], None]:
        def show(joinings: list[Joining]) -> None:
            joining = next((joining for joining in joinings if joining.circle == circle), None)
            if joining is not None:
                self._show_waiting(joining)

        return show

    def _show_waiting(self, joining: Joining) -> None:
        self.waiting.show_joining(joining, way_back=not self._alone)
        self._show(self.waiting, PERSON if self._alone else PERSONS)
        self.waiting.focus_first()

    def _show(self, page: QWidget, code: str) -> None:
        self.stack.setCurrentWidget(page)
        self.rail.set_current(code)

    def _set_alone(self, *, alone: bool) -> None:
        if alone is self._alone:
            return
        self._alone = alone
        here = self.rail.current()
        place = NavItem(PERSON, tr("Cahier"), "book") if alone else NavItem(PERSONS, tr("Personnes"), "users")
        rail = NavRail(
            tr("Navigation"),
            [place],
            [
                NavItem(LOCK, tr("Verrouiller"), "lock", page=False),
                NavItem(SETTINGS, tr("Réglages"), "settings"),
            ],
        )
        rail.current_changed.connect(self._go)
        rail.activated.connect(self._act)
        self._row.replaceWidget(self.rail, rail)
        self.rail.hide()
        self.rail.deleteLater()
        self.rail = rail
        rail.set_current(SETTINGS if here == SETTINGS else place.code)
        in_order = (
            *(rail.button(code) for code in (place.code, LOCK, SETTINGS)),
            self.search,
            self.sync.indicator,
            self.account,
        )
        for before, after in pairwise(in_order):
            self.setTabOrder(before, after)
        # Finding a person makes no sense where there is one.
        self.search.setVisible(not alone)
        self._find.setEnabled(not alone)

    def _go(self, code: str) -> None:
        if code == SETTINGS:
            self.show_settings()
        else:
            self._go_home()

    def _act(self, code: str) -> None:
        if code == LOCK:
            self.lock_wanted.emit("")

    def _open_menu(self) -> None:
        menu = AccountMenu(self._home, self._workspace.session.account.hex(), self)
        menu.join_wanted.connect(self.show_join)
        menu.circle_wanted.connect(self.show_create)
        menu.settings_wanted.connect(self.show_settings)
        menu.lock_wanted.connect(self.lock_wanted)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.open_below(self.account)

    def _focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _searched(self, words: str) -> None:
        self.persons.search(words)
        if words and self.stack.currentWidget() is not self.persons:
            self._show(self.persons, PERSONS)

    def _search_taken(self) -> None:
        self.persons.search(self.search.text().strip())
        if self.search.text().strip() and self.persons.model.rowCount():
            self.persons.open_first()
            self.search.clear()

    def _complain(self, sentence: str) -> None:
        self.say(sentence, icon="alert-triangle")
