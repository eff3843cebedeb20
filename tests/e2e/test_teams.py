"""A team of nurses in two circles: who joins it or leaves it does so once, and for all of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest

from tests.e2e.house import Person, Service, free_port, relay
from tests.e2e.test_three_people import PATIENT
from tests.oracle.canaries import found_in, new_canary
from tests.oracle.dump import contents, values
from tests.oracle.keys import (
    KEY_BYTES,
    device_keys,
    envelopes,
    letters,
    opened_by,
    out_of_letters,
    windows,
)


@dataclass
class Unit:
    """Nina runs a team in which Omar and Rosa are; Anne's and Paul's circles have it as their nurses."""

    folder: Path
    hub: Service
    team: str
    circles: tuple[str, ...]
    nina: Person
    omar: Person
    rosa: Person
    anne: Person
    paul: Person

    @property
    def database(self) -> Path:
        return self.folder / "hub" / "relay.sqlite"

    def settle(self, *people: Person) -> None:
        """Exchange, one after the other; everybody twice where nobody is named."""
        everybody = (self.nina, self.omar, self.rosa, self.anne, self.paul)
        for someone in people or (*everybody, *everybody):
            result = someone.sync().one
            assert (result["refused"], result["missing"]) == ([], [])


def joins(unit: Unit, newcomer: Person, *options: str) -> None:
    """Let someone into the team by a code handed over in person."""
    made = unit.nina.run("team", "invite", unit.team, "--in-person", *options).one
    assert newcomer.run("join", made["link"]).one["state"] == "waiting"
    unit.nina.sync()
    newcomer.sync()


@pytest.fixture(scope="module")
def _founded(tmp_path_factory: pytest.TempPathFactory, _passphrase: None) -> tuple[Unit, int]:
    folder, port = tmp_path_factory.mktemp("unit") / "unit", free_port()
    folder.mkdir()
    hub = relay(folder / "hub", port)
    hub.start()
    try:
        nina, omar, rosa = (
            Person(folder / name).create(f"{name} {family}", "nurse")
            for name, family in (("Nina", "Roy"), ("Omar", "Sy"), ("Rosa", "Paz"))
        )
        anne, paul = (Person(folder / name).create(f"{name} Maurel") for name in ("Anne", "Paul"))
        made = nina.run("team", "create", "Infirmiers", "--establishment", "Les Tilleuls", "--hub", hub.url)
        unit = Unit(folder, hub, made.one["team"], (), nina, omar, rosa, anne, paul)
        nina.sync()
        joins(unit, omar)
        joins(unit, rosa)
        code = folder / "code.txt"
        code.write_text(nina.run("team", "code", "Infirmiers").one["code"], encoding="utf-8")
        for coordinator in (anne, paul):
            circle = coordinator.run("circle", "create", *PATIENT, "--hub", hub.url).one["circle"]
            coordinator.sync()
            with_code = ("--code-file", str(code), "--role", "nurse")
            assert coordinator.run("circle", "add-team", circle, *with_code).one["team"] == unit.team
            unit.circles = (*unit.circles, circle)
        unit.settle()
    finally:
        hub.stop()
    return unit, port


@pytest.fixture
def unit(_founded: tuple[Unit, int], tmp_path: Path) -> Iterator[Unit]:
    original, port = _founded
    folder = tmp_path / "unit"
    shutil.copytree(original.folder, folder)
    people = (
        Person(folder / known.home.name, known.account)
        for known in (original.nina, original.omar, original.rosa, original.anne, original.paul)
    )
    hub = relay(folder / "hub", port)
    hub.start()
    yield Unit(folder, hub, original.team, original.circles, *people)
    hub.stop()


def opened(person: Person, unit: Unit, out: Path, *streams: str) -> set[bytes]:
    """Return the envelopes of streams that something in this vault opens, by letters or directly."""
    held = list(values(person.dump(out)))
    by_letter = out_of_letters(device_keys(held), letters(unit.database))
    sealed = [envelope for stream in streams for envelope in envelopes(unit.database, stream)]
    return opened_by(chain(by_letter, windows(held, KEY_BYTES)), sealed)


def canaries(person: Person, out: Path, words: list[str]) -> set[str]:
    dump = person.dump(out)
    return found_in(chain(contents(dump), values(dump)), words)


def test_a_team_reads_and_writes_in_its_circles_and_whoever_leaves_it_reads_nothing_more(
    unit: Unit, tmp_path: Path
) -> None:
    nina, omar, rosa, anne = unit.nina, unit.omar, unit.rosa, unit.anne
    first = unit.circles[0]
    early, late = new_canary(), new_canary()

    # Omar writes in the medical record that nobody opened before; Anne's own note reaches the team.
    omar.write(first, "care", f"Pansement {early}")
    omar.write(first, "life", "Toilette faite")
    anne.write(first, "life", "Bonjour à l’équipe")
    unit.settle(omar, anne, rosa)
    assert set(rosa.texts(first)) == {f"Pansement {early}", "Toilette faite", "Bonjour à l’équipe"}
    unit.settle(rosa, anne)
    authors = {entry["text"]: entry["author"] for entry in anne.run("entries", first).lines}
    assert authors == {"Toilette faite": "Omar Sy", "Bonjour à l’équipe": "Anne Maurel"}
    members = {m["name"]: m for m in anne.run("circle", "show", first).one["members"]}
    # Rosa opened the record, which leaves a trace under her name; Nina did nothing there.
    assert set(members) == {"Anne Maurel", "Infirmiers (Les Tilleuls)", "Omar Sy", "Rosa Paz"}
    assert members["Omar Sy"]["role"] == "nurse"

    # He leaves the team: once, and for both circles.
    before = {e.identifier for stream in ("life", "care") for e in envelopes(unit.database, stream)}
    nina.run("team", "remove", unit.team, "Omar Sy", "--reason", "fin de contrat")
    unit.settle(rosa)
    for circle in unit.circles:
        rosa.write(circle, "care", f"Après {late}")
        rosa.write(circle, "life", f"Après {late}")
    unit.settle(rosa, anne)
    assert f"Après {late}" in anne.texts(first)
    omar.write(first, "life", "Je suis encore là")
    assert omar.run("sync").code in {0, 1}
    unit.settle(rosa, anne)
    assert "Je suis encore là" not in anne.texts(first)
    assert canaries(omar, tmp_path / "omar.dump", [early, late]) == {early}
    assert opened(omar, unit, tmp_path / "omar-2.dump", "life", "care") <= before
    after = {e.identifier for e in envelopes(unit.database, "care")} - before
    assert len(after) == len(unit.circles)
    assert after <= opened(rosa, unit, tmp_path / "rosa.dump", "care")
    assert not opened(anne, unit, tmp_path / "anne.dump", "care")


def test_whoever_comes_into_a_team_reads_what_came_before_in_all_its_circles(
    unit: Unit, person: Callable[..., Person]
) -> None:
    for circle in unit.circles:
        unit.rosa.write(circle, "care", "Pansement")
    unit.settle(unit.rosa)
    sara = person("Sara Lin", "nurse")
    joins(unit, sara)
    unit.settle(unit.nina, sara)
    assert [sara.texts(circle) for circle in unit.circles] == [["Pansement"], ["Pansement"]]


def test_a_volet_closed_to_one_of_a_team_is_read_by_the_others(unit: Unit, tmp_path: Path) -> None:
    omar, rosa, anne = unit.omar, unit.rosa, unit.anne
    circle, word = unit.circles[0], new_canary()
    code = unit.nina.run("team", "code", unit.team).one["code"]
    spoiled = code[:200] + ("A" if code[200] != "A" else "B") + code[201:]
    result = anne.run("circle", "add-team", circle, "--team", spoiled, "--role", "nurse")
    assert result.code == 1
    assert "code d’équipe" in result.said

    omar.write(circle, "life", "Bonjour")
    rosa.write(circle, "life", "Bonsoir")
    unit.settle(omar, rosa, anne)
    before = {e.identifier for e in envelopes(unit.database, "life")}
    assert anne.run("deny", circle, "Omar Sy", "life").code == 0
    anne.write(circle, "life", f"Sans lui {word}")
    # Anne names the team alone: one of it passes the keys on to those whom she does not know.
    unit.settle(anne, rosa, unit.nina, omar, unit.nina)
    assert f"Sans lui {word}" in rosa.texts(circle)
    assert f"Sans lui {word}" in unit.nina.texts(circle), "she never wrote there"
    assert canaries(omar, tmp_path / "omar.dump", [word]) == set()
    assert opened(omar, unit, tmp_path / "omar-2.dump", "life") <= before


def test_a_relative_s_pc_has_the_circle_follow_the_team_where_no_carer_did(
    unit: Unit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    circle, word = unit.circles[0], new_canary()
    with monkeypatch.context() as patch:
        patch.setattr("carelink.sync.exchange.duties._follow_teams", lambda *_: iter(()))
        unit.nina.run("team", "remove", unit.team, "Omar Sy")
    unit.anne.write(circle, "life", f"Sans lui {word}")
    unit.settle(unit.anne)
    assert unit.anne.run("status").one["to_send"] == 0
    unit.settle(unit.rosa)
    assert f"Sans lui {word}" in unit.rosa.texts(circle)
    assert unit.omar.run("sync").code in {0, 1}
    assert canaries(unit.omar, tmp_path / "omar.dump", [word]) == set()
