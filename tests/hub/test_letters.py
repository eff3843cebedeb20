from __future__ import annotations

import msgspec
import pytest

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.access.statements import Vouch
from carelink.hub import letters as hub_letters
from carelink.hub import reading
from carelink.sync.wire import api
from carelink.sync.wire.api import (
    Accepted,
    LetterEntry,
    LetterIndex,
    LetterIndexRequest,
    Problem,
    SendLetters,
    SendReceipts,
)
from carelink.sync.wire.structures import Letter, Receipt
from carelink.sync.wire.verification import letter_id
from tests.hub.conftest import RefusedByHubError, RelayUnderTest
from tests.hub.people import START, Clock, Person, new_circle


class Scene:
    """Claire coordinates; Rémi is a nurse; Eva, a relative, came without history."""

    def __init__(self, relay: RelayUnderTest) -> None:
        self.relay = relay
        self.claire, self.remi, self.eva = Person("Claire"), Person("Rémi"), Person("Eva")
        self.circle = new_circle(self.claire)
        relay.create(self.circle)
        self.tokens = {self.claire.name: relay.session(self.claire)}
        self.add(self.remi, Role.NURSE)
        self.add(self.eva, Role.RELATIVE, history=False)
        life = self.circle.openings(self.claire, [Stream.LIFE])
        relay.append(self.tokens["Claire"], self.circle, self.circle.take(life))
        care = self.circle.openings(self.remi, [Stream.CARE])
        relay.append(self.tokens["Rémi"], self.circle, self.circle.take(care))

    def add(self, person: Person, role: Role, *, history: bool = True, until: int | None = None) -> None:
        newcomer = person.as_newcomer(role, history=history, until=until)
        signed = self.circle.take(self.circle.addition(self.claire, newcomer))
        self.relay.append(self.tokens["Claire"], self.circle, signed)
        self.tokens[person.name] = self.relay.session(person)

    def letter(self, sender: Person, recipient: Person, stream: str = "life", epoch: int = 1) -> Letter:
        return sender.letter_to(recipient, self.circle, stream, epoch)

    def send(self, sender: Person, *letters: Letter) -> int:
        request = SendLetters(letters)
        return self.relay.ask(api.LETTERS, request, Accepted, self.tokens[sender.name]).count

    def refusal(self, sender: Person, *letters: Letter) -> Problem:
        with pytest.raises(RefusedByHubError) as refused:
            self.send(sender, *letters)
        return refused.value.problem

    def receive(self, person: Person, after: int = 0) -> list[Letter]:
        page = self.relay.pull(self.tokens[person.name], self.circle, letters=after)
        return [item.letter for item in page.letters]

    def confirm(self, person: Person, *receipts: Receipt) -> int:
        request = SendReceipts(receipts)
        return self.relay.ask(api.RECEIPTS, request, Accepted, self.tokens[person.name]).count

    def index(self, person: Person) -> tuple[LetterEntry, ...]:
        request = LetterIndexRequest(self.circle.id)
        return self.relay.ask(api.LETTER_INDEX, request, LetterIndex, self.tokens[person.name]).entries


@pytest.fixture
def scene(relay: RelayUnderTest) -> Scene:
    return Scene(relay)


def test_a_letter_reaches_its_recipient_only(scene: Scene) -> None:
    letter = scene.letter(scene.claire, scene.remi)
    assert scene.send(scene.claire, letter) == 1
    assert scene.receive(scene.remi) == [letter]
    assert scene.receive(scene.eva) == scene.receive(scene.claire) == []


def test_a_letter_is_found_after_a_cursor(scene: Scene) -> None:
    first = scene.letter(scene.claire, scene.remi, "life", 1)
    second = scene.letter(scene.claire, scene.remi, "life", 2)
    scene.send(scene.claire, first, second)
    items = scene.relay.pull(scene.tokens["Rémi"]).letters
    assert [item.letter for item in items] == [first, second]
    assert scene.receive(scene.remi, items[0].position) == [second]


def test_what_may_not_be_taken_yet_keeps_nothing_else_waiting(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the keys that lie ready for emergencies, of which a team on call has hundreds."""
    monkeypatch.setattr(reading, "PAGE_LETTERS", 2)
    with monkeypatch.context() as patch:
        patch.setattr(hub_letters, "escrowed", lambda _member, _stream: True)
        for stream in ("life", "coordination", "decisions", "trace", "registry"):
            scene.send(scene.claire, scene.letter(scene.claire, scene.eva, stream, 1))
    (registry,) = scene.receive(scene.eva)
    life = scene.letter(scene.claire, scene.eva, "life", 2)
    scene.send(scene.claire, life)
    assert scene.receive(scene.eva) == [registry, life]
    page = scene.relay.pull(scene.tokens["Eva"], scene.circle)
    assert not page.more
    assert scene.receive(scene.eva, page.letters[0].position) == [life]


def test_letters_come_in_pages(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE_LETTERS", 2)
    sent = [scene.letter(scene.claire, scene.remi, stream) for stream in ("registry", "life", "coordination")]
    scene.send(scene.claire, *sent)
    first = scene.relay.pull(scene.tokens["Rémi"], scene.circle)
    assert ([item.letter for item in first.letters], first.more) == (sent[:2], True)
    second = scene.relay.pull(scene.tokens["Rémi"], scene.circle, letters=first.letters[-1].position)
    assert ([item.letter for item in second.letters], second.more) == (sent[2:], False)


def test_the_same_key_from_the_same_sender_is_kept_once(scene: Scene) -> None:
    first, again = scene.letter(scene.claire, scene.remi), scene.letter(scene.claire, scene.remi)
    assert scene.send(scene.claire, first, again) == 1
    assert scene.send(scene.claire, again, first) == 0
    assert scene.receive(scene.remi) == [first]


@pytest.mark.parametrize(
    ("stream", "epoch", "why"),
    [("care", 1, "recipient"), ("decisions", 1, "recipient"), ("life", 1, "recipient"), ("life", 3, "epoch")],
)
def test_who_is_not_entitled_gets_no_letter(scene: Scene, stream: str, epoch: int, why: str) -> None:
    sender = scene.remi if stream == "care" else scene.claire
    good = scene.letter(sender, scene.eva, "life", 2)
    bad = scene.letter(sender, scene.eva, stream, epoch)
    assert scene.refusal(sender, good, bad) == Problem("not_entitled", why)
    assert scene.receive(scene.eva) == []
    assert scene.send(sender, good) == 1


def test_a_stranger_gets_no_letter(scene: Scene) -> None:
    letter = scene.letter(scene.claire, Person("Inconnu"))
    assert scene.refusal(scene.claire, letter) == Problem("not_entitled", "recipient")


def test_who_is_past_their_end_date_gets_no_letter(scene: Scene, clock: Clock) -> None:
    leaving = Person("Zoé")
    scene.add(leaving, Role.NURSE, until=START + 1000)
    assert scene.send(scene.claire, scene.letter(scene.claire, leaving, "life", 1)) == 1
    clock.now += 1000
    late = scene.letter(scene.claire, leaving, "life", 2)
    assert scene.refusal(scene.claire, late) == Problem("not_entitled", "recipient")
    assert scene.receive(leaving) == []


def test_who_does_not_read_a_stream_sends_no_key_of_it(scene: Scene) -> None:
    assert scene.refusal(scene.claire, scene.letter(scene.claire, scene.remi, "care", 1)) == Problem(
        "not_entitled", "sender"
    )
    assert scene.refusal(scene.eva, scene.letter(scene.eva, scene.remi, "life", 1)) == Problem(
        "not_entitled", "sender"
    )


def test_a_letter_is_sent_by_who_signed_it(scene: Scene) -> None:
    letter = scene.letter(scene.claire, scene.remi)
    assert scene.refusal(scene.remi, letter) == Problem("not_entitled", "sender")
    forged = msgspec.structs.replace(letter, signature=bytes(64))
    assert scene.refusal(scene.claire, forged) == Problem("malformed", "bad_signature")
    assert scene.refusal(scene.claire, Letter(b"?", bytes(64))) == Problem("malformed", "bad_signature")
    unknown = scene.claire.letter_to(scene.remi, new_circle(scene.claire), "life", 1)
    assert scene.refusal(scene.claire, unknown) == Problem("unknown_circle")
    diary = scene.letter(scene.claire, scene.remi, "diary", 1)
    assert scene.refusal(scene.claire, diary) == Problem("malformed", "stream")


def test_a_receipt_marks_its_letter(scene: Scene) -> None:
    letter = scene.letter(scene.claire, scene.remi)
    scene.send(scene.claire, letter)
    expected = LetterEntry("life", 1, scene.claire.device, scene.remi.device, letter_id(letter.body), False)
    assert scene.index(scene.claire) == scene.index(scene.eva) == (expected,)
    receipt = scene.remi.receipt_for(letter)
    assert (scene.confirm(scene.remi, receipt), scene.confirm(scene.remi, receipt)) == (1, 0)
    assert scene.index(scene.claire) == (msgspec.structs.replace(expected, received=True),)


def test_the_list_holds_the_streams_that_one_reads(scene: Scene) -> None:
    doctor = Person("Ana")
    signed = scene.circle.take(scene.circle.addition(scene.claire, doctor.as_newcomer(Role.PHYSICIAN)))
    scene.relay.append(scene.tokens["Claire"], scene.circle, signed)
    member = scene.circle.now.member_of(doctor.device)
    assert member is not None
    signed = scene.circle.take(scene.circle.statement(scene.remi, Vouch(member.account)))
    scene.relay.append(scene.tokens["Rémi"], scene.circle, signed)
    assert scene.send(scene.remi, scene.letter(scene.remi, doctor, "care", 1)) == 1
    assert [entry.stream for entry in scene.index(scene.remi)] == ["care"]
    assert scene.index(scene.claire) == ()


def test_a_receipt_of_someone_else_or_altered_is_refused(scene: Scene) -> None:
    letter = scene.letter(scene.claire, scene.remi)
    scene.send(scene.claire, letter)
    hers = scene.eva.receipt_for(letter)
    with pytest.raises(RefusedByHubError):
        scene.confirm(scene.remi, hers)
    forged = msgspec.structs.replace(scene.remi.receipt_for(letter), signature=bytes(64))
    with pytest.raises(RefusedByHubError) as refused:
        scene.confirm(scene.remi, forged)
    assert refused.value.problem == Problem("malformed", "bad_signature")
    assert scene.confirm(scene.eva, hers) == 0
    assert [entry.received for entry in scene.index(scene.claire)] == [False]


def test_letters_come_even_for_a_circle_that_is_not_named(scene: Scene) -> None:
    letter = scene.letter(scene.claire, scene.remi)
    scene.send(scene.claire, letter)
    page = scene.relay.pull(scene.tokens["Rémi"])
    assert [item.letter for item in page.letters] == [letter]
