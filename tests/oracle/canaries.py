"""Words that must not be where they may not be read: making them, and looking for them."""

from __future__ import annotations

import secrets
import string
from collections.abc import Collection, Iterable

# The search index keeps a word without the letters that it shares with the one before it.
_SHARED_LETTERS = 6


def new_canary() -> str:
    """Return a word that nobody wrote before: 24 letters."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(24))


def found_in(data: Iterable[bytes], canaries: Collection[str]) -> set[str]:
    """Return the canaries that stand somewhere in `data`, in any of the usual spellings."""
    needles = {needle: canary for canary in canaries for needle in _spellings(canary[_SHARED_LETTERS:])}
    found: set[str] = set()
    for chunk in data:
        lowered = chunk.lower()
        found |= {canary for needle, canary in needles.items() if needle in lowered}
    return found


def _spellings(word: str) -> Iterable[bytes]:
    utf8 = word.encode()
    return (utf8, utf8.hex().encode(), word.encode("utf-16-le"), word.encode("utf-16-be"))
