"""Half a year offline, while people came and went."""

from __future__ import annotations

from collections.abc import ItemsView

from carelink.access.compartments import Stream
from carelink.access.registry import StreamState
from carelink.access.statements import Deny, Grant, Leave, Public, Remove
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from carelink.services.exchange.state import State
from carelink.services.session import Session
from tests.sync.house import DAY, House, change, sync, texts


def _half_a_year(house: House, claire: Session, jeanne: Session, circle: str, *others: Session) -> list[str]:
    """Let 180 days pass with three rotations of every volet, and a note in each after each of them."""
    remi, nadia, leo = others
    said = []
    leavings: list[tuple[Session, Public]] = [
        (jeanne, Remove(remi.account)),
        (nadia, Leave()),
        (jeanne, Deny(leo.account, "life", None)),
    ]
    for number, (by, public) in enumerate(leavings):
        house.clock.now += 60 * DAY
        change(by, circle, public)
        for volet in ("life", "coordination", "care"):
            Cahier(claire).write(circle, volet, f"{volet} {number}")
            said.append(f"{volet} {number}")
        for _ in range(2):
            sync(claire)
            sync(jeanne)
    return said


def test_who_comes_back_after_180_days_and_three_rotations_reads_all_of_it_and_sends_what_they_wrote(
    house: House,
) -> None:
    claire, jeanne = house.account("Claire", "nurse"), house.account("Jeanne")
    paul, anne = house.account("Paul", "physician"), house.account("Anne")
    circle = house.circle(claire)
    house.let_in(claire, circle, jeanne, "patient")
    others = []
    for name, role in (("Rémi", "nurse"), ("Nadia", "nurse"), ("Léo", "relative")):
        others.append(house.account(name))
        house.let_in(claire, circle, others[-1], role)
    house.let_in(claire, circle, paul, "physician")
    house.let_in(claire, circle, anne, "relative")
    Cahier(claire).write(circle, "life", "before")
    for _ in range(2):
        for session in (claire, jeanne, paul, anne, *others):
            sync(session)
    epochs = {stream: known.current for stream, known in _streams(house, circle)}

    for volet in ("care", "life"):
        Cahier(paul).write(circle, volet, f"offline in {volet}")
    Cahier(anne).write(circle, "life", "offline and removed since")
    said = _half_a_year(house, claire, jeanne, circle, *others)
    change(jeanne, circle, Remove(anne.account))
    house.let_in(claire, circle, eva := house.account("Eva"), "relative")
    rotated = {stream: known.current for stream, known in _streams(house, circle)}
    assert all(rotated[stream] >= epochs[stream] + 3 for stream in (Stream.LIFE, Stream.REGISTRY))

    report = sync(paul)
    assert (report.refused, report.missing) == ([], [])
    assert set(said) | {"before"} <= set(texts(paul, circle))
    sync(claire)
    sync(eva)
    assert "offline in care" in texts(claire, circle)
    assert "offline in life" not in texts(eva, circle), "Eva was not among the readers that Paul was shown"
    (held,) = Cahier(paul).held()
    assert held.readers == ("Eva",)
    Cahier(paul).confirm_readers(held.entry)
    sync(paul)
    for session in (claire, jeanne, eva, paul):
        sync(session)
        assert "offline in life" in texts(session, circle)
        assert (State(session).read().to_send, State(session).read().refusals) == (0, ())

    # Who was removed meanwhile learns it, keeps what they hold, and nothing of theirs goes out.
    sync(anne)
    assert [summary.state for summary in Circles(anne).summaries()] == ["left"]
    assert set(texts(anne, circle)) == {"before", "offline and removed since"}
    assert State(anne).read().to_send == 1
    sync(claire)
    assert "offline and removed since" not in texts(claire, circle)

    # Who was denied a volet reads the others.
    leo = others[2]
    sync(leo)
    assert {text for text in texts(leo, circle) if text.startswith("life")} == set()
    assert {text for text in texts(leo, circle) if text.startswith("coord")} == {
        f"coordination {number}" for number in range(3)
    }
    change(jeanne, circle, Grant(leo.account, "life", 3, None, history=True))
    for session in (jeanne, leo):
        sync(session)
    assert {f"life {number}" for number in range(3)} <= set(texts(leo, circle))


def _streams(house: House, circle: str) -> ItemsView[Stream, StreamState]:
    return house.hub.circles[bytes.fromhex(circle)].state.streams.items()
