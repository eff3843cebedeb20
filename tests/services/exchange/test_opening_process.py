"""A long past is opened by a process beside; with it, without it or losing it on the way, all is the same."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import msgspec
import pytest

from carelink.access.compartments import Stream
from carelink.models.stores.rows import Placement, RowsAhead
from carelink.services.cahier import Cahier
from carelink.services.exchange import relays
from carelink.services.exchange.opening_process import OpeningProcess, serve
from carelink.services.session import Session
from carelink.sync.exchange import backfill
from carelink.sync.exchange.beside import Beginning, Opened
from carelink.sync.exchange.opener import known_from
from carelink.sync.opening import take_in
from carelink.sync.outcome import Outcome, joined
from carelink.sync.wire.api import Item
from tests.sync.feeds import Scene, Writer, flipped, reasons
from tests.sync.house import START, House, sync, texts, whole_state

NOTES = 60
PLACE = RowsAhead(Placement(1, b"reader", START, START))


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def beginning(scene: Scene) -> Beginning:
    return Beginning(
        circle=scene.circle.id,
        device=scene.reader.device,
        statements=tuple(signed.body for signed in scene.circle.chain),
        cards=(),
        keys=tuple((stream, epoch, secret) for (stream, epoch), secret in scene.keys.items()),
        feeds={},
        placement=PLACE.placement,
    )


@pytest.fixture
def pages(scene: Scene) -> list[list[Item]]:
    """Three pages, newest first; in the second one note is altered and another in someone else's name."""
    writer = Writer(scene, scene.claire, Stream.CARE)
    made = [writer.seal(f"note {n}", author=scene.anne if n == 5 else None) for n in range(9)]
    made[3] = type(made[3])(made[3].header, made[3].signature, flipped(made[3].ciphertext, 5))
    items = [Item(n, n, envelope) for n, envelope in enumerate(made, start=1)]
    return [items[end - 3 : end][::-1] for end in (9, 6, 3)]


@pytest.fixture
def process() -> Iterator[OpeningProcess]:
    started = OpeningProcess()
    until(started.ready)
    yield started
    started.close()


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not there():
        assert time.monotonic() < end
        time.sleep(0.01)


def opened_here(beginning: Beginning, pages: Sequence[Sequence[Item]]) -> Outcome:
    known, outcomes = known_from(beginning), list[Outcome]()
    for page in pages:
        outcomes.append(take_in(known, page))
        known = replace(known, feeds={**known.feeds, **outcomes[-1].feeds})
    return joined(outcomes)


def test_what_comes_back_is_what_would_have_been_made_here(
    process: OpeningProcess, beginning: Beginning, pages: list[list[Item]]
) -> None:
    process.begin(beginning)
    answers = [process.put(page) for page in pages]
    there, here = RowsAhead(PLACE.place), RowsAhead(PLACE.place)
    outcomes = []
    for answer in answers:
        opened = answer()
        assert opened is not None
        assert opened.rows is not None
        there.add_made(opened.rows)
        outcomes.append(opened.outcome)
    expected = opened_here(beginning, pages)
    here.add(expected.accepted)
    assert there.batches == here.batches
    texts_read = ["note 0", "note 1", "note 2", "note 4", "note 6", "note 7", "note 8"]
    assert sorted(text for _, text in there.batches[0].words) == texts_read
    expected.accepted = [msgspec.structs.replace(one, revisions=()) for one in expected.accepted]
    whole = joined(outcomes)
    assert whole == expected
    assert reasons(whole) == ["bad_signature", "no_right"]


def test_a_page_that_reaches_into_what_is_held_is_left_to_the_vault(
    process: OpeningProcess, beginning: Beginning, pages: list[list[Item]]
) -> None:
    process.begin(beginning)
    answers = [process.put(page) for page in (pages[0], pages[0], pages[2])]
    first, again, after = [answer() for answer in answers]
    assert first is not None
    assert again is None
    assert after is None


def test_a_process_that_is_gone_answers_nothing(
    process: OpeningProcess, beginning: Beginning, pages: list[list[Item]]
) -> None:
    process.begin(beginning)
    assert process.put(pages[0])() is not None
    assert process._process is not None
    process._process.kill()
    process._process.wait()
    assert process.put(pages[1])() is None
    assert process.put(pages[2])() is None


def test_it_may_be_closed_while_it_starts_and_while_it_is_asked(
    beginning: Beginning, pages: list[list[Item]]
) -> None:
    OpeningProcess().close()
    process = OpeningProcess()
    until(process.ready)
    process.begin(beginning)
    answers = [process.put(page) for page in pages]
    process.close()
    for answer in answers:
        answer()
    assert process._process is not None
    assert process._process.returncode is not None


def test_it_ends_when_who_asks_is_gone() -> None:
    out = io.BytesIO()
    serve(io.BytesIO(), out)
    assert out.getvalue() == bytes(4)


def test_it_is_not_told_the_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    def refuse(*_: object, env: dict[str, str], **__: object) -> None:
        given.update(env)
        raise OSError

    monkeypatch.setenv("CARELINK_PASSPHRASE", "secret")
    monkeypatch.setattr("carelink.services.exchange.opening_process.subprocess.Popen", refuse)
    process = OpeningProcess()
    process.close()
    assert given
    assert "CARELINK_PASSPHRASE" not in given


class Tired(OpeningProcess):
    """One that dies after so many pages, and is waited for before the first one."""

    pages = 0

    def ready(self) -> bool:
        until(super().ready)
        return True

    def put(self, items: Sequence[Item]) -> Callable[[], Opened | None]:
        type(self).pages -= 1
        if type(self).pages == 0 and self._process is not None:
            self._process.kill()
            self._process.wait()
        return super().put(items)


@pytest.mark.parametrize("lives", [1, 3, 6, 100])
def test_a_newcomer_reads_the_whole_past_whenever_the_process_dies(
    house: House, monkeypatch: pytest.MonkeyPatch, lives: int
) -> None:
    monkeypatch.setattr(backfill, "PAGE_ITEMS", 5)
    monkeypatch.setattr(relays, "OpeningProcess", Tired)
    monkeypatch.setattr(Tired, "pages", lives)
    claire, paul = house.account("Claire", "nurse"), house.account("Paul", "physician")
    circle = _circle_with_a_past(house, claire)
    house.let_in(claire, circle, paul, "physician")
    assert lives == 1 or Tired.pages < lives - 2, "the process was not asked"
    assert sorted(texts(paul, circle)) == sorted(f"note {n}" for n in range(NOTES))
    sync(claire)
    assert whole_state(paul, circle) == whole_state(claire, circle)
    assert sync(paul).refused == []


def _circle_with_a_past(house: House, writer: Session) -> str:
    circle = house.circle(writer)
    for n in range(NOTES):
        Cahier(writer).write(circle, "care", f"note {n}")
        sync(writer)
    return circle
