"""Members whose program is not ours: what they can do to the others, and who is told."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from carelink.access.compartments import Stream
from carelink.access.registry import CircleState
from carelink.access.statements import OpenEpochs, Remove, SealedCut
from carelink.records.bodies import EntryBody, RecordKind, encode_body
from carelink.records.revision import Revision, decode_revision, encode_revision, revision_id
from carelink.records.transfer import OpenedRevision
from carelink.services.cahier import Cahier
from carelink.services.exchange.state import State
from carelink.services.session import Session
from carelink.sync.cuts import seal_cut
from carelink.sync.exchange import membership
from carelink.sync.exchange.context import Context
from carelink.sync.exchange.membership import NewEpoch, new_epoch, signed_statement
from carelink.sync.store import Transaction
from carelink.sync.wire import api
from tests.sync.fixtures import Grown
from tests.sync.house import MINUTE, House, change, notes, sync, texts, whole_state


def begun(house: House) -> str:
    """Have Claire nurse and coordinate; Paul and Anne are relatives."""
    claire, paul, anne = house.account("Claire", "nurse"), house.account("Paul"), house.account("Anne")
    circle = house.circle(claire)
    house.let_in(claire, circle, paul, "relative")
    house.let_in(claire, circle, anne, "relative")
    sync(claire)
    sync(paul)
    return circle


@pytest.fixture
def circle(house: House, grown: Grown) -> str:
    return grown(house, begun)


@pytest.fixture
def claire(house: House, circle: str) -> Session:
    return house.named("Claire")


@pytest.fixture
def paul(house: House, circle: str) -> Session:
    return house.named("Paul")


@pytest.fixture
def anne(house: House, circle: str) -> Session:
    return house.named("Anne")


def refusals(session: Session) -> set[tuple[str, str, str]]:
    return {(r.stream, r.device, r.why) for r in State(session).read().refusals}


def everybody(session: Session, circle: str) -> tuple[bytes, ...]:
    with session.read() as stores:
        state = session.context(stores, bytes.fromhex(circle)).state
    assert state is not None
    return tuple(member.account for member in state.active_members())


class TestFreezing:
    def _freeze(self, house: House, session: Session, circle: str) -> None:
        """Open the next epoch of `life` and give its key to nobody."""
        state = house.hub.circles[bytes.fromhex(circle)].state
        opening = OpenEpochs((new_epoch(Stream.LIFE, state.streams[Stream.LIFE].current + 1).opening,))
        statement = signed_statement(session.keys, state, opening, b"", house.clock())
        house.hub._registry_append(api.Append(bytes.fromhex(circle), statement), session.keys.device)

    @pytest.mark.parametrize("again", [False, True])
    def test_who_opens_an_epoch_for_nobody_freezes_a_volet_for_ten_minutes(
        self, house: House, claire: Session, paul: Session, anne: Session, circle: str, again: bool
    ) -> None:
        self._freeze(house, paul, circle)
        if again:
            self._freeze(house, paul, circle)
        Cahier(claire).write(circle, "life", "frozen")
        sync(claire)
        house.clock.now += 5 * MINUTE
        if again:
            self._freeze(house, paul, circle)
        sync(claire)
        assert State(claire).read().to_send == 1
        assert refusals(claire) == set()
        house.clock.now += 6 * MINUTE
        report = sync(claire)
        assert report.pushed == 1
        assert refusals(claire) == {("life", paul.keys.device.hex(), "unreadable")}
        sync(anne)
        assert texts(anne, circle) == ["frozen"]
        Cahier(anne).write(circle, "life", "thawed")
        sync(anne)
        sync(claire)
        assert texts(claire, circle) == ["thawed", "frozen"]
        assert refusals(anne) == set()

    def test_who_has_nothing_to_send_names_nobody_and_opens_nothing(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        self._freeze(house, paul, circle)
        sync(claire)
        house.clock.now += 60 * MINUTE
        height = house.hub.circles[bytes.fromhex(circle)].state.height
        sync(claire)
        assert house.hub.circles[bytes.fromhex(circle)].state.height == height
        assert refusals(claire) == set()


def test_a_cut_that_lies_takes_nothing_from_those_who_hold_it_and_is_not_silent_to_newcomers(
    house: House,
    claire: Session,
    paul: Session,
    anne: Session,
    circle: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house.let_in(claire, circle, nora := house.account("Nora", "nurse"), "nurse", functions=("coordinator",))
    Cahier(paul).write(circle, "life", "by Paul")
    sync(paul)
    Cahier(anne).write(circle, "life", "by Anne")
    for session in (anne, claire, nora, anne):
        sync(session)

    def nothing_ever_written(
        _: Context, tx: Transaction, circle: bytes, after: CircleState, epochs: Collection[NewEpoch]
    ) -> tuple[SealedCut, ...]:
        keys = tx.keys(circle)
        return tuple(
            seal_cut(stream, number, keys[stream, number], [paul.keys.device], {})
            for stream, number in ((Stream(e.opening.stream), e.opening.number - 1) for e in epochs)
        )

    with monkeypatch.context() as patch:
        patch.setattr(membership, "cuts_for", nothing_ever_written)
        change(nora, circle, Remove(paul.account))
    for session in (claire, anne):
        sync(session)
        assert set(texts(session, circle)) == {"by Paul", "by Anne"}
        assert refusals(session) == set()
    house.let_in(claire, circle, zoe := house.account("Zoé", "nurse"), "nurse")
    sync(zoe)
    assert texts(zoe, circle) == ["by Anne"]
    assert ("life", paul.keys.device.hex(), "no_right") in refusals(zoe)


class TestWithdrawals:
    def _withdraw(self, session: Session, circle: str, entry: str, **body: Any) -> None:  # noqa: ANN401
        """Withdraw a note as a program would that asks nobody whether it may."""
        identifier, record = bytes.fromhex(circle), bytes.fromhex(entry)
        with session.write() as stores:
            held = {key: decode_revision(data) for key, data in stores.revisions(identifier, "life", record)}
            revision = Revision(
                record=record,
                kind=RecordKind.ENTRY,
                parents=tuple(held),
                author=session.account,
                wall=session.clock(),
                audience=everybody(session, circle),
                body=encode_body(EntryBody("", "note", urgent=False, withdrawn=True, reason="gone", **body)),
            )
            data = encode_revision(revision)
            stores.publish(
                identifier, "life", OpenedRevision(revision_id(data), data, revision), revision.wall
            )

    def test_another_s_note_stays_for_everybody_whatever_a_relative_s_program_does(
        self, house: House, claire: Session, paul: Session, anne: Session, circle: str
    ) -> None:
        entry = Cahier(claire).write(circle, "life", "a fall at night")
        for session in (claire, paul, anne):
            sync(session)
        self._withdraw(paul, circle, entry)
        for session in (paul, claire, anne):
            sync(session)
        for session in (claire, anne):
            assert texts(session, circle) == ["a fall at night"]
            assert len(Cahier(session).history(entry)) == 2, "what they tried stands in the history"
            assert [version.stands for version in Cahier(session).history(entry)] == [True, False]
        # In the name of those who coordinate: refused as such.
        self._withdraw(paul, circle, entry, for_circle=True)
        for session in (paul, claire, anne):
            sync(session)
        for session in (claire, anne):
            assert texts(session, circle) == ["a fall at night"]
            assert refusals(session) == {("life", paul.keys.device.hex(), "no_right")}
        house.let_in(claire, circle, nora := house.account("Nora", "nurse"), "nurse")
        assert texts(nora, circle) == ["a fall at night"]

    def test_nobody_takes_a_note_over_by_beginning_it_a_second_time(
        self, house: House, claire: Session, paul: Session, anne: Session, circle: str
    ) -> None:
        entry = Cahier(claire).write(circle, "life", "a fall at night")
        for session in (claire, paul):
            sync(session)
        identifier = bytes.fromhex(circle)
        body = encode_body(EntryBody("all is well", "note", urgent=False, withdrawn=False, reason=""))
        for wall, content in ((0, body), (1, encode_body(EntryBody("", "note", False, True, "gone")))):
            revision = Revision(
                bytes.fromhex(entry), "entry", (), paul.account, wall, everybody(paul, circle), content
            )
            data = encode_revision(revision)
            with paul.write() as stores:
                stores.publish(identifier, "life", OpenedRevision(revision_id(data), data, revision), 0)
        for session in (paul, claire, anne):
            sync(session)
        for session in (claire, anne):
            (note,) = notes(session, circle)
            assert (note.author.name, note.text, note.withdrawn) == ("Claire", "a fall at night", False)
            assert note.parallel
        Cahier(claire).withdraw(entry, "twice said")
        sync(claire)
        sync(anne)
        (note,) = notes(anne, circle)
        assert note.text != "a fall at night"
        assert whole_state(claire, circle) == whole_state(anne, circle)

    def test_the_author_and_who_runs_the_circle_withdraw_as_ever(
        self, claire: Session, paul: Session, anne: Session, circle: str
    ) -> None:
        own, other = Cahier(paul).write(circle, "life", "mine"), Cahier(anne).write(circle, "life", "rude")
        for session in (paul, anne, claire):
            sync(session)
        Cahier(paul).withdraw(own, "wrong day")
        Cahier(claire).withdraw(other, "not here")
        for session in (paul, claire, anne, paul):
            sync(session)
        for session in (paul, claire, anne):
            assert [note.withdrawn for note in notes(session, circle)] == [True, True]
            assert refusals(session) == set()
