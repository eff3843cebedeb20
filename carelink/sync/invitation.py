"""Invitation codes: what a code opens, and the three words that prove who answered."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec
from mnemonic import Mnemonic

from carelink.access.statements import SignedCertificate
from carelink.crypto.primitives import KEY_BYTES, UnsealError, derive, seal, sha256, stretch, unseal
from carelink.records.patient import PatientIdentity, TeamIdentity

CODE_LENGTH: Final = 12
WORD_COUNT: Final = 3
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CONFUSED: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": "", "\u2011": ""})
_IDENTIFIER_BYTES: Final = 16
_T = TypeVar("_T")


class BadCodeError(ValueError):
    """Not twelve characters of an invitation code."""


class InvitationBlob(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the inviter leaves at the relay, under the code's key.

    Attributes:
        patient: Who is cared for, where it is into a circle.
        in_person: The code was handed over in person, so no words are asked.
        team: Which team, where it is into one.
    """

    circle: bytes
    genesis: bytes
    hub_key: bytes
    certificates: tuple[SignedCertificate, ...]
    inviter: str
    role: str
    patient: PatientIdentity | None
    in_person: bool
    team: TeamIdentity | None = None

    @property
    def whom(self) -> str:
        """Who is cared for, or what the team is called."""
        identity = self.patient or self.team
        return "" if identity is None else identity.display


class InvitationAnswer(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the invitee leaves in return: their devices and who they say they are.

    Attributes:
        certificates, retired: As of `Newcomer`.
    """

    certificates: tuple[SignedCertificate, ...]
    retired: tuple[bytes, ...]
    name: str
    name_salt: bytes
    profession: str
    rpps: str


@dataclass(frozen=True, slots=True, repr=False)
class CodeSecret:
    """What a code and a relay's address make: where to look, and the key."""

    identifier: bytes
    key: bytes


def new_code() -> str:
    """Return a new code of 60 random bits, such as "ABCD-EFGH-JKMN"."""
    letters = "".join(secrets.choice(_CROCKFORD) for _ in range(CODE_LENGTH))
    return "-".join(letters[i : i + 4] for i in range(0, CODE_LENGTH, 4))


def normalised_code(text: str) -> str:
    """Return the twelve characters of a code as typed by a person.

    Raises:
        BadCodeError: Too short, too long, or a character that codes never have.
    """
    code = text.strip().upper().translate(_CONFUSED)
    if len(code) != CODE_LENGTH or any(letter not in _CROCKFORD for letter in code):
        raise BadCodeError
    return code


def code_secret(code: str, hub_url: str) -> CodeSecret:
    """Stretch a code: no cheap hash of it ever leaves the PC.

    Raises:
        BadCodeError: Not a code.
    """
    stretched = stretch(
        normalised_code(code), b"carelink/invite/1" + hub_url.encode(), _IDENTIFIER_BYTES + KEY_BYTES
    )
    return CodeSecret(stretched[:_IDENTIFIER_BYTES], stretched[_IDENTIFIER_BYTES:])


def sealed(key: bytes, label: bytes, data: bytes) -> bytes:
    """Seal something under a code's key; the same again gives the same bytes."""
    # Made from what is sealed: an answer sent again after a lost acknowledgement is the same bytes, which
    # the relay knows again, and other data never meets the same key.
    salt = derive(key, sha256(label, data), b"carelink/1/invitation-salt")
    return salt + seal(derive(key, salt, label), data, label)


def opened(key: bytes, label: bytes, blob: bytes) -> bytes:
    """Open what `sealed` made.

    Raises:
        UnsealError: Not made with this code.
    """
    salt, ciphertext = blob[:KEY_BYTES], blob[KEY_BYTES:]
    return unseal(derive(key, salt, label), ciphertext, label)


def seal_blob(key: bytes, blob: InvitationBlob) -> bytes:
    """Seal the inviter's side."""
    return sealed(key, b"carelink/1/invitation", msgspec.msgpack.encode(blob))


def open_blob(key: bytes, data: bytes) -> InvitationBlob:
    """Open the inviter's side.

    Raises:
        UnsealError: Not made with this code.
    """
    return _decode(opened(key, b"carelink/1/invitation", data), InvitationBlob)


def seal_answer(key: bytes, answer: InvitationAnswer) -> bytes:
    """Seal the invitee's side."""
    return sealed(key, b"carelink/1/invitation-answer", msgspec.msgpack.encode(answer))


def open_answer(key: bytes, data: bytes) -> InvitationAnswer:
    """Open the invitee's side.

    Raises:
        UnsealError: Not made with this code.
    """
    return _decode(opened(key, b"carelink/1/invitation-answer", data), InvitationAnswer)


def _decode(data: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise UnsealError from error


def proof_words(code: str, blob: bytes, answer: bytes) -> tuple[str, ...]:
    """Return the three French words (33 bits) that both sides compute from what travelled."""
    digest = stretch(normalised_code(code), sha256(b"carelink/1/words\x00", sha256(blob), sha256(answer)), 8)
    number = int.from_bytes(digest, "big")
    words = Mnemonic("french").wordlist
    return tuple(unicodedata.normalize("NFC", words[(number >> (11 * i)) & 0x7FF]) for i in range(WORD_COUNT))


def same_words(expected: tuple[str, ...], typed: str) -> bool:
    """Tell whether what was typed are the expected words, whatever its accents, case and spaces."""
    return [_plain(word) for word in expected] == _plain(typed).replace(",", " ").split()


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
