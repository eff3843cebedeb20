from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from carelink.errors import KnownError
from carelink.hub.database import Database
from carelink.hub.positions import last_milestone
from carelink.hub.tables import SCHEMA, counters, metadata


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'relay.sqlite'}"


def test_a_reader_neither_waits_for_the_writer_nor_makes_it_wait(tmp_path: Path) -> None:
    async def scenario() -> None:
        database = Database(url(tmp_path))
        await database.open()
        try:
            async with asyncio.timeout(5), database.read() as reader:
                assert await last_milestone(reader) == 0
                async with database.write() as writer:
                    await database.positions.set_milestone(writer)
                    assert await last_milestone(reader) == 0
                assert await last_milestone(reader) == 0
            async with database.read() as reader:
                assert await last_milestone(reader) > 0
        finally:
            await database.close()

    asyncio.run(scenario())


def test_writers_take_turns(tmp_path: Path) -> None:
    async def scenario() -> list[list[int]]:
        database, other = Database(url(tmp_path)), Database(url(tmp_path))
        await database.open()
        await other.open()
        done = list[list[int]]()

        async def take(source: Database) -> None:
            async with source.write() as writer:
                drawn = await source.positions.take(writer, ["a", "b", "a"])
                await asyncio.sleep(0.001)
                done.append(sorted(drawn))

        try:
            await asyncio.gather(*(take(source) for source in (database, other) * 10))
        finally:
            await database.close()
            await other.close()
        return done

    in_turn = [position for drawn in asyncio.run(scenario()) for position in drawn]
    assert in_turn == sorted(in_turn)
    assert len(set(in_turn)) == 60


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    async def fail(database: Database) -> None:
        async with database.write() as writer:
            await writer.execute(insert(counters).values(name="x", value=1))
            await database.positions.set_milestone(writer)
            raise ZeroDivisionError

    async def scenario() -> int:
        database = Database(url(tmp_path))
        await database.open()
        try:
            with pytest.raises(ZeroDivisionError):
                await fail(database)
            async with database.read() as reader:
                assert await reader.scalar(select(counters.c.value).where(counters.c.name == "x")) is None
                return await last_milestone(reader)
        finally:
            await database.close()

    assert asyncio.run(scenario()) == 0


def test_data_of_another_version_are_left_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        database = Database(url(tmp_path))
        await database.open()
        async with database.write() as writer:
            await writer.execute(update(counters).where(counters.c.name == "schema").values(value=SCHEMA + 1))
        try:
            with pytest.raises(KnownError, match="autre version"):
                await database.open()
        finally:
            await database.close()

    asyncio.run(scenario())


def test_a_file_that_is_no_database_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "relay.sqlite").write_bytes(b"something else entirely, not a database" * 50)

    async def scenario() -> None:
        database = Database(url(tmp_path))
        try:
            with pytest.raises(KnownError, match="ne peut pas être ouverte"):
                await database.open()
        finally:
            await database.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("address", ["", "relay", "oracle9://x/y", "sqlite:///relay.sqlite"])
def test_an_address_that_is_no_database_is_said_to_be_so(address: str) -> None:
    with pytest.raises(KnownError, match="--database"):
        Database(address)


def test_the_tables_can_be_made_in_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        assert "BLOB" not in str(CreateTable(table).compile(dialect=dialect))
