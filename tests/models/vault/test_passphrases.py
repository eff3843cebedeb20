"""What is proposed is accepted; what anyone would try first is refused, with why and what to take."""

from __future__ import annotations

import threading
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn import matching

from carelink.models.vault.errors import WeakPassphraseError
from carelink.models.vault.passphrases import judge, propose, require_strong

NAME = ("Claire Martin-Dupré",)


def test_four_french_words_are_proposed_and_accepted() -> None:
    proposals = {propose() for _ in range(50)}
    assert len(proposals) == 50
    for proposal in proposals:
        assert len(proposal.split()) == 4
        assert unicodedata.is_normalized("NFC", proposal)
        require_strong(proposal, NAME)


def test_no_word_is_proposed_twice() -> None:
    # By chance one phrase in 340 would have one twice, and be refused.
    assert all(len(set(propose().split())) == 4 for _ in range(10_000))


@pytest.mark.parametrize(
    "passphrase",
    [
        "cheval batterie agrafe correct",
        "vent lune mer",
        "mon chien s’appelle Rex",
        "elle prend son thé sans sucre",
        "kx9$Lq2mVb",
        "l’oiseau chante et le facteur dort encore un peu ce matin de printemps près du canal",
        "сколько стоит",
    ],
)
def test_words_without_relation_or_ten_characters_at_random_are_enough(passphrase: str) -> None:
    require_strong(passphrase, NAME)


@pytest.mark.parametrize(
    ("passphrase", "why"),
    [
        ("", "trop courte"),
        ("1234", "trop courte"),
        (" " * 20, "trop courte"),
        ("e\N{COMBINING ACUTE ACCENT}" * 7, "trop courte"),
        ("Tr0ub4dr", "trop courte"),
        ("12345678", "premières que l’on essaie"),
        ("motdepasse", "premières que l’on essaie"),
        ("Infirmière", "premières que l’on essaie"),
        ("azertyuiop", "premières que l’on essaie"),
        ("soleil123", "premières que l’on essaie"),
        ("maman1953", "premières que l’on essaie"),
        ("éééééééé", "se suivent ou se répètent"),
        ("abcdefghijkl", "se suivent ou se répètent"),
        ("mlkjhgfdsq", "se suivent ou se répètent"),
        ("&é\"'(-è_çà", "premières que l’on essaie"),
        ("15/03/1942", "une date"),
        ("a b c d", "trop courte"),
        ("a b c d e", "trop courts ou trop courants"),
        ("la un de a", "trop courts ou trop courants"),
        ("mot de passe", "trop courts ou trop courants"),
        ("une deux trois quatre", "trop courts ou trop courants"),
        ("aaaa bbbb cccc dddd", "trop courts ou trop courants"),
        ("jardin jardin jardin jardin", "répète le même mot"),
        ("claire martin", "votre nom"),
        ("Claire MARTIN 1962", "votre nom"),
        ("clairemartindupre", "votre nom"),
        ("martin2026", "votre nom"),
    ],
)
def test_what_is_easily_guessed_is_refused_with_why_and_four_words(passphrase: str, why: str) -> None:
    with pytest.raises(WeakPassphraseError, match=why) as caught:
        require_strong(passphrase, NAME)
    assert why in caught.value.why
    proposed = str(caught.value).partition("«\u00a0")[2].partition("\u00a0»")[0]
    assert len(proposed.split()) == 4
    require_strong(proposed)


def test_the_name_of_someone_else_is_a_word_like_others() -> None:
    words = "martin dupré girafe trombone"
    require_strong(words)
    assert judge(words, NAME).guesses < judge(words).guesses


@given(st.text(max_size=120))
def test_whatever_is_typed_is_judged(text: str) -> None:
    judged = judge(text, NAME)
    assert judged.guesses >= 0
    assert bool(judged.why) == (judged.guesses < 10)


def test_two_people_judged_at_once_do_not_lend_each_other_their_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    omnimatch = matching.omnimatch

    def later(*given: object) -> object:
        # Where another thread would come in between, let it.
        time.sleep(0.001)
        return omnimatch(*given)

    monkeypatch.setattr(matching, "omnimatch", later)
    wrong: list[str] = []
    start = threading.Barrier(2)

    def ask(name: str, other: str) -> None:
        start.wait()
        for _ in range(40):
            if judge(f"{name}1962", (name,)).why != "elle reprend votre nom":
                wrong.append(name)
            if judge(f"{other}1962", (name,)).why == "elle reprend votre nom":
                wrong.append(other)

    threads = [
        threading.Thread(target=ask, args=pair)
        for pair in (("Chastagnier", "Brunelle"), ("Brunelle", "Chastagnier"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
