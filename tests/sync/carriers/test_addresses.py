"""A relay's address has one spelling, and plain http stays on this computer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carelink.sync.carriers.addresses import BadAddressError, HubAddress, is_loopback, parse_address

PRINT = "ab" * 32


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("relais.exemple.fr", "https://relais.exemple.fr"),
        ("HTTPS://Relais.Exemple.FR/", "https://relais.exemple.fr"),
        ("relais.exemple.fr:443", "https://relais.exemple.fr"),
        ("relais.exemple.fr:8443/carelink/", "https://relais.exemple.fr:8443/carelink"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("  https://relais.exemple.fr  ", "https://relais.exemple.fr"),
    ],
)
def test_an_address_has_one_spelling(typed: str, url: str) -> None:
    address = parse_address(typed)
    assert address == HubAddress(url)
    assert parse_address(address.link) == address


@pytest.mark.parametrize("mark", [PRINT, PRINT.upper(), f"sha256={PRINT}", ":".join(["ab"] * 32)])
def test_a_fingerprint_travels_with_it(mark: str) -> None:
    address = parse_address(f"relais.exemple.fr#{mark}")
    assert address == HubAddress("https://relais.exemple.fr", PRINT)
    assert parse_address(address.link) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "https://",
        "http://relais.exemple.fr",
        "http://192.168.1.10",
        "http://127.0.0.1.exemple.fr",
        "ftp://relais.exemple.fr",
        "file:///etc/passwd",
        "https://user@relais.exemple.fr",
        "https://relais.exemple.fr?x=1",
        "https://relais.exemple.fr:99999",
        "https://relais.exemple.fr#short",
        f"https://relais.exemple.fr#{PRINT}00",
    ],
)
def test_what_is_no_address_of_a_relay_is_refused(typed: str) -> None:
    with pytest.raises(BadAddressError):
        parse_address(typed)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_computer_is_known_by_its_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["10.0.0.1", "0.0.0.0", "exemple.fr", "localhost.exemple.fr", ""])
def test_others_are_not_this_computer(host: str) -> None:
    assert not is_loopback(host)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_an_address_or_is_refused(typed: str) -> None:
    try:
        address = parse_address(typed)
    except BadAddressError:
        return
    assert parse_address(address.link) == address
