"""Work off the GUI thread: one thread for the vault, a few for the network, results by one signal."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from carelink.errors import KnownError
from carelink.language import tr

if TYPE_CHECKING:
    from concurrent.futures import Executor, ThreadPoolExecutor

T = TypeVar("T")
Failed = Callable[[KnownError], None]

NETWORK_THREADS = 3

_log = logging.getLogger(__name__)


class _Outcome(NamedTuple):
    call: Callable[[Any], None] | None
    value: Any
    error: KnownError | None = None


class Operations(QObject):
    """Runs work in threads and gives what came of it back on the GUI thread.

    Once closed it calls nothing back, and takes no more work; nor does it call a widget that is gone.

    Signals:
        problem: A sentence for the user, of work whose caller did not want to hear of failures.
    """

    problem = Signal(str)
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._closed = False
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    # Made when first used: their module is not loaded before the unlock screen is there.

    @cached_property
    def _vault(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(1, "carelink-vault")

    @cached_property
    def _network(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(NETWORK_THREADS, "carelink-network")

    def vault(self, work: Callable[[], T], done: Callable[[T], None], failed: Failed | None = None) -> None:
        """Run `work` on the one vault thread, after what was asked before, then `done` with its result."""
        self._submit(self._vault, work, done, failed)

    def network(self, work: Callable[[], T], done: Callable[[T], None], failed: Failed | None = None) -> None:
        """Run `work`, which may wait for others, on a thread of the pool, then `done` with its result."""
        self._submit(self._network, work, done, failed)

    def close(self) -> None:
        """Call nothing back any more; what was asked is still done."""
        self._closed = True
        if "_vault" in vars(self):
            self._vault.shutdown(wait=False)
        if "_network" in vars(self):
            self._network.shutdown(wait=False, cancel_futures=True)

    def drain(self) -> None:
        """Wait, after `close`, until the vault thread has done all that was asked; not on the GUI thread."""
        if "_vault" in vars(self):
            self._vault.shutdown(wait=True)

    def wait(self) -> None:
        """Wait, after `close`, until every thread has ended; not on the GUI thread."""
        self.drain()
        if "_network" in vars(self):
            self._network.shutdown(wait=True)

    def _submit(
        self, executor: Executor, work: Callable[[], T], done: Callable[[T], None], failed: Failed | None
    ) -> None:
        if not self._closed:
            executor.submit(self._run, work, done, failed)

    def _run(self, work: Callable[[], T], done: Callable[[T], None], failed: Failed | None) -> None:
        try:
            outcome = _Outcome(done, work())
        except KnownError as error:
            outcome = _Outcome(failed, error, error)
        except Exception as fault:
            # The kind of fault and its place in the code; its words could hold what someone wrote.
            _log.error("unexpected %s in %s", type(fault).__name__, getattr(work, "__qualname__", "work"))
            sentence = unexpected(fault)
            outcome = _Outcome(failed, sentence, sentence)
        if not self._closed and isValid(self):
            self._ended.emit(outcome)

    @Slot(object)
    def _deliver(self, outcome: _Outcome) -> None:
        if self._closed:
            return
        call = outcome.call
        if call is None:
            self.problem.emit(str(outcome.error))
            return
        owner = getattr(call, "__self__", None)
        if isinstance(owner, QObject) and not isValid(owner):
            return
        call(outcome.value)


def unexpected(fault: Exception) -> KnownError:
    """Return what a person is told of a fault of ours: its kind, never its words."""
    return KnownError(
        tr(
            "CareLink a rencontré une erreur inattendue ({kind})\u00a0: ce qui était publié est dans votre "
            "coffre. Réessayez\u202f; si cela se répète, signalez-le.",
            kind=type(fault).__name__,
        )
    )
