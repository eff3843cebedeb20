"""Traces grow without end: a page costs what it shows, whatever is asked for."""

from __future__ import annotations

import pytest

from carelink.models.stores.traces import TraceFilter
from carelink.services.session import Stores
from tests.models.stores.conftest import CIRCLE, OTHER, Vault

NOW = 1_800_000_000_000
AUTHOR, SELDOM = b"a" * 16, b"s" * 16
MANY = 20_000


@pytest.fixture
def filled(vault: Vault) -> Vault:
    with vault.database.write() as connection:
        pk, other = (Stores(connection).pk(circle) for circle in (CIRCLE, OTHER))
        rows = [(pk, place.to_bytes(16), AUTHOR, NOW + place // 3, "opened", "life") for place in range(MANY)]
        rows[7] = (pk, b"7" * 16, SELDOM, NOW, "exported", "care")
        rows.append((other, b"o" * 16, AUTHOR, NOW, "opened", "care"))
        connection.exec_driver_sql(
            "INSERT INTO traces (circle_pk, revision, author, wall, action, compartment) "
            "VALUES (?,?,?,?,?,?)",
            rows,
        )
    return vault


FILTERS = [
    TraceFilter(),
    TraceFilter(before=(NOW + 50, 160)),
    TraceFilter(author=AUTHOR),
    TraceFilter(author=SELDOM),
    TraceFilter(compartment="care"),
    TraceFilter(action="exported", since=NOW),
    TraceFilter(author=AUTHOR, compartment="life", action="opened", since=NOW, before=(NOW + 50, 160)),
]


@pytest.mark.parametrize("wanted", FILTERS)
def test_a_page_is_a_stretch_of_an_index_and_sorts_nothing(
    filled: Vault, wanted: TraceFilter, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []
    with filled.database.read() as connection:
        stores = Stores(connection)
        fetch = stores.fetch

        def watched(sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
            asked.append((sql, tuple(parameters)))
            return fetch(sql, parameters)

        monkeypatch.setattr(stores, "fetch", watched)
        stores.traces(CIRCLE, wanted, 60)
        sql, values = asked[-1]
        plan = " ".join(str(row) for row in fetch(f"EXPLAIN QUERY PLAN {sql}", values))
    assert "SEARCH traces USING INDEX traces_by_" in plan
    assert "B-TREE" not in plan


@pytest.mark.parametrize("wanted", FILTERS)
def test_filters_keep_what_they_say(filled: Vault, wanted: TraceFilter) -> None:
    with filled.database.read() as connection:
        stores = Stores(connection)
        rows = stores.traces(CIRCLE, wanted, 60)
        everything = stores.traces(CIRCLE, TraceFilter(), 2 * MANY)
    kept = [
        row
        for row in everything
        if (wanted.author is None or row.author == wanted.author)
        and wanted.compartment in {"", row.compartment}
        and wanted.action in {"", row.action}
        and (wanted.since is None or row.wall >= wanted.since)
        and (wanted.before is None or (row.wall, row.pk) < wanted.before)
    ]
    assert rows
    assert rows == kept[:60]
    assert len(everything) == MANY


def test_the_first_of_each_author_is_found_in_its_circle(filled: Vault) -> None:
    with filled.database.read() as connection:
        stores = Stores(connection)
        assert stores.first_traces(CIRCLE, "care", [AUTHOR, SELDOM]) == {SELDOM: NOW}
        assert stores.first_traces(CIRCLE, "life", [AUTHOR]) == {AUTHOR: NOW}
        assert stores.first_traces(OTHER, "care", [AUTHOR]) == {AUTHOR: NOW}
