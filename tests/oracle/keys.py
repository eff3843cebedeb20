"""The confidentiality oracle: every key that a vault could hold, tried on what the relay keeps."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from carelink.crypto.primitives import UnsealError, unseal
from carelink.sync.letters import open_wrap
from carelink.sync.sealing import open_envelope
from carelink.sync.wire.structures import EnvelopeCore, Letter
from carelink.sync.wire.verification import decode_header, decode_letter

KEY_BYTES = 32
DEVICE_KEY_BYTES = 96
_HEX = re.compile(rb"[0-9a-fA-F]{64,}")


@dataclass(frozen=True, slots=True)
class Sealed:
    """An envelope as the relay keeps it."""

    identifier: bytes
    core: EnvelopeCore
    core_bytes: bytes
    ciphertext: bytes


def envelopes(relay: Path, stream: str) -> list[Sealed]:
    """Return a stream's envelopes from the relay's database."""
    with closing(sqlite3.connect(relay)) as connection:
        rows = connection.execute(
            "SELECT identifier, header, ciphertext FROM envelopes WHERE stream = ? AND ciphertext <> x''",
            (stream,),
        ).fetchall()
    sealed = []
    for identifier, data, ciphertext in rows:
        header, core = decode_header(data)
        sealed.append(Sealed(identifier, core, header.core, ciphertext))
    return sealed


def letters(relay: Path) -> list[Letter]:
    """Return every letter in the relay's database."""
    with closing(sqlite3.connect(relay)) as connection:
        return [Letter(*row) for row in connection.execute("SELECT body, signature FROM letters")]


def _unfolded(values: Iterable[bytes]) -> Iterator[bytes]:
    for value in values:
        yield value
        for match in _HEX.finditer(value):
            digits = match[0]
            yield from (
                bytes.fromhex(digits[i : len(digits) - (len(digits) - i) % 2].decode()) for i in (0, 1)
            )


def windows(values: Iterable[bytes], size: int) -> set[bytes]:
    """Return every stretch of `size` bytes in the values, and in what they spell in hexadecimal."""
    return {value[i : i + size] for value in _unfolded(values) for i in range(len(value) - size + 1)}


def device_keys(values: Iterable[bytes]) -> set[bytes]:
    """Return what may be a device's HPKE key: every value of that size."""
    return {value for value in _unfolded(values) if len(value) == DEVICE_KEY_BYTES}


def out_of_letters(keys: Iterable[bytes], sent: Iterable[Letter]) -> set[bytes]:
    """Return what these device keys get out of all letters, whomever they are for."""
    opened: set[bytes] = set()
    for key in keys:
        for letter in sent:
            with suppress(UnsealError):
                opened.add(open_wrap(key, decode_letter(letter)))
    return opened


def opened_by(candidates: Iterable[bytes], sealed: Iterable[Sealed]) -> set[bytes]:
    """Return the ids of the envelopes that one of the keys opens, as an epoch's key or directly."""
    opened: set[bytes] = set()
    left = list(sealed)
    for candidate in candidates:
        for envelope in left:
            if _opens(candidate, envelope):
                opened.add(envelope.identifier)
        left = [envelope for envelope in left if envelope.identifier not in opened]
        if not left:
            break
    return opened


def _opens(key: bytes, envelope: Sealed) -> bool:
    with suppress(UnsealError):
        open_envelope(envelope.core, envelope.core_bytes, envelope.ciphertext, key)
        return True
    with suppress(UnsealError):
        unseal(key, envelope.ciphertext, envelope.core_bytes)
        return True
    return False
