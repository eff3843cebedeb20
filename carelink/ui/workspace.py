"""The unlocked account as screens use it: its services, its exchange with others, what changed."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from carelink.errors import KnownError
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from carelink.services.decisions import Decisions
from carelink.services.drafts import Drafts
from carelink.services.emergency import Emergency
from carelink.services.exchange.live import LiveSync
from carelink.services.exchange.state import State, SyncState
from carelink.services.exchange.sync import Sync, SyncReport
from carelink.services.facts import Facts
from carelink.services.invitations import Invitations
from carelink.services.joining import Joinings
from carelink.services.membership import Membership
from carelink.services.restricted import Restricted
from carelink.services.session import Session
from carelink.services.signals import Signals
from carelink.services.status import Statuses
from carelink.services.succession import Succession
from carelink.services.trace import Trace
from carelink.ui.operations import Operations

PAINT_FIRST_MS = 150


class Workspace(QObject):
    """One unlocked account, or the place of one that is yet to be unlocked: screens are built ahead on it.

    It serves one account and no other. Call its services inside `operations.vault` (or
    `operations.network` where they speak to a relay).

    Signals:
        circles_changed: Set of ids of circles whose members, keys or entries changed elsewhere.
        sync_state_changed: The SyncState now.
        sync_failed: Why the last exchange failed, in a sentence.
        sync_running_changed: Whether an exchange is under way.
        closing: Before the account closes, while its vault still takes what must be kept.
    """

    circles_changed = Signal(object)
    sync_state_changed = Signal(object)
    sync_failed = Signal(str)
    sync_running_changed = Signal(bool)
    closing = Signal()

    _began = Signal()
    _exchanged = Signal(object)
    _failed = Signal(str)

    session: Session
    circles: Circles
    cahier: Cahier
    drafts: Drafts
    signals: Signals
    restricted: Restricted
    invitations: Invitations
    joinings: Joinings
    statuses: Statuses
    membership: Membership
    succession: Succession
    facts: Facts
    decisions: Decisions
    trace: Trace
    emergency: Emergency
    sync: Sync
    state: State
    _live: LiveSync

    def __init__(self, session: Session | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.operations = Operations(self)
        self._closed = False
        self._running = False
        self._closer: threading.Thread | None = None
        queued = Qt.ConnectionType.QueuedConnection
        self._began.connect(self._on_began, queued)
        self._exchanged.connect(self._on_exchanged, queued)
        self._failed.connect(self._on_failed, queued)
        if session is not None:
            self.open(session)

    def open(self, session: Session) -> None:
        """Take the account that was unlocked."""
        self.session = session
        self.circles = Circles(session)
        self.cahier = Cahier(session)
        self.drafts = Drafts(session)
        self.signals = Signals(session)
        self.restricted = Restricted(session)
        self.invitations = Invitations(session)
        self.joinings = Joinings(session)
        self.statuses = Statuses(session)
        self.membership = Membership(session)
        self.succession = Succession(session)
        self.facts = Facts(session)
        self.decisions = Decisions(session)
        self.trace = Trace(session)
        self.emergency = Emergency(session)
        self.sync = Sync(session)
        self.state = State(session)
        self._live = LiveSync(session, self._exchanged.emit, self._tell_failure, self._began.emit)

    def start(self) -> None:
        """Begin to exchange with the relays, in threads of its own, once what is open is painted."""
        QTimer.singleShot(PAINT_FIRST_MS, self, self._begin)

    def _begin(self) -> None:
        if self._closer is not None:
            return
        self._live.start()
        self.refresh_state()

    def poke(self) -> None:
        """Exchange as soon as possible: something was written here."""
        self._live.poke()
        self.refresh_state()

    def refresh_state(self) -> None:
        """Read where the exchange stands and tell it by `sync_state_changed`."""
        self.operations.vault(self.state.read, self._on_state)

    @property
    def running(self) -> bool:
        """Whether an exchange is under way."""
        return self._running

    @property
    def closed(self) -> bool:
        """Whether it was closed and all of it has ended."""
        return self._closer is not None and not self._closer.is_alive()

    def close(self) -> None:
        """End it: what was asked of the vault is written, then the key is forgotten.

        Returns at once; `wait_closed` waits for the end. Screens hear nothing more.
        """
        if self._closed:
            return
        self.closing.emit()
        self._closed = True
        self.operations.close()
        self._closer = threading.Thread(target=self._close, name="carelink-close")
        self._closer.start()

    def wait_closed(self, timeout: float | None = None) -> None:
        """Wait until the vault is closed, for example before it is opened again."""
        if self._closer is not None:
            self._closer.join(timeout)

    def _close(self) -> None:
        self.operations.drain()
        self.session.close()
        self._live.stop()
        self.operations.wait()

    def _tell_failure(self, error: KnownError) -> None:
        self._failed.emit(str(error))

    def _on_state(self, state: SyncState) -> None:
        self.sync_state_changed.emit(state)

    @Slot()
    def _on_began(self) -> None:
        self._set_running(running=True)

    @Slot(object)
    def _on_exchanged(self, report: SyncReport) -> None:
        if self._closed:
            return
        self._set_running(running=report.backfilling)
        changed = report.changed | set(report.joined)
        if changed:
            self.circles_changed.emit(changed)
        self.refresh_state()

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        if self._closed:
            return
        self._set_running(running=False)
        self.sync_failed.emit(sentence)
        self.refresh_state()

    def _set_running(self, *, running: bool) -> None:
        if running != self._running and not self._closed:
            self._running = running
            self.sync_running_changed.emit(running)
