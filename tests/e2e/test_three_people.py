"""The main job: three people, one cahier, and a medical record that the daughter cannot read."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest

from tests.e2e.house import Person, Service
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

CANARIES = 50
PATIENT = ("--given", "Jeanne", "--birth-name", "Moreau", "--birth", "1938-04-12")


def _canaries_in_vault(dump: Path, canaries: list[str]) -> set[str]:
    return found_in(chain(contents(dump), values(dump)), canaries)


def _care_opened_with(dump: Path, relay: Path) -> set[bytes]:
    """Return the `care` envelopes of the relay that something in this vault opens."""
    held = list(values(dump))
    sealed = envelopes(relay, "care")
    assert sealed
    by_letter = out_of_letters(device_keys(held), letters(relay))
    return opened_by(chain(by_letter, windows(held, KEY_BYTES)), sealed)


def _three(hub: Service, person: Callable[..., Person], build: str) -> tuple[Person, Person, Person, str]:
    """Have a nurse, a doctor and a daughter meet, each command in a process of its own."""
    nurse = person("Claire Martin", "nurse")
    doctor = person("Paul Petit", "physician")
    daughter = person("Anne Maurel")
    circle = nurse.process("circle", "create", *PATIENT, "--hub", hub.url, module=build).one["circle"]
    made = nurse.process("invite", circle, "--role", "physician", "--in-person", module=build).one
    assert doctor.process("join", made["link"]).one["state"] == "waiting"
    assert nurse.process("sync", module=build).one["admitted"] == ["Paul Petit"]
    assert doctor.process("sync").one["joined"] == [circle]

    made = nurse.process("invite", circle, "--role", "relative", "--agreed", "oral", module=build).one
    joining = daughter.process("join", made["link"]).one
    assert len(joining["words"]) == 3
    words = ("--words", " ".join(joining["words"]))
    admitted = nurse.process("confirm", circle, *words, module=build).one["members"]
    assert [member["name"] for member in admitted] == ["Anne Maurel"]
    assert daughter.process("sync").one["joined"] == [circle]
    return nurse, doctor, daughter, circle


@pytest.mark.timeout(180)
def test_the_daughter_reads_the_life_record_and_nothing_of_the_medical_one(
    hub: Service, person: Callable[..., Person], tmp_path: Path
) -> None:
    nurse, doctor, daughter, circle = _three(hub, person, "carelink")
    canaries = [new_canary() for _ in range(CANARIES)]
    notes = [f"Constantes {canary} stables" for canary in canaries]
    for author, note in ((nurse, notes[0]), (doctor, notes[1])):
        author.process("write", circle, "--compartment", "care", "--text", note)
    nurse.write_all(circle, "care", notes[2::2])
    doctor.write_all(circle, "care", notes[3::2])
    lively = new_canary()
    life_note = f"Promenade au jardin {lively}, Jeanne a reconnu ses rosiers"
    nurse.process("write", circle, "--compartment", "life", "--text", life_note)
    for someone in (nurse, doctor, nurse, daughter, doctor):
        result = someone.process("sync").one
        assert result["refused"] == []
        assert result["missing"] == []

    listed = daughter.process("entries", circle).lines
    assert [(line["compartment"], line["text"]) for line in listed] == [("life", life_note)]
    assert daughter.process("entries", circle, "--search", canaries[0]).lines == []
    assert len(doctor.process("entries", circle, "--compartment", "care").lines) == CANARIES

    relay = tmp_path / "hub"
    assert found_in(contents(relay), canaries) == set(), "in the relay's files"
    assert found_in(contents(hub.log), canaries) == set(), "in the relay's log"
    assert found_in(contents(daughter.home), canaries) == set(), "in the daughter's home"
    assert found_in(contents(doctor.home), canaries) == set(), "in the clear on the doctor's disk"

    hers, his = daughter.dump(tmp_path / "daughter.dump"), doctor.dump(tmp_path / "doctor.dump")
    assert _canaries_in_vault(hers, [lively]) == {lively}, "the scan reads what is in a dump"
    assert _canaries_in_vault(hers, canaries) == set(), "in the daughter's vault"
    assert _canaries_in_vault(his, canaries) == set(canaries), "the scan finds what is there"

    database = relay / "relay.sqlite"
    care = {envelope.identifier for envelope in envelopes(database, "care")}
    assert _care_opened_with(hers, database) == set(), "a key of the daughter's opens the medical record"
    assert _care_opened_with(his, database) == care, "the oracle opens what can be opened"
    life = envelopes(database, "life")
    assert opened_by(windows(values(hers), KEY_BYTES), life) == {envelope.identifier for envelope in life}


def test_a_build_that_gives_relatives_the_medical_key_is_caught(
    hub: Service, person: Callable[..., Person], tmp_path: Path
) -> None:
    nurse, _, daughter, circle = _three(hub, person, "tests.e2e.broken_build")
    canary = new_canary()
    nurse.write(circle, "care", f"Constantes {canary} stables")
    assert nurse.process("sync", module="tests.e2e.broken_build").code == 0
    daughter.sync()
    hers = daughter.dump(tmp_path / "daughter.dump")
    database = tmp_path / "hub" / "relay.sqlite"
    assert _canaries_in_vault(hers, [canary]) == {canary}
    assert _care_opened_with(hers, database) == {e.identifier for e in envelopes(database, "care")}
