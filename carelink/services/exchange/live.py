"""Staying in touch: an exchange now, then one at each wake-up, each local change, each retry.

Back-off after a failure doubles from two seconds to two minutes; a wake-up or a local change tries at
once. The relay's socket only says "something new"; nothing is read from it but that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from carelink.errors import KnownError
from carelink.services.exchange.relays import Relay
from carelink.services.exchange.sync import Sync, SyncReport
from carelink.services.session import Session
from carelink.sync.carriers.http import CertificateError, NotAHubError, UnreachableHubError
from carelink.sync.exchange.context import HubRefusalError, WrongHubError
from carelink.sync.exchange.session import open_session

FIRST_RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = 120.0
QUIET_SECONDS = 60.0
# The relay wakes members only: whoever waits to be let in, or has just handed over a code, looks oftener.
EXPECTANT_SECONDS = 4.0
EXPECTANT_FOR_MS = 15 * 60 * 1000
BACKFILL_PAGES_AT_ONCE = 2


class LiveSync:
    """Exchanges for as long as it runs, in threads of its own.

    Args:
        session: The unlocked account.
        done: Told after each exchange that ended, and of what came before one failed.
        failed: Told after each that failed: a relay, or the vault itself.
        began: Told before each.
    """

    def __init__(
        self,
        session: Session,
        done: Callable[[SyncReport], None],
        failed: Callable[[KnownError], None],
        began: Callable[[], None] = lambda: None,
    ) -> None:
        self._session = session
        self._done = done
        self._failed = failed
        self._began = began
        self._stop = threading.Event()
        self._wanted = threading.Event()
        self._listeners: dict[int, threading.Thread] = {}
        self._relays: dict[int, Relay] = {}
        self._worker = threading.Thread(target=self.run, name="carelink-sync", daemon=True)

    def start(self) -> None:
        """Start in the background."""
        self._worker.start()

    def poke(self) -> None:
        """Exchange as soon as possible: something was written here."""
        self._wanted.set()

    def stop(self) -> None:
        """End all of it; what is under way is abandoned safely."""
        self._stop.set()
        self._wanted.set()
        if self._worker.is_alive():
            self._worker.join(timeout=10)
        for listener in self._listeners.values():
            listener.join(timeout=10)

    def run(self) -> None:
        """Exchange until stopped, in this thread."""
        try:
            self._run()
        finally:
            for relay in self._relays.values():
                relay.close()

    def _run(self) -> None:
        retry = FIRST_RETRY_SECONDS
        while not self._stop.is_set():
            self._wanted.clear()
            wait = QUIET_SECONDS
            report = SyncReport()
            self._began()
            try:
                Sync(self._session).once(BACKFILL_PAGES_AT_ONCE, report, self._relays)
            except KnownError as error:
                if self._stop.is_set():
                    return
                if report.changed:
                    self._done(report)
                self._failed(error)
                wait, retry = retry, min(retry * 2, LONGEST_RETRY_SECONDS)
            else:
                retry = FIRST_RETRY_SECONDS
                if self._stop.is_set():
                    return
                self._done(report)
                with suppress(KnownError):
                    if report.backfilling:
                        wait = 0.0
                    elif self._expectant():
                        wait = EXPECTANT_SECONDS
                    self._listen()
            self._wanted.wait(wait)

    def _expectant(self) -> bool:
        """Tell whether someone is about to come in: this account, or a person it has just invited."""
        since = self._session.clock() - EXPECTANT_FOR_MS
        with self._session.read() as stores:
            return bool(stores.joinings()) or any(
                row.state == "open" and row.created > since for row in stores.invitations()
            )

    def _listen(self) -> None:
        with self._session.read() as stores:
            hubs = [row.pk for row in stores.hubs()]
        for hub in hubs:
            known = self._listeners.get(hub)
            if known is None or not known.is_alive():
                listener = threading.Thread(target=self._hear, args=(hub,), name="carelink-wake", daemon=True)
                self._listeners[hub] = listener
                listener.start()

    def _hear(self, hub: int) -> None:
        """Wait on one relay's socket; ends at a failure, and the next exchange starts it again."""
        try:
            with self._session.read() as stores:
                row = next(row for row in stores.hubs() if row.pk == hub)
        except KnownError:
            return
        relay = Relay(self._session, row)
        try:
            context = relay.context()
            relay.run(open_session(context))
            with relay.carrier.wake_up(context.token) as socket:
                # What came between the last exchange and this socket is fetched now.
                self._wanted.set()
                while not self._stop.is_set():
                    try:
                        socket.recv(timeout=0.5)
                    except TimeoutError:
                        continue
                    self._wanted.set()
        except (
            UnreachableHubError,
            CertificateError,
            NotAHubError,
            HubRefusalError,
            WrongHubError,
            KnownError,
        ):
            return
        finally:
            relay.close()


def watch(session: Session, done: Callable[[SyncReport], None], failed: Callable[[KnownError], None]) -> None:
    """Exchange in this thread until interrupted."""
    live = LiveSync(session, done, failed)
    try:
        live.run()
    finally:
        live.stop()
