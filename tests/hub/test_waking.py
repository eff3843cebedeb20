from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from litestar.exceptions import WebSocketDisconnect
from litestar.testing import WebSocketTestSession

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.access.statements import Newcomer
from carelink.hub.app import SESSION_OVER, TOO_MANY_LISTENERS
from carelink.sync.wire import api
from tests.hub.conftest import RelayUnderTest
from tests.hub.people import DAY, START, Clock, Feed, Person, new_circle


class Scene:
    """Claire coordinates; Eva, a relative, listens."""

    def __init__(self, relay: RelayUnderTest) -> None:
        self.relay = relay
        self.claire, self.eva = Person("Claire"), Person("Eva")
        self.circle = new_circle(self.claire)
        relay.create(self.circle)
        self.token = relay.session(self.claire)
        self.add(self.eva.as_newcomer(Role.RELATIVE, until=START + DAY))
        self.theirs = relay.session(self.eva)
        self.life = Feed(self.claire, self.circle, Stream.LIFE)
        self.decisions = Feed(self.claire, self.circle, Stream.DECISIONS)

    def add(self, newcomer: Newcomer) -> None:
        signed = self.circle.take(self.circle.addition(self.claire, newcomer))
        self.relay.append(self.token, self.circle, signed)

    def write(self, feed: Feed) -> int:
        """Write, and return the position of what was written."""
        assert self.relay.push(self.token, feed.seal()) == ["stored"]
        return self.end()

    def end(self) -> int:
        return self.relay.pull(self.token, self.circle, cursor=-1).cursor

    @contextmanager
    def listening(self, token: str) -> Iterator[WebSocketTestSession]:
        """Listen, once the first message has come, which asks to ask."""
        headers = {"authorization": f"Bearer {token}"}
        with self.relay.web.websocket_connect(api.WAKE, headers=headers) as socket:
            assert told(socket) == 0
            yield socket


def told(socket: WebSocketTestSession) -> int:
    return msgspec.msgpack.decode(socket.receive_bytes(timeout=5), type=int)


@pytest.fixture
def scene(relay: RelayUnderTest) -> Scene:
    return Scene(relay)


def test_a_reader_is_told_of_what_was_written(scene: Scene) -> None:
    with scene.listening(scene.theirs) as socket:
        position = scene.write(scene.life)
        assert told(socket) == position
        later = scene.write(scene.life)
        assert told(socket) == later > position


def test_who_may_not_read_a_stream_is_not_told_of_it(scene: Scene) -> None:
    with scene.listening(scene.theirs) as socket:
        scene.write(scene.decisions)
        # The first thing heard is the second thing written.
        assert scene.write(scene.life) == told(socket)


def test_who_writes_is_not_told_of_their_own_envelopes(scene: Scene) -> None:
    with scene.listening(scene.token) as socket:
        scene.write(scene.life)
        theirs = Feed(scene.eva, scene.circle, Stream.LIFE)
        assert scene.relay.push(scene.theirs, theirs.seal()) == ["stored"]
        assert told(socket) == scene.end()


def test_members_are_told_of_statements(scene: Scene) -> None:
    with scene.listening(scene.theirs) as socket:
        before = scene.write(scene.decisions)
        scene.add(Person("Zoé").as_newcomer(Role.RELATIVE))
        assert before < told(socket) < scene.write(scene.life)


def test_recipients_are_told_of_letters(scene: Scene) -> None:
    with scene.listening(scene.theirs) as socket:
        letter = scene.claire.letter_to(scene.eva, scene.circle, "life", 1)
        scene.relay.ask(api.LETTERS, api.SendLetters((letter,)), api.Accepted, scene.token)
        (item,) = scene.relay.pull(scene.theirs, scene.circle).letters
        assert told(socket) == item.position


def test_who_may_invite_is_told_of_an_answer(scene: Scene) -> None:
    identifier = secrets.token_bytes(16)
    offer = api.RendezvousOffer(scene.circle.id, identifier, b"blob", DAY)
    scene.relay.ask(api.RENDEZVOUS_OFFER, offer, api.Accepted, scene.token)
    with scene.listening(scene.token) as socket, scene.listening(scene.theirs) as other:
        answer = api.RendezvousAnswer(identifier, b"answer")
        scene.relay.ask(api.RENDEZVOUS_ANSWER, answer, api.Accepted)
        answered = told(socket)
        assert answered < scene.write(scene.life) == told(other)


def test_who_is_past_their_end_date_is_not_told(scene: Scene, clock: Clock) -> None:
    clock.now = START + DAY - 1000
    theirs, scene.token = scene.relay.session(scene.eva), scene.relay.session(scene.claire)
    with scene.listening(theirs) as socket:
        clock.now += 1000
        scene.write(scene.life)
        clock.now -= 1000
        assert scene.write(scene.life) == told(socket)


@pytest.mark.parametrize("token", ["", "made-up"])
def test_without_a_session_nobody_listens(scene: Scene, token: str) -> None:
    headers = {"authorization": f"Bearer {token}"}
    with (
        pytest.raises(WebSocketDisconnect),
        scene.relay.web.websocket_connect(api.WAKE, headers=headers) as socket,
    ):
        socket.receive_bytes(timeout=5)


def test_listening_ends_with_the_session(scene: Scene, clock: Clock) -> None:
    token = scene.relay.session(scene.eva)
    # The clock of the test stands still, so the end comes as near as this.
    clock.now += 3_600_000 - 300
    headers = {"authorization": f"Bearer {token}"}
    with scene.relay.web.websocket_connect(api.WAKE, headers=headers) as socket:
        told(socket)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_bytes(timeout=5)
        assert closed.value.code == SESSION_OVER


def test_a_device_listens_a_limited_number_of_times(scene: Scene) -> None:
    headers = {"authorization": f"Bearer {scene.theirs}"}
    listeners = [scene.relay.hub.waking.join(scene.eva.device) for _ in range(8)]
    with scene.relay.web.websocket_connect(api.WAKE, headers=headers) as socket:
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_bytes(timeout=5)
        assert closed.value.code == TOO_MANY_LISTENERS
    assert listeners[0] is not None
    scene.relay.hub.waking.leave(scene.eva.device, listeners[0])
    with scene.listening(scene.theirs) as socket:
        assert scene.write(scene.life) == told(socket)
