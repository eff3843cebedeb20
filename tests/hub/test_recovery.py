"""A recovery sheet's blob: left by its account alone, given to whoever has the words, one an account."""

from __future__ import annotations

import secrets
from hashlib import sha256

import pytest

from carelink.access.roles import Role
from carelink.access.statements import AddDevice, decode_certificate
from carelink.crypto.keys import sheet_id
from carelink.sync.wire import api
from tests.hub.conftest import RefusedByHubError, RelayUnderTest
from tests.hub.people import Circle, Person, new_circle


class Scene:
    """Claire has a circle with Eva in it."""

    def __init__(self, relay: RelayUnderTest) -> None:
        self.relay = relay
        self.claire, self.eva = Person("Claire"), Person("Eva")
        self.circle: Circle = new_circle(self.claire)
        relay.create(self.circle)
        self.token = relay.session(self.claire)
        newcomer = self.eva.as_newcomer(Role.RELATIVE)
        relay.append(self.token, self.circle, self.circle.take(self.circle.addition(self.claire, newcomer)))
        self.evas = relay.session(self.eva)

    def sheet(self) -> bytes:
        """Give Claire a sheet, and return where its blob goes."""
        paper = self.claire.other_device(paper=True)
        added = self.circle.statement(self.claire, AddDevice(paper.enrolled.certificate))
        self.relay.append(self.token, self.circle, self.circle.take(added))
        return sheet_id(decode_certificate(paper.enrolled.certificate.body).signing_key)

    def keep(self, identifier: bytes, token: str, blob: bytes = b"blob") -> None:
        self.relay.ask(api.RECOVERY_KEEP, api.RecoveryKeep(identifier, blob), api.Accepted, token)

    def read(self, identifier: bytes) -> bytes:
        return self.relay.ask(api.RECOVERY_READ, api.RecoveryRead(identifier), api.RecoveryBlob).blob


@pytest.fixture
def scene(relay: RelayUnderTest) -> Scene:
    return Scene(relay)


def code_of(error: pytest.ExceptionInfo[RefusedByHubError]) -> str:
    return error.value.problem.code


def test_whoever_has_the_id_gets_the_blob_as_it_was_last_left(scene: Scene) -> None:
    sheet = scene.sheet()
    scene.keep(sheet, scene.token)
    scene.keep(sheet, scene.token, b"newer")
    assert scene.read(sheet) == b"newer"


def test_nobody_else_leaves_a_blob_there_nor_one_without_a_sheet(scene: Scene) -> None:
    sheet = scene.sheet()
    scene.keep(sheet, scene.token)
    for identifier, token in ((sheet, scene.evas), (secrets.token_bytes(16), scene.token)):
        with pytest.raises(RefusedByHubError) as error:
            scene.keep(identifier, token, b"other")
        assert code_of(error) == "not_entitled"
    assert scene.read(sheet) == b"blob"


def test_a_new_sheet_takes_the_place_of_the_old_one(scene: Scene) -> None:
    old = scene.sheet()
    scene.keep(old, scene.token)
    young = scene.sheet()
    scene.keep(young, scene.token, b"young")
    assert scene.read(young) == b"young"
    with pytest.raises(RefusedByHubError) as error:
        scene.read(old)
    assert code_of(error) == "unknown_sheet"
    with pytest.raises(RefusedByHubError) as error:
        scene.keep(old, scene.token)
    assert code_of(error) == "not_entitled"


def test_whoever_guesses_ids_is_not_answered_any_more(scene: Scene) -> None:
    sheet = scene.sheet()
    scene.keep(sheet, scene.token)
    codes = []
    for _ in range(20):
        with pytest.raises(RefusedByHubError) as error:
            scene.read(secrets.token_bytes(16))
        codes.append(code_of(error))
    assert (codes[0], codes[-1]) == ("unknown_sheet", "too_many_tries")
    with pytest.raises(RefusedByHubError) as error:
        scene.read(sheet)
    assert code_of(error) == "too_many_tries"


def test_a_device_is_told_of_its_own_circles_only(scene: Scene, relay: RelayUnderTest) -> None:
    other = new_circle(scene.eva)
    relay.create(other)

    def circles(token: str, after: bytes = b"") -> list[bytes]:
        request = api.OwnCirclesRequest(after)
        answer = relay.ask(api.OWN_CIRCLES, request, api.OwnCircles, token)
        assert all(one.genesis[:16] == one.circle for one in answer.circles)
        return [one.circle for one in answer.circles]

    assert circles(scene.token) == [scene.circle.id]
    both = sorted([scene.circle.id, other.id])
    assert circles(scene.evas) == both
    assert circles(scene.evas, both[0]) == both[1:]
    assert circles(scene.evas, both[1]) == []


def test_two_devices_of_an_account_meet_and_nobody_else_sees_it(scene: Scene) -> None:
    identifier = secrets.token_bytes(16)
    relay = scene.relay
    # Eva invites nobody: to bring in her own device she need not.
    relay.ask(api.PAIRING_OFFER, api.PairingOffer(identifier, b"offer", 60_000), api.Accepted, scene.evas)
    read = relay.ask(api.RENDEZVOUS_READ, api.RendezvousRead(identifier), api.RendezvousBlob)
    assert read.blob == b"offer"
    relay.ask(api.RENDEZVOUS_ANSWER, api.RendezvousAnswer(identifier, b"keys"), api.Accepted)
    for token, answers in ((scene.evas, [b"keys"]), (scene.token, [])):
        states = relay.ask(
            api.PAIRING_COLLECT, api.RendezvousCollect((identifier,)), api.RendezvousStates, token
        )
        assert [state.answer for state in states.states] == answers
    with pytest.raises(RefusedByHubError):
        relay.ask(api.PAIRING_FINISH, api.PairingFinish(identifier, b"theirs"), api.Accepted, scene.token)
    relay.ask(api.PAIRING_FINISH, api.PairingFinish(identifier, b"done"), api.Accepted, scene.evas)
    with pytest.raises(RefusedByHubError) as error:
        relay.ask(api.RENDEZVOUS_READ, api.RendezvousRead(identifier), api.RendezvousBlob)
    assert code_of(error) == "used_invitation"
    own = api.RendezvousRead(identifier, sha256(b"keys").digest())
    assert relay.ask(api.RENDEZVOUS_READ, own, api.RendezvousBlob).blob == b"done"


def test_an_account_has_few_offers_open(scene: Scene) -> None:
    codes = []
    for _ in range(6):
        try:
            scene.relay.ask(
                api.PAIRING_OFFER,
                api.PairingOffer(secrets.token_bytes(16), b"offer", 60_000),
                api.Accepted,
                scene.evas,
            )
            codes.append("")
        except RefusedByHubError as error:
            codes.append(error.problem.code)
    assert codes == ["", "", "", "", "", "full"]
