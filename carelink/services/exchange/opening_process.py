"""Opening pages of the past in a process beside this one, over its standard input and output.

The process has no vault and no network: it is given the epoch keys and pages, and gives back what they
came to. Whatever goes wrong with it, the pages are opened by who asked.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import IO, Final

import msgspec

from carelink.errors import BugError
from carelink.models.stores.rows import RowMaker
from carelink.records.transfer import AcceptedEnvelope
from carelink.sync.exchange.beside import Beginning, HeldAlreadyError, Opened
from carelink.sync.exchange.opener import known_from
from carelink.sync.opening import take_in
from carelink.sync.outcome import Known
from carelink.sync.wire.api import Item

_MODULE: Final = "carelink.services.exchange.opening_process"
_LENGTH_BYTES: Final = 4
_EMPTY: Final = b""
# Room for a page or its outcome, where the system lets one say so: each side goes on without the other.
_PIPE_BYTES: Final = 1024 * 1024

_opened = msgspec.msgpack.Decoder(Opened)
_items = msgspec.msgpack.Decoder(tuple[Item, ...])


class OpeningProcess:
    """The side that asks. It may be closed at any time; what is awaited then comes as None."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        # Apart from each other, so that the next page is there before the answer to this one is read.
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="carelink-opening")
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="carelink-opened")
        self._up = self._reading.submit(self._start)

    def ready(self) -> bool:
        """Whether it is up and waits for pages."""
        return self._up.done() and self._up.result()

    def begin(self, beginning: Beginning) -> None:
        """Say what the pages that follow are checked against."""
        self._writing.submit(self._write, msgspec.msgpack.encode(beginning))

    def put(self, items: Sequence[Item]) -> Callable[[], Opened | None]:
        """Hand over a page; what is returned waits for its outcome, None if it can't be had."""
        self._writing.submit(self._write, msgspec.msgpack.encode(items))
        answer = self._reading.submit(self._read)
        return lambda: _decoded(answer)

    def close(self) -> None:
        """End the process."""
        self._closed = True
        for thread in (self._writing, self._reading):
            thread.shutdown(wait=False, cancel_futures=True)
        self._kill()
        for thread in (self._writing, self._reading):
            thread.shutdown()
        if self._process is not None:
            # Half a page may still be in the pipe to it.
            with suppress(OSError), self._process:
                self._kill()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _start(self) -> bool:
        if getattr(sys, "frozen", False):
            # There the interpreter is the application itself, which would open a second time.
            return False
        try:
            self._process = subprocess.Popen(
                # -P: nothing is imported from the folder in which the application was started.
                [sys.executable, "-P", "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: value for name, value in os.environ.items() if not name.startswith("CARELINK_")},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                pipesize=_PIPE_BYTES,
            )
        except OSError:
            return False
        if self._closed:
            self._kill()
        return self._read() == _EMPTY

    def _write(self, data: bytes) -> None:
        """Send a message; if it cannot arrive, no answer does."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError, ValueError):
                _write(self._process.stdin, data)

    def _read(self) -> bytes | None:
        if self._process is None or self._process.stdout is None:
            return None
        try:
            return _read(self._process.stdout)
        except (OSError, ValueError):
            return None


def _decoded(answer: Future[bytes | None]) -> Opened | None:
    data = None if answer.cancelled() else answer.result()
    return _opened.decode(data) if data else None


def _write(out: IO[bytes], data: bytes) -> None:
    out.write(len(data).to_bytes(_LENGTH_BYTES, "big"))
    out.write(data)
    out.flush()


def _read(source: IO[bytes]) -> bytes | None:
    """Return the next message, or None where there is none left."""
    head = source.read(_LENGTH_BYTES)
    length = int.from_bytes(head, "big")
    data = source.read(length)
    return data if len(head) == _LENGTH_BYTES and len(data) == length else None


def serve(source: IO[bytes], out: IO[bytes]) -> None:
    """Open pages until there are none left: an empty answer to each that has to be opened elsewhere."""
    _write(out, _EMPTY)
    first = _read(source)
    if first is None:
        return
    beginning = msgspec.msgpack.decode(first, type=Beginning)
    known: Known | None = known_from(beginning)
    make_rows = RowMaker(beginning.placement)
    while (page := _read(source)) is not None:
        answer = _EMPTY
        if known is not None:
            try:
                outcome = take_in(known, _items.decode(page))
            except HeldAlreadyError:
                # What follows would be checked without this page.
                known = None
            else:
                known = replace(known, feeds={**known.feeds, **outcome.feeds})
                rows = make_rows(outcome.accepted)
                outcome.accepted = [_without_revisions(envelope) for envelope in outcome.accepted]
                answer = msgspec.msgpack.encode(Opened(outcome, rows))
        _write(out, answer)


def _without_revisions(envelope: AcceptedEnvelope) -> AcceptedEnvelope:
    """Leave out what the rows hold."""
    return AcceptedEnvelope(
        envelope.stream, envelope.device, envelope.seq, envelope.identifier, envelope.place, ()
    )


def main() -> None:
    """Serve on the standard input and output, until the other side ends or is gone."""
    # Nothing here refers back to itself; looking for what does would take a tenth of the time.
    gc.disable()
    # Ctrl+C reaches the whole group: who asks decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError, BugError):
        serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
