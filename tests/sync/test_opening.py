"""Every way in which a page can be wrong has its name; what is right of it is taken."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.access.statements import OpenEpochs
from carelink.records.bodies import TraceBody, encode_body
from carelink.records.revision import Revision, encode_revision
from carelink.sync.outcome import MOST_MISSING
from carelink.sync.sealing import SeenHead
from carelink.sync.wire.structures import Envelope
from carelink.sync.wire.verification import decode_header
from tests.hub.people import START, Person, sealed
from tests.sync.feeds import Holder, Scene, Writer, account_of, flipped, missing_seqs, read_texts, reasons


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def writer(scene: Scene) -> Writer:
    return Writer(scene, scene.claire)


@pytest.fixture
def holder(scene: Scene) -> Holder:
    return Holder(scene)


def test_a_feed_is_taken_and_read(writer: Writer, holder: Holder) -> None:
    page = [writer.seal(f"note {n}") for n in range(5)]
    outcome = holder.take(*page)
    assert read_texts(outcome) == [f"note {n}" for n in range(5)]
    assert not outcome.refused
    assert not outcome.missing
    assert holder.feeds[writer.key].head == 5


def test_traces_are_read_with_the_private_half_only(scene: Scene) -> None:
    writer = Writer(scene, scene.anne, Stream.TRACE)
    body = encode_body(TraceBody("opened", "life"))
    data = encode_revision(Revision(bytes(16), "trace", (), account_of(scene.anne), START, (), body))
    envelope = writer.seal(data=data)
    outcome = Holder(scene).take(envelope)
    assert [o.revision.kind for a in outcome.accepted for o in a.revisions] == ["trace"]
    assert len(Holder(scene, keys={}).take(envelope).waiting) == 1


class TestAltered:
    @pytest.mark.parametrize("at", [0, 3, 60, 150, -40, -1])
    def test_a_header_altered_anywhere_is_refused(self, writer: Writer, holder: Holder, at: int) -> None:
        envelope = writer.seal()
        outcome = holder.take(msgspec.structs.replace(envelope, header=flipped(envelope.header, at)))
        assert len(reasons(outcome)) == 1
        assert not outcome.accepted

    @pytest.mark.parametrize("at", [0, 20, -1])
    def test_an_altered_ciphertext_is_a_bad_signature(self, writer: Writer, holder: Holder, at: int) -> None:
        envelope = writer.seal()
        bad = msgspec.structs.replace(envelope, ciphertext=flipped(envelope.ciphertext, at))
        assert reasons(holder.take(bad)) == ["bad_signature"]
        assert read_texts(holder.take(envelope)) == ["text"]

    def test_a_shortened_or_lengthened_ciphertext_is_a_bad_signature(
        self, writer: Writer, holder: Holder
    ) -> None:
        envelope = writer.seal()
        for ciphertext in (envelope.ciphertext[:-1], envelope.ciphertext + b"x"):
            bad = msgspec.structs.replace(envelope, ciphertext=ciphertext)
            assert reasons(holder.take(bad)) == ["bad_signature"]

    @pytest.mark.parametrize("at", [0, 31, 32, 63])
    def test_an_altered_signature_is_a_bad_signature(self, writer: Writer, holder: Holder, at: int) -> None:
        envelope = writer.seal()
        bad = msgspec.structs.replace(envelope, signature=flipped(envelope.signature, at))
        assert reasons(holder.take(bad)) == ["bad_signature"]

    def test_what_is_no_envelope_is_a_bad_signature(self, holder: Holder) -> None:
        for header in (b"", b"\xc0", b"x" * 5000):
            assert reasons(holder.take(Envelope(header, b"", b""))) == ["bad_signature"]

    def test_someone_elses_signature_is_a_bad_signature(self, scene: Scene, holder: Holder) -> None:
        forged = Writer(scene, scene.anne).seal(device=scene.claire.device)
        assert reasons(holder.take(forged)) == ["bad_signature"]

    def test_what_is_wrapped_wrongly_is_unreadable(self, scene: Scene, writer: Writer) -> None:
        envelope = writer.seal()
        wrong = {key: bytes(32) for key in scene.keys}
        outcome = Holder(scene, keys=wrong).take(envelope)
        assert reasons(outcome) == ["unreadable"]

    def test_a_revision_that_is_none_is_unreadable(self, writer: Writer, holder: Holder) -> None:
        assert reasons(holder.take(writer.seal(data=b"not a revision"))) == ["unreadable"]


class TestOutOfPlace:
    @pytest.mark.parametrize(
        ("place", "why"),
        [
            ({"circle": bytes(16)}, "bad_chain"),
            ({"device": bytes(16)}, "unknown_device"),
            ({"registry_height": 77}, "registry_split"),
            ({"registry_head": bytes(32)}, "registry_split"),
            ({"epoch": 0}, "wrong_epoch"),
            ({"epoch": 2}, "wrong_epoch"),
        ],
    )
    def test_what_says_it_is_elsewhere_is_named(
        self, writer: Writer, holder: Holder, place: dict[str, Any], why: str
    ) -> None:
        outcome = holder.take(writer.seal(**place))
        assert reasons(outcome) == [why]
        assert not outcome.accepted
        assert not outcome.feeds

    def test_a_stream_that_the_author_may_not_write_is_no_right(self, scene: Scene, holder: Holder) -> None:
        for stream in (Stream.CARE, Stream.COORDINATION):
            assert reasons(holder.take(Writer(scene, scene.anne, stream).seal())) == ["no_right"]

    def test_a_stream_that_does_not_exist_is_no_right(self, scene: Scene, holder: Holder) -> None:
        core = decode_header(Writer(scene, scene.claire).seal().header)[1]
        elsewhere = sealed(scene.claire, msgspec.structs.replace(core, stream="secret"), b"?")
        assert reasons(holder.take(elsewhere)) == ["no_right"]

    def test_a_device_before_its_owner_came_in_is_unknown(self, scene: Scene, holder: Holder) -> None:
        assert reasons(holder.take(Writer(scene, scene.anne).seal(height=0))) == ["unknown_device"]

    def test_an_old_key_after_a_new_one_was_opened_is_a_wrong_epoch(
        self, scene: Scene, writer: Writer, holder: Holder
    ) -> None:
        public = OpenEpochs((scene.epoch(Stream.LIFE, 2),))
        scene.circle.take(scene.circle.statement(scene.claire, public))
        assert reasons(holder.take(writer.seal(epoch=1))) == ["wrong_epoch"]

    def test_what_was_sealed_before_the_new_key_is_still_taken(
        self, scene: Scene, writer: Writer, holder: Holder
    ) -> None:
        before = writer.seal("before")
        public = OpenEpochs((scene.epoch(Stream.LIFE, 2),))
        scene.circle.take(scene.circle.statement(scene.claire, public))
        assert read_texts(holder.take(before, writer.seal("after"))) == ["before", "after"]

    def test_a_feed_does_not_go_back_in_the_registry(self, writer: Writer, holder: Holder) -> None:
        page = writer.seal("now"), writer.seal("then", height=0)
        outcome = holder.take(*page)
        assert read_texts(outcome) == ["now"]
        assert reasons(outcome) == ["bad_chain"]

    def test_a_member_who_left_and_came_back_with_another_device_is_still_read(
        self, scene: Scene, holder: Holder
    ) -> None:
        """Whose first device is theirs no more had crashed every reader."""
        paul = Person("Paul")
        scene.circle.take(scene.circle.addition(scene.claire, paul.as_newcomer(Role.RELATIVE, until=START)))
        before = Writer(scene, paul).seal("from the first stay")
        scene.circle.take(scene.circle.expiry(scene.claire, paul, START))
        outcome = holder.take(before)
        assert read_texts(outcome) == ["from the first stay"]


class TestAuthors:
    def test_a_revision_in_another_name_is_no_right(self, scene: Scene, holder: Holder) -> None:
        outcome = holder.take(Writer(scene, scene.anne).seal("I am Claire", author=scene.claire))
        assert reasons(outcome) == ["no_right"]
        assert read_texts(outcome) == []

    def test_a_kind_that_the_role_does_not_write_is_no_right(self, scene: Scene, writer: Writer) -> None:
        asked = []

        def never(core: object, stream: Stream, revision: Revision) -> bool:
            asked.append((stream, revision.kind))
            return False

        outcome = Holder(scene, may_carry=never).take(writer.seal())
        assert reasons(outcome) == ["no_right"]
        assert asked == [(Stream.LIFE, "entry")]


class TestChains:
    def test_an_envelope_that_does_not_follow_is_a_bad_chain(self, writer: Writer, holder: Holder) -> None:
        holder.take(writer.seal("first"))
        assert reasons(holder.take(writer.seal(previous=b"\x07" * 32))) == ["bad_chain"]

    def test_a_first_envelope_has_nothing_before_it(self, writer: Writer, holder: Holder) -> None:
        assert reasons(holder.take(writer.seal(previous=b"\x07" * 32))) == ["bad_chain"]

    def test_two_envelopes_at_one_place_are_a_fork_in_one_page_or_two(
        self, scene: Scene, holder: Holder
    ) -> None:
        first, second = Writer(scene, scene.claire).seal("one"), Writer(scene, scene.claire).seal("two")
        outcome = Holder(scene).take(first, second)
        assert reasons(outcome) == ["fork"]
        assert read_texts(outcome) == ["one"]
        assert not holder.take(first).refused
        assert reasons(holder.take(second)) == ["fork"]

    def test_a_forgery_beside_the_true_one_does_not_push_it_out(self, scene: Scene) -> None:
        true = Writer(scene, scene.claire).seal("true")
        forged = Writer(scene, scene.claire).seal("forged")
        forged = msgspec.structs.replace(forged, signature=bytes(64))
        for page in ([true, forged], [forged, true]):
            outcome = Holder(scene).take(*page)
            assert read_texts(outcome) == ["true"]
            assert reasons(outcome) == ["bad_signature"]

    def test_a_gap_is_noted_and_filled_when_it_arrives(self, writer: Writer, holder: Holder) -> None:
        page = [writer.seal(f"note {n}") for n in range(6)]
        holder.take(*page[:2])
        outcome = holder.take(page[5])
        assert missing_seqs(outcome) == [3, 4, 5]
        assert read_texts(outcome) == ["note 5"]
        late = holder.take(page[3], page[2], page[4])
        assert not late.refused
        assert sorted(read_texts(late)) == ["note 2", "note 3", "note 4"]

    def test_a_feed_that_begins_late_has_lost_its_beginning_only_once_all_was_fetched(
        self, scene: Scene, writer: Writer
    ) -> None:
        page = [writer.seal() for _ in range(4)]
        assert missing_seqs(Holder(scene, complete=True).take(page[3])) == [1, 2, 3]
        assert missing_seqs(Holder(scene, complete=False).take(page[3])) == []

    def test_the_past_joins_what_is_held_when_fetched_backwards(self, scene: Scene, writer: Writer) -> None:
        page = [writer.seal(f"note {n}") for n in range(9)]
        holder = Holder(scene, complete=False)
        for part in (page[6:], page[3:6], page[:3]):
            outcome = holder.take(*reversed(part))
            assert not outcome.refused
            assert not outcome.missing
            assert len(read_texts(outcome)) == 3
        feed = holder.feeds[writer.key]
        assert (feed.base, feed.head) == (1, 9)

    def test_a_past_that_is_not_the_one_named_is_refused(self, scene: Scene, writer: Writer) -> None:
        page = [writer.seal(f"note {n}") for n in range(4)]
        other = Writer(scene, scene.claire)
        fake = [other.seal(f"other {n}") for n in range(3)]
        holder = Holder(scene, complete=False)
        holder.take(page[3])
        outcome = holder.take(fake[2])
        assert reasons(outcome) == ["bad_chain"]
        assert not outcome.accepted

    def test_an_enormous_gap_is_told_without_filling_the_memory(self, writer: Writer, holder: Holder) -> None:
        holder.take(writer.seal())
        outcome = holder.take(writer.seal(seq=1 << 50))
        assert len(outcome.missing) == MOST_MISSING
        assert max(missing_seqs(outcome)) == (1 << 50) - 1

    def test_numbers_beyond_the_vault_are_refused(self, writer: Writer, holder: Holder) -> None:
        for seq in (1 << 53, (1 << 64) - 1):
            assert reasons(holder.take(writer.seal(seq=seq))) == ["bad_signature"]
        head = SeenHead(writer.person.device, (1 << 63), bytes(8))
        writer.seq, writer.previous = 0, bytes(32)
        assert reasons(holder.take(writer.seal(heads=(head,)))) == ["unreadable"]


class TestRuns:
    def test_the_newest_signature_stands_for_those_before(self, writer: Writer, holder: Holder) -> None:
        page = [writer.seal(f"note {n}") for n in range(4)]
        page[1] = msgspec.structs.replace(page[1], signature=bytes(64))
        outcome = holder.take(*page)
        assert not outcome.refused
        assert len(read_texts(outcome)) == 4

    def test_a_bad_newest_signature_is_dropped_and_the_one_before_asked(
        self, writer: Writer, holder: Holder
    ) -> None:
        page = [writer.seal(f"note {n}") for n in range(4)]
        page[3] = msgspec.structs.replace(page[3], signature=bytes(64))
        outcome = holder.take(*page)
        assert reasons(outcome) == ["bad_signature"]
        assert read_texts(outcome) == ["note 0", "note 1", "note 2"]

    def test_a_signature_does_not_reach_over_a_break(self, writer: Writer, holder: Holder) -> None:
        page = [writer.seal(f"note {n}") for n in range(5)]
        page[1] = msgspec.structs.replace(page[1], signature=bytes(64))
        outcome = holder.take(page[0], page[1], page[3], page[4])
        assert reasons(outcome) == ["bad_signature"]
        assert read_texts(outcome) == ["note 0", "note 3", "note 4"]
        assert missing_seqs(outcome) == [2, 3]

    def test_a_content_exchanged_inside_a_run_is_noticed(self, scene: Scene, holder: Holder) -> None:
        writer = Writer(scene, scene.claire)
        page = [writer.seal(f"note {n}") for n in range(3)]
        page[1] = msgspec.structs.replace(page[1], ciphertext=page[0].ciphertext)
        outcome = holder.take(*page)
        assert "bad_signature" in reasons(outcome)
        assert read_texts(outcome) == ["note 0", "note 2"]


class TestStubs:
    def test_a_content_that_the_relay_withholds_is_missing_and_taken_when_it_comes(
        self, writer: Writer, holder: Holder
    ) -> None:
        page = [writer.seal(f"note {n}") for n in range(3)]
        for place in range(3):
            bare = [*page]
            bare[place] = msgspec.structs.replace(page[place], ciphertext=b"")
            again = Holder(holder.scene)
            outcome = again.take(*bare)
            assert set(missing_seqs(outcome)) == {place + 1}
            assert len(read_texts(outcome)) == 2
            assert read_texts(again.take(page[place])) == [f"note {place}"]

    def test_an_envelope_sealed_again_in_a_newer_epoch_leaves_an_honest_stub(
        self, scene: Scene, writer: Writer, holder: Holder
    ) -> None:
        stale = writer.seal("stale")
        public = OpenEpochs((scene.epoch(Stream.LIFE, 2),))
        scene.circle.take(scene.circle.statement(scene.claire, public))
        again = writer.seal("again")
        bare = msgspec.structs.replace(stale, ciphertext=b"")
        outcome = holder.take(bare, again)
        assert not outcome.missing
        assert not outcome.refused
        assert read_texts(outcome) == ["again"]
        late = Holder(scene)
        assert missing_seqs(late.take(bare)) == [1]
        late.take(again)
        assert not late.take(bare).missing

    def test_ones_own_envelopes_come_back_without_content(self, scene: Scene, holder: Holder) -> None:
        own = Writer(scene, scene.reader, Stream.CARE)
        bare = msgspec.structs.replace(own.seal(), ciphertext=b"")
        outcome = holder.take(bare)
        assert len(outcome.accepted) == 1
        assert not outcome.missing


class TestKeysThatHaveNotCome:
    def test_a_verified_envelope_waits_for_its_key(self, scene: Scene, writer: Writer) -> None:
        outcome = Holder(scene, keys={}).take(writer.seal())
        assert len(outcome.waiting) == 1
        assert outcome.accepted[0].revisions == ()
        assert not outcome.refused

    def test_an_unverified_one_does_not(self, scene: Scene, writer: Writer) -> None:
        bad = msgspec.structs.replace(writer.seal(), signature=bytes(64))
        assert Holder(scene, keys={}).take(bad).waiting == []


class TestHeads:
    def test_what_others_have_seen_is_told(self, scene: Scene, writer: Writer, holder: Holder) -> None:
        head = SeenHead(scene.anne.device, 3, bytes(8))
        outcome = holder.take(writer.seal(heads=(head,)))
        assert [(stream, told) for stream, told, _ in outcome.told] == [("life", head)]


@settings(max_examples=40)
@given(st.randoms(use_true_random=False))
def test_order_and_repetition_inside_a_page_change_nothing(chance: random.Random) -> None:
    scene = SHARED
    writers = [Writer(scene, scene.claire), Writer(scene, scene.anne)]
    page = [chance.choice(writers).seal(f"note {n}") for n in range(10)]
    straight, shaken = Holder(scene), Holder(scene)
    expected = straight.take(*page)
    mixed = [envelope for envelope in page for _ in range(chance.randint(1, 3))]
    chance.shuffle(mixed)
    outcome = shaken.take(*mixed)
    assert not outcome.refused
    assert not outcome.missing
    assert sorted(read_texts(outcome)) == sorted(read_texts(expected))
    assert shaken.feeds == straight.feeds
    assert shaken.ids == straight.ids
    again = shaken.take(*mixed)
    assert read_texts(again) == []
    assert not again.refused


SHARED = Scene()
