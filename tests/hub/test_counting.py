"""What the relay tells someone is the same, up to time and chance, however much is written beside them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient, WebSocketTestSession

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.access.statements import Remove, SealedCut, Vouch, decode_statement
from carelink.hub.app import make_app
from carelink.hub.database import Database
from carelink.hub.hub import make_hub
from carelink.hub.positions import WINDOW
from carelink.sync.wire import api
from carelink.sync.wire.api import BackfillPage, BackfillRequest, PullPage
from carelink.sync.wire.structures import Checkpoint, CheckpointBody, Envelope, Letter, SignedStatement
from carelink.sync.wire.verification import decode_header, decode_letter
from tests.hub.conftest import ADDRESS, RefusedByHubError, RelayUnderTest
from tests.hub.direct import DirectFeed
from tests.hub.people import Circle, Clock, Feed, Person, new_circle
from tests.hub.test_positions import NOW, SECOND, Time

MANY = 50
_UNTIL_SURE_SECONDS = 0.3


def shape(value: Any) -> Any:  # noqa: ANN401  (any structure of the protocol)
    """Return what an answer says, without the bytes that differ each time.

    Of a position, what is left is the second in which its envelope came: within it, it has to stand in
    the one window that was drawn from.
    """
    match value:
        case Checkpoint():
            return "checkpoint", shape(msgspec.msgpack.decode(value.body, type=CheckpointBody))
        case SignedStatement():
            return "statement", shape(decode_statement(value.body).body), len(value.sealed)
        case Envelope():
            return "envelope", *map(shape, decode_header(value.header)), len(value.ciphertext)
        case Letter():
            return "letter", shape(decode_letter(value))
        case msgspec.Struct():
            fields = msgspec.structs.fields(value)
            return type(value).__name__, *((f.name, shape(getattr(value, f.name))) for f in fields)
        case bytes():
            return "bytes", len(value)
        case tuple() | list():
            return [shape(one) for one in value]
        case int() if value >= NOW and (value - NOW) % SECOND < WINDOW:
            return "second", (value - NOW) // SECOND
    return value


def next_second(time: Time) -> None:
    time.passes(SECOND - (time.wall - NOW) % SECOND)


class Told:
    """All that one person gets from the relay."""

    def __init__(self, relay: RelayUnderTest, time: Time, person: Person, circle: Circle, token: str) -> None:
        self.relay = relay
        self.time = time
        self.person = person
        self.circle = circle
        self.token = token
        self.cursor = -1
        self.told: list[Any] = []
        self.places: set[int] = set()
        self.pointers: set[int] = set()

    def note(self, what: str, value: Any) -> None:  # noqa: ANN401
        self.told.append((what, shape(value)))
        match value:
            case PullPage():
                self.places |= {item.position for item in value.items}
                self.places |= {letter.position for letter in value.letters}
                if what != "ahead":
                    self.pointers.add(value.cursor)
            case BackfillPage():
                self.pointers.add(value.before)
            case int():
                self.pointers.add(value)

    def poll(self) -> None:
        """Ask as a client does, from where the answer before ended."""
        page = self.relay.pull(self.token, self.circle, cursor=self.cursor)
        self.note("poll", page)
        self.cursor = page.cursor

    def ask_everything(self) -> None:
        """Ask all that can be asked, in pages as small as there are, and more than is allowed."""
        for limit in (1, 2, 100):
            cursor, more = 0, True
            while more:
                page = self.relay.pull(self.token, self.circle, cursor=cursor, limit=limit)
                self.note(f"pull {limit}", page)
                cursor, more = page.cursor, page.more
            before, more = api.POSITIONS_END - 1, True
            while more:
                older = self.backfill(self.circle, before, limit)
                self.note(f"backfill {limit}", older)
                before, more = older.before, older.more
        request = api.LetterIndexRequest(self.circle.id)
        self.note("letters", self.relay.ask(api.LETTER_INDEX, request, api.LetterIndex, self.token))
        self.note("ahead", self.relay.pull(self.token, self.circle, cursor=NOW * 2))
        self.note("begin", self.relay.pull(self.token, self.circle, cursor=-1))
        self.note("no circle", self.relay.pull(self.token, cursor=0))

    def backfill(self, circle: Circle, before: int, limit: int = 100) -> BackfillPage:
        request = BackfillRequest(circle.id, before, limit)
        return self.relay.ask(api.BACKFILL, request, BackfillPage, self.token)

    def overstep(self, other: Circle, others: Person) -> None:
        """Ask what is refused: in streams that one does not read, and in another circle."""
        for stream in Stream:
            feed = Feed(self.person, self.circle, stream)
            if not self.circle.now.streams[stream].epochs:
                continue
            self.note(f"push {stream}", self.relay.push(self.token, feed.seal_aside(epoch=9)))
            next_second(self.time)
            letter = self.person.letter_to(others, self.circle, stream.value, 1)
            self.try_to(api.LETTERS, api.SendLetters((letter,)), api.Accepted)
        self.try_to(api.BACKFILL, BackfillRequest(other.id, NOW, 1), BackfillPage)
        self.try_to(api.LETTER_INDEX, api.LetterIndexRequest(other.id), api.LetterIndex)
        self.note("pull elsewhere", self.relay.pull(self.token, other))
        elsewhere = Feed(self.person, other, Stream.LIFE).seal()
        self.note("push elsewhere", self.relay.push(self.token, elsewhere))

    def try_under(self, opening: bytes) -> None:
        """Write where one is not named, and go on from there."""
        under = DirectFeed(self.person, self.circle, opening)
        going_on = DirectFeed(self.person, self.circle).open([self.person], follows=(opening,))
        request = api.PushRequest((under.seal(), going_on))
        self.note("direct", self.relay.ask(api.DIRECT, request, api.PushAnswer, self.token))

    def try_to(self, path: str, request: msgspec.Struct, answer: type[msgspec.Struct]) -> None:
        try:
            self.note("not refused", self.relay.ask(path, request, answer, self.token))
        except RefusedByHubError as refusal:
            self.note("refused", (refusal.status, refusal.problem))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen, and note each wake-up at the end."""
        headers = {"authorization": f"Bearer {self.token}"}
        with self.relay.web.websocket_connect(api.WAKE, headers=headers) as socket:
            yield
            while (message := _heard(socket)) is not None:
                self.note("woken", message)


def _heard(socket: WebSocketTestSession) -> int | None:
    try:
        data = socket.receive_bytes(timeout=_UNTIL_SURE_SECONDS)
    except Exception as error:
        if type(error).__name__ != "Empty":
            raise
        return None
    return msgspec.msgpack.decode(data, type=int)


class Story:
    """A relay where one thing happens each second; Eva reads `life`, Zoé is in another circle."""

    def __init__(self, relay: RelayUnderTest, time: Time) -> None:
        self.relay = relay
        self.time = time
        self.claire, self.remi, self.lea = Person("Claire"), Person("Rémi"), Person("Léa")
        eva, zoe = Person("Eva"), Person("Zoé")
        self.circle, other = new_circle(self.claire), new_circle(zoe)
        self.tokens: dict[Person, str] = {}
        for created, creator in ((self.circle, self.claire), (other, zoe)):
            next_second(self.time)
            relay.create(created)
            self.tokens[creator] = relay.session(creator)
        for newcomer, role in ((self.remi, Role.NURSE), (self.lea, Role.PHYSICIAN), (eva, Role.RELATIVE)):
            self.add(newcomer, role)
        vouched = self.circle.take(self.circle.statement(self.remi, Vouch(self.lea.account)))
        relay.append(self.tokens[self.remi], self.circle, vouched)
        opened = self.circle.take(self.circle.openings(self.remi, [Stream.CARE]))
        relay.append(self.tokens[self.remi], self.circle, opened)
        self.life = Feed(self.remi, self.circle, Stream.LIFE)
        self.care = Feed(self.remi, self.circle, Stream.CARE)
        self.zoes = Feed(zoe, other, Stream.LIFE)
        # Where nothing is kept to Léa, what never was stands for it.
        self.kept_to_lea = secrets.token_bytes(32)
        self.eva = Told(relay, time, eva, self.circle, self.tokens[eva])
        self.zoe = Told(relay, time, zoe, other, self.tokens[zoe])

    def add(self, newcomer: Person, role: Role) -> None:
        next_second(self.time)
        signed = self.circle.take(self.circle.addition(self.claire, newcomer.as_newcomer(role)))
        self.relay.append(self.tokens[self.claire], self.circle, signed)
        self.tokens[newcomer] = self.relay.session(newcomer)

    def write(self, *envelopes: Envelope) -> None:
        assert set(self.relay.push(self.tokens[self.remi], *envelopes)) == {"stored"}

    def write_care(self, count: int) -> None:
        """Write notes one after the other, within the second."""
        for _ in range(count):
            self.time.passes(2 * WINDOW)
            self.write(self.care.seal())

    def write_to_lea(self, count: int) -> None:
        """Keep notes to Léa alone, one after the other, and go on under each."""
        for _ in range(count):
            self.time.passes(2 * WINDOW)
            named = DirectFeed(self.remi, self.circle)
            pushed = api.PushRequest((named.open([self.remi, self.lea]), named.seal()))
            answer = self.relay.ask(api.DIRECT, pushed, api.PushAnswer, self.tokens[self.remi])
            assert {outcome.status for outcome in answer.outcomes} == {"stored"}
            self.kept_to_lea = named.opening

    def poll(self) -> None:
        self.eva.poll()
        self.zoe.poll()
        next_second(self.time)

    def tell(self, count: int) -> None:
        """Write `count` notes in `care` each way that there is."""
        with self.eva.listening(), self.zoe.listening():
            self.poll()
            self.write(self.life.seal(), *(self.care.seal() for _ in range(count)), self.life.seal())
            self.poll()
            self.write_care(count)
            self.write_to_lea(count)
            self.poll()
            assert self.relay.push(self.zoe.token, self.zoes.seal()) == ["stored"]
            self.write_care(count)
            self.poll()
            keys = [self.remi.letter_to(self.lea, self.circle, "care", 1)] if count else []
            keys.append(self.remi.letter_to(self.eva.person, self.circle, "life", 1))
            sent = api.SendLetters(tuple(keys))
            self.relay.ask(api.LETTERS, sent, api.Accepted, self.tokens[self.remi])
            next_second(self.time)
            self.write(self.life.seal())
            self.write_care(count)
            self.poll()
            self.poll()
        for told in (self.eva, self.zoe):
            told.try_under(self.kept_to_lea)
        for told, beside, other in ((self.eva, self.zoe, self.claire), (self.zoe, self.eva, self.zoe.person)):
            told.ask_everything()
            told.overstep(beside.circle, other)
        page = self.relay.pull(self.tokens[self.lea], self.circle, limit=api.MAX_PAGE_ITEMS)
        assert _streams(page).count("care") == 4 * count, "Léa is told"
        assert len(page.direct) == 2 * count


Everything = tuple[Told, Told]


def everything_told(folder: Path, count: int) -> Everything:
    time = Time()
    database = Database(f"sqlite+aiosqlite:///{folder / 'relay.sqlite'}", time.positions())
    hub = make_hub(database, secrets.token_bytes(32), ADDRESS, True, Clock())
    with TestClient(make_app(hub), raise_server_exceptions=False) as client:
        story = Story(RelayUnderTest(hub, client), time)
        story.tell(count)
        return story.eva, story.zoe


def test_a_coordinator_learns_nothing_by_cutting_what_she_does_not_read(relay: RelayUnderTest) -> None:
    """Whether a cut comes too late would tell her when the nurse last wrote in the medical record."""
    story = Story(relay, Time())
    story.write_care(1)
    cut = SealedCut(Stream.CARE, 1, secrets.token_bytes(80))
    public = Remove(story.remi.account, (), (cut,))
    signed = story.circle.statement(story.claire, public)
    for seen in (0, api.POSITIONS_END - 1):
        request = api.Append(story.circle.id, signed, seen)
        with pytest.raises(RefusedByHubError) as refused:
            relay.ask(api.REGISTRY_APPEND, request, api.Appended, story.tokens[story.claire])
        assert refused.value.problem == api.Problem("not_entitled", "cuts")


def _streams(page: PullPage) -> list[str]:
    return [decode_header(item.envelope.header)[1].stream for item in page.items]


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Everything:
    return everything_told(tmp_path_factory.mktemp("without"), 0)


@pytest.fixture(scope="module")
def with_many(tmp_path_factory: pytest.TempPathFactory) -> Everything:
    return everything_told(tmp_path_factory.mktemp("with"), MANY)


def test_a_relative_is_told_the_same_whatever_is_written_in_the_medical_record(
    without: Everything, with_many: Everything
) -> None:
    assert with_many[0].told == without[0].told


def test_a_member_of_another_circle_is_told_the_same(without: Everything, with_many: Everything) -> None:
    assert with_many[1].told == without[1].told


def test_the_comparison_covers_all_there_is(without: Everything) -> None:
    told = [what for what, _ in without[0].told]
    assert set(told) >= {"direct", "poll", "pull 1", "backfill 1", "letters", "woken", "refused", "push care"}
    # At once, for two notes in one envelope's push, for the letter, and for the last note.
    assert told.count("woken") == 4
    assert "('second', 9)" in str(without[0].told)
    for person in without:
        assert not re.search(r"\b18\d{17}\b", str(person.told)), "a position outside of its second's window"


def test_each_position_told_is_that_of_something_to_read(with_many: Everything) -> None:
    """Where in its window the newest of fifty stands would tell that there are many."""
    for person in with_many:
        (milestone,) = person.pointers - person.places - {0}
        assert milestone < min(person.places)
