"""A page of the time line and a search in 100,000 entries; floor: the same asked of raw SQLCipher.

What is timed is what a screen calls, from the service to frozen records made for that reader: scrolling
down 200 pages, and twenty searches as they are typed. A record opens its text when it is first asked
for, which is not timed. Aim: within 2× the floor.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.floor import fill, raw_vault
from benchmarks.people import account, circle
from benchmarks.vaults import fill_vault
from carelink.models.stores.time_line import match_expression
from carelink.services.cahier import Cahier
from carelink.services.time_line import TimeLineQuery

ENTRIES = 100_000
PAGES = 200
PAGE = 60
HUB = "http://127.0.0.1:1"
_COLUMNS = "e.pk, e.record, e.stream, e.kind, e.author, e.shown, e.text, e.urgent, e.unread"
_NEWEST_FIRST = "ORDER BY e.shown DESC, e.pk DESC LIMIT 60"
_PAGE = f"SELECT {_COLUMNS} FROM entries e WHERE e.circle_pk = 1 AND (e.shown, e.pk) < (?, ?) {_NEWEST_FIRST}"
_PAGE_OF_ONE = _PAGE.replace("AND (", "AND e.stream = 'care' AND (")
_SEARCH = (
    f"SELECT {_COLUMNS} FROM entries_fts f JOIN entries e ON e.pk = f.rowid "
    f"WHERE entries_fts MATCH ? AND e.circle_pk = 1 {_NEWEST_FIRST}"
)
# As people type: letter by letter, with and without accents, rare and common.
TYPED = (
    "oph", "ophtalmo", "ophtalmologie", "kine", "kinésithérapie", "kinésithérapie jardin", "choral",
    "chorale visite", "lunettes retrouvées", "pansement", "pansement écoulement", "99998", "51234", "12",
    "poids stable", "douleur évaluée", "linge", "linge rapporté calme", "hydratation encouragée", "inconnu",
)  # fmt: skip


def scroll_ours(cahier: Cahier, circle_id: str, query: TimeLineQuery) -> int:
    """Scroll down through pages of the time line; return how many entries came."""
    place, seen = None, 0
    for _ in range(PAGES):
        page = cahier.entries(circle_id, replace(query, before=place), PAGE)
        place, seen = page[-1].place, seen + len(page)
    return seen


def scroll_raw(raw: Any, sql: str) -> int:  # noqa: ANN401  (the driver has no types)
    """Do the same on raw SQLCipher."""
    place, seen = (1 << 60, 1 << 60), 0
    for _ in range(PAGES):
        page = raw.execute(sql, place).fetchall()
        place, seen = (page[-1][5], page[-1][0]), seen + len(page)
    return seen


def search_ours(cahier: Cahier, circle_id: str) -> int:
    """Search as typed; return how many entries came."""
    return sum(len(cahier.entries(circle_id, TimeLineQuery(search=words), PAGE)) for words in TYPED)


def search_raw(raw: Any) -> int:  # noqa: ANN401
    """Do the same on raw SQLCipher."""
    return sum(len(raw.execute(_SEARCH, (match_expression(words),)).fetchall()) for words in TYPED)


def timed(work: Callable[[], int]) -> tuple[float, int]:
    """Return the best of five in milliseconds, and what came."""
    seconds, came = [], 0
    for _ in range(5):
        started = time.perf_counter()
        came = work()
        seconds.append(time.perf_counter() - started)
    return min(seconds) * 1000, came


def main() -> None:
    """Measure, and print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    figures: dict[str, object] = {}
    met = True
    with tempfile.TemporaryDirectory() as folder:
        session = account(Path(folder) / "home", "Claire Martin", "nurse")
        identifier = circle(session, HUB)
        fill_vault(session, identifier, count)
        cahier = Cahier(session)
        raw = raw_vault(Path(folder) / "floor.db")
        fill(raw, count)
        care = TimeLineQuery(compartments=("care",))
        tasks: dict[str, tuple[Callable[[], int], Callable[[], int], int]] = {
            "page": (
                lambda: scroll_ours(cahier, identifier, TimeLineQuery()),
                lambda: scroll_raw(raw, _PAGE),
                PAGES,
            ),
            "page_of_one_volet": (
                lambda: scroll_ours(cahier, identifier, care),
                lambda: scroll_raw(raw, _PAGE_OF_ONE),
                PAGES,
            ),
            "search": (lambda: search_ours(cahier, identifier), lambda: search_raw(raw), len(TYPED)),
        }
        for name, (mine, floor, calls) in tasks.items():
            ms, came = timed(mine)
            floor_ms, floor_came = timed(floor)
            if came != floor_came:
                raise SystemExit(f"{name}: {came} entries against {floor_came}")
            figures[name] = {
                "ms": round(ms / calls, 3),
                "floor_ms": round(floor_ms / calls, 3),
                "times_floor": round(ms / floor_ms, 2),
            }
            met = met and ms <= 2 * floor_ms
        raw.close()
        session.close()
    print(json.dumps({"benchmark": "time_line", "entries": count, **figures, "aim": "<= 2", "met": met}))


if __name__ == "__main__":
    main()
