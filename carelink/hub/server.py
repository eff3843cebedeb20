"""Running the relay: address, certificate, socket, and a clean stop."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Final
from urllib.parse import urlsplit

import uvicorn
from sqlalchemy.engine import URL

from carelink.errors import KnownError
from carelink.hub.addresses import canonical_address, host_of, is_loopback
from carelink.hub.app import make_app
from carelink.hub.database import Database
from carelink.hub.hub import make_hub
from carelink.hub.identity import Tls, hub_seed, own_tls, read_tls
from carelink.language import tr

_BACKLOG: Final = 512
_KEEP_ALIVE_SECONDS: Final = 75
_STOP_SECONDS: Final = 5
_MAX_WAKE_BYTES: Final = 1024
_ANY_HOST: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  (named, not bound to here)


class Relay:
    """One relay on one address; `run` blocks until `stop` is called from any thread.

    Raises:
        KnownError: The folder, the address or the certificate cannot be used.
    """

    def __init__(
        self,
        data: Path,
        host: str,
        port: int,
        *,
        cert: Path | None = None,
        key: Path | None = None,
        url: str | None = None,
        database: str | None = None,
    ) -> None:
        public = None if url is None else _public_address(url)
        _prepare_folder(data)
        self._tls = _tls(data, host, cert, key, public)
        seed = hub_seed(data)
        stored = Database(database or _own_database(data / "relay.sqlite"))
        self._socket = _bind(host, port)
        self.url = public or _own_address(host, self._socket.getsockname()[1], self._tls)
        self._hub = make_hub(stored, seed, self.url, is_loopback(host))
        self._server: _Server | None = None
        self._stopping = threading.Event()

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the certificate, or nothing over http."""
        return "" if self._tls is None else self._tls.fingerprint

    def run(self, ready: Callable[[str, str], None]) -> None:
        """Serve until told to stop.

        Args:
            ready: Called with address and fingerprint once requests are taken.
        """
        config = uvicorn.Config(
            make_app(self._hub),
            http="h11",
            ws="websockets-sansio",
            ws_max_size=_MAX_WAKE_BYTES,
            ws_per_message_deflate=False,
            ssl_certfile=None if self._tls is None else self._tls.certificate,
            ssl_keyfile=None if self._tls is None or self._tls.key is None else str(self._tls.key),
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=_BACKLOG,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        self._server = _Server(config, lambda: ready(self.url, self.fingerprint))
        if self._stopping.is_set():
            self._server.should_exit = True
        try:
            asyncio.run(self._serve(self._server))
        finally:
            self._socket.close()

    async def _serve(self, server: _Server) -> None:
        # Here and not only in the application: uvicorn would keep to itself what goes wrong.
        await self._hub.database.open()
        await server.serve([self._socket])

    def stop(self) -> None:
        """Let requests under way end, then stop."""
        self._stopping.set()
        if self._server is not None:
            self._server.should_exit = True


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `serve`: uvicorn would raise them again after a clean stop."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell who waits for it."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def serve(
    data: Path,
    host: str,
    port: int,
    cert: Path | None,
    key: Path | None,
    url: str | None,
    ready: Callable[[str, str], None],
    database: str | None = None,
) -> None:
    """Run a relay until SIGTERM or SIGINT.

    Args:
        data: Folder of its keys and, unless `database` says otherwise, of its database.
        host: Where to listen; plain http is for loopback only.
        port: 0 takes a free one.
        cert: Certificate chain, PEM; without it one is made where https is needed.
        key: Its private key, where it isn't in the same file.
        url: Its public address, where it isn't the one it listens on.
        ready: Called with address and certificate fingerprint once requests are taken.
        database: SQLAlchemy URL, where it isn't the SQLite file of the folder.

    Raises:
        KnownError: It cannot run there.
    """
    relay = Relay(data, host, port, cert=cert, key=key, url=url, database=database)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        relay.stop()

    handled = [signal.SIGINT, signal.SIGTERM]
    earlier = {number: signal.signal(number, stop) for number in handled}
    try:
        relay.run(ready)
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _public_address(url: str) -> str:
    try:
        address = canonical_address(url)
    except ValueError:
        raise KnownError(
            tr(
                "«\u00a0{url}\u00a0» n’est pas une adresse de relais\u202f; rien n’a été changé\u00a0: "
                "donnez une adresse comme https://relais.exemple.fr.",
                url=url,
            )
        ) from None
    if urlsplit(address).scheme == "http" and not is_loopback(host_of(address)):
        raise KnownError(
            tr(
                "Un relais joint par d’autres machines ne peut pas être en http\u202f; rien n’a été "
                "changé\u00a0: donnez une adresse en https."
            )
        )
    return address


def _prepare_folder(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = data / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise _unwritable(data) from error


def _own_database(file: Path) -> URL:
    """Keep the database's files to their owner, in a folder that others may enter as well."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        # SQLite gives those beside it the mode of the first; these may be from before.
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                file.with_name(file.name + suffix).chmod(0o600)
    except OSError as error:
        raise _unwritable(file.parent) from error
    return URL.create("sqlite+aiosqlite", database=str(file))


def _unwritable(data: Path) -> KnownError:
    return KnownError(
        tr(
            "Le dossier {data} ne peut pas être écrit\u202f; le relais n’a pas démarré et rien n’a été "
            "changé\u00a0: choisissez un dossier à vous avec --data.",
            data=data,
        )
    )


def _tls(data: Path, host: str, cert: Path | None, key: Path | None, public: str | None) -> Tls | None:
    if cert is not None:
        return read_tls(cert, key)
    if is_loopback(host):
        # An https address in front of it then belongs to a proxy on this machine.
        return None
    if public is not None and urlsplit(public).scheme == "http":
        raise KnownError(
            tr(
                "Hors de cette machine, le relais ne parle qu’en https\u202f; rien n’a été changé\u00a0: "
                "écoutez sur 127.0.0.1, ou donnez une adresse en https."
            )
        )
    hosts = {_name_of(host)} if public is None else {_name_of(host), host_of(public)}
    return own_tls(data, sorted(hosts))


def _name_of(host: str) -> str:
    return socket.gethostname().lower() if host in _ANY_HOST else host


def _own_address(host: str, port: int, tls: Tls | None) -> str:
    name = _name_of(host)
    shown = f"[{name}]" if ":" in name else name
    return canonical_address(f"{'http' if tls is None else 'https'}://{shown}:{port}")


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        try:
            if os.name == "posix":
                # Elsewhere it would let two relays share a port.
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(_BACKLOG)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = tr(
                "Le port {port} est déjà pris sur {host}\u202f; le relais n’a pas démarré\u00a0: arrêtez ce "
                "qui l’occupe ou choisissez-en un autre avec --port.",
                port=port,
                host=host,
            )
        else:
            message = tr(
                "Impossible d’écouter sur {host}, port {port}\u202f; le relais n’a pas démarré\u00a0: "
                "choisissez une adresse de cette machine avec --host et un port libre avec --port.",
                host=host,
                port=port,
            )
        raise KnownError(message) from error
    return listening
