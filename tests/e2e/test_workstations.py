"""Two shared workstations of a team: who is of it opens their account on either, and nobody else anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.house import PASSPHRASE, House, Person, Result, copied

NOTE = "Chute cette nuit, hématome du bras gauche"
OTHER = "tournesol brouette cascade velours"


@dataclass
class Seat:
    """Someone at a workstation."""

    pc: Person
    name: str
    passphrase: Path | None = None

    def run(self, *arguments: str) -> Result:
        typed = ("--passphrase-file", str(self.passphrase)) if self.passphrase else ()
        return self.pc.run(*arguments, "--account", self.name, *typed)

    def done(self, *arguments: str) -> Result:
        result = self.run(*arguments)
        assert result.code == 0, result.said
        return result

    def write(self, circle: str, text: str, compartment: str = "care") -> None:
        self.done("write", circle, "--compartment", compartment, "--text", text)

    def texts(self, circle: str) -> list[str]:
        return [line["text"] for line in self.done("entries", circle, "--limit", "1000").lines]


@dataclass
class Floor:
    """A team of a nurse and a doctor who come to two PCs, in the circle that a daughter runs."""

    house: House
    circle: str
    pcs: tuple[Person, Person]

    @classmethod
    def found(cls, house: House) -> Floor:
        nurse, doctor, daughter = house.people
        nurse.run("team", "create", "Soins", "--hub", house.hub.url).one["team"]
        nurse.sync()
        link = nurse.run("team", "invite", "Soins", "--in-person").one["link"]
        assert doctor.run("join", link).one["state"] == "waiting"
        for someone in (nurse, doctor, nurse):
            someone.sync()
        patient = ("--given", "Lucien", "--birth-name", "Morel", "--birth", "1936-01-02")
        circle = daughter.run("circle", "create", *patient, "--hub", house.hub.url).one["circle"]
        daughter.sync()
        code = house.folder / "team.txt"
        code.write_text(nurse.run("team", "code", "Soins").one["code"], encoding="utf-8")
        added = daughter.run("circle", "add-team", circle, "--code-file", str(code), "--role", "nurse")
        assert added.code == 0, added.said
        floor = cls(house, circle, (Person(house.folder / "poste-1"), Person(house.folder / "poste-2")))
        for someone in (nurse, doctor):
            assert someone.run("account", "portable").code == 0
        for number, pc in enumerate(floor.pcs, 1):
            made = nurse.run("workstation", "code", "Soins").one
            enrolled = pc.run("workstation", "enrol", made["link"], "--name", f"Poste {number}").one
            assert (enrolled["name"], enrolled["team_name"]) == (f"Poste {number}", "Soins")
        for someone in (*house.people, *house.people):
            someone.sync()
        for pc in floor.pcs:
            assert floor.door(pc) == ["Claire Martin", "Paul Petit"]
        return floor

    def door(self, pc: Person) -> list[str]:
        return [line["name"] for line in pc.run("workstation", "people").lines]

    def at(self, number: int, name: str, passphrase: str = PASSPHRASE) -> Seat:
        file = self.house.folder / f"{passphrase[:8]}.txt"
        file.write_text(passphrase, encoding="utf-8")
        return Seat(self.pcs[number - 1], name, file)


@pytest.fixture(scope="module")
def founded(_founded: tuple[House, int], tmp_path_factory: pytest.TempPathFactory) -> tuple[Floor, int]:
    original, port = _founded
    house = copied(original, tmp_path_factory.mktemp("floor") / "house", port)
    house.hub.start()
    try:
        return Floor.found(house), port
    finally:
        house.hub.stop()


@pytest.fixture
def floor(founded: tuple[Floor, int], tmp_path: Path) -> Iterator[Floor]:
    original, port = founded
    house = copied(original.house, tmp_path / "house", port)
    house.hub.start()
    yield Floor(house, original.circle, (Person(house.folder / "poste-1"), Person(house.folder / "poste-2")))
    house.hub.stop()


def clean(result: Result) -> None:
    assert (result.one["refused"], result.one["missing"]) == ([], [])


def test_what_is_written_on_one_is_read_on_the_other_and_by_the_family(floor: Floor) -> None:
    house = floor.house
    first, second = floor.at(1, "Claire Martin"), floor.at(2, "Claire Martin")
    first.write(floor.circle, NOTE)
    first.write(floor.circle, "Bonne journée, elle a chanté", "life")
    clean(first.done("sync"))
    clean(second.done("sync"))
    assert NOTE in second.texts(floor.circle)
    house.daughter.sync()
    lines = house.daughter.run("entries", floor.circle, "--limit", "100").lines
    assert [line["author"] for line in lines if "chanté" in line["text"]] == ["Claire Martin"]
    assert not any(NOTE in line["text"] for line in lines)
    # Another of the team opens theirs on the same PC, and finds what is theirs alone.
    paul = floor.at(1, "Paul Petit")
    clean(paul.done("sync"))
    assert NOTE in paul.texts(floor.circle)
    devices = paul.done("account", "devices").lines
    assert [line["portable"] for line in devices].count(True) == 1
    # Opened on both at once, and away from the relay, the account is two devices: no feed forks.
    house.hub.stop()
    first.write(floor.circle, "Du premier poste")
    second.write(floor.circle, "Du second poste")
    house.hub.start()
    for seat in (first, second, first):
        clean(seat.done("sync"))
    clean(house.doctor.sync())
    for texts in (first.texts(floor.circle), second.texts(floor.circle), house.doctor.texts(floor.circle)):
        assert {"Du premier poste", "Du second poste"} <= set(texts)


def test_without_the_relay_an_account_opens_where_it_was_open_before_only(floor: Floor) -> None:
    first = floor.at(1, "Claire Martin")
    first.write(floor.circle, NOTE)
    floor.house.hub.stop()
    assert NOTE in first.texts(floor.circle)
    elsewhere = floor.at(2, "Claire Martin").run("entries", floor.circle)
    assert elsewhere.code == 1
    assert "ne répond pas" in elsewhere.said
    wrong = floor.at(1, "Claire Martin", OTHER).run("entries", floor.circle)
    assert wrong.code == 1


def test_another_passphrase_or_name_opens_nothing_and_tries_are_counted(floor: Floor) -> None:
    assert floor.house.doctor.run("account", "portable", "--stop").code == 0
    said = []
    for _ in range(4):
        result = floor.at(1, "Claire Martin", OTHER).run("entries", floor.circle)
        assert (result.code, result.lines) == (1, [])
        said.append(result.said)
    assert "phrase de passe" in said[0]
    assert "econdes" in said[-1]
    for name in ("Anne Maurel", "Paul Petit"):
        floor.door(floor.pcs[0])
        result = floor.at(1, name).run("entries", floor.circle)
        assert result.code == 1
        assert "Aucun compte" in result.said


def test_whoever_leaves_the_team_opens_nothing_on_any_workstation(floor: Floor) -> None:
    house = floor.house
    floor.at(1, "Paul Petit").write(floor.circle, NOTE)
    assert house.nurse.run("team", "remove", "Soins", house.doctor.account).code == 0
    for number in (1, 2):
        result = floor.at(number, "Paul Petit").run("entries", floor.circle)
        assert (result.code, result.lines) == (1, [])
    assert floor.door(floor.pcs[0]) == ["Claire Martin"]
    house.hub.stop()
    for number in (1, 2):
        result = floor.at(number, "Paul Petit").run("entries", floor.circle)
        assert (result.code, result.lines) == (1, [])


def test_a_changed_passphrase_counts_on_every_workstation(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = floor.at(1, "Claire Martin"), floor.at(2, "Claire Martin")
    for seat in (first, second):
        clean(seat.done("sync"))
    monkeypatch.setenv("CARELINK_NEW_PASSPHRASE", OTHER)
    first.done("account", "passphrase")
    assert first.run("entries", floor.circle).code == 1
    renewed = floor.at(1, "Claire Martin", OTHER)
    clean(renewed.done("sync"))
    assert second.run("entries", floor.circle).code == 1
    assert floor.at(2, "Claire Martin", OTHER).texts(floor.circle) == renewed.texts(floor.circle)


def test_a_stolen_workstation_opens_nothing_new_and_the_other_goes_on_by_itself(floor: Floor) -> None:
    house = floor.house
    first, second = floor.at(1, "Paul Petit"), floor.at(2, "Paul Petit")
    for seat in (first, second):
        seat.write(floor.circle, NOTE)
        clean(seat.done("sync"))
    lost = house.nurse.run("workstation", "lost", "Soins", "Poste 1").one
    assert lost["devices"] == 1
    stolen = first.run("sync")
    assert stolen.code == 1
    assert "n’est plus un poste" in stolen.said
    # Without waiting for his own PC: what was kept opens, and leaves the account anew.
    clean(second.done("sync"))
    clean(second.done("sync"))
    house.doctor.sync()
    house.nurse.write(floor.circle, "care", "Après le vol")
    house.nurse.sync()
    clean(second.done("sync"))
    assert "Après le vol" in second.texts(floor.circle)
    states = {line["state"] for line in second.done("account", "devices").lines}
    assert states == {"active", "revoked"}
    listed = house.nurse.run("workstation", "list", "Soins").lines
    assert [(line["name"], line["state"]) for line in listed] == [("Poste 2", "active"), ("Poste 1", "lost")]
    # Found again, it becomes a workstation anew, with a new code.
    code = house.nurse.run("workstation", "code", "Soins").one["link"]
    assert second.pc.run("workstation", "enrol", code, "--name", "Poste 3").code == 1
    assert first.pc.run("workstation", "enrol", code, "--name", "Poste 1").code == 0
    house.hub.stop()
    assert first.run("entries", floor.circle).code == 1


def test_nothing_on_the_pc_is_readable_without_its_member(floor: Floor) -> None:
    seat = floor.at(1, "Claire Martin")
    seat.write(floor.circle, NOTE)
    seat.done("sync")
    floor.at(1, "Paul Petit").texts(floor.circle)
    clear = {b"Morel", b"Lucien", NOTE.encode(), b"h\xc3\xa9matome", PASSPHRASE.encode()}
    files = [path for path in floor.pcs[0].home.rglob("*") if path.is_file()]
    assert len(files) > 8
    for path in files:
        assert not any(word in path.read_bytes() for word in clear), path
