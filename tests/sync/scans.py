"""Looking for what may not be there: every key and every word of a vault, and what the relay keeps."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress
from itertools import chain
from pathlib import Path

from carelink.access.compartments import Stream
from carelink.crypto.primitives import UnsealError
from carelink.models.vault.dump import dump
from carelink.records.patient import MemberCard
from carelink.services.session import Session
from carelink.sync.sealed_parts import open_part
from carelink.sync.wire.verification import decode_header, envelope_id
from tests.oracle.canaries import found_in
from tests.oracle.dump import contents, values
from tests.oracle.keys import Sealed, device_keys, opened_by, out_of_letters, windows
from tests.sync.memory_hub import MemoryHub

_KEY_SIZES = {32, 96}


class VaultScan:
    """All that one vault holds, in plain text."""

    def __init__(self, session: Session) -> None:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "vault.dump"
            dump(session.database, out)
            self._values = list(values(out))
            self._device, self._device_key = session.keys.device, session.keys.hpke
            self._contents = list(contents(out))

    def words(self, canaries: Collection[str]) -> set[str]:
        """Return which of these words stand anywhere in the vault."""
        return found_in(chain(self._contents, self._values), canaries)

    def keys(self, hub: MemoryHub, *, every_byte: bool = False) -> set[bytes]:
        """Return every key in the vault, and those that its device gets out of its letters.

        Args:
            hub: Whose letters.
            every_byte: Whether to take each stretch of 32 bytes for a key, and try the letters to others too.
        """
        keys = {value for value in self._values if len(value) in _KEY_SIZES}
        if every_byte:
            keys |= windows(self._values, 32)
        assert self._device_key in device_keys(self._values)
        letters = [letter for to, letter in hub.letters if every_byte or to == self._device]
        return keys | out_of_letters([self._device_key], letters)


def opened_by_keys(hub: MemoryHub, keys: Iterable[bytes], after: int, until: int) -> dict[Stream, set[int]]:
    """Return the relay positions, by stream, of what some keys open of what was stored in a stretch."""
    opened: dict[Stream, set[int]] = defaultdict(set)
    sealed, places = [], {}
    for item in hub.items:
        if not after < item.position <= until or not item.envelope.ciphertext:
            continue
        header, core = decode_header(item.envelope.header)
        identifier = envelope_id(item.envelope.header)
        sealed.append(Sealed(identifier, core, header.core, item.envelope.ciphertext))
        places[identifier] = (item.stream, item.position)
    for identifier in opened_by(keys, sealed):
        stream, position = places[identifier]
        opened[stream].add(position)
    return opened


def stored_between(hub: MemoryHub, after: int, until: int) -> dict[Stream, set[int]]:
    """Return the relay positions, by stream, of what was stored with its content in a stretch."""
    stored: dict[Stream, set[int]] = defaultdict(set)
    for item in hub.items:
        if after < item.position <= until and item.envelope.ciphertext:
            stored[item.stream].add(item.position)
    return stored


def opened_parts(hub: MemoryHub, circle: str, keys: Iterable[bytes], since: int) -> set[int]:
    """Return the heights, from one on, of the statements whose sealed part one of the keys opens."""
    candidates, opened = list(keys), set[int]()
    for height, statement in enumerate(hub.circles[bytes.fromhex(circle)].chain):
        if height < since or not statement.sealed:
            continue
        for key in candidates:
            with suppress(UnsealError):
                open_part(MemberCard, statement.sealed, key, height)
                opened.add(height)
                break
    return opened
