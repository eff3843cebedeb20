from __future__ import annotations

import secrets

import msgspec
import pytest

from carelink.access.compartments import Stream
from carelink.access.roles import Function, Role
from carelink.access.statements import ZERO_HASH
from carelink.sync.wire import api
from carelink.sync.wire.api import PushAnswer, PushRequest
from carelink.sync.wire.structures import MAX_CIPHERTEXT_BYTES, Envelope, SignedStatement
from carelink.sync.wire.verification import envelope_id
from tests.hub.conftest import RefusedByHubError, RelayUnderTest
from tests.hub.people import START, Clock, Feed, Person, new_circle, stub


class Scene:
    """Claire coordinates and writes in `life`, which Eva reads."""

    def __init__(self, relay: RelayUnderTest) -> None:
        self.relay = relay
        self.claire, self.eva = Person("Claire"), Person("Eva")
        self.circle = new_circle(self.claire)
        relay.create(self.circle)
        self.token = relay.session(self.claire)
        newcomer = self.eva.as_newcomer(Role.FAMILY_CARER)
        self.change(self.circle.addition(self.claire, newcomer))
        self.theirs = relay.session(self.eva)
        self.feed = Feed(self.claire, self.circle, Stream.LIFE)

    def change(self, signed: SignedStatement) -> None:
        self.relay.append(self.token, self.circle, self.circle.take(signed))

    def push(self, *envelopes: Envelope) -> list[str]:
        return self.relay.push(self.token, *envelopes)

    def make_life_due(self) -> None:
        """Someone comes in who may not read what was written before."""
        self.change(
            self.circle.addition(self.claire, Person("Rémi").as_newcomer(Role.RELATIVE, history=False))
        )
        assert self.circle.now.streams[Stream.LIFE].due

    def ciphertexts(self) -> list[bytes]:
        """Return what Eva gets."""
        items = self.relay.pull(self.theirs, self.circle).items
        return [item.envelope.ciphertext for item in items]


@pytest.fixture
def scene(relay: RelayUnderTest) -> Scene:
    return Scene(relay)


def test_envelopes_in_order_are_stored(scene: Scene) -> None:
    envelopes = [scene.feed.seal() for _ in range(3)]
    assert scene.push(*envelopes) == ["stored"] * 3
    assert scene.ciphertexts() == [envelope.ciphertext for envelope in envelopes]


def test_the_answer_names_each_envelope(scene: Scene) -> None:
    envelopes = (scene.feed.seal(), scene.feed.seal())
    answer = scene.relay.ask(api.PUSH, PushRequest(envelopes), PushAnswer, scene.token)
    assert [o.identifier for o in answer.outcomes] == [envelope_id(e.header) for e in envelopes]


def test_an_envelope_sent_again_is_known(scene: Scene) -> None:
    first, second = scene.feed.seal(), scene.feed.seal()
    assert scene.push(first, first) == ["stored", "known"]
    assert scene.push(first, second) == ["known", "stored"]
    assert len(scene.ciphertexts()) == 2


def test_an_envelope_sent_again_is_known_even_once_its_stream_is_due(scene: Scene) -> None:
    first = scene.feed.seal()
    scene.push(first)
    scene.make_life_due()
    assert scene.push(first, stub(first)) == ["known", "known"]


def test_another_envelope_at_the_same_place_is_a_fork(scene: Scene) -> None:
    rival = scene.feed.seal_aside()
    first = scene.feed.seal()
    assert scene.push(first) == ["stored"]
    assert scene.push(rival) == ["fork"]
    assert scene.ciphertexts() == [first.ciphertext]


def test_an_envelope_too_far_ahead_leaves_a_gap(scene: Scene) -> None:
    scene.feed.seal()
    assert scene.push(scene.feed.seal()) == ["gap"]


def test_after_a_refusal_the_feed_waits_and_other_feeds_go_on(scene: Scene) -> None:
    other = Feed(scene.claire, scene.circle, Stream.COORDINATION)
    good = scene.feed.seal()
    bad = msgspec.structs.replace(scene.feed.seal_aside(), signature=bytes(64))
    after = scene.feed.seal()
    assert scene.push(good, other.seal(), bad, after, other.seal()) == [
        "stored",
        "stored",
        "bad_signature",
        "gap",
        "stored",
    ]
    assert scene.push(after) == ["stored"]


def test_an_envelope_that_names_another_one_before_it_breaks_the_chain(scene: Scene) -> None:
    assert scene.push(scene.feed.seal_aside(previous=secrets.token_bytes(32))) == ["bad_chain"]
    scene.push(scene.feed.seal())
    assert scene.push(scene.feed.seal_aside(previous=ZERO_HASH)) == ["bad_chain"]
    assert scene.push(scene.feed.seal()) == ["stored"]


def test_an_envelope_that_knows_another_registry_breaks_the_chain(scene: Scene) -> None:
    height = scene.circle.now.height
    for changes in (
        {"registry_height": height + 1},
        {"registry_height": height - 1},
        {"registry_head": secrets.token_bytes(32)},
        {"registry_height": 2**52},
    ):
        assert scene.push(scene.feed.seal_aside(**changes)) == ["bad_chain"]


def test_an_envelope_sealed_before_the_latest_statement_is_stored(scene: Scene) -> None:
    envelope = scene.feed.seal()
    scene.change(scene.circle.openings(scene.claire, [Stream.COORDINATION]))
    assert scene.push(envelope) == ["stored"]


def test_a_feed_does_not_go_back_in_the_registry(scene: Scene) -> None:
    before = scene.circle.now
    scene.change(scene.circle.openings(scene.claire, [Stream.COORDINATION]))
    scene.push(scene.feed.seal())
    back = scene.feed.seal_aside(registry_height=before.height, registry_head=before.head)
    assert scene.push(back) == ["bad_chain"]


@pytest.mark.parametrize("field", ["header", "signature", "ciphertext"])
def test_an_altered_envelope_is_refused(scene: Scene, field: str) -> None:
    envelope = scene.feed.seal()
    content = getattr(envelope, field)
    for at in {0, 1, len(content) // 2, len(content) - 1}:
        flipped = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        altered = msgspec.structs.replace(envelope, **{field: flipped})
        assert scene.push(altered)[0] in {"bad_signature", "unknown_device", "gap"}
    assert scene.ciphertexts() == []
    assert scene.push(envelope) == ["stored"]


def test_a_ciphertext_of_another_length_is_refused(scene: Scene) -> None:
    envelope = scene.feed.seal()
    longer = msgspec.structs.replace(envelope, ciphertext=envelope.ciphertext + b"\x00")
    assert scene.push(longer) == ["bad_signature"]


def test_an_envelope_of_another_device_is_refused(scene: Scene) -> None:
    hers = Feed(scene.eva, scene.circle, Stream.LIFE)
    assert scene.push(hers.seal()) == ["unknown_device"]
    assert scene.push(scene.feed.seal_aside(device=scene.eva.device)) == ["unknown_device"]


def test_an_envelope_of_an_unknown_circle_is_refused(scene: Scene) -> None:
    elsewhere = Feed(scene.claire, new_circle(scene.claire), Stream.LIFE)
    assert scene.push(elsewhere.seal(), scene.feed.seal()) == ["unknown_device", "stored"]


def test_who_may_not_write_in_a_stream_is_refused(scene: Scene) -> None:
    remi = Person("Rémi")
    scene.change(scene.circle.addition(scene.claire, remi.as_newcomer(Role.RELATIVE)))
    token = scene.relay.session(remi)
    may_read = Feed(remi, scene.circle, Stream.COORDINATION)
    may_not_read = Feed(remi, scene.circle, Stream.CARE)
    assert scene.relay.push(token, may_read.seal(), may_not_read.seal(epoch=1)) == ["no_right"] * 2
    assert scene.push(scene.feed.seal_aside(stream="diary")) == ["no_right"]


def test_an_envelope_from_before_its_author_came_is_refused(scene: Scene) -> None:
    state = scene.circle.now
    remi = Person("Rémi")
    scene.change(scene.circle.addition(scene.claire, remi.as_newcomer(Role.RELATIVE)))
    early = Feed(remi, scene.circle, Stream.LIFE).seal(registry_height=state.height, registry_head=state.head)
    assert scene.relay.push(scene.relay.session(remi), early) == ["no_right"]


def test_an_epoch_that_is_over_or_not_begun_is_refused(scene: Scene) -> None:
    scene.change(scene.circle.openings(scene.claire, [Stream.LIFE]))
    for epoch in (0, 1, 3, 2**52):
        assert scene.push(scene.feed.seal_aside(epoch=epoch)) == ["wrong_epoch"]
    assert scene.push(scene.feed.seal(epoch=2)) == ["stored"]


def test_an_epoch_that_had_not_begun_when_it_was_sealed_is_refused(scene: Scene) -> None:
    state = scene.circle.now
    scene.change(scene.circle.openings(scene.claire, [Stream.LIFE]))
    early = scene.feed.seal(registry_height=state.height, registry_head=state.head)
    assert scene.push(early) == ["wrong_epoch"]


def test_a_stream_that_is_due_takes_nothing_under_the_old_key(scene: Scene) -> None:
    scene.make_life_due()
    assert scene.push(scene.feed.seal_aside()) == ["wrong_epoch"]
    scene.change(scene.circle.openings(scene.claire, [Stream.LIFE]))
    assert scene.push(scene.feed.seal()) == ["stored"]


@pytest.mark.parametrize("opened", [False, True])
def test_a_stub_stands_for_what_came_too_late_and_the_feed_goes_on(scene: Scene, opened: bool) -> None:
    scene.push(scene.feed.seal())
    late = scene.feed.seal()
    scene.make_life_due()
    if opened:
        scene.change(scene.circle.openings(scene.claire, [Stream.LIFE]))
    assert scene.push(late) == ["wrong_epoch"]
    assert scene.push(stub(late)) == ["stored"]
    if not opened:
        scene.change(scene.circle.openings(scene.claire, [Stream.LIFE]))
    last = scene.feed.seal()
    assert scene.push(last) == ["stored"]
    assert scene.ciphertexts()[1:] == [b"", last.ciphertext]


def test_a_stub_of_what_could_be_sent_whole_is_refused(scene: Scene) -> None:
    envelope = scene.feed.seal()
    assert scene.push(stub(envelope)) == ["wrong_epoch"]
    assert scene.push(envelope) == ["stored"]


def test_a_stub_is_signed_like_any_envelope(scene: Scene) -> None:
    late = scene.feed.seal()
    scene.make_life_due()
    assert scene.push(msgspec.structs.replace(stub(late), signature=bytes(64))) == ["bad_signature"]


def test_an_envelope_that_is_too_long_is_refused_by_itself(scene: Scene) -> None:
    fits = scene.feed.seal(secrets.token_bytes(MAX_CIPHERTEXT_BYTES))
    too_long = scene.feed.seal(bytes(MAX_CIPHERTEXT_BYTES + 1))
    assert scene.push(fits, too_long) == ["stored", "too_large"]


def test_a_request_with_too_many_envelopes_is_refused(scene: Scene) -> None:
    envelope = scene.feed.seal()
    with pytest.raises(RefusedByHubError) as refused:
        scene.push(*[envelope] * (api.MAX_PUSH_ENVELOPES + 1))
    assert refused.value.problem.code == "too_large"
    assert len(scene.push(*[envelope] * api.MAX_PUSH_ENVELOPES)) == api.MAX_PUSH_ENVELOPES


def test_who_left_is_told_that_what_they_sent_before_is_stored(scene: Scene, clock: Clock) -> None:
    remi = Person("Rémi")
    scene.change(scene.circle.addition(scene.claire, remi.as_newcomer(Role.RELATIVE, until=START + 1000)))
    token = scene.relay.session(remi)
    feed = Feed(remi, scene.circle, Stream.LIFE)
    before = feed.seal()
    assert scene.relay.push(token, before) == ["stored"]
    clock.now += 1000
    assert scene.relay.push(token, before, feed.seal()) == ["known", "unknown_device"]
    scene.change(scene.circle.expiry(scene.claire, remi, START + 1000))
    assert scene.relay.push(token, before, feed.seal_aside()) == ["known", "unknown_device"]


def test_care_opens_with_its_first_reader(relay: RelayUnderTest) -> None:
    claire, remi = Person("Claire"), Person("Rémi")
    circle = new_circle(claire)
    relay.create(circle)
    token = relay.session(claire)
    nurse = remi.as_newcomer(Role.NURSE, {Function.COORDINATOR})
    relay.append(token, circle, circle.take(circle.addition(claire, nurse)))
    theirs = relay.session(remi)
    relay.append(theirs, circle, circle.take(circle.openings(remi, [Stream.CARE])))
    assert relay.push(theirs, Feed(remi, circle, Stream.CARE).seal()) == ["stored"]
    assert relay.pull(token, circle).items == ()
