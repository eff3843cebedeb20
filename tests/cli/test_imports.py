"""Lists of people from a spreadsheet, as a script brings them in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.sync.house import URL

RESIDENTS = (
    "Nom;Prénom;Date de naissance;Sexe;Chambre\r\n"
    "Moreau;Jeanne;12/04/1938;F;12\r\n"
    "Faure;Lucien;02/11/1931;M;14\r\n"
)


@pytest.fixture
def claire(carelink: Command) -> None:
    carelink("account", "create", "--name", "Claire Martin", "--profession", "nurse", "--json")


@pytest.fixture
def residents(tmp_path: Path) -> str:
    path = tmp_path / "residents.csv"
    path.write_bytes(RESIDENTS.encode("cp1252"))
    return str(path)


@pytest.mark.usefixtures("claire")
class TestResidents:
    def test_checked_then_made_then_made_again_without_harm(self, carelink: Command, residents: str) -> None:
        command = ("import", "residents", residents, "--hub", URL, "--json")
        checked = carelink(*command, "--check")
        assert checked.code == 0
        assert checked.only == {"imported": 0, "new": 2, "known": 0, "errors": [], "ignored": ["Chambre"]}
        assert "Chambre" in checked.err
        assert carelink("circle", "list", "--json").objects == []
        made = carelink(*command).only
        assert (made["imported"], made["skipped"]) == (2, [])
        listed = carelink("circle", "list", "--json").objects
        assert [(one["patient"], one["state"]) for one in listed] == [
            ("Jeanne Moreau", "proposed"),
            ("Lucien Faure", "proposed"),
        ]
        again = carelink(*command).only
        assert (again["imported"], again["circles"]) == (0, [])
        assert [(one["line"], one["what"], one["why"]) for one in again["skipped"]] == [
            (2, "Jeanne Moreau", "known"),
            (3, "Lucien Faure", "known"),
        ]
        assert carelink("sync", "--json").code == 0
        assert {one["state"] for one in carelink("circle", "list", "--json").objects} == {"member"}

    @pytest.mark.parametrize("option", [(), ("--check",)])
    def test_errors_come_by_line_and_nothing_is_made(
        self, carelink: Command, option: tuple[str, ...]
    ) -> None:
        data = (RESIDENTS + ";Odette;31/02/1929;F;\r\n").encode()
        said = carelink("import", "residents", "-", "--hub", URL, "--json", *option, stdin=data)
        assert said.code == 1
        assert [(one["line"], one["what"]) for one in said.only["errors"]] == [(4, "Odette"), (4, "Odette")]
        assert [line[:7] for line in said.err.splitlines()[1:]] == ["Ligne 4", "Ligne 4", "Rien n’"]
        assert carelink("circle", "list", "--json").objects == []

    def test_a_file_that_is_none_is_one_sentence(self, carelink: Command, tmp_path: Path) -> None:
        for said in (
            carelink("import", "residents", str(tmp_path / "none.csv"), "--json"),
            carelink("import", "residents", "-", "--json", stdin=bytes(range(256))),
            carelink("import", "residents", "-", "--json", stdin=b"x;" * 1_000_000),
        ):
            assert (said.code, said.out) == (1, "")
            assert len(said.err.strip().splitlines()) == 1


@pytest.mark.usefixtures("claire", "qapp")
class TestLetters:
    def test_invitations_without_answer_are_printed_and_over_nothing(
        self, carelink: Command, residents: str, tmp_path: Path
    ) -> None:
        circle = carelink("import", "residents", residents, "--hub", URL, "--json").only["circles"][0]
        carelink("sync", "--json")
        for name in ("Paul Petit", "Sofia Benali"):
            carelink("invite", circle, "--role", "nurse", "--name", name, "--json")
        out = tmp_path / "lettres.pdf"
        said = carelink("letters", circle, "--out", str(out), "--establishment", "Les Tilleuls", "--json")
        assert said.only == {"letters": 2, "names": ["Paul Petit", "Sofia Benali"], "out": str(out)}
        assert "effacez ce fichier" in said.err
        assert out.read_bytes().startswith(b"%PDF")
        again = carelink("letters", circle, "--out", str(out), "--json")
        assert (again.code, again.out) == (1, "")
        assert "existe déjà" in again.err


@pytest.mark.usefixtures("claire", "qapp")
class TestStaff:
    LIST = "Nom;Prénom;Profession;Responsable\r\nBesson;Nathalie;infirmière;oui\r\nBenali;Sofia;AS;\r\n"

    @pytest.fixture
    def team(self, carelink: Command) -> str:
        made = carelink(
            "team", "create", "Soins de jour", "--establishment", "Les Tilleuls", "--hub", URL, "--json"
        )
        for _ in range(2):
            carelink("sync", "--json")
        identifier: str = made.only["team"]
        return identifier

    def test_each_is_invited_once_with_a_letter(self, carelink: Command, team: str, tmp_path: Path) -> None:
        command = ("import", "staff", "-", "--team", "soins de jour", "--json")
        out = tmp_path / "lettres.pdf"
        checked = carelink(*command, "--check", stdin=self.LIST.encode())
        assert (checked.code, checked.only["new"]) == (0, 2)
        made = carelink(*command, "--letters", str(out), stdin=self.LIST.encode()).only
        assert [one["name"] for one in made["invitations"]] == ["Nathalie Besson", "Sofia Benali"]
        assert out.read_bytes().startswith(b"%PDF")
        there = carelink(*command, "--letters", str(out), stdin=self.LIST.encode())
        assert there.code == 1
        assert "personne n’a été invité" in there.err
        again = carelink(*command, stdin=self.LIST.encode()).only
        assert (again["imported"], len(again["skipped"])) == (0, 2)

    def test_errors_come_by_line_and_nobody_is_invited(self, carelink: Command, team: str) -> None:
        data = (self.LIST + ";Paul;médecin;\r\n").encode()
        said = carelink("import", "staff", "-", "--team", team, "--json", stdin=data)
        assert said.code == 1
        assert said.only["errors"] == [{"line": 4, "what": "Paul", "why": "Il manque le nom."}]
        assert carelink("import", "staff", "-", "--team", "nulle", "--json", stdin=data).code == 1

    def test_residents_are_given_to_a_team_once(self, carelink: Command, team: str, residents: str) -> None:
        command = ("import", "residents", residents, "--team", "soins de jour", "--json")
        assert carelink(*command, "--role", "relative").code == 1
        assert carelink("circle", "list", "--json").objects == []
        made = carelink(*command, "--role", "nurse").only
        assert made["team_joined"] == made["circles"]
        again = carelink(*command, "--role", "nurse").only
        assert (again["imported"], again["team_joined"]) == (0, [])
        members = carelink("circle", "show", made["circles"][0], "--json").only["members"]
        assert any(member["id"] == team for member in members)
