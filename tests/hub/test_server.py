from __future__ import annotations

import hashlib
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
from cryptography import x509
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.errors import KnownError
from carelink.hub.server import Relay
from carelink.sync.wire import api
from carelink.sync.wire.structures import Envelope
from tests.hub.conftest import Asker, RefusedByHubError
from tests.hub.people import Feed, Person, new_circle

SERVE = """
import sys
from pathlib import Path
from carelink.hub.server import serve
serve(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]), None, None, None,
      lambda url, fingerprint: print(url, flush=True))
"""


@contextmanager
def running(relay: Relay) -> Iterator[str]:
    """Run a relay in a thread; give its address once it takes requests."""
    ready = threading.Event()
    told: list[tuple[str, str]] = []

    def note(url: str, fingerprint: str) -> None:
        told.append((url, fingerprint))
        ready.set()

    thread = threading.Thread(target=relay.run, args=(note,))
    thread.start()
    try:
        assert ready.wait(20)
        assert told == [(relay.url, relay.fingerprint)]
        yield relay.url
    finally:
        relay.stop()
        thread.join(20)
        assert not thread.is_alive()


class Process:
    """A relay in a process of its own."""

    def __init__(self, data: Path, port: int = 0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", SERVE, str(data), str(port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal; return the exit code and all that was said."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out + err


@contextmanager
def remote(url: str) -> Iterator[Asker]:
    with httpx.Client(base_url=url, timeout=20) as client:
        yield Asker(client, url)


def position(socket: ClientConnection) -> int:
    message = socket.recv(timeout=5)
    assert isinstance(message, bytes)
    return msgspec.msgpack.decode(message, type=int)


def test_a_relay_on_loopback_speaks_http(tmp_path: Path) -> None:
    with running(Relay(tmp_path, "127.0.0.1", 0)) as url:
        assert url.startswith("http://127.0.0.1:")
        info = msgspec.msgpack.decode(httpx.get(url + api.INFO).content, type=api.HubInfo)
    with running(Relay(tmp_path, "127.0.0.1", 0)) as url:
        again = msgspec.msgpack.decode(httpx.get(url + api.INFO).content, type=api.HubInfo)
    assert again.hub_key == info.hub_key
    assert (tmp_path / "identity.key").stat().st_mode & 0o777 == 0o600 or sys.platform == "win32"


@pytest.mark.skipif(sys.platform == "win32", reason="modes mean nothing there")
def test_only_its_owner_reads_the_database(tmp_path: Path) -> None:
    """Even in a folder that others may enter, and where a relay from before left it open."""
    tmp_path.chmod(0o755)
    for name in ("first", "second"):
        (tmp_path / name).mkdir(mode=0o755)
    (tmp_path / "second" / "relay.sqlite").touch(0o644)
    for name in ("first", "second"):
        with running(Relay(tmp_path / name, "127.0.0.1", 0)) as url, remote(url) as relay:
            relay.create(new_circle(Person("Claire")))
            files = sorted((tmp_path / name).glob("relay.sqlite*"))
            assert [file.name for file in files] == ["relay.sqlite", "relay.sqlite-shm", "relay.sqlite-wal"]
            assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_off_loopback_a_relay_makes_its_certificate_once(tmp_path: Path) -> None:
    fingerprints = set[str]()
    for _ in range(2):
        with running(Relay(tmp_path, "0.0.0.0", 0, url="https://Relais.Exemple.fr/")) as url:
            assert url == "https://relais.exemple.fr"
        relay = Relay(tmp_path, "0.0.0.0", 0)
        with running(relay) as url:
            port = urlsplit(url).port or 0
            pem = ssl.get_server_certificate(("127.0.0.1", port))
        assert hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest() == relay.fingerprint
        fingerprints.add(relay.fingerprint)
    assert len(fingerprints) == 1
    certificate = x509.load_pem_x509_certificate(pem.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "relais.exemple.fr" in names.get_values_for_type(x509.DNSName)


def test_a_certificate_that_is_given_is_used(tmp_path: Path) -> None:
    with running(Relay(tmp_path / "first", "0.0.0.0", 0)):
        pass
    certificate, key = tmp_path / "first/certificate.pem", tmp_path / "first/certificate.key"
    relay = Relay(tmp_path / "second", "127.0.0.1", 0, cert=certificate, key=key)
    with running(relay) as url:
        assert url.startswith("https://127.0.0.1:")
        assert not (tmp_path / "second/certificate.pem").exists()


def test_what_cannot_work_is_said_before_anything_starts(tmp_path: Path) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, pytest.raises(KnownError, match="déjà pris"):
        Relay(tmp_path, "127.0.0.1", taken.getsockname()[1])
    (tmp_path / "file").write_text("x")
    with pytest.raises(KnownError, match="ne peut pas être écrit"):
        Relay(tmp_path / "file", "127.0.0.1", 0)
    with pytest.raises(KnownError, match="certificat"):
        Relay(tmp_path, "127.0.0.1", 0, cert=tmp_path / "file", key=tmp_path / "file")
    with pytest.raises(KnownError, match="certificat"):
        Relay(tmp_path, "127.0.0.1", 0, cert=tmp_path / "missing")
    with pytest.raises(KnownError, match="http"):
        Relay(tmp_path, "127.0.0.1", 0, url="http://relais.exemple.fr")
    with pytest.raises(KnownError, match="https"):
        Relay(tmp_path, "0.0.0.0", 0, url="http://localhost")
    with pytest.raises(KnownError, match="adresse"):
        Relay(tmp_path, "127.0.0.1", 0, url="relais")
    with pytest.raises(KnownError, match="Impossible"):
        Relay(tmp_path, "192.0.2.1", 0)
    with pytest.raises(KnownError, match="base de données"):
        Relay(tmp_path, "127.0.0.1", 0, database="relay")
    (tmp_path / "identity.key").write_bytes(b"short")
    with pytest.raises(KnownError, match="abîmée"):
        Relay(tmp_path, "127.0.0.1", 0)


def test_a_database_that_cannot_be_opened_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "relay.sqlite").write_bytes(b"not a database at all" * 100)
    relay = Relay(tmp_path, "127.0.0.1", 0)
    with pytest.raises(KnownError, match="ne peut pas être ouverte"):
        relay.run(lambda _url, _fingerprint: pytest.fail("it is not ready"))


def test_who_listens_hears_at_once_and_pings_are_answered(tmp_path: Path) -> None:
    claire, eva = Person("Claire"), Person("Eva")
    circle = new_circle(claire)
    with running(Relay(tmp_path, "127.0.0.1", 0)) as url, remote(url) as relay:
        relay.create(circle)
        token = relay.session(claire, url.replace("127.0.0.1", "localhost"))
        relay.append(token, circle, circle.take(circle.addition(claire, eva.as_newcomer(Role.RELATIVE))))
        wake = url.replace("http://", "ws://") + api.WAKE
        with pytest.raises(InvalidStatus), connect(wake):
            pass
        headers = {"Authorization": f"Bearer {relay.session(eva)}"}
        with connect(wake, additional_headers=headers, proxy=None) as ws:
            assert ws.ping().wait(5)
            assert position(ws) == 0
            relay.push(token, Feed(claire, circle, Stream.LIFE).seal())
            first = position(ws)
            relay.push(token, Feed(claire, circle, Stream.COORDINATION).seal())
            ws.send(b"what a client says is not looked at")
            assert position(ws) > first > 0


@pytest.mark.e2e
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_relay_stops_cleanly_even_while_someone_listens(tmp_path: Path, number: signal.Signals) -> None:
    process = Process(tmp_path)
    claire = Person("Claire")
    circle = new_circle(claire)
    with remote(process.url) as relay:
        relay.create(circle)
        headers = {"Authorization": f"Bearer {relay.session(claire)}"}
        wake = process.url.replace("http://", "ws://") + api.WAKE
        with connect(wake, additional_headers=headers, proxy=None) as ws:
            ws.recv(timeout=5)
            code, said = process.end(number)
            with pytest.raises(ConnectionClosed):
                ws.recv(timeout=5)
    assert (code, said) == (0, "")


@pytest.mark.e2e
def test_a_relay_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    claire, eva = Person("Claire"), Person("Eva")
    circle = new_circle(claire)
    feed = Feed(claire, circle, Stream.LIFE)
    acknowledged: list[Envelope] = []
    pending: list[Envelope] = []
    port = 0
    for round_number in range(6):
        process = Process(tmp_path, port)
        port = process.port
        with remote(process.url) as relay:
            token = relay.session(claire) if round_number else ""
            if not round_number:
                relay.create(circle)
                token = relay.session(claire)
                newcomer = circle.addition(claire, eva.as_newcomer(Role.RELATIVE))
                relay.append(token, circle, circle.take(newcomer))
            items = relay.pull(relay.session(eva), circle, limit=1000).items
            held = [item.envelope for item in items]
            assert held[: len(acknowledged)] == acknowledged
            assert held == (acknowledged + pending)[: len(held)]
            killer = threading.Timer(0.02 + 0.05 * round_number, process.process.kill)
            killer.start()
            try:
                while True:
                    pending += [feed.seal() for _ in range(20 - len(pending))]
                    assert set(relay.push(token, *pending)) <= {"stored", "known"}
                    acknowledged += pending
                    pending = []
            except httpx.TransportError:
                pass
            killer.join()
            process.process.communicate(timeout=20)
    assert len(acknowledged) >= 20


@pytest.mark.e2e
def test_nothing_that_was_sent_is_said_in_the_logs(tmp_path: Path) -> None:
    process = Process(tmp_path)
    claire = Person("Claire Martin-Canari")
    circle = new_circle(claire)
    with remote(process.url) as relay:
        relay.create(circle)
        token = relay.session(claire)
        content = b"canari: tension 13/8 ce matin"
        relay.push(token, Feed(claire, circle, Stream.LIFE).seal(content))
        for path in (api.PULL, api.PUSH, "/v1/nothing", "/canari"):
            relay.raw(path, b"canari", token)
        with pytest.raises(RefusedByHubError):
            relay.ask(api.PULL, api.PullRequest((), -5, 0, 10), api.PullPage, token)
    code, said = process.end(signal.SIGTERM)
    assert (code, said) == (0, "")
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert claire.name.encode() not in stored
    assert token.encode() not in stored
