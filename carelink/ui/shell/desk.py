"""An open account's window: rail, top bar, and the screens it moves between."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.home import Home
from carelink.services.circles import CircleSummary
from carelink.services.joining import Joining
from carelink.services.wording import of_name
from carelink.ui.first_run.waiting import WaitingPage
from carelink.ui.person import PersonFile, PersonPage
from carelink.ui.persons.page import PersonsPage
from carelink.ui.shell.account_menu import AccountMenu
from carelink.ui.shell.first_look import FirstLook, first_look, has_one_alone
from carelink.ui.shell.rail import LOCK, PERSON, PERSONS, SETTINGS, desk_rail
from carelink.ui.shell.search import PersonSearch
from carelink.ui.shell.sheet_reminder import SheetReminder
from carelink.ui.shell.sync_mark import SyncMark
from carelink.ui.unlock.words import profession_words
from carelink.ui.widgets import AccountButton, NavRail, Toast, TopBar
from carelink.ui.workspace import Workspace

if TYPE_CHECKING:
    from carelink.services.sheets import Sheet
    from carelink.ui.first_run.circle import CirclePage
    from carelink.ui.first_run.join import JoinPage
    from carelink.ui.settings.page import SettingsPage

Errand = Literal["", "join", "circle"]


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
        self._sheet: Sheet | None = None
        self._alone: bool | None = None
        self._wanted = self._waited = ""
        self.stack = QStackedWidget(self)
        self.sync = SyncMark(workspace, self)
        self.search = PersonSearch(self)
        self.account = AccountButton("", "", parent=self)
        self.top_bar = TopBar(self.search, self.sync.indicator, self.account, self)
        self.rail = NavRail(tr("Navigation"), [], parent=self)
        right = QVBoxLayout()
        right.setSpacing(0)
        self.reminder = SheetReminder(workspace, self)
        right.addWidget(self.top_bar)
        right.addWidget(self.reminder)
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
        page.list_wanted.connect(self.show_import)
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
        self._row.activate()
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

    def begin(self, home: Home, errand: Errand = "", sheet: Sheet | None = None) -> None:
        """Show the first screen: the errand someone came with, their person, or all of them.

        Args:
            home: Folder of the accounts that the menu offers.
            errand: What they came for, when they have just made their account.
            sheet: The recovery sheet made with it, to be checked or put off before the errand.
        """
        self._home, self._errand, self._sheet = home, errand, sheet
        session = self._workspace.session
        what = profession_words(session.profession)
        self.account.set_person(session.name, what, key=session.account.hex())
        self.persons.offer_lists(offered=bool(session.profession))
        self._workspace.operations.vault(self._look, self._on_first_look, self._not_read)

    def reload(self) -> None:
        """Read the persons again."""
        self._workspace.operations.vault(self._workspace.circles.summaries, self._on_summaries)

    def say(self, text: str, *, icon: str = "check") -> None:
        """Say something in passing."""
        Toast.show_in(self, text, icon=icon)

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

    def show_import(self) -> None:
        """Ask for a list of persons."""
        from carelink.ui.imports.dialog import ImportDialog

        dialog = ImportDialog(self._workspace, self.window())
        dialog.imported.connect(self._imported)
        dialog.open()

    def show_person(self, summary: CircleSummary) -> None:
        """Show a person's file, or what is waited for."""
        if summary.state == "waiting":
            self._waited = summary.circle
            self._workspace.operations.vault(self._workspace.joinings.joinings, self._show_waited)
            return
        known, self._file = self._file, None
        self.person.show_circle(summary.circle, known)
        self._show(self.person, PERSON if self._alone else PERSONS)
        self.person.setFocus(Qt.FocusReason.OtherFocusReason)

    def _connect(self) -> None:
        self._workspace.operations.problem.connect(self._complain)
        self._workspace.circles_changed.connect(self.reload)
        self.search.list_wanted.connect(self.show_persons)
        self.search.search_changed.connect(self._searched)
        self.search.returnPressed.connect(self._search_taken)
        self.account.clicked.connect(self._open_menu)

    def _look(self) -> FirstLook:
        return first_look(self._workspace, self._home)

    def _on_first_look(self, look: FirstLook) -> None:
        self._file = look.file
        self.reminder.show_state(look.reminder)
        self._on_summaries(look.summaries)
        self._file = None
        self._workspace.start()
        self.ready.emit()

    def _not_read(self, error: KnownError) -> None:
        self._complain(str(error))
        self._workspace.start()
        self.ready.emit()
        self.reload()

    def _on_summaries(self, summaries: list[CircleSummary]) -> None:
        self.persons.show_summaries(summaries)
        self._set_alone(alone=has_one_alone(self._workspace, summaries))
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
        sheet, self._sheet = self._sheet, None
        if sheet is not None and self._errand:
            self._show_sheet(sheet, self._errand)
        elif self._errand == "join":
            self.show_join()
        elif self._errand == "circle":
            self.show_create()
        elif self._alone or (len(summaries) == 1 and summaries[0].state == "waiting"):
            self.show_person(summaries[0])
        else:
            self._show(self.persons, PERSONS)
            self.persons.focus_first()

    def _show_sheet(self, sheet: Sheet, errand: Literal["join", "circle"]) -> None:
        from carelink.ui.first_run.sheet import SheetPage

        page = SheetPage(self._workspace, sheet, errand, self.stack)
        page.left.connect(self._after_sheet)
        self.stack.addWidget(page)
        self._show(page, "")
        page.focus_first()

    def _after_sheet(self) -> None:
        self._go_first(list(self.persons.model.summaries()))

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

    def _show_waited(self, joinings: list[Joining]) -> None:
        joining = next((joining for joining in joinings if joining.circle == self._waited), None)
        if joining is not None:
            self._show_waiting(joining)

    def _imported(self, count: int) -> None:
        self.reload()
        self.say(tr("1\u00a0cercle créé") if count == 1 else tr("{n}\u00a0cercles créés", n=count))

    def _show_waiting(self, joining: Joining) -> None:
        self.waiting.show_joining(joining, way_back=not self._alone)
        self._show(self.waiting, PERSON if self._alone else PERSONS)
        self.waiting.focus_first()

    def _show(self, page: QWidget, code: str) -> None:
        self.stack.setCurrentWidget(page)
        self.rail.set_current(code)
        self.reminder.set_home(home=page is (self.person if self._alone else self.persons))

    def _set_alone(self, *, alone: bool) -> None:
        if alone is self._alone:
            return
        self._alone = alone
        here = self.rail.current()
        rail = desk_rail(alone=alone)
        place = rail.current()
        rail.current_changed.connect(self._go)
        rail.activated.connect(self._act)
        self._row.replaceWidget(self.rail, rail)
        self.rail.hide()
        self.rail.deleteLater()
        self.rail = rail
        if here == SETTINGS:
            rail.set_current(SETTINGS)
        in_order = (
            *(rail.button(code) for code in (place, LOCK, SETTINGS)),
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
