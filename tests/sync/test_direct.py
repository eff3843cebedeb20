"""Notes kept to named readers: who has them, who does not, and what happens when that changes."""

from __future__ import annotations

import pytest

from carelink.access.statements import Remove
from carelink.errors import KnownError
from carelink.services.cahier import Cahier
from carelink.services.errors import NotAllowedError, UnknownEntryError
from carelink.services.exchange.state import State
from carelink.services.restricted import Restricted
from tests.sync.house import change, interrupted, notes, sync, texts
from tests.sync.scans import VaultScan
from tests.sync.ward import SECRET, Ward

AFTER = "xupemxtyrjlgpgvrzsdjkbmo"
SECOND = "ucngolvcwxectjwjixljtoof"
FIRST = "xfewrsaetfbcrtjibrtdcfac"


def test_a_note_is_read_by_those_who_are_named_and_leaves_no_trace_with_the_others(ward: Ward) -> None:
    before = {session.name: State(session).read() for session in ward.everyone}
    entry = ward.write(ward.paul, SECRET, ward.remi)
    sync(ward.paul)
    ward.settle()
    assert ward.restricted(ward.paul) == ward.restricted(ward.remi) == [SECRET]
    assert ward.readers(ward.remi, entry) == {"Paul Roux"}
    for outsider in (ward.claire, ward.jeanne, ward.eva):
        assert ward.restricted(outsider) == []
        assert VaultScan(outsider).words([SECRET]) == set()
        after = State(outsider).read()
        assert (after.to_send, after.refusals, after.missing) == (
            before[outsider.name].to_send,
            before[outsider.name].refusals,
            before[outsider.name].missing,
        )
        with outsider.read() as stores:
            for table in ("direct_openings", "direct_keys", "direct_waiting", "direct_envelopes"):
                assert stores.fetch(f"SELECT * FROM {table}") == []


def test_its_words_are_found_by_searching_among_its_readers_only(ward: Ward) -> None:
    ward.write(ward.paul, f"Entretien {SECRET}", ward.remi)
    sync(ward.paul)
    ward.settle()
    assert texts(ward.remi, ward.circle, search=SECRET) == [f"Entretien {SECRET}"]
    assert texts(ward.claire, ward.circle, search=SECRET) == []


def test_one_restricted_note_never_hides_later_ordinary_ones(ward: Ward) -> None:
    Cahier(ward.paul).write(ward.circle, "care", "avant")
    for number in range(3):
        ward.write(ward.paul, f"{SECRET} {number}", ward.remi)
        sync(ward.paul)
        Cahier(ward.paul).write(ward.circle, "care", f"après {number}")
        Cahier(ward.paul).write(ward.circle, "life", f"repas {number}")
        sync(ward.paul)
    ward.settle()
    assert {"avant", "après 0", "après 1", "après 2"} <= set(texts(ward.jeanne, ward.circle))
    assert {"repas 0", "repas 1", "repas 2"} <= set(texts(ward.eva, ward.circle))
    assert not any(SECRET in text for text in texts(ward.jeanne, ward.circle))
    assert State(ward.eva).read().refusals == ()


def test_a_reader_added_without_what_came_before_has_the_words_as_they_stand(ward: Ward) -> None:
    entry = ward.write(ward.paul, FIRST, ward.remi)
    sync(ward.paul)
    Cahier(ward.paul).amend(entry, SECOND)
    sync(ward.paul)
    sync(ward.remi)
    ward.share(ward.paul, entry, ward.jeanne)
    sync(ward.paul)
    ward.settle()
    assert ward.restricted(ward.jeanne) == [SECOND]
    assert [v.text for v in Cahier(ward.jeanne).history(entry)] == [SECOND]
    assert VaultScan(ward.jeanne).words([FIRST]) == set()
    assert ward.readers(ward.remi, entry) == {"Paul Roux", "Jeanne Moreau"}
    assert [v.text for v in Cahier(ward.remi).history(entry)] == [
        FIRST,
        SECOND,
    ]


def test_a_reader_added_with_what_came_before_has_every_version(ward: Ward) -> None:
    entry = ward.write(ward.paul, FIRST, ward.remi)
    sync(ward.paul)
    Cahier(ward.paul).amend(entry, SECOND)
    sync(ward.paul)
    ward.share(ward.paul, entry, ward.jeanne, history=True)
    sync(ward.paul)
    ward.settle()
    assert [v.text for v in Cahier(ward.jeanne).history(entry)] == [
        FIRST,
        SECOND,
    ]
    Cahier(ward.paul).amend(entry, "troisième")
    sync(ward.paul)
    ward.settle()
    assert ward.restricted(ward.jeanne) == ward.restricted(ward.remi) == ["troisième"]


def test_openings_made_offline_at_the_same_time_never_collide(ward: Ward) -> None:
    ward.house.hub.offline = True
    for session in (ward.paul, ward.remi):
        for number in range(2):
            ward.write(session, f"{session.name} {number}", ward.jeanne)
    ward.house.hub.offline = False
    ward.settle()
    assert sorted(ward.restricted(ward.jeanne)) == [
        "Paul Roux 0",
        "Paul Roux 1",
        "Rémi Petit 0",
        "Rémi Petit 1",
    ]
    assert len(ward.restricted(ward.paul)) == 2


def test_two_who_share_a_note_at_the_same_time_add_both_readers(ward: Ward) -> None:
    entry = ward.write(ward.paul, SECRET, ward.jeanne)
    sync(ward.paul)
    sync(ward.jeanne)
    ward.share(ward.paul, entry, ward.remi)
    ward.share(ward.jeanne, entry, ward.eva, history=True)
    ward.settle()
    assert ward.restricted(ward.remi) == ward.restricted(ward.eva) == [SECRET]
    Cahier(ward.paul).amend(entry, "la suite")
    sync(ward.paul)
    ward.settle()
    for reader in (ward.remi, ward.eva, ward.jeanne):
        assert ward.restricted(reader) == ["la suite"]
        assert len(ward.readers(reader, entry)) == 3
    assert ward.restricted(ward.claire) == []


def test_whoever_was_removed_has_nothing_written_after(ward: Ward) -> None:
    entry = ward.write(ward.paul, "avant", ward.remi, ward.jeanne)
    sync(ward.paul)
    ward.settle()
    change(ward.claire, ward.circle, Remove(ward.remi.account))
    # Paul has not heard of it: what he seals then is refused, and sealed anew for those who are left.
    Cahier(ward.paul).amend(entry, AFTER)
    sync(ward.paul)
    ward.settle()
    assert ward.restricted(ward.jeanne) == [AFTER]
    assert ward.restricted(ward.remi) == ["avant"]
    assert VaultScan(ward.remi).words([AFTER]) == set()
    assert ward.readers(ward.jeanne, entry) == {"Paul Roux"}


def test_only_its_author_and_the_patients_side_add_readers(ward: Ward) -> None:
    entry = ward.write(ward.paul, SECRET, ward.remi, ward.jeanne)
    sync(ward.paul)
    ward.settle()
    with pytest.raises(NotAllowedError):
        ward.share(ward.remi, entry, ward.eva, history=True)
    with pytest.raises(NotAllowedError):
        Cahier(ward.remi).amend(entry, "autre chose")
    with pytest.raises(KnownError):
        ward.share(ward.jeanne, entry, ward.eva)
    ward.share(ward.jeanne, entry, ward.eva, history=True)
    sync(ward.jeanne)
    sync(ward.eva)
    assert ward.restricted(ward.eva) == [SECRET]


def test_whoever_writes_no_medical_note_keeps_none_to_named_readers(ward: Ward) -> None:
    for session in (ward.claire, ward.eva):
        assert not Restricted(session).may_write(ward.circle)
        with pytest.raises(NotAllowedError):
            ward.write(session, SECRET, ward.remi)


def test_a_note_for_oneself_alone_is_read_by_nobody_else(ward: Ward) -> None:
    ward.write(ward.jeanne, SECRET)
    sync(ward.jeanne)
    ward.settle()
    assert ward.restricted(ward.jeanne) == [SECRET]
    assert not any(ward.restricted(other) for other in ward.everyone if other is not ward.jeanne)


def test_who_opened_a_note_is_told_to_its_readers_and_stands_in_no_access_trace(ward: Ward) -> None:
    entry = ward.write(ward.paul, SECRET, ward.remi, ward.jeanne)
    sync(ward.paul)
    ward.settle()
    Restricted(ward.remi).opened(ward.circle, [entry])
    Restricted(ward.remi).opened(ward.circle, [entry])
    sync(ward.remi)
    ward.settle()
    for reader in (ward.paul, ward.jeanne, ward.remi):
        assert [(access.name, access.action) for access in Restricted(reader).accesses(entry)] == [
            ("Rémi Petit", "opened")
        ]
    with ward.jeanne.read() as stores:
        assert stores.fetch("SELECT 1 FROM traces WHERE compartment = 'restricted'") == []
    with pytest.raises(UnknownEntryError):
        Restricted(ward.claire).accesses(entry)


@pytest.mark.parametrize("calls", range(1, 9))
@pytest.mark.parametrize("lose", [False, True])
def test_an_exchange_cut_off_anywhere_loses_and_doubles_nothing(
    ward: Ward, calls: int, *, lose: bool
) -> None:
    ward.write(ward.paul, SECRET, ward.remi)
    interrupted(ward.paul, calls, lose=lose)
    sync(ward.paul)
    sync(ward.remi)
    assert ward.restricted(ward.remi) == [SECRET]
    assert len(ward.house.hub.direct.opened) == 1
    assert State(ward.paul).read().to_send == 0


def test_a_withdrawn_note_is_withdrawn_for_its_readers(ward: Ward) -> None:
    entry = ward.write(ward.paul, SECRET, ward.remi)
    sync(ward.paul)
    sync(ward.remi)
    Cahier(ward.paul).withdraw(entry, "erreur de personne")
    sync(ward.paul)
    sync(ward.remi)
    assert [note.withdrawn for note in notes(ward.remi, ward.circle, compartments=("restricted",))] == [True]
