"""Processes that start at once: children of one process that has loaded CareLink and does nothing else.

`python -m carelink` takes more than a second to load, each time the same. A child runs its module as
`python -m` does, with its own environment, files, memory and end: it can be killed like any other.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).resolve().parents[2]
# What may be run so: nothing that has to come before CareLink is loaded.
MODULES: Final = frozenset({"carelink", "tests.hostile_relay", "tests.e2e.crashing"})
_LOADED: Final = (
    "aiosqlite",
    "carelink.cli.main",
    "carelink.hub.server",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "tests.e2e.crashing",
    "tests.hostile_relay.proxy",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.h11_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)
_REQUEST_BYTES: Final = 1 << 16
_REAP_SECONDS: Final = 0.01


class Forked:
    """A child, used like a `subprocess.Popen` in text mode."""

    def __init__(self, module: str, arguments: Sequence[str], env: Mapping[str, str], stderr: int) -> None:
        told, tell = os.pipe()
        out, out_end = os.pipe()
        err, err_end = (-1, stderr) if stderr != subprocess.PIPE else os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        request = json.dumps({"module": module, "arguments": list(arguments), "env": dict(env)}).encode()
        try:
            _parent().send(request, [nothing, out_end, err_end, tell])
        finally:
            for end in (tell, out_end, nothing, *([err_end] if err != -1 else [])):
                os.close(end)
        self._told = os.fdopen(told, "rb")
        self.pid = int(self._told.readline())
        self.returncode: int | None = None
        self.stdout: IO[str] = os.fdopen(out, encoding="utf-8")
        self.stderr: IO[str] | None = None if err == -1 else os.fdopen(err, encoding="utf-8")

    def __enter__(self) -> Forked:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        for stream in (self.stdout, self.stderr):
            if stream is not None:
                stream.close()

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)

    def poll(self) -> int | None:
        """Return how it ended, if it has."""
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            return self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; minus the signal's number where one ended it."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"child {self.pid}", timeout or 0)
            self.returncode = int(self._told.readline())
            self._told.close()
        return self.returncode

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Read all that it says until it ends."""
        deadline, said = time.monotonic() + timeout, ["", ""]

        def read(place: int, stream: IO[str] | None) -> None:
            said[place] = "" if stream is None else stream.read()

        readers = [
            threading.Thread(target=read, args=(place, stream), daemon=True)
            for place, stream in enumerate((self.stdout, self.stderr))
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(max(0.0, deadline - time.monotonic()))
        self.wait(max(0.0, deadline - time.monotonic()))
        return said[0], said[1]


class _Parent:
    """The process that forks, from here."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "tests.e2e.forks", str(theirs.fileno())]
        self._process = subprocess.Popen(
            command, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        theirs.close()
        self._socket = ours
        self._turn = threading.Lock()
        atexit.register(self.close)

    def send(self, request: bytes, files: Sequence[int]) -> None:
        with self._turn:
            socket.send_fds(self._socket, [len(request).to_bytes(4, "big")], files)
            self._socket.sendall(request)

    def close(self) -> None:
        self._socket.close()
        self._process.wait()


@cache
def _parent() -> _Parent:
    return _Parent()


def _serve(orders: socket.socket) -> None:
    """Fork as asked, and tell each child's end; leave in each child with its module done."""
    running: dict[int, int] = {}
    while True:
        if select.select([orders], [], [], _REAP_SECONDS if running else None)[0]:
            size, files, _, _ = socket.recv_fds(orders, 4, 4)
            if not size:
                break
            request = json.loads(_exactly(orders, int.from_bytes(size, "big")))
            pid = os.fork()
            if pid == 0:
                orders.close()
                for tell in running.values():
                    os.close(tell)
                _become(request, files)
                return
            for file in files[:3]:
                os.close(file)
            running[pid] = files[3]
            os.write(files[3], b"%d\n" % pid)
        while running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            tell = running.pop(pid)
            with suppress(BrokenPipeError):
                os.write(tell, b"%d\n" % os.waitstatus_to_exitcode(status))
            os.close(tell)
    # Whoever started the children is gone.
    for pid in running:
        os.kill(pid, signal.SIGKILL)


def _exactly(orders: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += orders.recv(min(_REQUEST_BYTES, size - len(data)))
    return data


def _become(request: dict[str, object], files: Sequence[int]) -> None:
    for place, file in enumerate(files[:3]):
        os.dup2(file, place)
    for file in files:
        os.close(file)
    module, arguments, env = request["module"], request["arguments"], request["env"]
    assert isinstance(module, str)
    assert isinstance(arguments, list)
    assert isinstance(env, dict)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    for name in _LOADED:
        importlib.import_module(name)
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
