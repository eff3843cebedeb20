"""Removing, writing and exchanging in every order: the chain decides, nobody loses what was acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count, permutations

import pytest

from carelink.access.statements import Leave, Remove
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from carelink.services.exchange.relays import Relay
from carelink.services.exchange.state import State
from carelink.services.session import Session
from carelink.sync.exchange.context import Call
from carelink.sync.exchange.membership import RefusedChangeError
from carelink.sync.exchange.run import exchange
from carelink.sync.wire import api
from tests.sync.house import House, change, interrupted, sync, texts, whole_state


class Three:
    """Claire, Jeanne and Paul as they stand in a copy of a circle."""

    def __init__(self, house: House, circle: str) -> None:
        self.house = house
        self.circle = circle
        self.claire, self.jeanne, self.paul = house.sessions[:3]
        self.hosted = house.hub.circles[bytes.fromhex(circle)]

    def active(self, session: Session) -> bool:
        return self.hosted.state.members[session.account].active


@pytest.fixture
def again(house: House) -> Iterator[Callable[[], Three]]:
    """Return the same circle each time: Claire and Jeanne nurse, Paul is family; all coordinate."""
    claire = house.account("Claire", "nurse")
    circle = house.circle(claire)
    for name, role in (("Jeanne", "nurse"), ("Paul", "family_carer")):
        house.let_in(claire, circle, house.account(name), role, functions=("coordinator",))
    for session in house.sessions:
        sync(session)
    numbers, made = count(), list[House]()

    def copy() -> Three:
        for old in made:
            old.close()
        made[:] = [house.copied(house.folder / str(next(numbers)))]
        return Three(made[0], circle)

    yield copy
    for old in made:
        old.close()


def orders(*sequences: str) -> Iterator[str]:
    """Return every way to interleave sequences of steps, each kept in its own order."""
    letters = "".join(letter * len(steps) for letter, steps in zip("abc", sequences, strict=False))
    for order in sorted(set(permutations(letters))):
        left = {letter: iter(steps) for letter, steps in zip("abc", sequences, strict=False)}
        yield "".join(next(left[letter]) for letter in order)


@pytest.mark.long
def test_in_every_order_of_removing_writing_and_exchanging_nothing_acknowledged_is_lost(
    again: Callable[[], Three],
) -> None:
    """r: Jeanne removes Paul. w, s: Paul writes, exchanges. W, S: Claire does."""
    seen = 0
    for order in orders("r", "wsw", "WS"):
        three, acknowledged, written = again(), set[str](), {"w": 0, "W": 0}
        for step in order:
            match step:
                case "r":
                    change(three.jeanne, three.circle, Remove(three.paul.account))
                case "w" | "W":
                    written[step] += 1
                    author = three.paul if step == "w" else three.claire
                    if step == "w" and "left" in states(three.paul):
                        continue
                    Cahier(author).write(three.circle, "life", f"{step}{written[step]}")
                case "s" | "S":
                    author = three.paul if step == "s" else three.claire
                    before = State(author).read().to_send
                    report = sync(author)
                    if before and report.pushed == before:
                        letter = "w" if step == "s" else "W"
                        acknowledged |= {f"{letter}{n + 1}" for n in range(written[letter])}
        for session in (three.claire, three.jeanne):
            sync(session)
        Cahier(three.claire).write(three.circle, "life", "after all")
        for session in (three.claire, three.jeanne, three.paul):
            sync(session)
        held = set(texts(three.claire, three.circle))
        assert acknowledged | {"W1", "after all"} <= held, order
        assert whole_state(three.claire, three.circle) == whole_state(three.jeanne, three.circle), order
        # Before the relay stored the removal: inside; after: with its author only, who sees it.
        sent_before = order.index("r") > order.index("s")
        assert ("w1" in held) == sent_before, order
        theirs = set(texts(three.paul, three.circle))
        assert "after all" not in theirs, order
        assert State(three.paul).read().to_send == len({t for t in theirs if t[0] == "w"} - held), order
        assert states(three.paul) == ["left"], order
        for session in (three.claire, three.jeanne):
            state = State(session).read()
            assert (state.refusals, state.missing, state.to_send) == ((), (), 0), order
        seen += 1
    assert seen == 60


def states(session: Session) -> list[str]:
    return [summary.state for summary in Circles(session).summaries()]


def test_what_was_sealed_and_not_sent_when_the_removal_came_is_refused_and_shown(
    again: Callable[[], Three],
) -> None:
    three = again()
    Cahier(three.paul).write(three.circle, "life", "too late")
    calls = len(calls_of(three.house, three.paul, stop_at=api.PUSH))
    assert calls
    change(three.jeanne, three.circle, Remove(three.paul.account))
    sync(three.paul)
    (refused,) = State(three.paul).read().refusals
    assert (refused.stream, refused.why) == ("life", "unknown_device")
    assert "too late" in texts(three.paul, three.circle)
    for session in (three.claire, three.jeanne):
        sync(session)
        assert texts(session, three.circle) == []


def test_what_a_relay_lets_in_after_a_removal_is_refused_by_everyone_and_shown(
    again: Callable[[], Three], monkeypatch: pytest.MonkeyPatch
) -> None:
    three = again()
    Cahier(three.paul).write(three.circle, "life", "in time")
    sync(three.paul)
    Cahier(three.paul).write(three.circle, "life", "back-dated")
    calls_of(three.house, three.paul, stop_at=api.PUSH)
    before = three.hosted.state
    change(three.jeanne, three.circle, Remove(three.paul.account))
    after = three.hosted.state
    # The relay helps whom it should not serve: it takes the envelope as if the removal had not been.
    three.hosted.state = before
    with three.paul.read() as stores:
        rows = stores.hubs()
    relay = Relay(three.paul, rows[0])
    with monkeypatch.context() as patch:
        patch.setattr(three.house.hub, "_pull", lambda *_: api.PullPage((), (), 1 << 20, False, (), ()))
        three.house.hub.run(exchange(relay.context()))
    relay.close()
    three.hosted.state = after
    for session in (three.claire, three.jeanne):
        sync(session)
        assert texts(session, three.circle) == ["in time"]
        refused = {(r.stream, r.device, r.why) for r in State(session).read().refusals}
        assert refused == {("life", three.paul.keys.device.hex(), "no_right")}


def calls_of(house: House, session: Session, stop_at: str) -> list[str]:
    """Exchange until a call is about to be made, and be killed there; return the calls before."""
    made: list[str] = []
    with session.read() as stores:
        rows = stores.hubs()
    relay = Relay(session, rows[0])
    steps = exchange(relay.context())
    call: Call = next(steps)
    while call.path != stop_at:
        made.append(call.path)
        call = steps.send(house.hub.answer(call))
    steps.close()
    relay.close()
    return made


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_removals_in_a_circle_those_that_the_chain_took_first_stand(
    again: Callable[[], Three], order: tuple[int, ...]
) -> None:
    """Claire removes Jeanne, Jeanne removes Paul, Paul removes Claire; nobody knows of the others' wish."""
    three = again()
    people = [three.claire, three.jeanne, three.paul]
    asked = list[tuple[Session, Session]]()
    refused = list[str]()
    for number in order:
        by, whom = people[number], people[(number + 1) % 3]
        asked.append((by, whom))
        try:
            change(by, three.circle, Remove(whom.account))
        except RefusedChangeError:
            refused.append(by.name)
    first_by, first_whom = asked[0]
    assert three.active(first_by) or asked[-1][1] is first_by or asked[1][1] is first_by
    assert not three.active(first_whom)
    # Whoever was removed removed nobody any more.
    expected = {person.account for person in people}
    for by, whom in asked:
        if by.account in expected and whom.account in expected:
            expected.discard(whom.account)
    assert {m.account for m in three.hosted.state.active_members()} == expected
    left = [person for person in people if person.account in expected]
    Cahier(left[0]).write(three.circle, "life", "whoever is left")
    for _ in range(2):
        for person in people:
            sync(person)
    for person in people:
        assert ("whoever is left" in texts(person, three.circle)) == (person in left)
        assert (states(person) == ["left"]) == (person not in left)
        assert State(person).read().alarms == ()


def test_two_who_remove_each_other_at_once_are_told_apart_by_the_chain(
    again: Callable[[], Three], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jeanne's removal of Claire reaches the relay while Claire's of Jeanne is on its way."""
    three = again()
    honest = three.house.hub._registry_append

    def overtaken(frame: api.Append, device: bytes) -> api.Appended:
        if device == three.claire.keys.device and three.active(three.claire):
            change(three.jeanne, three.circle, Remove(three.claire.account))
        return honest(frame, device)

    monkeypatch.setattr(three.house.hub, "_registry_append", overtaken)
    with pytest.raises(RefusedChangeError):
        change(three.claire, three.circle, Remove(three.jeanne.account))
    assert three.active(three.jeanne)
    assert not three.active(three.claire)
    for session in (three.claire, three.jeanne, three.paul):
        sync(session)
        assert State(session).read().alarms == ()
    assert states(three.claire) == ["left"]


@pytest.mark.long
class TestInterrupted:
    """Killed after each call, its answer lost or not: one epoch wins, and the volets go on."""

    def _settled(self, three: Three, *expected: str) -> None:
        for _ in range(2):
            for session in (three.jeanne, three.claire, three.paul):
                sync(session)
        writers = [s for s in (three.claire, three.jeanne, three.paul) if three.active(s)]
        for session in writers:
            Cahier(session).write(three.circle, "life", f"{session.name} goes on")
            sync(session)
        for session in writers:
            sync(session)
        said = sorted([*expected, *(f"{session.name} goes on" for session in writers)])
        for session in writers:
            assert sorted(texts(session, three.circle)) == said, session.name
            state = State(session).read()
            assert (state.to_send, state.refusals, state.missing, state.alarms) == (0, (), (), ())
        assert not any(known.due for known in three.hosted.state.streams.values() if known.current)
        with writers[0].read() as stores:
            mine = stores.keys(bytes.fromhex(three.circle))
        for session in writers[1:]:
            with session.read() as stores:
                theirs = stores.keys(bytes.fromhex(three.circle))
            assert all(theirs[key] == secret for key, secret in mine.items() if key in theirs)
        assert all(
            (stream, known.current) in mine
            for stream, known in three.hosted.state.streams.items()
            if known.current
        )

    def _calls(self, again: Callable[[], Three], leave: bool) -> int:
        three = again()
        self._rotation(three, leave)
        three.house.hub.calls.clear()
        sync(three.claire)
        return len(three.house.hub.calls)

    def _rotation(self, three: Three, leave: bool) -> None:
        """Have streams be due, and a note of Claire's wait for their next epoch."""
        if leave:
            change(three.paul, three.circle, Leave())
        Cahier(three.claire).write(three.circle, "life", "waits for the next key")

    @pytest.mark.parametrize("lose", [False, True])
    def test_who_opens_the_epochs_that_a_leaver_made_due(
        self, again: Callable[[], Three], lose: bool
    ) -> None:
        total = self._calls(again, leave=True)
        opened = 0
        for calls in range(1, total + 1):
            three = again()
            self._rotation(three, leave=True)
            before = three.hosted.state.height
            interrupted(three.claire, calls, lose=lose)
            opened += three.hosted.state.height > before
            # Meanwhile another opens what is left to open, and writes.
            sync(three.jeanne)
            self._settled(three, "waits for the next key")
            assert three.house.hub.calls.count(api.REGISTRY_APPEND) <= 4
        assert 0 < opened < total, "some were killed before, some after"

    @pytest.mark.parametrize("lose", [False, True])
    def test_who_removes(self, again: Callable[[], Three], lose: bool) -> None:
        three = again()
        three.house.hub.calls.clear()
        change(three.jeanne, three.circle, Remove(three.paul.account))
        total = len(three.house.hub.calls)
        for calls in range(1, total + 1):
            three = again()
            Cahier(three.claire).write(three.circle, "life", "waits for the next key")
            killed = Killed(three.house, calls, lose=lose)
            with pytest.raises(Killed.Crash):
                change(three.jeanne, three.circle, Remove(three.paul.account))
            killed.over()
            sync(three.jeanne)
            if three.active(three.paul):
                change(three.jeanne, three.circle, Remove(three.paul.account))
            self._settled(three, "waits for the next key")

    def test_epochs_opened_by_two_at_once(
        self, again: Callable[[], Three], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        three = again()
        self._rotation(three, leave=True)
        honest, seen = three.house.hub._registry_append, list[bytes]()

        def overtaken(frame: api.Append, device: bytes) -> api.Appended:
            seen.append(device)
            if len(seen) == 1:
                sync(three.jeanne)
            return honest(frame, device)

        monkeypatch.setattr(three.house.hub, "_registry_append", overtaken)
        sync(three.claire)
        assert seen[:2] == [three.claire.keys.device, three.jeanne.keys.device]
        numbers = [[epoch.number for epoch in known.epochs] for known in three.hosted.state.streams.values()]
        assert all(found == list(range(1, len(found) + 1)) for found in numbers)
        self._settled(three, "waits for the next key")


class Killed:
    """A relay's house in which the process is killed at one of its calls."""

    class Crash(BaseException):
        """The end of the process."""

    def __init__(self, house: House, calls: int, *, lose: bool) -> None:
        self._hub, self._honest, self._left, self._lose = house.hub, house.hub.answer, calls, lose
        house.hub.answer = self._answer  # type: ignore[method-assign]

    def over(self) -> None:
        self._hub.answer = self._honest  # type: ignore[method-assign]

    def _answer(self, call: Call) -> object:
        self._left -= 1
        if self._left == 0 and not self._lose:
            raise Killed.Crash
        answer = self._honest(call)
        if self._left == 0:
            raise Killed.Crash
        return answer
