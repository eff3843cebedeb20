from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from carelink.hub.database import Database
from carelink.hub.positions import WINDOW, Positions, last_milestone

NOW = 1_800_000_000_000_000_000
SECOND = 1_000_000_000


@dataclass
class Time:
    """A wall clock and a steady one, in nanoseconds, that only a test moves."""

    wall: int = NOW
    steady: int = 5

    def passes(self, nanoseconds: int) -> None:
        self.wall += nanoseconds
        self.steady += nanoseconds

    def positions(self) -> Positions:
        return Positions(lambda: self.wall, lambda: self.steady)


async def take(database: Database, count: int = 1) -> list[int]:
    async with database.write() as writer:
        return await database.positions.take(writer, range(count))


def with_relays(folder: Path, times: list[Time], scenario: Callable[..., Awaitable[None]]) -> None:
    """Run a scenario on as many relays as there are clocks, on one database."""

    async def run() -> None:
        url = f"sqlite+aiosqlite:///{folder / 'relay.sqlite'}"
        relays = [Database(url, time.positions()) for time in times]
        for relay in relays:
            await relay.open()
        try:
            await scenario(*relays)
        finally:
            for relay in relays:
                await relay.close()

    asyncio.run(run())


def test_a_position_is_its_time_and_chance_however_much_came_before(tmp_path: Path) -> None:
    time = Time()

    async def scenario(relay: Database) -> None:
        for count in (1, 200, 2_000, 1):
            for _ in range(3):
                drawn = await take(relay, count)
                assert len(set(drawn)) == count
                assert all(time.wall <= position < time.wall + WINDOW for position in drawn)
                time.passes(WINDOW)

    with_relays(tmp_path, [time], scenario)


def test_those_of_one_stream_follow_one_another_wherever_the_others_are(tmp_path: Path) -> None:
    """With fifty others sent between them, two are as near to each other as without."""
    time = Time()

    async def mean_distance(relay: Database, between: int) -> float:
        distances: list[int] = []
        for _ in range(400):
            time.passes(WINDOW)
            async with relay.write() as writer:
                owners = ["life", *["care"] * between, "life"]
                first, *others, second = await relay.positions.take(writer, owners)
            assert first < second
            assert others == sorted(others)
            distances.append(second - first)
        return sum(distances) / len(distances) / WINDOW

    async def scenario(relay: Database) -> None:
        # A third of the window; a hundredth of it is the spread of such a mean.
        assert abs(await mean_distance(relay, 0) - 1 / 3) < 0.08
        assert abs(await mean_distance(relay, 50) - 1 / 3) < 0.08

    with_relays(tmp_path, [time], scenario)


def test_later_ones_are_later_within_one_moment_too(tmp_path: Path) -> None:
    async def scenario(relay: Database) -> None:
        assert max(await take(relay, 50)) < min(await take(relay, 50))

    with_relays(tmp_path, [Time()], scenario)


def test_a_clock_that_is_set_back_changes_nothing(tmp_path: Path) -> None:
    time = Time()

    async def scenario(relay: Database) -> None:
        await take(relay)
        time.wall -= 3600 * SECOND
        time.steady += SECOND
        (position,) = await take(relay)
        assert NOW + SECOND <= position < NOW + SECOND + WINDOW

    with_relays(tmp_path, [time], scenario)


def test_a_relay_started_with_its_clock_set_back_goes_on_from_the_end(tmp_path: Path) -> None:
    async def before(relay: Database) -> None:
        await take(relay)

    with_relays(tmp_path, [Time()], before)
    time = Time(wall=NOW - 3600 * SECOND)

    async def after(relay: Database) -> None:
        (first,) = await take(relay)
        time.passes(SECOND)
        (second,) = await take(relay)
        assert NOW + WINDOW <= first < NOW + 2 * WINDOW
        # As much later as there was time between them.
        assert abs(second - first - SECOND) <= 2 * WINDOW

    with_relays(tmp_path, [time], after)


def test_two_relays_of_different_clocks_keep_the_time_between_positions(tmp_path: Path) -> None:
    ahead, behind = Time(wall=NOW + 60 * SECOND), Time()

    async def scenario(first: Database, second: Database) -> None:
        (last,) = await take(first)
        await take(second)
        for relay in (second, first, second, second):
            ahead.passes(SECOND)
            behind.passes(SECOND)
            (position,) = await take(relay)
            assert abs(position - last - SECOND) <= 3 * WINDOW
            last = position

    with_relays(tmp_path, [ahead, behind], scenario)


def test_what_is_written_after_a_milestone_is_after_it(tmp_path: Path) -> None:
    time = Time()

    async def scenario(relay: Database) -> None:
        last = max(await take(relay, 10))
        for _ in range(2):
            async with relay.write() as writer:
                await relay.positions.set_milestone(writer)
            async with relay.read() as reader:
                milestone = await last_milestone(reader)
            assert last < milestone
            last = min(await take(relay, 10))
            assert milestone < last

    with_relays(tmp_path, [time], scenario)
