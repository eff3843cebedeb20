"""A PIN gives back what is in memory, five tries, and is none that people try first."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from carelink.crypto.primitives import UnsealError, derive, sha256, stretch, unseal
from carelink.models.vault import pins
from carelink.models.vault.errors import SpentPinError, WeakPinError, WrongPinError
from carelink.models.vault.pins import TRIES, KeptKey, PinRecord, require_good_pin

PIN = "482915"
MARK = b"passphrase of now"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare a test of something else the tenth of a second that each try costs on purpose."""
    monkeypatch.setattr(pins, "stretch", lambda secret, salt: sha256(secret.encode(), salt))


def kept(key: bytes, pin: str = PIN) -> KeptKey:
    return KeptKey(key, PinRecord.of(pin, MARK))


@pytest.mark.parametrize("pin", ["482915", "739146", "48 29 15", " 4829 1573 ", "604 817 352 9"])
def test_an_unguessable_one_is_taken_with_or_without_spaces(pin: str) -> None:
    assert require_good_pin(pin) == pin.replace(" ", "")


@pytest.mark.parametrize(
    ("pin", "sentence"),
    [
        ("", "que des chiffres"),
        ("abc123", "que des chiffres"),
        ("é\"'(-è", "Majuscule"),
        ("١٢٣٤٥٦", "que des chiffres"),
        ("48291", "au moins 6"),
        ("777777", "mêmes chiffres"),
        ("000001", "mêmes chiffres"),
        ("477474", "mêmes chiffres"),
        ("123456", "se suivent"),
        ("876543", "se suivent"),
        ("890123", "se suivent"),
        ("246802", "se suivent"),
        ("741852", "se suivent"),
        ("121212", "mêmes chiffres"),
        ("482482", "même motif"),
        ("112233", "même motif"),
        ("150342", "une date"),
        ("420315", "une date"),
        ("031542", "une date"),
        ("071953", "une date"),
        ("195348", "une date"),
        ("15031942", "une date"),
    ],
)
def test_what_people_would_try_first_is_refused_with_why(pin: str, sentence: str) -> None:
    with pytest.raises(WeakPinError, match=sentence):
        require_good_pin(pin)


def test_most_codes_drawn_at_random_are_taken() -> None:
    refused = 0
    for number in range(0, 1_000_000, 7):
        try:
            require_good_pin(f"{number:06}")
        except WeakPinError:
            refused += 1
    assert refused / (1_000_000 / 7) < 0.15


def test_the_pin_gives_the_key_back_as_often_as_wanted() -> None:
    key = os.urandom(32)
    one = kept(key)
    assert one.key(PIN, MARK) == one.key(" 482 915 ", MARK) == key
    assert one.tries_left == TRIES


def test_five_wrong_in_all_and_the_right_one_opens_no_more(quick: None) -> None:
    one = kept(os.urandom(32))
    said = []
    for wrong in range(TRIES - 1):
        with pytest.raises(WrongPinError) as caught:
            one.key(f"93715{wrong}", MARK)
        said.append(caught.value.tries_left)
        # Getting it right in between gives no try back.
        one.key(PIN, MARK)
    assert said == [4, 3, 2, 1]
    assert "il reste un essai" in str(caught.value)
    with pytest.raises(SpentPinError, match="phrase de passe"):
        one.key("937159", MARK)
    for pin in (PIN, "937159"):
        with pytest.raises(SpentPinError):
            one.key(pin, MARK)
    assert one.tries_left == 0


def test_what_is_no_pin_costs_no_try(quick: None) -> None:
    one = kept(os.urandom(32))
    for typed in ("", "48291", "quatre"):
        with pytest.raises(WeakPinError):
            one.key(typed, MARK)
    assert one.tries_left == TRIES


def test_tries_at_the_same_time_are_all_counted(quick: None) -> None:
    one = kept(os.urandom(32))
    start = threading.Barrier(8)

    def attempt(number: int) -> type[Exception]:
        start.wait()
        try:
            one.key(f"93715{number}", MARK)
        except (WrongPinError, SpentPinError) as error:
            return type(error)
        return AssertionError

    with ThreadPoolExecutor(8) as pool:
        ended = list(pool.map(attempt, range(8)))
    assert ended.count(WrongPinError) == TRIES - 1
    assert ended.count(SpentPinError) == 4


def test_another_passphrase_since_ends_it(quick: None) -> None:
    one = kept(os.urandom(32))
    with pytest.raises(SpentPinError):
        one.key(PIN, b"another passphrase")
    with pytest.raises(SpentPinError):
        one.key(PIN, MARK)


def test_once_forgotten_nothing_of_the_key_is_left(quick: None) -> None:
    one = kept(os.urandom(32))
    assert len(vars(one)["_sealed"]) == 48
    one.forget()
    assert (vars(one)["_sealed"], vars(one)["_secret"]) == (b"", b"")


def test_what_the_vault_holds_without_this_process_opens_nothing() -> None:
    key = os.urandom(32)
    record = PinRecord.of(PIN, MARK)
    assert record.stretched == stretch(PIN, record.salt)
    one, other = KeptKey(key, record), KeptKey(key, record)
    # Two times the same key under the same PIN, and neither sealed nor secret is the same twice.
    assert vars(one)["_sealed"] != vars(other)["_sealed"]
    alone = derive(record.stretched, record.salt, b"carelink/1/pin")
    with pytest.raises(UnsealError):
        unseal(alone, vars(one)["_sealed"], b"carelink/1/pin")


def test_the_key_cannot_be_seen_in_what_is_kept() -> None:
    key = os.urandom(32)
    one = kept(key)
    held = b"".join(value for value in vars(one).values() if isinstance(value, bytes))
    assert key not in held
    assert PIN.encode() not in held


def test_it_is_the_same_after_the_vault(quick: None) -> None:
    record = PinRecord.of(PIN, MARK)
    assert PinRecord.loaded(record.setting()) == record
    others: list[object] = [None, [], "x", {"salt": 1}, {"salt": "", "stretched": "", "mark": "", "newer": 1}]
    for other in others:
        assert PinRecord.loaded(other) is None
