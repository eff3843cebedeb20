"""`carelink trace`, and what the reading commands leave in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command


@pytest.fixture
def circle(carelink: Command) -> str:
    carelink("account", "create", "--name", "Claire Martin", "--profession", "nurse")
    made = carelink(
        "circle",
        "create",
        "--given",
        "Jeanne",
        "--birth-name",
        "Moreau",
        "--birth",
        "1938-04-12",
        "--hub",
        "https://relais.exemple.fr",
        "--json",
    )
    return str(made.only["circle"])


def acts(carelink: Command, circle: str, *more: str) -> set[tuple[str, str]]:
    return {(t["action"], t["compartment"]) for t in carelink("trace", circle, *more, "--json").objects}


def test_reading_commands_leave_the_trace_that_screens_leave(
    carelink: Command, circle: str, tmp_path: Path
) -> None:
    entry = carelink("write", circle, "--compartment", "care", "--text", "Pansement refait", "--json").only[
        "entry"
    ]
    carelink("write", circle, "--compartment", "life", "--text", "Promenade")
    assert acts(carelink, circle) == set()
    assert acts(carelink, circle) == {("opened", "trace")}
    carelink("history", entry)
    assert acts(carelink, circle) == {("opened", "trace"), ("opened", "care")}
    carelink("entries", circle, "--compartment", "life", "--search", "promenade")
    carelink("vault", "dump", "--out", str(tmp_path / "dump.db"))
    assert acts(carelink, circle) == {
        ("opened", "trace"),
        ("opened", "care"),
        ("searched", "life"),
        ("exported", "life"),
        ("exported", "coordination"),
        ("exported", "care"),
        ("exported", "trace"),
    }


def test_a_searched_word_is_nowhere_in_what_is_told(carelink: Command, circle: str, tmp_path: Path) -> None:
    carelink("entries", circle, "--search", "morphine")
    assert carelink("trace", circle, "--json").objects
    carelink("trace", circle, "--export", str(tmp_path / "trace.csv"))
    assert "morphine" not in carelink("trace", circle).out
    assert "morphine" not in (tmp_path / "trace.csv").read_text()


def test_it_is_told_in_sentences_and_filtered(carelink: Command, circle: str) -> None:
    carelink("entries", circle)
    said = carelink("trace", circle, "--compartment", "care", "--who", "claire", "--since", "2000-01-01")
    assert said.code == 0
    assert said.out.startswith(
        "Claire Martin (vous), infirmier ou infirmière, a ouvert le dossier médical, aujourd’hui à "
    )
    assert len(said.out.splitlines()) == 1
    assert len(carelink("trace", circle, "--limit", "2", "--json").objects) == 2
    none = carelink("trace", circle, "--action", "searched")
    assert (none.code, none.out) == (0, "")
    assert "Aucune consultation" in none.err
    unknown = carelink("trace", circle, "--who", "Zoé")
    assert unknown.code == 1
    assert "Claire Martin" in unknown.err
    assert carelink("trace", circle, "--compartment", "other").code == 2


def test_it_is_exported_and_never_over_another_file(carelink: Command, circle: str, tmp_path: Path) -> None:
    carelink("entries", circle)
    out = tmp_path / "trace.csv"
    said = carelink("trace", circle, "--compartment", "care", "--export", str(out), "--json").only
    assert said == {"out": str(out), "count": 1}
    assert out.read_text(encoding="utf-8-sig").splitlines()[1].endswith('"ouverture";"Dossier médical"')
    assert carelink("trace", circle, "--export", str(out)).code == 1


def test_status_tells_of_first_openings_until_they_are_seen(
    carelink: Command, circle: str, tmp_path: Path
) -> None:
    homes = {name: ("--home", str(tmp_path / name)) for name in ("jeanne", "paul")}
    for name, role in (("jeanne", "patient"), ("paul", "physician")):
        carelink("account", "create", "--name", name.title(), *homes[name])
        link = carelink("invite", circle, "--role", role, "--in-person", "--agreed", "oral", "--json").only[
            "link"
        ]
        carelink("join", link, *homes[name])
        for home in ((), homes[name], homes[name]):
            carelink("sync", *home)
    assert carelink("status", "--json", *homes["jeanne"]).only["first_openings"] == []
    carelink("entries", circle, *homes["paul"])
    carelink("sync", *homes["paul"])
    carelink("sync", *homes["jeanne"])
    (opening,) = carelink("status", "--json", *homes["jeanne"]).only["first_openings"]
    assert (opening["circle"], opening["name"]) == (circle, "Paul")
    assert (
        "Paul, médecin traitant, a ouvert votre dossier médical" in carelink("status", *homes["jeanne"]).out
    )
    assert carelink("status", "--json").only["first_openings"] == []
    carelink("trace", circle[:8], "--seen", *homes["jeanne"])
    assert carelink("status", "--json", *homes["jeanne"]).only["first_openings"] == []
