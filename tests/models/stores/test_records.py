"""Notes stand in the vault as they merge, in whatever order and company their versions came."""

from __future__ import annotations

import random

import pytest

from carelink.models.stores.records import add_revisions, add_rows
from carelink.models.stores.rows import Placement, RowMaker, RowsAhead
from carelink.records.bodies import EntryBody, TraceBody, encode_body
from carelink.records.revision import Revision, encode_revision, revision_id
from carelink.records.transfer import AcceptedEnvelope, OpenedRevision
from carelink.services.session import Stores
from tests.models.stores.conftest import CIRCLE, OWN, Vault

NOW = 1_800_000_000_000
DAY = 86_400_000


def opened(
    record: int,
    text: str,
    *parents: OpenedRevision,
    wall: int = NOW,
    author: int = 1,
    withdrawn: bool = False,
    kind: str = "entry",
    body: bytes | None = None,
) -> OpenedRevision:
    content = encode_body(EntryBody(text, "note", False, withdrawn, "")) if body is None else body
    revision = Revision(
        bytes([record]) * 16,
        kind,
        tuple(parent.identifier for parent in parents),
        bytes([author]) * 16,
        wall,
        (),
        content,
    )
    data = encode_revision(revision)
    return OpenedRevision(revision_id(data), data, revision)


def add(vault: Vault, *revisions: tuple[str, OpenedRevision], since: int = 0) -> int:
    with vault.database.write() as connection:
        pk = Stores(connection).pk(CIRCLE)
        return add_revisions(connection, Placement(pk, OWN, NOW, since), revisions)


def history() -> list[tuple[str, OpenedRevision]]:
    root = opened(1, "alpha", wall=NOW - DAY)
    left, right = opened(1, "beta", root, author=2), opened(1, "gamma", root, author=3)
    settled = opened(1, "delta", left, right, root, wall=NOW + 1)
    later = opened(1, "epsilon", settled, left, wall=0)
    gone_root = opened(2, "zeta")
    gone = opened(2, "", gone_root, withdrawn=True)
    garbage = opened(1, "", author=4, wall=0, body=b"\xc1")
    trace = opened(3, "", kind="trace", body=encode_body(TraceBody("opened", "life")))
    same_id_as_trace = opened(3, "eta")
    unknown = opened(4, "", kind="poem", body=b"?")
    same_id_as_unknown = opened(4, "theta")
    made = [
        root,
        left,
        right,
        settled,
        later,
        gone_root,
        gone,
        garbage,
        trace,
        same_id_as_trace,
        unknown,
        same_id_as_unknown,
    ]
    elsewhere = [("care", opened(1, "iota")), ("trace", trace), ("trace", opened(5, "kappa"))]
    return [("life", revision) for revision in made] + elsewhere


@pytest.mark.parametrize("seed", range(12))
def test_arrival_changes_nothing_of_what_is_shown(vault: Vault, seed: int) -> None:
    chance = random.Random(seed)
    arrivals = [one for one in history() for _ in range(chance.randint(1, 2))]
    chance.shuffle(arrivals)
    while arrivals:
        cut = chance.randint(1, 4)
        add(vault, *arrivals[:cut])
        arrivals = arrivals[cut:]
    shown = vault.entries()
    assert [(row[0][:1], row[1]) for row in shown if isinstance(row[0], bytes)] == [
        (b"\x01", "care"),
        (b"\x01", "life"),
        (b"\x02", "life"),
        (b"\x03", "life"),
        (b"\x04", "life"),
    ]
    life = shown[1]
    later = next(one for stream, one in history() if stream == "life" and b"epsilon" in one.data)
    assert life[4:7] == (NOW - DAY, NOW - DAY, later.identifier)
    assert [vault.found(word) for word in ("epsilon", "delta", "alpha", "zeta", "eta", "theta", "iota")] == [
        1,
        0,
        0,
        0,
        1,
        1,
        1,
    ]


def as_page(arrivals: list[tuple[str, OpenedRevision]]) -> list[AcceptedEnvelope]:
    return [AcceptedEnvelope(stream, b"", 1, b"", 1, (revision,)) for stream, revision in arrivals]


@pytest.mark.parametrize("seed", range(24))
def test_rows_made_ahead_here_and_elsewhere_show_the_same(vault: Vault, seed: int) -> None:
    chance = random.Random(seed)
    arrivals = [one for one in history() for _ in range(chance.randint(1, 2))]
    chance.shuffle(arrivals)
    expected = {o.identifier for stream, o in arrivals if o.revision.kind == "entry" and stream != "trace"}
    with vault.database.read() as connection:
        place = Placement(Stores(connection).pk(CIRCLE), OWN, NOW, 0)
    elsewhere = RowMaker(RowsAhead(place).placement)
    fresh = 0
    while arrivals:
        ahead = RowsAhead(place)
        for _ in range(chance.randint(1, 4)):
            cut = chance.randint(1, 5)
            page, arrivals = as_page(arrivals[:cut]), arrivals[cut:]
            if chance.random() < 0.5:
                ahead.add_made(elsewhere(page))
            else:
                ahead.add(page)
        with vault.database.write() as connection:
            fresh += add_rows(connection, ahead)
    assert fresh == len(expected)
    told = [(row[0][:1], row[1]) for row in vault.entries() if isinstance(row[0], bytes)]
    assert told == [(b"\x01", "care"), *((bytes([n]), "life") for n in range(1, 5))]
    words = ("epsilon", "delta", "alpha", "zeta", "eta", "theta", "iota")
    assert [vault.found(word) for word in words] == [1, 0, 0, 0, 1, 1, 1]
    with vault.database.read() as connection:
        (traces,) = connection.exec_driver_sql("SELECT count(*) FROM traces").one()
    assert traces == 1


def test_only_what_is_new_counts(vault: Vault) -> None:
    note = opened(1, "text")
    assert add(vault, ("life", note)) == 1
    assert add(vault, ("life", note), ("life", opened(1, "more", note))) == 1
    assert add(vault) == 0


def test_a_note_in_one_volet_does_not_shadow_one_of_the_same_id_in_another(vault: Vault) -> None:
    add(vault, ("care", opened(1, "medical")))
    add(vault, ("life", opened(1, "planted", author=2, wall=0)))
    assert len(vault.entries()) == 2
    with vault.database.read() as connection:
        # Which one was meant cannot be known, so a correction is refused rather than misplaced.
        assert Stores(connection).entry(b"\x01" * 16) is None


def test_a_version_that_cannot_be_read_first_does_not_keep_the_note_from_being_shown(vault: Vault) -> None:
    add(vault, ("life", opened(1, "", body=b"\xc1", wall=0)))
    assert vault.entries() == []
    add(vault, ("life", opened(1, "text")))
    assert len(vault.entries()) == 1
    assert vault.found("text") == 1


@pytest.mark.parametrize(
    ("author", "wall", "since", "unread"),
    [(1, NOW, NOW - 1, True), (1, NOW, NOW + 1, False), (9, NOW, 0, False), (1, NOW + DAY, 0, True)],
)
def test_news_are_what_others_wrote_since_one_joined(
    vault: Vault, author: int, wall: int, since: int, unread: bool
) -> None:
    add(vault, ("life", opened(1, "text", author=author, wall=wall)), since=since)
    with vault.database.read() as connection:
        assert Stores(connection).unread_counts().get(CIRCLE, 0) == int(unread)
