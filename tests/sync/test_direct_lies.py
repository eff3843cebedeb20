"""Notes kept to named readers, between people and a relay who do not all play by the rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.access.statements import Deny, Grant, Remove
from carelink.records.bodies import EntryBody, RecordKind, encode_body
from carelink.records.revision import Revision, encode_revision, new_record_id, revision_id
from carelink.records.transfer import OpenedRevision
from carelink.services.cahier import Cahier
from carelink.services.exchange.state import State
from carelink.services.session import Session
from carelink.sync.exchange.context import Call
from carelink.sync.wire import api
from tests.sync.house import change, notes, sync
from tests.sync.ward import SECRET, Ward


def refusals(session: Session) -> list[tuple[str, str]]:
    return [(refusal.stream, refusal.why) for refusal in State(session).read().refusals]


def publish(ward: Ward, liar: Session, entry: str, revision: Revision) -> None:
    """Queue a revision about a note as a modified program would."""
    data = encode_revision(revision)
    with liar.write() as stores:
        opened = OpenedRevision(revision_id(data), data, revision)
        stores.publish_restricted(bytes.fromhex(ward.circle), bytes.fromhex(entry), opened, revision.wall)
    sync(liar)


@pytest.mark.parametrize("lie", ["amends", "another record", "in another's name"])
def test_a_reader_who_writes_what_they_may_not_is_refused_and_shown(ward: Ward, lie: str) -> None:
    entry = ward.write(ward.paul, SECRET, ward.remi, ward.jeanne)
    sync(ward.paul)
    ward.settle()
    shown = notes(ward.remi, ward.circle, compartments=("restricted",))[0]
    with ward.remi.read() as stores:
        ((identifier, _),) = stores.revisions(bytes.fromhex(ward.circle), "restricted", bytes.fromhex(entry))
    record = new_record_id(shown.time) if lie == "another record" else bytes.fromhex(entry)
    author = ward.paul.account if lie == "in another's name" else ward.remi.account
    body = encode_body(EntryBody("autre chose", "note", False, False, ""))
    parents = () if lie == "another record" else (identifier,)
    publish(
        ward,
        ward.remi,
        entry,
        Revision(record, RecordKind.ENTRY, parents, author, shown.time, (), body),
    )
    for reader in (ward.paul, ward.jeanne):
        sync(reader)
        assert ward.restricted(reader) == [SECRET]
        assert refusals(reader) == [("restricted", "no_right")]


def altered(path: str) -> Callable[[api.PullPage], api.PullPage]:
    def spoilt(page: api.PullPage) -> api.PullPage:
        items = tuple(
            msgspec.structs.replace(
                item, envelope=msgspec.structs.replace(item.envelope, **{path: b"x" * 64})
            )
            for item in page.direct
        )
        return msgspec.structs.replace(page, direct=items)

    return spoilt


@pytest.mark.parametrize("path", ["signature", "ciphertext"])
def test_what_was_altered_on_its_way_is_asked_for_again(ward: Ward, path: str) -> None:
    ward.write(ward.paul, SECRET, ward.remi)
    sync(ward.paul)
    spoil = altered(path)
    hub = ward.house.hub
    hub.tamper = lambda call, answer: spoil(answer) if call.path == api.PULL else answer
    sync(ward.remi)
    assert ward.restricted(ward.remi) == []
    assert refusals(ward.remi) == [("restricted", "bad_signature")]
    hub.tamper = lambda _call, answer: answer
    sync(ward.remi)
    assert ward.restricted(ward.remi) == [SECRET]


def test_what_is_kept_back_under_an_opening_is_shown_to_its_readers_alone(ward: Ward) -> None:
    entry = ward.write(ward.paul, SECRET, ward.remi)
    sync(ward.paul)
    sync(ward.remi)
    Cahier(ward.paul).amend(entry, "deuxième")
    sync(ward.paul)
    hub = ward.house.hub
    newest = hub.direct.deliveries[-1][3]
    kept_back = next(
        place
        for place, (_, account, _, envelope) in enumerate(hub.direct.deliveries, start=1)
        if account == ward.remi.account and envelope == newest
    )

    def keep_back(call: Call, answer: Any) -> Any:  # noqa: ANN401  (as `Tamper`)
        if call.path != api.PULL:
            return answer
        given = tuple(item for item in answer.direct if item.position != kept_back)
        return msgspec.structs.replace(answer, direct=given)

    hub.tamper = keep_back
    Cahier(ward.paul).amend(entry, "troisième")
    sync(ward.paul)
    ward.settle()
    assert refusals(ward.remi) == [("restricted", "gap")]
    assert ward.restricted(ward.remi) == ["troisième"]
    for outsider in (ward.claire, ward.jeanne, ward.eva):
        assert refusals(outsider) == []


def test_whoever_comes_back_has_nothing_of_what_was_kept_to_them_before_nor_since(ward: Ward) -> None:
    ward.write(ward.paul, SECRET, ward.eva)
    sync(ward.paul)
    change(ward.claire, ward.circle, Remove(ward.eva.account))
    sync(ward.eva)
    ward.house.let_in(ward.claire, ward.circle, ward.eva, Role.RELATIVE)
    ward.settle()
    assert ward.restricted(ward.eva) == []
    assert State(ward.eva).read().refusals == ()


def test_a_denial_of_the_medical_record_holds_back_what_names_them_until_it_is_lifted(ward: Ward) -> None:
    ward.write(ward.paul, SECRET, ward.remi, ward.jeanne)
    sync(ward.paul)
    change(ward.jeanne, ward.circle, Deny(ward.remi.account, Stream.CARE, None))
    for session in (ward.remi, ward.paul):
        sync(session)
    assert ward.restricted(ward.remi) == []
    change(ward.jeanne, ward.circle, Grant(ward.remi.account, Stream.CARE, 3, None, True))
    ward.settle()
    assert ward.restricted(ward.remi) == [SECRET]


@pytest.mark.parametrize("fresh", [True, False])
def test_what_was_sealed_as_a_reader_was_removed_is_sealed_again_for_those_who_are_left(
    ward: Ward, *, fresh: bool
) -> None:
    """The registry changes between Paul's pull and what he sends then."""
    entry = ward.write(ward.paul, SECRET, ward.remi, ward.jeanne)
    if not fresh:
        sync(ward.paul)
        Cahier(ward.paul).amend(entry, "deuxième")
    hub = ward.house.hub

    def meanwhile(call: Call, answer: Any) -> Any:  # noqa: ANN401  (as `Tamper`)
        if call.path == api.PULL:
            hub.tamper = lambda _call, honest: honest
            change(ward.claire, ward.circle, Remove(ward.remi.account))
        return answer

    hub.tamper = meanwhile
    sync(ward.paul)
    ward.settle()
    assert ward.restricted(ward.jeanne) == ward.restricted(ward.paul) == [SECRET if fresh else "deuxième"]
    *before, last = hub.direct.opened
    assert hub.direct.opened[last].opens.follows == tuple(before), "it goes on from what the relay has"
    assert hub.direct.opened[last].named == {ward.paul.account, ward.jeanne.account}
    assert State(ward.paul).read().to_send == 0
