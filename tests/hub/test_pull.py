from __future__ import annotations

import secrets

import pytest

from carelink.access.compartments import Stream
from carelink.access.roles import Function, Role
from carelink.access.statements import ZERO_HASH
from carelink.hub import reading
from carelink.sync.wire import api
from carelink.sync.wire.api import BackfillPage, BackfillRequest, Item, KnownChain, PullPage, PullRequest
from carelink.sync.wire.structures import MAX_CIPHERTEXT_BYTES, CheckpointBody, Envelope
from carelink.sync.wire.verification import (
    decode_header,
    envelope_id,
    next_checkpoint,
    verified_checkpoint,
)
from tests.hub.conftest import RefusedByHubError, RelayUnderTest
from tests.hub.people import DAY, Circle, Feed, Person, new_circle

COMMON = (Stream.LIFE, Stream.COORDINATION, Stream.DECISIONS)


class Scene:
    """Claire coordinates; Rémi, a nurse, reads `care` too; both write."""

    def __init__(self, relay: RelayUnderTest) -> None:
        self.relay = relay
        self.claire, self.remi = Person("Claire"), Person("Rémi")
        self.circle = new_circle(self.claire)
        relay.create(self.circle)
        self.token = relay.session(self.claire)
        self.add(self.remi, Role.NURSE)
        self.theirs = relay.session(self.remi)
        care = self.circle.openings(self.remi, [Stream.CARE])
        relay.append(self.theirs, self.circle, self.circle.take(care))
        self.life = Feed(self.claire, self.circle, Stream.LIFE)
        self.care = Feed(self.remi, self.circle, Stream.CARE)

    def add(self, person: Person, role: Role, *, history: bool = True) -> None:
        newcomer = person.as_newcomer(role, history=history)
        signed = self.circle.take(self.circle.addition(self.claire, newcomer))
        self.relay.append(self.token, self.circle, signed)

    def write(self, count: int) -> list[Envelope]:
        """Write in turn in `life` and `care`."""
        written: list[Envelope] = []
        for number in range(count):
            feed, token = (self.life, self.token) if number % 2 == 0 else (self.care, self.theirs)
            written.append(feed.seal())
            assert self.relay.push(token, written[-1]) == ["stored"]
        return written

    def checkpoints(self, page: PullPage) -> dict[str, CheckpointBody]:
        bodies = [verified_checkpoint(c, self.relay.hub.key) for c in page.checkpoints]
        assert all(body.circle == self.circle.id for body in bodies)
        return {body.stream: body for body in bodies}

    def backfill(self, token: str, before: int, limit: int) -> BackfillPage:
        request = BackfillRequest(self.circle.id, before, limit)
        return self.relay.ask(api.BACKFILL, request, BackfillPage, token)


@pytest.fixture
def scene(relay: RelayUnderTest) -> Scene:
    return Scene(relay)


def streams_of(items: tuple[Item, ...]) -> list[str]:
    return [decode_header(item.envelope.header)[1].stream for item in items]


def test_each_reads_only_their_streams(scene: Scene) -> None:
    written = scene.write(6)
    mine = scene.relay.pull(scene.token, scene.circle)
    theirs = scene.relay.pull(scene.theirs, scene.circle)
    assert streams_of(mine.items) == ["life"] * 3
    assert [item.envelope.header for item in theirs.items] == [e.header for e in written]
    assert set(scene.checkpoints(mine)) == {"registry", "life", "coordination", "decisions", "trace"}
    assert set(scene.checkpoints(theirs)) == {"registry", "life", "coordination", "care", "care_inbox"}
    assert mine.cursor == mine.items[-1].position
    assert theirs.cursor == theirs.items[-1].position > mine.cursor


def test_ones_own_envelopes_come_back_as_headers(scene: Scene) -> None:
    envelope = scene.write(1)[0]
    (item,) = scene.relay.pull(scene.token, scene.circle).items
    assert (item.envelope.header, item.envelope.signature) == (envelope.header, envelope.signature)
    assert item.envelope.ciphertext == b""
    (item,) = scene.relay.pull(scene.theirs, scene.circle).items
    assert item.envelope == envelope


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_at_every_page_the_checkpoints_can_be_recomputed(scene: Scene, limit: int) -> None:
    written = scene.write(7)
    known = {"life": (0, ZERO_HASH), "care": (0, ZERO_HASH)}
    cursor, seen, more = 0, [], True
    while more:
        page = scene.relay.pull(scene.theirs, scene.circle, cursor=cursor, limit=limit)
        assert len(page.items) <= limit
        for item, stream in zip(page.items, streams_of(page.items), strict=True):
            count, digest = known[stream]
            assert item.index == count + 1
            known[stream] = item.index, next_checkpoint(digest, envelope_id(item.envelope.header))
            assert cursor < item.position <= page.cursor
            seen.append(item.envelope.header)
        checkpoints = scene.checkpoints(page)
        for stream, expected in known.items():
            assert (checkpoints[stream].count, checkpoints[stream].digest) == expected
        assert page.more == (len(seen) < 7)
        cursor, more = page.cursor, page.more
    assert seen == [envelope.header for envelope in written]


def test_a_page_ends_before_it_weighs_too_much(scene: Scene) -> None:
    for _ in range(5):
        scene.relay.push(scene.token, scene.life.seal(secrets.token_bytes(MAX_CIPHERTEXT_BYTES)))
    first = scene.relay.pull(scene.theirs, scene.circle)
    assert (len(first.items), first.more) == (reading.PAGE_BYTES // MAX_CIPHERTEXT_BYTES, True)
    second = scene.relay.pull(scene.theirs, scene.circle, cursor=first.cursor)
    assert (len(second.items), second.more) == (1, False)
    assert len(scene.relay.pull(scene.token, scene.circle).items) == 5


def test_what_cannot_be_read_is_passed_over(scene: Scene) -> None:
    scene.relay.push(scene.theirs, *(scene.care.seal() for _ in range(100)))
    scene.relay.push(scene.token, scene.life.seal())
    page = scene.relay.pull(scene.token, scene.circle, limit=1)
    assert (streams_of(page.items), page.more, page.cursor) == (["life"], False, page.items[0].position)


def test_a_first_exchange_begins_at_the_end(scene: Scene) -> None:
    scene.write(4)
    page = scene.relay.pull(scene.theirs, scene.circle, cursor=-1)
    everything = scene.relay.pull(scene.theirs, scene.circle)
    assert (page.items, page.cursor, page.more) == ((), everything.cursor, False)
    assert [len(part.statements) for part in page.chains] == [3]
    assert scene.checkpoints(page)["life"].count == 2


def test_a_cursor_never_goes_back(scene: Scene) -> None:
    """Not even one from before a backup was restored: where it went back to would be the relay's end."""
    scene.write(1)
    ahead = scene.relay.pull(scene.token, scene.circle).cursor + DAY * 1_000_000
    assert scene.relay.pull(scene.token, scene.circle, cursor=ahead).cursor == ahead


def test_who_has_nothing_to_read_yet_begins_at_the_last_hour(scene: Scene) -> None:
    """Not at the beginning: a circle joined later has its past, which is fetched newest first."""
    eva = Person("Eva")
    scene.relay.create(new_circle(eva))
    token = scene.relay.session(eva)
    start = scene.relay.pull(token, cursor=-1).cursor
    scene.write(2)
    assert scene.relay.pull(token, cursor=-1).cursor == start
    assert scene.relay.pull(token, cursor=start).cursor == start
    envelope = scene.relay.pull(scene.token, scene.circle).items[0]
    assert 0 < start < envelope.position


def test_more_streams_than_a_query_takes_are_merged(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_STREAMS_AT_ONCE", 2)
    others = [new_circle(scene.claire) for _ in range(3)]
    for circle in others:
        scene.relay.create(circle)
    feeds = [Feed(scene.claire, circle, stream) for circle in others for stream in COMMON]
    for feed in feeds * 2:
        assert scene.relay.push(scene.token, feed.seal()) == ["stored"]
    found, cursor, more = list[Item](), 0, True
    while more:
        page = scene.relay.pull(scene.token, *others, cursor=cursor, limit=5)
        found, cursor, more = [*found, *page.items], page.cursor, page.more
    positions = [item.position for item in found]
    assert positions == sorted(positions)
    assert len(set(positions)) == len(feeds) * 2


def test_a_newcomer_without_history_gets_what_comes_after_and_counts_everything(scene: Scene) -> None:
    scene.write(4)
    eva = Person("Eva")
    scene.add(eva, Role.NURSE, history=False)
    token = scene.relay.session(eva)
    signed = scene.circle.openings(scene.claire, [Stream.LIFE])
    scene.relay.append(scene.token, scene.circle, scene.circle.take(signed))
    start = scene.relay.pull(token, scene.circle, cursor=-1)
    assert scene.checkpoints(start)["life"].count == 2
    assert scene.relay.pull(token, scene.circle).items == ()
    assert scene.backfill(token, start.cursor + 1, 100).items == ()
    envelope = scene.life.seal()
    assert scene.relay.push(scene.token, envelope) == ["stored"]
    page = scene.relay.pull(token, scene.circle, cursor=start.cursor)
    (item,) = page.items
    assert (item.index, item.envelope) == (3, envelope)
    expected = next_checkpoint(scene.checkpoints(start)["life"].digest, envelope_id(envelope.header))
    assert scene.checkpoints(page)["life"].digest == expected


def test_only_the_circles_that_are_named_are_sent(scene: Scene) -> None:
    other = new_circle(scene.claire)
    scene.relay.create(other)
    scene.relay.push(scene.token, Feed(scene.claire, other, Stream.LIFE).seal())
    scene.write(1)
    page = scene.relay.pull(scene.token, other)
    assert [part.circle for part in page.chains] == [other.id]
    assert {decode_header(item.envelope.header)[1].circle for item in page.items} == {other.id}
    both = scene.relay.pull(scene.token, other, scene.circle)
    assert [item.position for item in both.items] == sorted(item.position for item in both.items)
    assert len(both.items) == 2
    nothing = scene.relay.pull(scene.token)
    assert (nothing.chains, nothing.items, nothing.checkpoints) == ((), (), ())


def test_a_chain_comes_from_the_height_that_is_known(scene: Scene) -> None:
    for height in (-1, 0, 1):
        (part,) = scene.relay.pull(scene.token, scene.circle, height=height).chains
        assert list(part.statements) == scene.circle.chain[height + 1 :]
    assert scene.relay.pull(scene.token, scene.circle, height=2).chains == ()
    assert scene.relay.pull(scene.token, scene.circle, height=50).chains == ()


def test_a_long_chain_comes_in_pages_before_any_envelope(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_STATEMENTS", 2)
    other = new_circle(scene.claire)
    scene.relay.create(other)
    scene.write(1)
    known = {scene.circle.id: -1, other.id: -1}
    cursor, pages = -1, list[PullPage]()
    while not pages or pages[-1].more:
        chains = tuple(KnownChain(circle, height) for circle, height in known.items())
        request = PullRequest(chains, cursor, 0, 100)
        page = scene.relay.ask(api.PULL, request, PullPage, scene.token)
        for part in page.chains:
            known[part.circle] += len(part.statements)
        pages.append(page)
        cursor = page.cursor
    assert known == {scene.circle.id: 2, other.id: 0}
    end = scene.relay.pull(scene.token, scene.circle, height=50).cursor
    assert [(page.cursor, page.more) for page in pages] == [(-1, True), (end, False)]
    assert (pages[0].items, pages[0].checkpoints) == ((), ())


def test_a_page_that_asks_for_too_little_or_too_much_is_refused(scene: Scene) -> None:
    for limit in (0, -1, api.MAX_PAGE_ITEMS + 1):
        with pytest.raises(RefusedByHubError) as refused:
            scene.relay.pull(scene.token, scene.circle, limit=limit)
        assert refused.value.problem == api.Problem("malformed", "limit")
    for cursor in (-2, api.POSITIONS_END):
        with pytest.raises(RefusedByHubError) as refused:
            scene.relay.pull(scene.token, scene.circle, cursor=cursor)
        assert refused.value.problem == api.Problem("malformed", "cursor")


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_what_is_older_comes_newest_first(scene: Scene, limit: int) -> None:
    written = scene.write(6)
    before, found = scene.relay.pull(scene.theirs, scene.circle, cursor=-1).cursor + 1, list[Item]()
    while True:
        page = scene.backfill(scene.theirs, before, limit)
        assert all(item.position < before for item in page.items)
        found += page.items
        if not page.more:
            break
        before = page.before
    assert [item.envelope.header for item in found] == [e.header for e in reversed(written)]
    assert [item.index for item in found] == [3, 3, 2, 2, 1, 1]
    mine = scene.backfill(scene.token, api.POSITIONS_END - 1, 100)
    assert streams_of(mine.items) == ["life"] * 3


def test_a_relay_started_again_holds_the_same(scene: Scene, relay: RelayUnderTest) -> None:
    scene.write(4)
    before = scene.relay.pull(scene.theirs, scene.circle)
    relay.hub.circles._states.clear()
    assert scene.relay.pull(scene.theirs, scene.circle) == before


def test_a_coordinator_reads_traces_that_others_only_write(scene: Scene) -> None:
    trace = Feed(scene.remi, scene.circle, Stream.TRACE)
    assert scene.relay.push(scene.theirs, trace.seal(wrap=secrets.token_bytes(1200))) == ["stored"]
    assert streams_of(scene.relay.pull(scene.token, scene.circle).items) == ["trace"]
    assert scene.relay.pull(scene.theirs, scene.circle).items == ()


def test_a_chain_is_the_one_that_its_members_hold(scene: Scene) -> None:
    eva = Person("Eva")
    newcomer = eva.as_newcomer(Role.PHYSICIAN, {Function.COORDINATOR})
    signed = scene.circle.take(scene.circle.addition(scene.claire, newcomer))
    scene.relay.append(scene.token, scene.circle, signed)
    copy = Circle()
    for statement in scene.relay.pull(scene.relay.session(eva), scene.circle).chains[0].statements:
        copy.take(statement)
    assert copy.now == scene.circle.now
