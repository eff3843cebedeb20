"""The one window: the door while no account is open, the desk of the account that is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QStackedWidget, QWidget

from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.home import Home, HomeSettings
from carelink.ui.ahead import Ahead
from carelink.ui.garbage import GarbageKeeper
from carelink.ui.operations import Operations
from carelink.ui.theme import icon
from carelink.ui.unlock.idle import IdleWatch
from carelink.ui.unlock.lock_key import LockKey
from carelink.ui.unlock.opening import ask_who_is_there, preload, stop_relay
from carelink.ui.unlock.page import UnlockPage

if TYPE_CHECKING:
    from carelink.models.vault.pins import KeptKey
    from carelink.services.session import Session
    from carelink.services.sheets import Sheet
    from carelink.ui.first_run.account import AccountPage, Errand
    from carelink.ui.first_run.demo import DemoPage, OpenDemo
    from carelink.ui.first_run.pair import PairPage
    from carelink.ui.first_run.restore import RestorePage
    from carelink.ui.first_run.station import StationPage
    from carelink.ui.first_run.welcome import WelcomePage
    from carelink.ui.shell.desk import Desk
    from carelink.ui.workspace import Workspace

LONGEST_CLOSING_SECONDS = 10.0
PAINT_FIRST_MS = 60
# How long a thread at work may keep the screen waiting for Python: 5 ms, again and again, by default.
SWITCH_SECONDS = 0.001


class MainWindow(QMainWindow):
    """CareLink's window.

    Args:
        home: Folder of the accounts to show.
        account: The account to offer first, by its id; by default the one that was last open.
    """

    def __init__(self, home: Home, account: str | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        sys.setswitchinterval(SWITCH_SECONDS)
        self._garbage = GarbageKeeper(self)
        self._home = self._own_home = home
        self._demo: OpenDemo | None = None
        self._relays_started: list[Home] = []
        self._workspace: Workspace | None = None
        self.desk: Desk | None = None
        self._spare: tuple[Workspace, Desk] | None = None
        self._leaving: list[Workspace] = []
        self._kept: dict[str, KeptKey] = {}
        self._ahead = Ahead(self)
        self.operations = Operations(self)
        self.operations.problem.connect(self._complain)
        self.setWindowTitle("CareLink")
        self.setMinimumSize(QSize(640, 480))
        self.stack = QStackedWidget()
        self.setCentralWidget(self.stack)
        self.unlock = UnlockPage(self.operations, self.settle, self._kept)
        self.stack.addWidget(self.unlock)
        self.idle = IdleWatch(self)
        self.idle.idle.connect(self._lock_idle)
        self._lock_key = LockKey(self)
        # Afterwards, so that the widget that had the key is not deleted while it is handled.
        self._lock_key.pressed.connect(self.lock, Qt.ConnectionType.QueuedConnection)
        self.unlock.opened.connect(self.open)
        self.unlock.newcomer.connect(self._show_welcome)
        self.unlock.demo_wanted.connect(self._show_demo)
        self.unlock.demo_left.connect(self._leave_demo)
        if home.is_demo:
            self._prepare_demo(home)
        else:
            self.show_door(account=account)
        # Drawn in five sizes (8 ms), which the first painting would wait for.
        QTimer.singleShot(PAINT_FIRST_MS, self, self._show_icon)

    def _show_icon(self) -> None:
        self.setWindowIcon(icon("heart-handshake", size=64))

    def sizeHint(self) -> QSize:
        """Return the size of a fresh window."""
        return QSize(1440, 900)

    # Built when first shown: who has an account here needs none of them, and would wait for them.

    @cached_property
    def welcome(self) -> WelcomePage:
        """The ways in for those without an account."""
        from carelink.ui.first_run.welcome import WelcomePage

        page = WelcomePage()
        page.join_wanted.connect(self._join)
        page.circle_wanted.connect(self._create)
        page.station_wanted.connect(self._share_pc)
        page.demo_wanted.connect(self._show_demo)
        page.restore_wanted.connect(self._show_restore)
        page.pair_wanted.connect(self._show_pair)
        page.left.connect(self.show_door)
        self.stack.addWidget(page)
        return page

    @cached_property
    def account(self) -> AccountPage:
        """The page that makes an account."""
        from carelink.ui.first_run.account import AccountPage

        page = AccountPage(self.operations, self.settle)
        page.opened.connect(self._open_new)
        page.left.connect(self._show_welcome)
        self.stack.addWidget(page)
        return page

    @cached_property
    def restore(self) -> RestorePage:
        """The page that starts again from the recovery sheet."""
        from carelink.ui.first_run.restore import RestorePage

        page = RestorePage(self.operations, self.settle)
        page.opened.connect(self.open)
        page.left.connect(self._show_welcome)
        self.stack.addWidget(page)
        return page

    @cached_property
    def pair(self) -> PairPage:
        """The page that adds this PC to an account of another one."""
        from carelink.ui.first_run.pair import PairPage

        page = PairPage(self.operations, self.settle)
        page.opened.connect(self.open)
        page.left.connect(self._show_welcome)
        self.stack.addWidget(page)
        return page

    @cached_property
    def station(self) -> StationPage:
        """The page that makes this PC a team's workstation."""
        from carelink.ui.first_run.station import StationPage

        page = StationPage(self.operations)
        page.enrolled.connect(lambda notice: self.show_door(notice=notice))
        page.left.connect(self._show_welcome)
        self.stack.addWidget(page)
        return page

    @cached_property
    def demo(self) -> DemoPage:
        """The page that makes the demonstration."""
        from carelink.ui.first_run.demo import DemoPage

        page = DemoPage(self.operations)
        page.ready.connect(self._demo_ready)
        page.left.connect(self.show_door)
        self.stack.addWidget(page)
        return page

    def show_door(self, *, account: str | None = None, notice: str = "") -> None:
        """Show who may come in."""
        if self._demo is not None:
            self.unlock.show_demo(
                self._demo.home,
                list(self._demo.faces),
                self._demo.passphrase,
                notice=notice,
                way_back=self._demo.home != self._own_home,
            )
        elif self._home.has_door:
            self.unlock.show_home(self._home, notice, account)
        else:
            self._show_welcome()
            return
        self.setWindowTitle("CareLink")
        self._show(self.unlock)
        self.unlock.focus_first()
        # Once the screen is there: loading the rest would hold up its first painting.
        QTimer.singleShot(PAINT_FIRST_MS, self, self._preload)
        QTimer.singleShot(PAINT_FIRST_MS, self, self._ask_who_is_there)

    def open(self, session: Session) -> None:
        """Show an account that was just unlocked."""
        self._open(session)

    def lock(self, account: str = "", notice: str = "") -> None:
        """Close the account that is open; what was being written is kept in its vault."""
        if self._workspace is None or self.desk is None:
            return
        self.idle.stop()
        own = self._workspace.session.card.account
        self._keep_for_pin(own, self._workspace.session.kept)
        self._workspace.close()
        self._leaving.append(self._workspace)
        self._workspace = None
        self._clear_what_floats()
        desk, self.desk = self.desk, None
        self.stack.removeWidget(desk)
        desk.hide()
        desk.deleteLater()
        # A dialog of the desk may have been the active window.
        self.activateWindow()
        self.show_door(account=account or own, notice=notice)

    def _keep_for_pin(self, account: str, kept: KeptKey | None) -> None:
        """Keep, in memory alone, what the PIN of an account that locks re-opens it with."""
        if kept is None:
            self._kept.pop(account, None)
        else:
            self._kept[account] = kept

    def _clear_what_floats(self) -> None:
        """Leave nothing of an account over the door: dialogs, menus, and words at the window's foot."""
        from carelink.ui.widgets import Toast

        floating: set[QWidget] = {
            w for w in QApplication.topLevelWidgets() if w is not self and w.isVisible()
        }
        floating |= set(self.findChildren(QDialog)) | set(self.findChildren(Toast))
        for widget in floating:
            widget.hide()
            widget.deleteLater()

    def settle(self) -> None:
        """Wait until accounts that were locked are closed; not on the GUI thread."""
        for workspace in tuple(self._leaving):
            workspace.wait_closed(LONGEST_CLOSING_SECONDS)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close everything: what was asked of the vault is written first."""
        self.idle.stop()
        self._ahead.stop()
        if "demo" in vars(self):
            self.demo.stop_building()
        if "pair" in vars(self):
            self.pair.stop()
        if self._workspace is not None:
            self._workspace.close()
            self._leaving.append(self._workspace)
            self._workspace = None
        self.operations.close()
        self.operations.drain()
        self.settle()
        for home in self._relays_started:
            stop_relay(home)
        self._relays_started.clear()
        self._garbage.stop()
        super().closeEvent(event)

    def _preload(self) -> None:
        self.operations.network(preload, self._preloaded, _ignore)

    def _preloaded(self, _nothing: None) -> None:
        self._garbage.spare_loaded()
        if self._workspace is None and self._spare is None:
            self._ahead.start(self._prepare_desk())

    def _ask_who_is_there(self) -> None:
        home = self._home
        if self._demo is None and home.workstation() is not None:
            self.operations.network(lambda: ask_who_is_there(home), self._door_known, _ignore)

    def _door_known(self, changed: bool) -> None:
        if changed and self._workspace is None and self._demo is None:
            self.unlock.show_people(self._home)

    def _prepare_desk(self) -> Iterator[None]:
        _workspace, desk = self._spare = self._take_spare()
        yield
        yield from desk.prepare(self.stack.size())

    def _take_spare(self) -> tuple[Workspace, Desk]:
        """Return the desk that was built ahead, empty, and its workspace; or new ones."""
        from carelink.ui.shell.desk import Desk
        from carelink.ui.workspace import Workspace

        if self._spare is not None:
            spare, self._spare = self._spare, None
            return spare
        workspace = Workspace()
        desk = Desk(workspace, self.stack)
        self.stack.addWidget(desk)
        return workspace, desk

    def _open(self, session: Session, errand: Errand | None = None, sheet: Sheet | None = None) -> None:
        self._ahead.stop()
        workspace, desk = self._take_spare()
        workspace.open(session)
        desk.lock_wanted.connect(self.lock)
        desk.settings_changed.connect(self._settings_changed)
        self._workspace, self.desk = workspace, desk
        self._leaving = [left for left in self._leaving if not left.closed]
        self.setWindowTitle(tr("CareLink · {name}", name=session.name))
        desk.ready.connect(self._show_desk)
        desk.begin(self._home, errand or "", sheet)
        self.idle.start(self._home.settings().auto_lock_minutes)

    def _show_desk(self) -> None:
        if self.desk is not None:
            self._show(self.desk)

    def _open_new(self, session: Session) -> None:
        self._open(session, self.account.errand, self.account.take_sheet())
        if self.account.in_file and self.desk is not None:
            self.desk.say(
                tr("Pas de trousseau sur cet ordinateur\u00a0: chiffrez son disque (voir Réglages)."),
                icon="key",
            )

    def _lock_idle(self) -> None:
        self.lock(
            notice=tr(
                "Verrouillé après {n} minutes sans activité. La note en cours est gardée.",
                n=self._home.settings().auto_lock_minutes,
            )
        )

    def _settings_changed(self, settings: HomeSettings) -> None:
        self.idle.start(settings.auto_lock_minutes)

    def _show_welcome(self) -> None:
        self.welcome.show_way_back(way_back=self._home.has_door)
        self._show(self.welcome)
        self.welcome.focus_first()

    def _join(self) -> None:
        self._begin_account("join")

    def _create(self) -> None:
        self._begin_account("circle")

    def _show_restore(self) -> None:
        self._show(self.restore)
        self.restore.begin(self._home)

    def _show_pair(self) -> None:
        self._show(self.pair)
        self.pair.begin(self._home)

    def _share_pc(self) -> None:
        self._show(self.station)
        self.station.begin(self._home)
        self.station.focus_first()

    def _begin_account(self, errand: Errand) -> None:
        self._show(self.account)
        self.account.begin(self._home, errand)

    def _show_demo(self) -> None:
        self.operations.network(self._demo_folder, self._prepare_demo)

    def _demo_folder(self) -> Home:
        from carelink.services.demo import demo_home

        return demo_home(self._own_home)

    def _prepare_demo(self, home: Home) -> None:
        self._show(self.demo)
        self.demo.begin(home)
        self.demo.focus_first()

    def _demo_ready(self, demo: OpenDemo) -> None:
        self._demo, self._home = demo, demo.home
        if demo.home not in self._relays_started:
            self._relays_started.append(demo.home)
        self.show_door()

    def _leave_demo(self) -> None:
        if self._demo is None:
            return
        home, self._demo, self._home = self._demo.home, None, self._own_home
        self.show_door()
        self._relays_started.remove(home)
        self.operations.network(lambda: stop_relay(home), _nothing)

    def _show(self, page: QWidget) -> None:
        self.stack.setCurrentWidget(page)

    def _complain(self, sentence: str) -> None:
        from carelink.ui.widgets import Toast

        Toast.show_in(self, sentence, icon="alert-triangle")


def _ignore(_error: KnownError) -> None:
    """What cannot be loaded early is loaded, or complained about, when it is needed."""


def _nothing(_result: None) -> None:
    """Stopping a relay has nothing to show."""
