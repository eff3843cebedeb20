"""Passphrases: four French words are proposed, and the shortest accepted."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from carelink.models.vault.errors import WeakPassphraseError

PROPOSED_WORDS = 4
# NIST SP 800-63B, 5.1.1.1; the PC's own secret stands behind it.
LEAST_CHARACTERS = 8


@cache
def _words() -> tuple[str, ...]:
    from mnemonic import Mnemonic

    return tuple(normal(word) for word in Mnemonic("french").wordlist)


def normal(passphrase: str) -> str:
    """Return the one form under which keyboards of different systems give the same bytes."""
    return unicodedata.normalize("NFC", passphrase)


def propose() -> str:
    """Return four random French words out of 2,048: 44 bits, before Argon2id and the PC's secret."""
    return " ".join(secrets.choice(_words()) for _ in range(PROPOSED_WORDS))


def require_strong(passphrase: str) -> None:
    """Refuse what is shorter than four words or eight characters.

    Raises:
        WeakPassphraseError: It is too short.
    """
    text = normal(passphrase).strip()
    if len(text) < LEAST_CHARACTERS and len(text.split()) < PROPOSED_WORDS:
        raise WeakPassphraseError
