from __future__ import annotations

import pytest

from carelink.hub.addresses import canonical_address, is_loopback, same_relay
from carelink.hub.limits import RateLimit, source_of
from tests.hub.people import Clock


def test_a_source_is_an_ipv4_address_or_an_ipv6_network() -> None:
    assert source_of("192.0.2.7") != source_of("192.0.2.8")
    assert source_of("2001:db8:0:1::7") == source_of("2001:db8:0:1:ffff::8")
    assert source_of("2001:db8:0:1::7") != source_of("2001:db8:0:2::7")
    assert source_of("::ffff:192.0.2.7") != source_of("::ffff:192.0.2.8")
    assert source_of("") == ""


def test_events_are_counted_by_source_in_a_sliding_window(clock: Clock) -> None:
    limit = RateLimit(2, 1000, clock)
    limit.record("a")
    clock.now += 600
    limit.record("a")
    assert limit.exhausted("a")
    assert not limit.exhausted("b")
    clock.now += 400
    assert not limit.exhausted("a")
    limit.record("a")
    assert limit.exhausted("a")
    clock.now += 1000
    assert not limit.exhausted("a")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("HTTPS://Relais.Exemple.FR", "https://relais.exemple.fr"),
        ("https://relais.exemple.fr:443/", "https://relais.exemple.fr"),
        ("https://relais.exemple.fr:8443/", "https://relais.exemple.fr:8443"),
        ("https://relais.exemple.fr:80", "https://relais.exemple.fr:80"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        (" https://exemple.fr/relais/ ", "https://exemple.fr/relais"),
    ],
)
def test_an_address_has_one_form(url: str, address: str) -> None:
    assert canonical_address(url) == address


@pytest.mark.parametrize("url", ["", "relais.exemple.fr", "ftp://x", "https://", "https://x?y", "http://x:y"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"relay|[Pp]ort"):
        canonical_address(url)


def test_only_loopback_is_loopback() -> None:
    assert all(is_loopback(host) for host in ("localhost", "127.0.0.1", "127.8.8.8", "::1", "LOCALHOST"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "10.0.0.1", "localhost.exemple.fr", "::", ""))


def test_a_relay_on_the_network_answers_to_its_own_address_only() -> None:
    own = "https://relais.exemple.fr"
    assert same_relay("https://RELAIS.exemple.fr:443/", own, False)
    assert not same_relay("http://127.0.0.1:8000", own, False)
    assert same_relay("http://127.0.0.1:8000", own, True)
    assert not same_relay("https://127.0.0.1:8000", own, True)
