from __future__ import annotations

import secrets

import msgspec
import pytest

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.crypto.primitives import SignatureKind, verify
from carelink.sync.wire import api
from carelink.sync.wire.api import (
    SessionChallenge,
    SessionContent,
    SessionGranted,
    SessionOpen,
    SessionProof,
    session_bytes,
)
from tests.hub.conftest import ADDRESS, RefusedByHubError, RelayUnderTest
from tests.hub.people import DAY, START, Clock, Feed, Person, new_circle


@pytest.fixture
def claire(relay: RelayUnderTest) -> Person:
    claire = Person("Claire")
    relay.create(new_circle(claire))
    return claire


def proof_for(relay: RelayUnderTest, person: Person, address: str = ADDRESS) -> SessionProof:
    nonce = secrets.token_bytes(32)
    opened = relay.ask(api.SESSION_OPEN, SessionOpen(person.device, nonce), SessionChallenge)
    content = SessionContent(opened.hub_key, address, person.device, nonce, opened.hub_nonce)
    signature = person.sign(SignatureKind.SESSION, session_bytes(content))
    return SessionProof(person.device, nonce, opened.hub_nonce, address, signature)


def prove(relay: RelayUnderTest, proof: SessionProof) -> SessionGranted:
    return relay.ask(api.SESSION_PROVE, proof, SessionGranted)


def refusal(relay: RelayUnderTest, proof: SessionProof) -> tuple[int, str, str]:
    with pytest.raises(RefusedByHubError) as refused:
        prove(relay, proof)
    return refused.value.status, refused.value.problem.code, refused.value.problem.detail


def test_the_relay_says_who_it_is(relay: RelayUnderTest) -> None:
    answer = relay.client.get(api.INFO)
    info = msgspec.msgpack.decode(answer.content, type=api.HubInfo)
    assert answer.headers["content-type"] == api.MEDIA_TYPE
    assert (info.protocol, info.hub_key, info.time) == (api.PROTOCOL, relay.hub.key, START)


def test_the_relay_signs_its_nonce_without_an_address(relay: RelayUnderTest, claire: Person) -> None:
    nonce = secrets.token_bytes(32)
    opened = relay.ask(api.SESSION_OPEN, SessionOpen(claire.device, nonce), SessionChallenge)
    content = SessionContent(relay.hub.key, "", claire.device, nonce, opened.hub_nonce)
    assert verify(SignatureKind.HUB_SESSION, relay.hub.key, opened.signature, session_bytes(content))
    assert len(opened.hub_nonce) == 32


def test_a_device_that_is_nowhere_a_member_gets_no_nonce(relay: RelayUnderTest, claire: Person) -> None:
    with pytest.raises(RefusedByHubError) as refused:
        relay.session(Person("Inconnu"))
    assert (refused.value.status, refused.value.problem.code) == (403, "unknown_device")
    assert relay.session(claire)


def test_a_session_lasts_an_hour(relay: RelayUnderTest, claire: Person, clock: Clock) -> None:
    granted = prove(relay, proof_for(relay, claire))
    assert granted.expires - granted.time == 3_600_000
    clock.now = granted.expires - 1
    relay.pull(granted.token)
    clock.now = granted.expires
    with pytest.raises(RefusedByHubError) as refused:
        relay.pull(granted.token)
    assert (refused.value.status, refused.value.problem.code) == (401, "unauthenticated")


def test_a_proof_serves_once(relay: RelayUnderTest, claire: Person) -> None:
    proof = proof_for(relay, claire)
    prove(relay, proof)
    assert refusal(relay, proof) == (401, "unauthenticated", "nonce")


def test_a_nonce_is_over_after_a_minute(relay: RelayUnderTest, claire: Person, clock: Clock) -> None:
    early, late = proof_for(relay, claire), proof_for(relay, claire)
    clock.now += 59_999
    prove(relay, early)
    clock.now += 1
    assert refusal(relay, late) == (401, "unauthenticated", "nonce")


def test_a_nonce_made_up_by_the_client_is_refused(relay: RelayUnderTest, claire: Person) -> None:
    proof = proof_for(relay, claire)
    for nonce in (b"", secrets.token_bytes(32), b"\xff" * 6 + proof.hub_nonce[6:]):
        changed = msgspec.structs.replace(proof, hub_nonce=nonce)
        assert refusal(relay, changed) == (401, "unauthenticated", "nonce")


def test_a_nonce_serves_only_the_device_that_asked(relay: RelayUnderTest, claire: Person) -> None:
    proof = proof_for(relay, claire)
    changed = msgspec.structs.replace(proof, device=secrets.token_bytes(16))
    assert refusal(relay, changed) == (401, "unauthenticated", "nonce")


def test_a_signature_by_another_key_is_refused(relay: RelayUnderTest, claire: Person) -> None:
    proof = proof_for(relay, claire)
    stranger = Person("Autre")
    forged = msgspec.structs.replace(proof, signature=stranger.sign(SignatureKind.SESSION, b"x"))
    assert refusal(relay, forged) == (401, "unauthenticated", "signature")
    prove(relay, proof)


def test_a_signature_of_another_kind_is_refused(relay: RelayUnderTest, claire: Person) -> None:
    proof = proof_for(relay, claire)
    content = SessionContent(
        relay.hub.key, proof.hub_address, proof.device, proof.client_nonce, proof.hub_nonce
    )
    forged = claire.sign(SignatureKind.STATEMENT, session_bytes(content))
    assert refusal(relay, msgspec.structs.replace(proof, signature=forged))[2] == "signature"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8765/", "HTTP://LOCALHOST:1", "http://localhost", "http://[::1]:9"]
)
def test_a_relay_on_loopback_answers_to_any_loopback_name(
    relay: RelayUnderTest, claire: Person, address: str
) -> None:
    prove(relay, proof_for(relay, claire, address))


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1:8765", "http://relais.exemple.fr", "http://10.0.0.1:8765", "", "x"]
)
def test_a_proof_meant_for_another_relay_is_refused(
    relay: RelayUnderTest, claire: Person, address: str
) -> None:
    assert refusal(relay, proof_for(relay, claire, address)) == (403, "wrong_address", "")


def test_who_is_past_their_end_date_gets_no_session(relay: RelayUnderTest, clock: Clock) -> None:
    claire, remi = Person("Claire"), Person("Rémi")
    circle = new_circle(claire)
    relay.create(circle)
    token = relay.session(claire)
    newcomer = remi.as_newcomer(Role.NURSE, until=START + DAY)
    relay.append(token, circle, circle.take(circle.addition(claire, newcomer)))
    relay.session(remi)
    clock.now += DAY
    with pytest.raises(RefusedByHubError) as refused:
        relay.session(remi)
    assert refused.value.problem.code == "unknown_device"
    relay.session(claire)


def test_a_session_ends_with_the_stay(relay: RelayUnderTest, clock: Clock) -> None:
    claire, remi = Person("Claire"), Person("Rémi")
    circle = new_circle(claire)
    relay.create(circle)
    token = relay.session(claire)
    newcomer = remi.as_newcomer(Role.NURSE, until=START + 1000)
    relay.append(token, circle, circle.take(circle.addition(claire, newcomer)))
    theirs = relay.session(remi)
    relay.push(token, Feed(claire, circle, Stream.LIFE).seal())
    assert len(relay.pull(theirs, circle).items) == 1
    clock.now += 1000
    page = relay.pull(theirs, circle)
    assert (page.items, page.chains, page.checkpoints, page.letters) == ((), (), (), ())
