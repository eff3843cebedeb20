"""Passphrases: four French words are proposed, and what is easily guessed is refused with why."""

from __future__ import annotations

import math
import secrets
import threading
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from carelink.language import tr
from carelink.models.vault.errors import WeakPassphraseError

PROPOSED_WORDS: Final = 4
# NIST SP 800-63B, 5.1.1.1.
LEAST_CHARACTERS: Final = 8
# Powers of ten: what a slow hash resists by itself, and what needs no more words.
LEAST_GUESSES: Final = 10.0
MANY_GUESSES: Final = 13.0

# Far beyond what is asked for; the library takes 70 ms for 72 characters, while someone types.
_LONGEST_JUDGED: Final = 48
_LEAST_NAME: Final = 3
# What people who speak French and care for someone take first; the library knows English better.
_COMMON: Final = """
un une deux trois quatre cinq six sept huit neuf dix onze douze zero premier dernier
le la les des du de et ou au aux en dans sur sous pour par avec sans
mon ma mes ton ta tes son sa ses notre nos votre vos leur je tu il elle nous vous on qui que
est suis es sont ai as ont aime aimer jaime bonjour bonsoir merci salut
lundi mardi mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout
septembre octobre novembre decembre printemps ete automne hiver jour nuit matin soir
papa maman mamie papi papy mamy mere pere fille fils frere soeur enfant bebe amour famille doudou
infirmier infirmiere medecin docteur aide soignant soignante aidant aidante patient resident ehpad
hopital clinique maison retraite residence soin soins sante cahier liaison carelink
passe phrase secret mot mots code compte ordinateur
rouge bleu vert jaune noir blanc rose soleil chat chien chaton loulou france paris marseille lyon
"""
# The library knows which keys are neighbours on an English keyboard only.
_FRENCH_KEYS: Final = str.maketrans(
    "&é\"'(-è_çà)=azertyuiop^$qsdfghjklmùwxcvbn,;:!",
    "1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./",
)
# The library keeps what it was last told of the person in one place for all threads.
_TURN: Final = threading.Lock()


class Judgement(NamedTuple):
    """How a passphrase would stand.

    Attributes:
        guesses: How many tries it takes to find it, as a power of ten.
        why: Why that is not enough, as the rest of a sentence; empty where it is.
    """

    guesses: float
    why: str


class _Found(NamedTuple):
    """A part of a text, and what it is: a word of a list, a row of keys, a date, or nothing known."""

    pattern: str
    token: str


@cache
def _words() -> tuple[str, ...]:
    from mnemonic import Mnemonic

    return tuple(normal(word) for word in Mnemonic("french").wordlist)


def normal(passphrase: str) -> str:
    """Return the one form under which keyboards of different systems give the same bytes."""
    return unicodedata.normalize("NFC", passphrase)


def propose() -> str:
    """Return four random French words out of 2,048: 44 bits, before Argon2id and the PC's secret.

    No word comes twice: such a phrase would be refused as easily guessed.
    """
    return " ".join(secrets.SystemRandom().sample(_words(), PROPOSED_WORDS))


def judge(passphrase: str, about: Sequence[str] = ()) -> Judgement:
    """Return how hard a passphrase is to guess for who knows common ones, and its owner.

    Args:
        passphrase: As typed.
        about: What is known of its owner: their name.
    """
    text = _plain(passphrase.strip())[:_LONGEST_JUDGED]
    if len(text) < LEAST_CHARACTERS:
        return Judgement(0.0, tr("elle est trop courte"))
    names = _names(about)
    guesses, parts = _guess(text, names)
    words = text.split()
    if len(words) == 1:
        guesses, parts = min((guesses, parts), _guess(_on_english_keys(passphrase), names))
    elif guesses >= LEAST_GUESSES:
        # Said several times, a word adds nothing; nor do the spaces between.
        alone = [_guess(word, names)[0] for word in dict.fromkeys(words)]
        guesses = min(guesses, sum(alone) + math.log10(math.factorial(len(alone))))
    why = "" if guesses >= LEAST_GUESSES else _why(parts, words, names)
    return Judgement(guesses, why)


def require_strong(passphrase: str, about: Sequence[str] = ()) -> None:
    """Refuse what is easily guessed.

    Args:
        passphrase: As typed.
        about: What is known of its owner: their name.

    Raises:
        WeakPassphraseError: With what is wrong, and four words to take.
    """
    if why := judge(passphrase, about).why:
        raise WeakPassphraseError(why, propose())


def _plain(text: str) -> str:
    """Return a text without case and accents: those who guess try them all."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def _on_english_keys(passphrase: str) -> str:
    """Return what the same keys would have typed on the keyboard that the library knows."""
    return normal(passphrase.strip()).casefold().translate(_FRENCH_KEYS)[:_LONGEST_JUDGED]


def _names(about: Sequence[str]) -> list[str]:
    """Return a person's names, each alone and all in one."""
    found: list[str] = []
    for name in about:
        words = _plain(name).replace("-", " ").split()
        found += [word for word in words if len(word) >= _LEAST_NAME]
        found += ["".join(words), " ".join(words)]
    return list(dict.fromkeys(found))


def _guess(text: str, names: list[str]) -> tuple[float, list[_Found]]:
    from zxcvbn import zxcvbn

    with _TURN:
        result: dict[str, Any] = zxcvbn(text, [*names, *_COMMON.split()])
    parts = [_Found(part["pattern"], part["token"]) for part in result["sequence"]]
    return float(result["guesses_log10"]), parts


def _why(parts: list[_Found], words: list[str], names: list[str]) -> str:
    if any(part.pattern == "dictionary" and part.token in names for part in parts):
        return tr("elle reprend votre nom")
    if len(set(words)) < len(words):
        return tr("elle répète le même mot")
    if len(words) > 1:
        return tr("ses mots sont trop courts ou trop courants")
    longest = max(parts, key=lambda part: len(part.token))
    if longest.pattern == "dictionary":
        return tr("elle est parmi les premières que l’on essaie")
    if longest.pattern in {"repeat", "sequence", "spatial"}:
        return tr("ses touches se suivent ou se répètent")
    if longest.pattern in {"date", "regex"}:
        return tr("elle contient une date")
    return tr("elle est trop courte")
