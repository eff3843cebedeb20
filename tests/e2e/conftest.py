"""A circle of three is made once; each test works on its own copy, with its own relay process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from carelink.cli import main
from carelink.crypto.primitives import stretch
from tests.e2e.house import PASSPHRASE, House, Person, Service, copied, found, free_port, relay

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session", autouse=True)
def _passphrase() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARELINK_PASSPHRASE", PASSPHRASE)
        patch.setenv("CARELINK_SECRETS", "file")
        # Pure, and by design the slowest thing that a command does: commands run in this process
        # stretch each passphrase and code once. Processes of their own do all of it.
        once = cache(stretch)
        for module in ("models.vault.slots", "services.door", "services.portable", "sync.invitation"):
            patch.setattr(f"carelink.{module}.stretch", once)
        # The same for each command, and a tenth of its time.
        patch.setattr(main, "parser", cache(main.parser))
        yield


@pytest.fixture(scope="session")
def _founded(tmp_path_factory: pytest.TempPathFactory, _passphrase: None) -> tuple[House, int]:
    port = free_port()
    return found(tmp_path_factory.mktemp("founded") / "house", port), port


@pytest.fixture
def house(_founded: tuple[House, int], tmp_path: Path) -> Iterator[House]:
    """A nurse (who coordinates), a doctor and a daughter in one circle, and their running relay."""
    original, port = _founded
    copy = copied(original, tmp_path / "house", port)
    copy.hub.start()
    yield copy
    copy.hub.kill()


@pytest.fixture
def house_after_house(_founded: tuple[House, int], tmp_path: Path) -> Iterator[Callable[[str], House]]:
    """Give one house after the other, each in the same state; its relay takes the place of the one before."""
    original, port = _founded
    given: list[House] = []

    def kill() -> None:
        for house in given:
            house.hub.kill()

    def next_one(name: str) -> House:
        kill()
        given.append(copied(original, tmp_path / name, port))
        given[-1].hub.start()
        return given[-1]

    yield next_one
    kill()


@pytest.fixture(scope="session")
def calm_house(_founded: tuple[House, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house for the tests in which nothing happens, because what they ask is refused."""
    original, _ = _founded
    copy = copied(original, tmp_path_factory.mktemp("calm") / "house", free_port())
    copy.hub.start()
    for member in copy.people:
        member.reach(copy.hub.url)
    yield copy
    copy.hub.kill()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Service]:
    """A running relay that nobody uses yet."""
    made = relay(tmp_path / "hub", free_port())
    made.start()
    yield made
    made.kill()


@pytest.fixture
def person(tmp_path: Path) -> Callable[[str, str], Person]:
    """Make someone with an account."""

    def make(name: str, profession: str = "") -> Person:
        return Person(tmp_path / name.lower().replace(" ", "-")).create(name, profession)

    return make


@pytest.fixture
def between(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Put a hostile relay between someone and theirs."""
    started: list[Service] = []

    def start(attack: str, upstream: str, *options: str) -> Service:
        service = Service(
            ["tests.hostile_relay", "--attack", attack, "--upstream", upstream, *options],
            tmp_path / f"hostile-{len(started)}.log",
        )
        service.start()
        started.append(service)
        return service

    yield start
    for service in started:
        service.kill()
