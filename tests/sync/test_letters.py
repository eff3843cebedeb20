"""Keys go to whom the registry entitles, from whom it entitles, and only the key it committed to."""

from __future__ import annotations

import secrets

import msgspec
import pytest

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState
from carelink.crypto.primitives import SignatureKind, UnsealError, hpke_generate, hpke_public_key
from carelink.sync.letters import read_letter, secret_matches, write_letter, write_receipt
from carelink.sync.wire.structures import Letter, LetterBody
from carelink.sync.wire.verification import BadSignatureError, decode_letter, letter_id, verified_receipt
from tests.hub.people import Person
from tests.sync.feeds import Scene

SCENE = Scene()


def state() -> CircleState:
    return SCENE.circle.now


def letter(sender: Person, to: Person, stream: Stream = Stream.LIFE, secret: bytes = b"") -> Letter:
    return write_letter(
        sender.enrolled.keys,
        SCENE.circle.id,
        stream,
        1,
        secret or SCENE.keys[stream, 1],
        to.device,
        hpke_public_key(to.enrolled.keys.hpke),
    )


def opened(reader: Person, sent: Letter) -> bytes:
    body = decode_letter(sent)
    mine = [reader.enrolled.keys.hpke] if body.recipient == reader.device else []
    return read_letter(mine, state(), sent, body, state().member_of(body.sender))


@pytest.mark.parametrize("stream", [Stream.LIFE, Stream.CARE, Stream.TRACE])
def test_a_reader_gives_a_key_to_another(stream: Stream) -> None:
    assert opened(SCENE.reader, letter(SCENE.claire, SCENE.reader, stream)) == SCENE.keys[stream, 1]


def test_another_key_than_the_committed_one_is_not_taken() -> None:
    for stream, wrong in ((Stream.LIFE, secrets.token_bytes(32)), (Stream.TRACE, hpke_generate())):
        with pytest.raises(UnsealError):
            opened(SCENE.reader, letter(SCENE.claire, SCENE.reader, stream, wrong))
    with pytest.raises(UnsealError):
        opened(SCENE.reader, letter(SCENE.claire, SCENE.reader, Stream.TRACE, b"not a key"))


def test_who_does_not_read_a_stream_gives_no_key_of_it() -> None:
    with pytest.raises(BadSignatureError):
        opened(SCENE.reader, letter(SCENE.anne, SCENE.reader, Stream.CARE))
    with pytest.raises(BadSignatureError):
        opened(SCENE.reader, letter(Person("stranger"), SCENE.reader))


def test_a_letter_to_someone_else_does_not_open() -> None:
    with pytest.raises(BadSignatureError):
        opened(SCENE.reader, letter(SCENE.claire, SCENE.anne))


@pytest.mark.parametrize(
    "change", [{"epoch": 2}, {"stream": "coordination"}, {"circle": bytes(16)}, {"wrap": bytes(1200)}]
)
def test_a_letter_that_says_it_is_about_another_key_is_not_taken(change: dict[str, object]) -> None:
    good = letter(SCENE.claire, SCENE.reader)
    body = msgspec.msgpack.encode(msgspec.structs.replace(decode_letter(good), **change))
    with pytest.raises(BadSignatureError):
        opened(SCENE.reader, Letter(body, good.signature))
    signed = Letter(body, SCENE.claire.sign(SignatureKind.LETTER, body))
    with pytest.raises(UnsealError):
        opened(SCENE.reader, signed)


def test_a_stream_from_the_future_is_refused() -> None:
    body = msgspec.msgpack.encode(
        LetterBody(1, SCENE.circle.id, "restricted", 1, SCENE.claire.device, SCENE.reader.device, b"")
    )
    with pytest.raises(BadSignatureError):
        opened(SCENE.reader, Letter(body, SCENE.claire.sign(SignatureKind.LETTER, body)))


@pytest.mark.parametrize("epoch", [-1, 0, 2, 1 << 40])
def test_an_epoch_that_does_not_exist_matches_nothing(epoch: int) -> None:
    assert not secret_matches(state(), Stream.LIFE, epoch, SCENE.keys["life", 1])


def test_a_receipt_names_the_letter_and_is_signed() -> None:
    sent = letter(SCENE.claire, SCENE.reader)
    receipt = write_receipt(SCENE.reader.enrolled.keys, sent, decode_letter(sent))
    body = verified_receipt(receipt, state().member_of(SCENE.reader.device))
    assert body.letter == letter_id(sent.body)
    with pytest.raises(BadSignatureError):
        verified_receipt(receipt, state().member_of(SCENE.claire.device))


@pytest.mark.parametrize("body", [b"", b"\xc0", b"x" * 9000])
def test_what_is_no_letter_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignatureError):
        decode_letter(Letter(body, b""))
