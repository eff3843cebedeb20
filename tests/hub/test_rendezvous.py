from __future__ import annotations

import secrets

import pytest

from carelink.access.roles import Role
from carelink.crypto.primitives import sha256
from carelink.hub import rendezvous
from carelink.sync.wire import api
from carelink.sync.wire.api import (
    RENDEZVOUS_BLOB_BYTES,
    Accepted,
    RendezvousAnswer,
    RendezvousBlob,
    RendezvousCollect,
    RendezvousOffer,
    RendezvousRead,
    RendezvousState,
    RendezvousStates,
)
from tests.hub.conftest import RefusedByHubError, RelayUnderTest
from tests.hub.people import DAY, Clock, Person, new_circle

BLOB = b"sealed certificate of the inviter"
ANSWER = b"sealed certificate of the invitee"


class Scene:
    """Claire may invite; Eva may not."""

    def __init__(self, relay: RelayUnderTest) -> None:
        self.relay = relay
        self.claire, self.eva = Person("Claire"), Person("Eva")
        self.circle = new_circle(self.claire)
        relay.create(self.circle)
        self.token = relay.session(self.claire)
        self.theirs = self.add(self.eva)
        self.id = secrets.token_bytes(16)

    def add(self, person: Person, *, invites: bool = False) -> str:
        newcomer = person.as_newcomer(Role.RELATIVE, invites=invites)
        signed = self.circle.take(self.circle.addition(self.claire, newcomer))
        self.relay.append(self.token, self.circle, signed)
        return self.relay.session(person)

    def offer(
        self, token: str = "", *, lifetime: int = 7 * DAY, blob: bytes = BLOB, identifier: bytes = b""
    ) -> int:
        request = RendezvousOffer(self.circle.id, identifier or self.id, blob, lifetime)
        return self.relay.ask(api.RENDEZVOUS_OFFER, request, Accepted, token or self.token).count

    def read(self, identifier: bytes = b"", answer: bytes = b"") -> RendezvousBlob:
        request = RendezvousRead(identifier or self.id, sha256(answer) if answer else b"")
        return self.relay.ask(api.RENDEZVOUS_READ, request, RendezvousBlob)

    def answer(self, answer: bytes = ANSWER, identifier: bytes = b"") -> int:
        request = RendezvousAnswer(identifier or self.id, answer)
        return self.relay.ask(api.RENDEZVOUS_ANSWER, request, Accepted).count

    def collect(self, token: str = "") -> tuple[RendezvousState, ...]:
        request = RendezvousCollect((self.id, secrets.token_bytes(16)))
        return self.relay.ask(api.RENDEZVOUS_COLLECT, request, RendezvousStates, token or self.token).states


@pytest.fixture
def scene(relay: RelayUnderTest) -> Scene:
    return Scene(relay)


def refused(action: object) -> tuple[int, str]:
    assert callable(action)
    with pytest.raises(RefusedByHubError) as error:
        action()
    return error.value.status, error.value.problem.code


def test_an_invitation_is_offered_read_answered_and_collected(scene: Scene) -> None:
    assert scene.offer() == 1
    assert scene.collect() == (RendezvousState(scene.id, b"", False),)
    assert scene.read() == RendezvousBlob(BLOB, False)
    assert scene.answer() == 1
    assert scene.collect() == (RendezvousState(scene.id, ANSWER, False),)


def test_the_same_again_changes_nothing(scene: Scene) -> None:
    assert (scene.offer(), scene.offer()) == (1, 0)
    assert (scene.answer(), scene.answer()) == (1, 0)


def test_an_invitation_is_answered_once(scene: Scene) -> None:
    scene.offer()
    scene.answer()
    assert refused(lambda: scene.answer(b"someone else")) == (409, "used_invitation")
    assert scene.collect()[0].answer == ANSWER


def test_once_it_is_answered_only_who_did_reads_it_again(scene: Scene) -> None:
    """It says who is cared for; a code that is found afterwards says it to nobody."""
    scene.offer()
    assert scene.read(answer=ANSWER) == RendezvousBlob(BLOB, False)
    scene.answer()
    assert scene.read(answer=ANSWER) == RendezvousBlob(BLOB, True)
    for other in (b"", b"someone else"):
        assert refused(lambda other=other: scene.read(answer=other)) == (409, "used_invitation")


def test_an_id_is_offered_once(scene: Scene) -> None:
    scene.offer()
    assert refused(lambda: scene.offer(blob=b"another")) == (409, "conflict")


def test_an_invitation_ends(scene: Scene, clock: Clock) -> None:
    scene.offer(lifetime=1_000)
    clock.now += 999
    scene.read()
    clock.now += 1
    assert refused(scene.read) == (410, "expired_invitation")
    assert refused(scene.answer) == (410, "expired_invitation")
    assert scene.collect(scene.relay.session(scene.claire)) == (RendezvousState(scene.id, b"", True),)


def test_what_ended_long_ago_is_forgotten(scene: Scene, clock: Clock) -> None:
    scene.offer(lifetime=DAY)
    clock.now += DAY + rendezvous.KEPT_AFTER_END
    token = scene.relay.session(scene.claire)
    scene.offer(token, identifier=secrets.token_bytes(16))
    assert refused(scene.read) == (404, "unknown_invitation")
    assert scene.collect(token) == ()


def test_only_who_may_invite_offers_and_collects(scene: Scene) -> None:
    assert refused(lambda: scene.offer(scene.theirs)) == (403, "not_entitled")
    scene.offer()
    scene.answer()
    assert scene.collect(scene.theirs) == ()
    inviter = scene.add(Person("Zoé"), invites=True)
    assert scene.offer(inviter, identifier=secrets.token_bytes(16)) == 1
    assert len(scene.collect(inviter)) == 1


@pytest.mark.parametrize("lifetime", [0, 999, -1, rendezvous.MAX_LIFETIME + 1])
def test_a_lifetime_out_of_bounds_is_refused(scene: Scene, lifetime: int) -> None:
    assert refused(lambda: scene.offer(lifetime=lifetime)) == (400, "malformed")


def test_blobs_and_ids_have_a_size(scene: Scene) -> None:
    assert refused(lambda: scene.offer(blob=bytes(RENDEZVOUS_BLOB_BYTES + 1))) == (413, "too_large")
    assert refused(lambda: scene.offer(identifier=b"short")) == (400, "malformed")
    assert scene.offer(blob=bytes(RENDEZVOUS_BLOB_BYTES)) == 1
    assert refused(lambda: scene.answer(bytes(RENDEZVOUS_BLOB_BYTES + 1))) == (413, "too_large")


def test_a_circle_has_a_limited_number_of_open_invitations(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendezvous, "MAX_OPEN_OFFERS", 1)
    scene.offer()
    assert refused(lambda: scene.offer(identifier=secrets.token_bytes(16))) == (507, "full")


def test_who_guesses_ids_is_soon_not_answered_any_more(scene: Scene, clock: Clock) -> None:
    scene.offer()
    for number in range(10):
        guess = secrets.token_bytes(16)
        action = (lambda g=guess: scene.read(g)) if number % 2 else (lambda g=guess: scene.answer(b"x", g))
        assert refused(action) == (404, "unknown_invitation")
    assert refused(lambda: scene.read(secrets.token_bytes(16))) == (429, "too_many_tries")
    # Even a right id tells a guesser nothing.
    assert refused(scene.read) == (429, "too_many_tries")
    assert len(scene.collect()) == 1
    clock.now += 60_000
    assert scene.read().blob == BLOB
