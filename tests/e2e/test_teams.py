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
        for _ in range(2):
            for someone in people or (self.nina, self.omar, self.rosa, self.anne, self.paul):
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


def opened(person: Person, unit: Unit, stream: str, out: Path) -> set[bytes]:
    """Return the envelopes of a stream that something in this vault opens, by letters or directly."""
    held = list(values(person.dump(out)))
    by_letter = out_of_letters(device_keys(held), letters(unit.database))
    return opened_by(chain(by_letter, windows(held, KEY_BYTES)), envelopes(unit.database, stream))


def canaries(person: Person, out: Path, words: list[str]) -> set[str]:
    dump = person.dump(out)
    return found_in(chain(contents(dump), values(dump)), words)


def test_a_team_reads_and_writes_in_its_circles_and_whoever_leaves_it_reads_nothing_more(
    unit: Unit, person: Callable[..., Person], tmp_path: Path
) -> None:
    nina, omar, rosa, anne = unit.nina, unit.omar, unit.rosa, unit.anne
    first, second = unit.circles
    early, late = new_canary(), new_canary()

    # Omar writes in the medical record that nobody opened before; Anne's own note reaches the team.
    omar.write(first, "care", f"Pansement {early}")
    anne.write(first, "life", "Bonjour à l’équipe")
    unit.settle()
    assert f"Pansement {early}" in rosa.texts(first)
    assert "Bonjour à l’équipe" in rosa.texts(first)
    assert anne.texts(first) == ["Bonjour à l’équipe"]
    omar.write(first, "life", "Toilette faite")
    unit.settle()
    written = next(e for e in anne.run("entries", first).lines if e["text"] == "Toilette faite")
    assert written["author"] == "Omar Sy"
    members = {m["name"]: m for m in anne.run("circle", "show", first).one["members"]}
    # Rosa opened the record, which leaves a trace under her name; Nina did nothing there.
    assert set(members) == {"Anne Maurel", "Infirmiers (Les Tilleuls)", "Omar Sy", "Rosa Paz"}
    assert members["Omar Sy"]["role"] == "nurse"
    assert {c["circle"] for c in omar.run("circle", "list").lines} == set(unit.circles)

    # He leaves the team: once, and for both circles.
    before = {e.identifier for stream in ("life", "care") for e in envelopes(unit.database, stream)}
    nina.run("team", "remove", unit.team, "Omar Sy", "--reason", "fin de contrat")
    unit.settle(nina, rosa, anne, unit.paul)
    for circle in unit.circles:
        rosa.write(circle, "care", f"Après {late}")
        rosa.write(circle, "life", f"Après {late}")
    unit.settle(nina, rosa, anne, unit.paul)
    anne.write(first, "life", f"Encore {late}")
    unit.settle(nina, rosa, anne, unit.paul)
    assert f"Encore {late}" in rosa.texts(first)
    assert f"Après {late}" in anne.texts(first)
    omar.write(first, "life", "Je suis encore là")
    assert omar.run("sync").code in {0, 1}
    unit.settle(nina, rosa, anne, unit.paul)
    assert "Je suis encore là" not in anne.texts(first)
    assert canaries(omar, tmp_path / "omar.dump", [early, late]) == {early}
    for stream in ("life", "care"):
        assert opened(omar, unit, stream, tmp_path / f"omar-{stream}.dump") <= before
    after = {e.identifier for e in envelopes(unit.database, "care")} - before
    assert after <= opened(rosa, unit, "care", tmp_path / "rosa.dump")
    assert not opened(anne, unit, "care", tmp_path / "anne.dump")

    # Sara comes into the team, and reads what came before, in both circles.
    sara = person("Sara Lin", "nurse")
    joins(unit, sara)
    unit.settle(nina, sara)
    assert f"Pansement {early}" in sara.texts(first)
    assert f"Après {late}" in sara.texts(second)


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
    unit.settle()
    before = {e.identifier for e in envelopes(unit.database, "life")}
    assert anne.run("deny", circle, "Omar Sy", "life").code == 0
    unit.settle()
    anne.write(circle, "life", f"Sans lui {word}")
    unit.settle()
    assert f"Sans lui {word}" in rosa.texts(circle)
    assert f"Sans lui {word}" in unit.nina.texts(circle), "she never wrote there"
    assert canaries(omar, tmp_path / "omar.dump", [word]) == set()
    assert opened(omar, unit, "life", tmp_path / "omar-2.dump") <= before


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
