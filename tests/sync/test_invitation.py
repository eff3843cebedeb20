"""A code is typed by a person, opens one blob at one relay, and three words prove who answered."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carelink.crypto.keys import enrol_first_device
from carelink.crypto.primitives import UnsealError
from carelink.records.patient import PatientIdentity
from carelink.sync.invitation import (
    BadCodeError,
    InvitationAnswer,
    InvitationBlob,
    code_secret,
    new_code,
    normalised_code,
    open_answer,
    open_blob,
    proof_words,
    same_words,
    seal_answer,
    seal_blob,
)

CODE, HUB = "ABCD-EFGH-JKMN", "https://relais.exemple.fr"
ENROLLED = enrol_first_device("Claire", 1_800_000_000_000)
PATIENT = PatientIdentity("Jeanne", "Moreau", "", "1938-04-12", "F")
BLOB = InvitationBlob(
    bytes(16), bytes(32), bytes(32), (ENROLLED.certificate,), "Claire", "relative", PATIENT, False
)
ANSWER = InvitationAnswer((ENROLLED.certificate,), (), "Anne", b"salt", "", "")
KEY = bytes(range(32))


@pytest.mark.parametrize(
    "typed",
    [
        "ABCD-EFGH-JKMN",
        "abcd-efgh-jkmn",
        "ABCDEFGHJKMN",
        " abcd efgh jkmn ",
        "ABCD\u2011EFGH\u2011JKMN",
        "A-B-C-D-E-F-G-H-J-K-M-N",
    ],
)
def test_a_code_is_taken_however_it_is_typed(typed: str) -> None:
    assert normalised_code(typed) == "ABCDEFGHJKMN"


@pytest.mark.parametrize(
    ("typed", "meant"), [("O0Oo-1Ili-LlL1", "000011111111"), ("ABCD-EFGH-JKM0", "ABCDEFGHJKM0")]
)
def test_characters_that_look_alike_are_the_same(typed: str, meant: str) -> None:
    assert normalised_code(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "ABCD", "ABCD-EFGH-JKM", "ABCD-EFGH-JKMNP", "ABCD-EFGH-JKMU", "ABCD_EFGH_JKMN", "é" * 12]
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(BadCodeError):
        normalised_code(typed)


def test_new_codes_are_random_and_readable() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert [len(part) for part in code.split("-")] == [4, 4, 4]
        assert not set(code) & set("OILU")
        assert normalised_code(code) == code.replace("-", "")


def test_a_code_leads_to_one_place_at_one_relay() -> None:
    secret = code_secret(CODE, HUB)
    assert code_secret("abcdefghjkmn", HUB).key == secret.key
    other = code_secret(CODE, "https://autre.exemple.fr")
    assert (other.identifier, other.key) != (secret.identifier, secret.key)
    assert (len(secret.identifier), len(secret.key)) == (16, 32)
    assert secret.identifier not in secret.key


def test_both_sides_open_with_the_key_and_neither_passes_for_the_other() -> None:
    blob, answer = seal_blob(KEY, BLOB), seal_answer(KEY, ANSWER)
    assert open_blob(KEY, blob) == BLOB
    assert open_answer(KEY, answer) == ANSWER
    for data in (answer, blob[:-1], blob[:20], b"", blob + b"x", bytes(len(blob))):
        with pytest.raises(UnsealError):
            open_blob(KEY, data)
    with pytest.raises(UnsealError):
        open_answer(KEY, blob)
    with pytest.raises(UnsealError):
        open_blob(bytes(32), blob)


def test_the_words_depend_on_the_code_and_on_both_sides() -> None:
    words = proof_words(CODE, b"blob", b"answer")
    assert len(words) == 3
    assert proof_words("abcdefghjkmn", b"blob", b"answer") == words
    assert proof_words(CODE, b"other", b"answer") != words
    assert proof_words(CODE, b"blob", b"other") != words
    assert proof_words("ABCD-EFGH-JKMP", b"blob", b"answer") != words


@pytest.mark.parametrize(
    "typed",
    [
        "abri éclair œuvre",
        "ABRI ECLAIR ŒUVRE",
        "  abri,  eclair ,œuvre ",
        "Abri\u00a0E\u0301clair\tœuvre",
    ],
)
def test_words_are_the_same_whatever_their_accents_case_and_spaces(typed: str) -> None:
    assert same_words(("abri", "éclair", "œuvre"), typed)


@pytest.mark.parametrize(
    "typed", ["", "abri", "abri éclair", "éclair abri œuvre", "abri éclair œuvre abri", "abri éclairs œuvre"]
)
def test_other_words_are_not(typed: str) -> None:
    assert not same_words(("abri", "éclair", "œuvre"), typed)


@settings(max_examples=200)
@given(st.text(max_size=30))
def test_nothing_typed_breaks_the_comparison(typed: str) -> None:
    assert not same_words(("abri", "éclair", "zèbre"), typed)
    with contextlib.suppress(BadCodeError):
        assert len(normalised_code(typed)) == 12
