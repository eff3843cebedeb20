"""Accounts left for a team's workstations: by their owner while in the team, read by group alone."""

from __future__ import annotations

import secrets

import pytest

from carelink.access.roles import Role
from carelink.access.statements import AddDevice, Remove, RevokeDevices
from carelink.sync.wire import api
from carelink.sync.wire import workstations as stations
from tests.hub.conftest import RefusedByHubError, RelayUnderTest
from tests.hub.people import DAY, START, Circle, Clock, Person, new_circle

GROUP, SLOT, PC = (secrets.token_bytes(16) for _ in range(3))


class Scene:
    """Claire runs a team in which Eva is for two days."""

    def __init__(self, relay: RelayUnderTest) -> None:
        self.relay = relay
        self.claire, self.eva = Person("Claire"), Person("Eva")
        self.team: Circle = new_circle(self.claire)
        relay.create(self.team)
        self.token = relay.session(self.claire)
        newcomer = self.eva.as_newcomer(Role.RELATIVE, until=START + 2 * DAY)
        self.append(self.team.addition(self.claire, newcomer))
        self.evas = relay.session(self.eva)

    def append(self, statement: object) -> None:
        self.relay.append(self.token, self.team, self.team.take(statement))  # type: ignore[arg-type]

    def board(
        self, serial: int = 1, group: bytes = GROUP, token: str = "", letters: tuple[bytes, ...] = (PC,)
    ) -> None:
        sent = tuple(stations.StationLetter(one, b"letter %d" % serial) for one in letters)
        request = stations.BoardKeep(self.team.id, serial, group, b"board %d" % serial, sent)
        self.relay.ask(stations.BOARD_KEEP, request, api.Accepted, token or self.token)

    def keep(
        self,
        token: str,
        device: bytes,
        slot: bytes = SLOT,
        *,
        group: bytes = GROUP,
        body: bytes = b"body",
    ) -> None:
        request = stations.SlotKeep(self.team.id, group, slot, device, b"plate", body)
        self.relay.ask(stations.SLOT_KEEP, request, api.Accepted, token)

    def read(self, slot: bytes = SLOT, group: bytes = GROUP) -> bytes:
        request = stations.SlotRead(group, slot, self.eva.account)
        return self.relay.ask(stations.SLOT_READ, request, stations.SlotBody).body

    def door(self, group: bytes = GROUP, *, seats: bool = False) -> list[bytes]:
        answer = self.relay.ask(stations.SLOT_LIST, stations.SlotList(group, seats), stations.Slots)
        return [slot.slot for slot in answer.slots]

    def letter(self, identifier: bytes = PC) -> bytes:
        return self.relay.ask(stations.LETTER_READ, stations.LetterRead(identifier), stations.LetterBlob).blob


@pytest.fixture
def scene(relay: RelayUnderTest) -> Scene:
    scene = Scene(relay)
    scene.board()
    scene.keep(scene.evas, scene.eva.device)
    return scene


def code_of(error: pytest.ExceptionInfo[RefusedByHubError]) -> str:
    return error.value.problem.code


def test_a_workstation_sees_who_is_on_the_door_and_takes_an_account_as_it_was_last_left(scene: Scene) -> None:
    assert scene.door() == [SLOT]
    scene.keep(scene.evas, scene.eva.device, body=b"newer")
    assert scene.read() == b"newer"
    assert scene.letter() == b"letter 1"


def test_whoever_leaves_the_team_is_on_no_door_any_more(scene: Scene) -> None:
    scene.append(scene.team.statement(scene.claire, Remove(scene.eva.account)))
    assert scene.door() == []
    with pytest.raises(RefusedByHubError) as error:
        scene.read()
    assert code_of(error) == "not_entitled"
    # Back in the team, it takes a new bundle: the old one is gone.
    scene.append(scene.team.addition(scene.claire, scene.eva.as_newcomer(Role.RELATIVE)))
    assert scene.door() == []


def test_whoever_is_past_their_end_date_is_on_no_door_any_more(scene: Scene, clock: Clock) -> None:
    clock.now += 2 * DAY
    assert scene.door() == []
    with pytest.raises(RefusedByHubError):
        scene.read()


def test_an_account_whose_portable_device_was_revoked_opens_nowhere(scene: Scene) -> None:
    portable = scene.eva.other_device()
    added = scene.team.statement(scene.eva, AddDevice(portable.enrolled.certificate))
    scene.relay.append(scene.evas, scene.team, scene.team.take(added))
    scene.keep(scene.evas, portable.device)
    assert scene.read() == b"body"
    scene.append(scene.team.statement(scene.claire, RevokeDevices(scene.eva.account, (portable.device,))))
    assert scene.door() == []
    with pytest.raises(RefusedByHubError):
        scene.read()


def test_nobody_leaves_anything_in_the_place_of_another(scene: Scene) -> None:
    for device, slot in ((scene.claire.device, SLOT), (scene.eva.device, secrets.token_bytes(16))):
        with pytest.raises(RefusedByHubError) as error:
            scene.keep(scene.token, device, slot, body=b"other")
        assert code_of(error) in {"conflict", "not_entitled"}
    assert scene.read() == b"body"


def test_only_who_runs_the_team_says_what_its_workstations_are_and_never_backwards(scene: Scene) -> None:
    with pytest.raises(RefusedByHubError) as error:
        scene.board(2, token=scene.evas)
    assert code_of(error) == "not_entitled"
    scene.board(2)
    for serial in (1, 4):
        with pytest.raises(RefusedByHubError) as error:
            scene.board(serial, letters=())
        assert code_of(error) == "conflict"
    answer = scene.relay.ask(
        stations.BOARD_READ, stations.BoardRead(scene.team.id), stations.BoardBlob, scene.evas
    )
    assert (answer.serial, answer.blob) == (2, b"board 2")
    # The same group: what was left stays.
    assert scene.read() == b"body"


def test_once_the_secret_is_replaced_a_stolen_workstation_finds_nothing_and_the_others_go_on(
    scene: Scene,
) -> None:
    other, group = secrets.token_bytes(16), secrets.token_bytes(16)
    scene.board(2, letters=(PC, other))
    scene.board(3, group, letters=(other,))
    for ask in (scene.door, scene.read, scene.letter):
        with pytest.raises(RefusedByHubError) as error:
            ask()
        assert code_of(error) == "unknown_workstation"
    with pytest.raises(RefusedByHubError) as error:
        scene.keep(scene.evas, scene.eva.device)
    assert code_of(error) == "conflict"
    assert scene.letter(other) == b"letter 3"
    assert scene.door(group) == []
    scene.keep(scene.evas, scene.eva.device, group=group)
    assert scene.read(group=group) == b"body"


def test_seats_are_no_names_on_the_door(scene: Scene) -> None:
    seat = secrets.token_bytes(16)
    scene.keep(scene.evas, scene.eva.device, seat, body=b"")
    assert scene.door() == [SLOT]
    assert scene.door(seats=True) == [seat]


def test_another_team_takes_neither_its_group_nor_its_workstations(scene: Scene) -> None:
    paul = Person("Paul")
    other = new_circle(paul, Role.FAMILY_CARER)
    scene.relay.create(other)
    token = scene.relay.session(paul)
    for group, letters in ((GROUP, ()), (secrets.token_bytes(16), (PC,))):
        sent = tuple(stations.StationLetter(one, b"x") for one in letters)
        with pytest.raises(RefusedByHubError) as error:
            scene.relay.ask(
                stations.BOARD_KEEP,
                stations.BoardKeep(other.id, 1, group, b"board", sent),
                api.Accepted,
                token,
            )
        assert code_of(error) == "conflict"
    assert scene.letter() == b"letter 1"


def test_whoever_guesses_is_not_answered_any_more(scene: Scene) -> None:
    codes = []
    for _ in range(20):
        with pytest.raises(RefusedByHubError) as error:
            scene.read(group=secrets.token_bytes(16))
        codes.append(code_of(error))
    assert (codes[0], codes[-1]) == ("unknown_workstation", "too_many_tries")
    for ask in (scene.door, scene.read, scene.letter):
        with pytest.raises(RefusedByHubError) as error:
            ask()
        assert code_of(error) == "too_many_tries"
