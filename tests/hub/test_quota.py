from __future__ import annotations

import secrets

import pytest

from carelink.access.compartments import Stream
from carelink.access.roles import Role
from carelink.hub import quota
from carelink.sync.wire import api
from tests.hub.conftest import RefusedByHubError, RelayUnderTest
from tests.hub.people import Feed, Person, new_circle

ROOM = 20_000


class Scene:
    """Claire and Eva write in `life`; each may have the relay keep a little."""

    def __init__(self, relay: RelayUnderTest) -> None:
        self.relay = relay
        self.claire, self.eva = Person("Claire"), Person("Eva")
        self.circle = new_circle(self.claire)
        relay.create(self.circle)
        self.token = relay.session(self.claire)
        newcomer = self.circle.addition(self.claire, self.eva.as_newcomer(Role.FAMILY_CARER))
        relay.append(self.token, self.circle, self.circle.take(newcomer))
        self.theirs = relay.session(self.eva)
        self.feed = Feed(self.claire, self.circle, Stream.LIFE)
        self.other_feed = Feed(self.eva, self.circle, Stream.LIFE)

    def kept(self) -> int:
        return len(self.relay.pull(self.theirs, self.circle).items)


@pytest.fixture
def scene(relay: RelayUnderTest, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(quota, "QUOTA", ROOM)
    return Scene(relay)


def is_full(refused: pytest.ExceptionInfo[RefusedByHubError]) -> bool:
    return (refused.value.status, refused.value.problem) == (507, api.Problem("full", "quota"))


def test_who_has_had_their_share_is_told_so_and_nothing_is_kept_by_half(scene: Scene) -> None:
    large = scene.feed.seal(secrets.token_bytes(ROOM // 2))
    assert scene.relay.push(scene.token, large) == ["stored"]
    small, too_much = scene.feed.seal(), scene.feed.seal(secrets.token_bytes(ROOM // 2))
    with pytest.raises(RefusedByHubError) as refused:
        scene.relay.push(scene.token, small, too_much)
    assert is_full(refused)
    assert scene.kept() == 1
    assert scene.relay.push(scene.token, small) == ["stored"]


def test_what_is_there_already_costs_nothing(scene: Scene) -> None:
    large = scene.feed.seal(secrets.token_bytes(ROOM // 2))
    assert [scene.relay.push(scene.token, large) for _ in range(5)] == [["stored"], *[["known"]] * 4]


def test_one_member_s_notes_leave_another_their_share(scene: Scene) -> None:
    """Nor do they tell how much of theirs has been used by those whose notes one does not read."""
    for feed, token in ((scene.feed, scene.token), (scene.other_feed, scene.theirs)):
        assert scene.relay.push(token, feed.seal(secrets.token_bytes(ROOM // 2))) == ["stored"]
    assert scene.kept() == 2


def test_statements_and_letters_count_too(scene: Scene) -> None:
    def letters() -> None:
        for epoch in range(2, 50):
            signed = scene.circle.take(scene.circle.openings(scene.claire, [Stream.LIFE]))
            scene.relay.append(scene.token, scene.circle, signed)
            letter = scene.claire.letter_to(scene.eva, scene.circle, "life", epoch)
            scene.relay.ask(api.LETTERS, api.SendLetters((letter,)), api.Accepted, scene.token)

    with pytest.raises(RefusedByHubError) as refused:
        letters()
    assert is_full(refused)


def test_another_circle_does_not_give_another_share(scene: Scene) -> None:
    assert scene.relay.push(scene.token, scene.feed.seal(secrets.token_bytes(ROOM // 2))) == ["stored"]
    other = new_circle(scene.claire)
    scene.relay.create(other)
    envelope = Feed(scene.claire, other, Stream.LIFE).seal(secrets.token_bytes(ROOM // 2))
    with pytest.raises(RefusedByHubError) as refused:
        scene.relay.push(scene.token, envelope)
    assert is_full(refused)
