"""A relay that does not show everybody the same registry, and clocks that lie about when a stay ends."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from carelink.access.statements import Remove
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from carelink.services.exchange.state import State
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.joining import Joinings
from carelink.services.session import Session
from carelink.sync.exchange.context import Call
from carelink.sync.wire import api
from carelink.sync.wire.verification import decode_header
from tests.sync.fixtures import Grown
from tests.sync.house import DAY, START, Clock, House, change, sync, texts

YEAR_2099 = 4_080_000_000_000


def begun(house: House) -> str:
    claire, paul = house.account("Claire", "nurse"), house.account("Paul", "physician")
    circle = house.circle(claire)
    house.let_in(claire, circle, paul, "physician")
    sync(claire)
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


def hide_statements(house: House, session: Session, after: int) -> None:
    """Have the relay show one member no statement after a height, and everything else."""

    def old(call: Call, answer: Any) -> Any:  # noqa: ANN401
        if not isinstance(answer, api.PullPage) or house.hub.tokens[call.token] != session.keys.device:
            return answer
        chains = tuple(
            api.ChainPart(part.circle, part.statements[: max(0, after - known.height)])
            for part in answer.chains
            for known in call.frame.chains  # type: ignore[attr-defined]
            if known.circle == part.circle
        )
        return msgspec.structs.replace(answer, chains=chains)

    house.hub.tamper = old


class TestHidden:
    def test_a_hidden_removal_is_an_alarm_as_soon_as_someone_who_knows_of_it_writes(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        house.let_in(claire, circle, nadia := house.account("Nadia", "nurse"), "nurse")
        sync(paul)
        height = house.hub.circles[bytes.fromhex(circle)].state.height
        hide_statements(house, paul, height)
        change(claire, circle, Remove(nadia.account))
        sync(paul)
        assert State(paul).read().alarms == (), "nothing tells yet"
        Cahier(claire).write(circle, "life", "she knows")
        sync(claire)
        sync(paul)
        assert State(paul).read().alarms == (circle,)
        assert {refusal.why for refusal in State(paul).read().refusals} >= {"registry_split"}
        # Nothing more is said to the one who was removed.
        Cahier(paul).write(circle, "care", "not for Nadia")
        sync(paul)
        house.hub.tamper = lambda call, answer: answer
        sync(nadia)
        assert texts(nadia, circle) == []

    def test_another_statement_at_the_same_height_is_one_too(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        """Both were signed by Claire: her PC and a copy of it, each shown to another."""
        house.let_in(claire, circle, nadia := house.account("Nadia", "nurse"), "nurse")
        house.let_in(claire, circle, remi := house.account("Rémi", "nurse"), "nurse")
        for session in (paul, claire):
            sync(session)
        other = house.copied(house.folder / "other")
        theirs = {session.name: session for session in other.sessions}
        change(theirs["Claire"], circle, Remove(nadia.account))
        Cahier(theirs["Claire"]).write(circle, "life", "from the other history")
        sync(theirs["Claire"])
        house.use()
        change(claire, circle, Remove(remi.account))
        sync(paul)
        last = other.hub.items[-1]

        def slip_in(_: Call, answer: Any) -> Any:  # noqa: ANN401
            if not isinstance(answer, api.PullPage):
                return answer
            strange = api.Item(last.position, last.index, last.envelope)
            return msgspec.structs.replace(answer, items=(*answer.items, strange))

        house.hub.tamper = slip_in
        sync(paul)
        assert State(paul).read().alarms == (circle,)
        assert "from the other history" not in texts(paul, circle)
        other.close()

    def test_altered_bytes_alone_raise_no_alarm(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        Cahier(claire).write(circle, "life", "as written")
        sync(claire)

        def forged(_: Call, answer: Any) -> Any:  # noqa: ANN401
            if not isinstance(answer, api.PullPage | api.BackfillPage):
                return answer
            return msgspec.structs.replace(answer, items=tuple(_higher(item) for item in answer.items))

        house.hub.tamper = forged
        sync(paul)
        assert State(paul).read().alarms == ()
        house.hub.tamper = lambda call, answer: answer
        sync(paul)
        assert texts(paul, circle) == ["as written"]


def _higher(item: api.Item) -> api.Item:
    """Put an envelope at a height of the registry that nobody has, under its old signature."""
    header, core = decode_header(item.envelope.header)
    higher = msgspec.structs.replace(core, registry_height=core.registry_height + 5)
    changed = msgspec.structs.replace(header, core=msgspec.msgpack.encode(higher))
    return msgspec.structs.replace(
        item, envelope=msgspec.structs.replace(item.envelope, header=msgspec.msgpack.encode(changed))
    )


class TestClocks:
    """A stay that ends in a day: two clocks must say that it is over, ours and one other."""

    @pytest.fixture
    def nadia(self, house: House, claire: Session, paul: Session, circle: str) -> Session:
        nadia = house.account("Nadia", "nurse")
        house.let_in(claire, circle, nadia, "nurse", until=house.clock.now + DAY)
        for session in (claire, paul):
            sync(session)
        return nadia

    def _ended(self, house: House, circle: str, nadia: Session) -> bool:
        return not house.hub.circles[bytes.fromhex(circle)].state.members[nadia.account].active

    def test_a_pc_in_2099_ends_no_stay(
        self, house: House, claire: Session, circle: str, nadia: Session
    ) -> None:
        claire.clock = Clock(YEAR_2099)
        sync(claire)
        assert not self._ended(house, circle, nadia)

    def test_a_relay_in_2099_ends_no_stay(
        self, house: House, claire: Session, circle: str, nadia: Session
    ) -> None:
        house.hub.clock = Clock(YEAR_2099)
        sync(claire)
        assert not self._ended(house, circle, nadia)

    def test_a_relay_whose_clock_stands_still_keeps_no_stay_alive_once_anyone_writes(
        self, house: House, claire: Session, paul: Session, circle: str, nadia: Session
    ) -> None:
        house.hub.clock = lambda: START
        house.clock.now += 2 * DAY
        sync(claire)
        assert not self._ended(house, circle, nadia), "one clock against another"
        Cahier(paul).write(circle, "care", "two days later")
        sync(paul)
        sync(claire)
        assert self._ended(house, circle, nadia)
        sync(nadia)
        Cahier(paul).write(circle, "care", "after the end")
        sync(paul)
        sync(nadia)
        assert "after the end" not in texts(nadia, circle)
        assert [summary.state for summary in Circles(nadia).summaries()] == ["left"]

    def test_a_pc_whose_clock_is_behind_still_gives_the_others_their_keys(
        self, house: House, claire: Session, paul: Session, circle: str, nadia: Session
    ) -> None:
        claire.clock = Clock(claire.clock())
        house.clock.now += 2 * DAY
        newcomer = house.account("Nora", "nurse")
        # Without the past, so in new epochs, whose keys Nadia's stay as Claire sees it would entitle her to.
        request = InvitationRequest("nurse", in_person=True, agreed="oral", history=False)
        Joinings(newcomer).join(Invitations(claire).invite(circle, request).link)
        sync(claire)
        given = {recipient for recipient, _ in house.hub.letters[-5:]}
        assert newcomer.keys.device in given
        assert nadia.keys.device not in given
