"""Every operation, asked by those who may not."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import msgspec
import pytest

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.hub.routes import OPERATIONS, Operation
from carelink.sync.wire import api
from carelink.sync.wire import workstations as stations
from carelink.sync.wire.api import KnownChain, Problem
from tests.hub.conftest import RelayUnderTest
from tests.hub.direct import DirectFeed
from tests.hub.people import DAY, START, Circle, Clock, Feed, Person, new_circle

WITH_SESSION = [operation for operation in OPERATIONS if operation.needs_session]
# What concerns the asking account alone has tests of its own.
OF_ACCOUNT = {
    api.PAIRING_OFFER,
    api.PAIRING_COLLECT,
    api.PAIRING_FINISH,
    api.RECOVERY_KEEP,
    api.OWN_CIRCLES,
}
OF_CIRCLE = [operation for operation in WITH_SESSION if operation.path not in OF_ACCOUNT]
BLOB = secrets.token_bytes(16)

# What a device would ask about a circle; an operation without an entry here fails the tests below.
REQUESTS: dict[str, Callable[[Person, Circle], msgspec.Struct]] = {
    api.REGISTRY_APPEND: lambda person, circle: api.Append(circle.id, circle.openings(person, [Stream.LIFE])),
    api.PULL: lambda _person, circle: api.PullRequest((KnownChain(circle.id, -1),), 0, 0, 100),
    api.BACKFILL: lambda _person, circle: api.BackfillRequest(circle.id, 1000, 100),
    api.PUSH: lambda person, circle: api.PushRequest((Feed(person, circle, Stream.LIFE).seal(),)),
    api.DIRECT: lambda person, circle: api.PushRequest(
        (DirectFeed(person, circle).open([person], kind="keys"),)
    ),
    api.LETTERS: lambda person, circle: api.SendLetters((person.letter_to(person, circle, "life", 1),)),
    api.RECEIPTS: lambda person, circle: api.SendReceipts(
        (person.receipt_for(person.letter_to(person, circle, "life", 1)),)
    ),
    api.LETTER_INDEX: lambda _person, circle: api.LetterIndexRequest(circle.id),
    api.RENDEZVOUS_OFFER: lambda _person, circle: api.RendezvousOffer(circle.id, BLOB, b"blob", DAY),
    api.RENDEZVOUS_COLLECT: lambda _person, _circle: api.RendezvousCollect((BLOB,)),
    api.PAIRING_OFFER: lambda _person, _circle: api.PairingOffer(BLOB, b"blob", DAY),
    api.PAIRING_COLLECT: lambda _person, _circle: api.RendezvousCollect((BLOB,)),
    api.PAIRING_FINISH: lambda _person, _circle: api.PairingFinish(BLOB, b"blob"),
    api.RECOVERY_KEEP: lambda _person, _circle: api.RecoveryKeep(BLOB, b"blob"),
    api.OWN_CIRCLES: lambda _person, _circle: api.OwnCirclesRequest(b""),
    stations.BOARD_KEEP: lambda _person, circle: stations.BoardKeep(circle.id, 1, BLOB, b"blob", ()),
    stations.BOARD_READ: lambda _person, circle: stations.BoardRead(circle.id),
    stations.SLOT_KEEP: lambda person, circle: stations.SlotKeep(
        circle.id, BLOB, BLOB, person.device, b"plate", b"body"
    ),
}

# What those get whom the circle doesn't concern: a refusal, or an answer that holds nothing.
EMPTY = {
    api.PULL: api.PullPage((), (), 0, False, (), ()),
    api.RENDEZVOUS_COLLECT: api.RendezvousStates(()),
}


@pytest.fixture
def claire() -> Person:
    return Person("Claire")


@pytest.fixture
def circle(relay: RelayUnderTest, claire: Person) -> Circle:
    """A circle that holds a bit of everything."""
    circle = new_circle(claire)
    relay.create(circle)
    token = relay.session(claire)
    assert relay.push(token, Feed(claire, circle, Stream.LIFE).seal()) == ["stored"]
    offer = api.RendezvousOffer(circle.id, BLOB, b"blob", DAY)
    relay.ask(api.RENDEZVOUS_OFFER, offer, api.Accepted, token)
    board = stations.BoardKeep(circle.id, 1, BLOB, b"blob", ())
    relay.ask(stations.BOARD_KEEP, board, api.Accepted, token)
    return circle


def problem_of(relay: RelayUnderTest, path: str, body: bytes, token: str = "") -> tuple[int, Problem]:
    status, content = relay.raw(path, body, token)
    assert status >= 400, content
    return status, msgspec.msgpack.decode(content, type=Problem)


@pytest.mark.parametrize("operation", WITH_SESSION, ids=lambda o: o.name)
def test_without_a_session_nothing_is_served(
    relay: RelayUnderTest, claire: Person, circle: Circle, operation: Operation
) -> None:
    body = msgspec.msgpack.encode(REQUESTS[operation.path](claire, circle))
    for token in ("", "made-up"):
        status, problem = problem_of(relay, operation.path, body, token)
        assert (status, problem.code) == (401, "unauthenticated")


@pytest.mark.parametrize("operation", WITH_SESSION, ids=lambda o: o.name)
def test_with_a_session_that_is_over_nothing_is_served(
    relay: RelayUnderTest, claire: Person, circle: Circle, clock: Clock, operation: Operation
) -> None:
    token = relay.session(claire)
    body = msgspec.msgpack.encode(REQUESTS[operation.path](claire, circle))
    clock.now += 3_600_000
    status, problem = problem_of(relay, operation.path, body, token)
    assert (status, problem.code) == (401, "unauthenticated")


@pytest.mark.parametrize("operation", OF_CIRCLE, ids=lambda o: o.name)
def test_a_member_of_another_circle_is_served_nothing_of_this_one(
    relay: RelayUnderTest, claire: Person, circle: Circle, operation: Operation
) -> None:
    remi = Person("Rémi")
    relay.create(new_circle(remi))
    assert_gets_nothing(relay, remi, circle, operation, relay.session(remi))


@pytest.mark.parametrize("operation", OF_CIRCLE, ids=lambda o: o.name)
def test_a_member_past_their_end_date_is_served_nothing(
    relay: RelayUnderTest, claire: Person, circle: Circle, clock: Clock, operation: Operation
) -> None:
    remi = Person("Rémi")
    newcomer = remi.as_newcomer(Role.FAMILY_CARER, until=START + 1000, invites=True)
    relay.append(relay.session(claire), circle, circle.take(circle.addition(claire, newcomer)))
    token = relay.session(remi)
    clock.now += 1000
    assert_gets_nothing(relay, remi, circle, operation, token)


@pytest.mark.parametrize("operation", OF_CIRCLE, ids=lambda o: o.name)
def test_a_member_whose_stay_was_ended_is_served_nothing(
    relay: RelayUnderTest, claire: Person, circle: Circle, clock: Clock, operation: Operation
) -> None:
    remi = Person("Rémi")
    token = relay.session(claire)
    newcomer = remi.as_newcomer(Role.FAMILY_CARER, until=START + 1000, invites=True)
    relay.append(token, circle, circle.take(circle.addition(claire, newcomer)))
    theirs = relay.session(remi)
    # The author's clock is ahead: the relay's own has not reached the date.
    relay.append(token, circle, circle.take(circle.expiry(claire, remi, START + 1000)))
    ended = circle.now.height
    relay.append(token, circle, circle.take(circle.openings(claire, [Stream.LIFE])))
    assert_gets_nothing(relay, remi, circle, operation, theirs, left=ended)


def assert_gets_nothing(
    relay: RelayUnderTest, person: Person, circle: Circle, operation: Operation, token: str, left: int = 0
) -> None:
    body = msgspec.msgpack.encode(REQUESTS[operation.path](person, circle))
    status, content = relay.raw(operation.path, body, token)
    if operation.path in EMPTY:
        answer = msgspec.msgpack.decode(content, type=operation.answer)
        if isinstance(answer, api.PullPage):
            answer = msgspec.structs.replace(answer, cursor=0)
            if left:
                # How their stay ended is for them to know, and nothing that came after.
                (part,) = answer.chains
                assert part.statements == tuple(circle.chain[: left + 1])
                answer = msgspec.structs.replace(answer, chains=())
        assert answer == EMPTY[operation.path]
    elif operation.path in {api.PUSH, api.DIRECT}:
        outcomes = msgspec.msgpack.decode(content, type=api.PushAnswer).outcomes
        assert [outcome.status for outcome in outcomes] == ["unknown_device"]
    else:
        assert status in {403, 404}
        assert msgspec.msgpack.decode(content, type=Problem).code in {"unknown_circle", "not_entitled"}


@pytest.mark.parametrize("operation", OF_CIRCLE, ids=lambda o: o.name)
def test_a_member_is_served(
    relay: RelayUnderTest, claire: Person, circle: Circle, operation: Operation
) -> None:
    body = msgspec.msgpack.encode(REQUESTS[operation.path](claire, circle))
    status, content = relay.raw(operation.path, body, relay.session(claire))
    assert status == 200
    assert msgspec.msgpack.decode(content, type=operation.answer) != EMPTY.get(operation.path)


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x90", b"\x80", b"\x91" * 2000, b"\xc0", b"{}"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.name)
def test_a_body_of_another_form_is_refused(
    relay: RelayUnderTest, claire: Person, circle: Circle, operation: Operation, body: bytes
) -> None:
    status, problem = problem_of(relay, operation.path, body, relay.session(claire))
    assert (status, problem) == (400, Problem("malformed"))


@pytest.mark.parametrize("operation", WITH_SESSION, ids=lambda o: o.name)
def test_one_field_too_many_is_refused(
    relay: RelayUnderTest, claire: Person, circle: Circle, operation: Operation
) -> None:
    fields = msgspec.to_builtins(REQUESTS[operation.path](claire, circle), builtin_types=(bytes,))
    body = msgspec.msgpack.encode([*fields, "more"])
    assert problem_of(relay, operation.path, body, relay.session(claire))[0] == 400


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.name)
def test_a_body_that_is_too_long_is_refused(
    relay: RelayUnderTest, claire: Person, circle: Circle, operation: Operation
) -> None:
    status, problem = problem_of(relay, operation.path, bytes(operation.max_bytes + 1), relay.session(claire))
    assert (status, problem.code) == (413, "too_large")


def test_an_unknown_address_is_answered_in_the_protocols_form(relay: RelayUnderTest) -> None:
    assert problem_of(relay, "/v1/nothing", b"")[0] == 404
    answer = relay.client.get(api.PULL)
    assert answer.status_code == 405
    assert msgspec.msgpack.decode(answer.content, type=Problem).code == "malformed"


def test_a_fault_of_ours_shows_nothing_of_what_was_sent(
    relay: RelayUnderTest,
    claire: Person,
    circle: Circle,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_args: object) -> None:
        raise ValueError("SECRET of Jeanne")

    token = relay.session(claire)
    monkeypatch.setattr(type(relay.hub.circles), "of_device", fail)
    body = msgspec.msgpack.encode(REQUESTS[api.PULL](claire, circle))
    status, problem = problem_of(relay, api.PULL, body, token)
    assert (status, problem) == (500, Problem("internal"))
    assert "ValueError" in caplog.text
    assert "SECRET" not in caplog.text


def test_openapi_describes_every_operation_with_its_exact_structures(relay: RelayUnderTest) -> None:
    spec = relay.client.get("/schema/openapi.json").json()
    for operation in OPERATIONS:
        described = spec["paths"][operation.path]["post"]
        body = described["requestBody"]["content"][api.MEDIA_TYPE]["schema"]
        answer = described["responses"]["200"]["content"][api.MEDIA_TYPE]["schema"]
        for reference, struct in ((body, operation.request), (answer, operation.answer)):
            name = reference["$ref"].rpartition("/")[2]
            assert name == struct.__name__
            schema = spec["components"]["schemas"][name]
            assert schema["type"] == "array"
            assert len(schema["prefixItems"]) == len(struct.__struct_fields__)
        assert ("security" in described) == operation.needs_session
