"""Twenty-four words: read as people type them, and the same keys each time."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest

from carelink.access.statements import decode_certificate
from carelink.crypto.keys import enrol_first_device, public_keys
from carelink.crypto.primitives import UnsealError
from carelink.crypto.recovery import (
    BadSheetError,
    Owner,
    Place,
    Places,
    new_words,
    read_sheet,
    seal_places,
    sheet_keys,
    words_of,
)

WORDS = words_of(bytes(range(32)))
OWNER = Owner(b"i" * 32, b"k" * 32, "Claire", b"s" * 16, "nurse", "")


def numbered(words: tuple[str, ...]) -> str:
    return "\n".join(f"{number:2d}. {word}" for number, word in enumerate(words, 1))


def test_the_words_stand_for_their_bytes_and_are_drawn_at_random() -> None:
    assert len(WORDS) == 24
    assert sheet_keys(WORDS).entropy == bytes(range(32))
    assert new_words() != new_words()


def test_words_keys_and_place_never_change() -> None:
    made = sheet_keys(WORDS)
    assert WORDS[:4] == ("abaisser", "agréable", "inductif", "agréable")
    assert made.identifier.hex() == "d58c34f0d499d680399cc04de996bce8"
    assert (
        public_keys(made.keys).signing.hex()
        == "24e3dad8deb78a0105fb5a48c0863f3b5192c0273569b7b89f6a6b8b2c350ee6"
    )


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_case_accents_and_layout_do_not_count(form: Literal["NFC", "NFD"]) -> None:
    bare = "".join(c for c in unicodedata.normalize("NFD", " ".join(WORDS)) if not unicodedata.combining(c))
    for text in (
        " ".join(WORDS),
        " ".join(WORDS).upper(),
        bare,
        "\n".join(WORDS),
        ", ".join(WORDS) + "\nhttps://relais.exemple.fr",
        numbered(WORDS),
        "Ma feuille, pour le relais de la maison : " + " ".join(WORDS) + " voilà tout.",
        "Faite le 22/11/2026.\n\n" + numbered(WORDS) + "\n\nRelais : https://relais.exemple.fr:8443",
    ):
        assert read_sheet(unicodedata.normalize(form, text)).entropy == bytes(range(32))


def test_what_is_wrong_or_missing_is_named() -> None:
    changed = (*WORDS[:6], "abaisser", *WORDS[7:])
    with pytest.raises(BadSheetError) as error:
        read_sheet(" ".join(changed))
    assert error.value.wrong == ()
    wrong = (*WORDS[:6], "abaiser", *WORDS[7:])
    for text in (" ".join(wrong), numbered(wrong)):
        with pytest.raises(BadSheetError) as error:
            read_sheet(text)
        assert error.value.wrong == ((7, "abaiser", "abaisser"),)
    with pytest.raises(BadSheetError) as error:
        read_sheet(numbered(WORDS).replace(f"\n 9. {WORDS[8]}", ""))
    assert error.value.missing == (9,)
    with pytest.raises(BadSheetError) as error:
        read_sheet(" ".join(WORDS[1:]))
    assert error.value.found == 23


def test_what_is_sealed_opens_with_the_words_alone_and_has_one_size() -> None:
    made, other = sheet_keys(WORDS), sheet_keys(new_words())
    sealed = made.seal_owner(OWNER)
    assert made.open_owner(sealed) == OWNER
    assert len(sealed) == len(made.seal_owner(Owner(b"", b"k" * 32, "É" * 120, b"s" * 16, "", "1" * 11)))
    with pytest.raises(UnsealError):
        other.open_owner(sealed)


def test_only_a_device_of_the_account_says_where_it_is_at_home() -> None:
    made = sheet_keys(WORDS)
    ours, theirs = enrol_first_device("Claire", 0), enrol_first_device("Mallory", 0)
    account = decode_certificate(ours.certificate.body).account_key
    paper = decode_certificate(ours.certificate.body).__class__(
        1,
        account,
        made.keys.device,
        public_keys(made.keys).signing,
        public_keys(made.keys).hpke,
        b"",
        0,
        True,
    )
    places = Places((Place("https://relais.exemple.fr", "", b"h" * 32),), (ours.certificate,))
    sealed = seal_places(paper, places, ours.keys)
    assert made.open_places(sealed, account)[0] == places
    assert len(sealed) == len(seal_places(paper, Places((), (ours.certificate,)), ours.keys))
    forged = Places(places.relays, (theirs.certificate,))
    for bad in (seal_places(paper, places, theirs.keys), seal_places(paper, forged, theirs.keys)):
        with pytest.raises(UnsealError):
            made.open_places(bad, account)
