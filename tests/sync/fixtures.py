"""Fixtures that the tests of the engine and of the services share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from carelink.crypto.primitives import sha256
from carelink.models.vault import pins, slots
from carelink.services import door, portable
from carelink.services.exchange import relays
from carelink.sync import invitation
from tests.sync.house import House, MemoryCarrier, make_template
from tests.sync.ward import Ward, begin

Grown = Callable[[House, Callable[[House], str]], str]


def quick_stretch(secret: str | bytes, salt: bytes, length: int = 32) -> bytes:
    """Stand in for Argon2id where a test is about something else."""
    data = secret.encode() if isinstance(secret, str) else secret
    return (sha256(b"1", salt, data) + sha256(b"2", salt, data))[:length]


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Spare tests of something else the time that each passphrase, PIN and code costs on purpose."""
    for module in (slots, pins, invitation, door, portable):
        patch.setattr(module, "stretch", quick_stretch)


@pytest.fixture(scope="session")
def empty_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def house(tmp_path: Path, empty_vault: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(relays, "HttpCarrier", MemoryCarrier)
    monkeypatch.setattr(invitation, "stretch", quick_stretch)
    made = House(tmp_path, empty_vault)
    yield made
    made.close()


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory, empty_vault: Path) -> Iterator[Grown]:
    """Have an empty house begin as a function makes it; that is made once, and copied for each test."""
    made: dict[Callable[[House], str], tuple[House, str]] = {}

    def grow(house: House, begin: Callable[[House], str]) -> str:
        if begin not in made:
            first = House(tmp_path_factory.mktemp("grown"), empty_vault)
            made[begin] = first, begin(first)
            first.rest()
        first, answer = made[begin]
        house.take_over(first)
        house.use()
        return answer

    yield grow
    for first, _ in made.values():
        first.close()


@pytest.fixture
def ward(house: House, grown: Grown) -> Ward:
    return Ward(house, grown(house, begin))
