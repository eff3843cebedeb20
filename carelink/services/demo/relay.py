"""The demonstration's own relay: a process on this computer only, for as long as its starter runs."""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from carelink.errors import KnownError
from carelink.language import tr
from carelink.sync.carriers.addresses import HubAddress
from carelink.sync.carriers.http import HttpCarrier, NotAHubError, UnreachableHubError
from carelink.sync.exchange.context import HubRefusalError

HOST = "127.0.0.1"
# Below what systems lend to outgoing connections, so that the port is free again the next day.
_PORTS = range(20_000, 30_000)
_PORT_TRIES = 50
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_PAUSE_SECONDS = 0.05
_NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)

_children: dict[Path, subprocess.Popen[bytes]] = {}


def free_port() -> int:
    """Return a port on which nobody listens.

    Raises:
        KnownError: None was found.
    """
    for _ in range(_PORT_TRIES):
        port = secrets.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise KnownError(
        tr(
            "Aucun port n’est libre sur cet ordinateur pour le relais de la démonstration\u202f; rien n’a "
            "été changé\u00a0: redémarrez l’ordinateur, puis recommencez."
        )
    )


class DemoRelay:
    """The relay of one demonstration.

    Args:
        data: Its folder, kept from one start to the next.
        port: Chosen once: the circles remember its address.
        key: Its key, once known, so that no other is taken for it.
    """

    def __init__(self, data: Path, port: int, key: bytes | None = None) -> None:
        self.data = data.absolute()
        self.port = port
        self.key = key

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> bytes:
        """Start it, unless it runs, and return its key.

        Raises:
            KnownError: It does not start, or something else listens at its port.
        """
        found = self._answer()
        if found is not None:
            if found != self.key:
                raise self._taken()
            return found
        self.stop()
        _children[self.data] = self._spawn()
        deadline = time.monotonic() + _START_SECONDS
        while (found := self._answer()) is None:
            if _children[self.data].poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise self._taken()
            time.sleep(_PAUSE_SECONDS)
        if self.key not in (None, found):
            self.stop()
            raise self._taken()
        self.key = found
        return found

    def stop(self) -> None:
        """Stop it, if this program started it."""
        child = _children.pop(self.data, None)
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    @contextmanager
    def running(self) -> Iterator[bytes]:
        """Run it for a while; one that ran already goes on."""
        ours = self.data not in _children
        key = self.start()
        try:
            yield key
        finally:
            if ours:
                self.stop()

    def _spawn(self) -> subprocess.Popen[bytes]:
        # It reads our end of this pipe: when we end, even by a crash, the pipe closes and it stops.
        return subprocess.Popen(
            [
                sys.executable,
                # Nothing is imported from the folder in which the application was started.
                "-P",
                "-m",
                "carelink",
                "hub",
                "serve",
                "--until-input-closes",
                "--data",
                str(self.data),
                "--host",
                HOST,
                "--port",
                str(self.port),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            creationflags=_NO_WINDOW,
        )

    def _answer(self) -> bytes | None:
        """Return the key of the relay that answers, if one does.

        Raises:
            KnownError: Something else answers.
        """
        carrier = HttpCarrier(HubAddress(self.url))
        try:
            return carrier.info().hub_key
        except UnreachableHubError:
            return None
        except (NotAHubError, HubRefusalError):
            raise self._taken() from None
        finally:
            carrier.close()

    def _taken(self) -> KnownError:
        return KnownError(
            tr(
                "Le relais de la démonstration n’a pas pu démarrer sur le port {port} de cet ordinateur, "
                "sans doute pris par un autre programme\u202f; vos propres comptes ne sont pas "
                "touchés\u00a0: fermez ce programme, ou refaites la démonstration avec "
                "«\u00a0carelink demo --reset\u00a0».",
                port=self.port,
            )
        )
