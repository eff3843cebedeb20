"""Words that must not be where they may not be read: making them, and looking for them."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Collection, Iterable, Iterator

_LETTERS = 24
# The search index keeps a word without the letters that it shares with the one before it.
_SHARED_LETTERS = 6
_LEFT = _LETTERS - _SHARED_LETTERS
_HEX_DIGITS = b"0123456789abcdefABCDEF"
_LETTER, _OTHER = b"a", b"\xff"


def _kinds(kept: bytes) -> bytes:
    """Return a table that leaves of each byte only whether it is one of those, zero, or another."""
    return b"\0" + b"".join(_LETTER if byte in kept else _OTHER for byte in range(1, 256))


_LETTERS_ONLY, _HEX_ONLY = _kinds(string.ascii_letters.encode()), _kinds(_HEX_DIGITS)
# What any of the words could look like in the spellings of `_spellings`.
_SHAPES = tuple(
    (table, unit * (_LEFT * repeated), re.compile(b"(?:%s)+" % re.escape(unit)))
    for table, unit, repeated in (
        (_LETTERS_ONLY, _LETTER, 1),
        (_HEX_ONLY, _LETTER, 2),
        (_LETTERS_ONLY, _LETTER + b"\0", 1),
        (_LETTERS_ONLY, b"\0" + _LETTER, 1),
    )
)


def new_canary() -> str:
    """Return a word that nobody wrote before: 24 letters."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(_LETTERS))


def found_in(data: Iterable[bytes], canaries: Collection[str]) -> set[str]:
    """Return the canaries that stand somewhere in `data`, in any of the usual spellings."""
    assert all(re.fullmatch(r"[a-z]{24}", canary) for canary in canaries), "only such words are looked for"
    needles = {needle: canary for canary in canaries for needle in _spellings(canary[_SHARED_LETTERS:])}
    found: set[str] = set()
    for chunk in data:
        runs = _OTHER.join(_runs(chunk)).lower()
        found |= {canary for needle, canary in needles.items() if needle in runs} if runs else set()
    return found


def _runs(chunk: bytes) -> Iterator[bytes]:
    """Yield, whole, each stretch that is shaped like such words: a small part of it, found in few passes."""
    for table, shape, longer in _SHAPES:
        kinds = chunk.translate(table)
        start = kinds.find(shape)
        while start >= 0:
            run = longer.match(kinds, start)
            assert run is not None
            yield chunk[start : run.end()]
            start = kinds.find(shape, run.end())


def _spellings(word: str) -> Iterable[bytes]:
    utf8 = word.encode()
    return (utf8, utf8.hex().encode(), word.encode("utf-16-le"), word.encode("utf-16-be"))
