"""A relay in this process, and people who talk to it."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar, cast

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from carelink.crypto.primitives import SignatureKind
from carelink.hub.app import make_app
from carelink.hub.database import Database
from carelink.hub.hub import Hub, make_hub
from carelink.sync.wire import api
from carelink.sync.wire.api import (
    Appended,
    KnownChain,
    Problem,
    PullPage,
    PullRequest,
    PushAnswer,
    PushRequest,
    SessionChallenge,
    SessionContent,
    SessionGranted,
    SessionOpen,
    SessionProof,
    session_bytes,
)
from carelink.sync.wire.structures import Envelope, SignedStatement
from tests.hub.people import Circle, Clock, Person

Answer = TypeVar("Answer", bound=msgspec.Struct)

ADDRESS = "http://127.0.0.1:8765"


class RefusedByHubError(AssertionError):
    """The relay answered with a problem."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(f"{status} {problem}")
        self.status = status
        self.problem = problem


class Asker:
    """Asks a relay, wherever it is: Structs in, Structs out."""

    def __init__(self, client: httpx.Client, address: str) -> None:
        self.client = client
        self.address = address

    def raw(self, path: str, body: bytes, token: str = "") -> tuple[int, bytes]:
        headers = {"content-type": api.MEDIA_TYPE}
        if token:
            headers["authorization"] = f"Bearer {token}"
        answer = self.client.post(path, content=body, headers=headers)
        return answer.status_code, answer.content

    def ask(self, path: str, request: msgspec.Struct, answer: type[Answer], token: str = "") -> Answer:
        status, content = self.raw(path, msgspec.msgpack.encode(request), token)
        if status >= 400:
            raise RefusedByHubError(status, msgspec.msgpack.decode(content, type=Problem))
        return msgspec.msgpack.decode(content, type=answer)

    def session(self, person: Person, address: str = "") -> str:
        address = address or self.address
        nonce = secrets.token_bytes(32)
        opened = self.ask(api.SESSION_OPEN, SessionOpen(person.device, nonce), SessionChallenge)
        content = SessionContent(opened.hub_key, address, person.device, nonce, opened.hub_nonce)
        signature = person.sign(SignatureKind.SESSION, session_bytes(content))
        proof = SessionProof(person.device, nonce, opened.hub_nonce, address, signature)
        return self.ask(api.SESSION_PROVE, proof, SessionGranted).token

    def create(self, circle: Circle) -> Appended:
        return self.ask(api.CIRCLES, api.CreateCircle(circle.chain[0]), Appended)

    def append(self, token: str, circle: Circle, statement: SignedStatement) -> Appended:
        return self.ask(api.REGISTRY_APPEND, api.Append(circle.id, statement), Appended, token)

    def push(self, token: str, *envelopes: Envelope) -> list[str]:
        answer = self.ask(api.PUSH, PushRequest(envelopes), PushAnswer, token)
        return [outcome.status for outcome in answer.outcomes]

    def pull(
        self,
        token: str,
        *circles: Circle,
        cursor: int = 0,
        letters: int = 0,
        limit: int = 100,
        height: int = -1,
    ) -> PullPage:
        chains = tuple(KnownChain(circle.id, height) for circle in circles)
        return self.ask(api.PULL, PullRequest(chains, cursor, letters, limit), PullPage, token)


class RelayUnderTest(Asker):
    """A relay in this process."""

    def __init__(self, hub: Hub, client: TestClient[Litestar]) -> None:
        super().__init__(client, ADDRESS)
        self.hub = hub
        self.web = client


@pytest.fixture
def clock() -> Clock:
    return Clock()


class _CurrentHub:
    """Stands for the relay of the test under way, in an application that is put together once."""

    hub: Hub

    def __getattr__(self, name: str) -> object:
        return getattr(self.hub, name)


@pytest.fixture(scope="session")
def _application() -> tuple[_CurrentHub, Litestar]:
    current = _CurrentHub()
    return current, make_app(cast(Hub, current))


@pytest.fixture(scope="session")
def _empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the tables once; the relay of each test finds them in a copy, as at a second start."""
    path = tmp_path_factory.mktemp("relay") / "relay.sqlite"

    async def make() -> None:
        database = Database(f"sqlite+aiosqlite:///{path}")
        await database.open()
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture
def relay(
    tmp_path: Path, clock: Clock, _application: tuple[_CurrentHub, Litestar], _empty_database: Path
) -> Iterator[RelayUnderTest]:
    path = tmp_path / "relay.sqlite"
    shutil.copy(_empty_database, path)
    database = Database(f"sqlite+aiosqlite:///{path}")
    current, app = _application
    current.hub = make_hub(database, secrets.token_bytes(32), ADDRESS, True, clock)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield RelayUnderTest(current.hub, client)
