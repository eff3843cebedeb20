"""The recovery sheet: 24 words, the keys that they give, and what is sealed for whoever has them."""

from __future__ import annotations

import difflib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import msgspec

from carelink.access.statements import SUITE, Certificate, SignedCertificate
from carelink.crypto.keys import DeviceKeys, sheet_id, verified_certificates
from carelink.crypto.packing import decoded, padded, unpadded
from carelink.crypto.primitives import (
    KEY_BYTES,
    SignatureKind,
    UnsealError,
    derive,
    hpke_open,
    hpke_seal,
    seal,
    sign,
    signing_public_key,
    unseal,
    verify,
)

WORDS: Final = 24
# Whatever it holds, a sheet's blob has one size: a relay learns nothing by it.
OWNER_BYTES: Final = 2 * 1024
PLACES_BYTES: Final = 24 * 1024

_NUMBERED: Final = re.compile(r"(?<!\w)(\d{1,2})\s?[.)]\s+([^\W\d_]+)")
_WORD: Final = re.compile(r"[^\W\d_]+")
_ADDRESS: Final = re.compile(r"https?://[^\s,;<>]+")
_MOSTLY: Final = 20
_OWNER_INFO: Final = b"carelink/1/recovery-owner"
_PLACES_INFO: Final = b"carelink/1/recovery-places"


class BadSheetError(ValueError):
    """What was typed gives no keys.

    Attributes:
        wrong: Number, word as typed, and the nearest word of the list or "", of each that is not in the list.
        missing: Numbers of the words that are not there; all that is known of an unnumbered list is `found`.
        found: How many words there are.
    """

    def __init__(
        self, wrong: Sequence[tuple[int, str, str]] = (), missing: Sequence[int] = (), found: int = WORDS
    ) -> None:
        super().__init__()
        self.wrong = tuple(wrong)
        self.missing = tuple(missing)
        self.found = found


class Owner(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Who an account is: the part of a sheet's blob that never changes.

    Attributes:
        identity: The private identity key, or empty for a sheet made after set-up.
    """

    identity: bytes
    account_key: bytes
    name: str
    name_salt: bytes
    profession: str
    rpps: str


class Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A relay of an account; `hub_key` empty where it was never reached."""

    url: str
    fingerprint: str
    hub_key: bytes


class Places(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where an account is at home, and its devices: the part of a blob that a PC brings up to date."""

    relays: tuple[Place, ...]
    certificates: tuple[SignedCertificate, ...]


class SignedPlaces(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Places with the signature of one of the account's devices."""

    body: bytes
    device: bytes
    signature: bytes


class Blob(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a relay keeps for whoever has the words."""

    suite: int
    owner: bytes
    places: bytes


@dataclass(frozen=True, repr=False)
class SheetKeys:
    """All that 24 words give."""

    entropy: bytes

    @cached_property
    def keys(self) -> DeviceKeys:
        """The paper device's keys."""
        hpke = b"".join(self._derived(part) for part in (b"mlkem-d", b"mlkem-z", b"x25519"))
        return DeviceKeys(self._derived(b"signing"), hpke)

    @property
    def identifier(self) -> bytes:
        """Where the blob is."""
        return sheet_id(signing_public_key(self.keys.signing))

    def _derived(self, what: bytes) -> bytes:
        return derive(self.entropy, b"", b"carelink/1/recovery/" + what)

    def seal_owner(self, owner: Owner) -> bytes:
        """Seal the part that never changes."""
        salt = secrets.token_bytes(KEY_BYTES)
        key = derive(self._derived(b"owner"), salt, _OWNER_INFO)
        return salt + seal(key, padded(msgspec.msgpack.encode(owner), OWNER_BYTES), _OWNER_INFO)

    def open_owner(self, sealed: bytes) -> Owner:
        """Open the part that never changes.

        Raises:
            UnsealError: Not sealed with these words.
        """
        key = derive(self._derived(b"owner"), sealed[:KEY_BYTES], _OWNER_INFO)
        return decoded(unpadded(unseal(key, sealed[KEY_BYTES:], _OWNER_INFO)), Owner)

    def open_places(self, sealed: bytes, account_key: bytes) -> tuple[Places, list[Certificate]]:
        """Open the part that a PC brings up to date, with the certificates that it names.

        Raises:
            UnsealError: Not for these words, or not by a device of the account.
        """
        signed = decoded(
            unpadded(hpke_open(self.keys.hpke, _PLACES_INFO + self.identifier, sealed)), SignedPlaces
        )
        places = decoded(signed.body, Places)
        certificates = verified_certificates(places.certificates)
        if certificates is None or any(known.account_key != account_key for known in certificates):
            raise UnsealError
        by = next((known for known in certificates if known.device == signed.device), None)
        if by is None or not verify(
            SignatureKind.RECOVERY, by.signing_key, signed.signature, self.identifier + signed.body
        ):
            raise UnsealError
        return places, certificates


def new_words() -> tuple[str, ...]:
    """Return 24 words drawn at random, as they are printed."""
    return words_of(secrets.token_bytes(KEY_BYTES))


def words_of(entropy: bytes) -> tuple[str, ...]:
    """Return the words that stand for 32 bytes."""
    from mnemonic import Mnemonic

    phrase = unicodedata.normalize("NFC", Mnemonic("french").to_mnemonic(entropy))
    return tuple(phrase.split())


def sheet_keys(words: Sequence[str]) -> SheetKeys:
    """Return what words give, whatever their case and accents.

    Raises:
        BadSheetError: Not 24 words of the list, or not of one sheet.
    """
    from mnemonic import Mnemonic

    known = _known()
    wrong = [
        (number, word, _nearest(word)) for number, word in enumerate(words, 1) if plain(word) not in known
    ]
    if wrong or len(words) != WORDS:
        raise BadSheetError(wrong, found=len(words))
    phrase = " ".join(known[plain(word)] for word in words)
    book = Mnemonic("french")
    if not book.check(phrase):
        raise BadSheetError
    return SheetKeys(bytes(book.to_entropy(phrase)))


def read_sheet(text: str) -> SheetKeys:
    """Return what the words give that stand anywhere in a text: a printed page, or words alone.

    Raises:
        BadSheetError: As for `sheet_keys`.
    """
    # Composed: a letter whose accent stands apart would end the word.
    text = _ADDRESS.sub(" ", unicodedata.normalize("NFC", text))
    numbered = {int(number): word for number, word in _NUMBERED.findall(text) if 1 <= int(number) <= WORDS}
    if len(numbered) >= WORDS // 2:
        missing = [number for number in range(1, WORDS + 1) if number not in numbered]
        if missing:
            raise BadSheetError(missing=missing, found=len(numbered))
        return sheet_keys([numbered[number] for number in range(1, WORDS + 1)])
    known = _known()
    words: list[str] = _WORD.findall(text)
    if len(words) <= WORDS:
        return sheet_keys(words)
    runs = [words[start : start + WORDS] for start in range(len(words) - WORDS + 1)]
    whole = [run for run in runs if all(plain(word) in known for word in run)]
    for run in whole:
        try:
            return sheet_keys(run)
        except BadSheetError:
            continue
    best = max(runs, key=lambda run: sum(plain(word) in known for word in run))
    found = sum(plain(word) in known for word in best)
    if found < _MOSTLY:
        raise BadSheetError(found=found)
    return sheet_keys(best)


def spread(text: str, first: int = 1) -> dict[int, str]:
    """Return the words of a text by their numbers: those it gives, or from `first` on in their order."""
    text = _ADDRESS.sub(" ", unicodedata.normalize("NFC", text))
    numbered = {int(number): word for number, word in _NUMBERED.findall(text) if 1 <= int(number) <= WORDS}
    if len(numbered) >= WORDS // 2:
        return numbered
    return dict(zip(range(first, WORDS + 1), _WORD.findall(text), strict=False))


def known_words() -> tuple[str, ...]:
    """Return the words that sheets are made of."""
    return tuple(unicodedata.normalize("NFC", word) for word in _known().values())


def nearest_word(word: str) -> str:
    """Return the word that was meant, itself where it is one of them, or nothing."""
    return _nearest(word)


def addresses_in(text: str) -> list[str]:
    """Return the relay addresses that a text names, as they stand."""
    return [found.rstrip(".)") for found in _ADDRESS.findall(text)]


def seal_places(paper: Certificate, places: Places, keys: DeviceKeys) -> bytes:
    """Seal where an account is at home for a sheet's words, signed by the device that says so."""
    body = msgspec.msgpack.encode(places)
    identifier = sheet_id(paper.signing_key)
    signed = SignedPlaces(body, keys.device, sign(SignatureKind.RECOVERY, keys.signing, identifier + body))
    return hpke_seal(
        paper.hpke_key,
        _PLACES_INFO + identifier,
        padded(msgspec.msgpack.encode(signed), PLACES_BYTES),
    )


def encode_blob(owner: bytes, places: bytes) -> bytes:
    """Return a blob's bytes."""
    return msgspec.msgpack.encode(Blob(SUITE, owner, places))


def decode_blob(data: bytes) -> Blob:
    """Read a blob.

    Raises:
        UnsealError: Not one.
    """
    return decoded(data, Blob)


def plain(word: str) -> str:
    """Return a word as it is compared: without case or accents."""
    decomposed = unicodedata.normalize("NFD", word.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _known() -> dict[str, str]:
    from mnemonic import Mnemonic

    return {plain(word): word for word in Mnemonic("french").wordlist}


def _nearest(word: str) -> str:
    known = _known()
    found = difflib.get_close_matches(plain(word), known, 1)
    return unicodedata.normalize("NFC", known[found[0]]) if found else ""
