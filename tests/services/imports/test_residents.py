"""A list of residents makes one circle each: errors by line, all or nothing, twice without harm."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carelink.errors import KnownError
from carelink.services.circles import Circles, checked_patient
from carelink.services.imports.lines import LinesError, Step
from carelink.services.imports.residents import ResidentImport, ResidentPlan
from carelink.services.session import Session
from tests.sync.house import URL, House, sync

HEADINGS = "Nom;Prénom;Date de naissance;Sexe"
INS = "2 38 04 15 014 001 89"


@pytest.fixture
def claire(house: House) -> Session:
    return house.account("Claire", "nurse")


def table(*lines: str, headings: str = HEADINGS) -> bytes:
    return "\r\n".join((headings, *lines, ";;;", "")).encode("cp1252")


def plan_of(session: Session, data: bytes) -> ResidentPlan:
    return ResidentImport(session).check(data)


def steps(plan: ResidentPlan) -> list[tuple[int, str]]:
    return [(line.number, line.step.value) for line in plan.lines]


def names(session: Session) -> list[str]:
    return [summary.name for summary in Circles(session).summaries()]


def problems(plan: ResidentPlan) -> dict[int, tuple[str, ...]]:
    return {line.number: line.errors for line in plan.lines if line.errors}


def warnings(plan: ResidentPlan) -> dict[int, tuple[str, ...]]:
    return {line.number: line.warnings for line in plan.lines if line.warnings}


def test_each_resident_has_a_circle_made_offline_and_proposed_at_the_next_exchange(
    house: House, claire: Session
) -> None:
    house.hub.offline = True
    data = table("Moreau;Jeanne;12/04/1938;F", "Faure;Lucien;1931-11-02;H", "Pons;Odette;3.1.1929;Féminin")
    done = ResidentImport(claire).carry_out(data, URL)
    assert [(one.line, one.name, one.new) for one in done] == [
        (2, "Jeanne Moreau", True),
        (3, "Lucien Faure", True),
        (4, "Odette Pons", True),
    ]
    assert {summary.state for summary in Circles(claire).summaries()} == {"proposed"}
    house.hub.offline = False
    sync(claire)
    views = [Circles(claire).show(one.circle) for one in done]
    assert {view.state for view in views} == {"member"}
    identities = [view.patient for view in views if view.patient]
    assert [(one.birth, one.sex) for one in identities] == [
        ("1938-04-12", "F"),
        ("1931-11-02", "M"),
        ("1929-01-03", "F"),
    ]
    (me,) = views[0].members
    assert (me.role, me.functions) == ("nurse", ("coordinator",))


def test_twice_makes_nothing_more(claire: Session) -> None:
    data = table("Moreau;Jeanne;12/04/1938;F", "Faure;Lucien;02/11/1931;M")
    first = ResidentImport(claire).carry_out(data, URL)
    assert steps(plan_of(claire, data)) == [(2, "known"), (3, "known")]
    again = ResidentImport(claire).carry_out(data)
    assert [(one.circle, one.new) for one in again] == [(one.circle, False) for one in first]
    more = ResidentImport(claire).carry_out(data + b"Pons;Odette;03/01/1929;F\r\n")
    assert [one.new for one in more] == [False, False, True]
    assert names(claire) == ["Jeanne Moreau", "Lucien Faure", "Odette Pons"]


def test_someone_whose_circle_was_made_by_hand_is_there_already(claire: Session) -> None:
    Circles(claire).create(checked_patient("Hélène", "Le Goff", "1938-04-12", sex=""), URL)
    plan = plan_of(claire, table("LE GOFF;Helene;12/04/1938;F"))
    assert steps(plan) == [(2, "known")]


def test_errors_are_listed_by_line_and_nothing_is_made(claire: Session) -> None:
    data = table(
        "Moreau;Jeanne;12/04/1938;F",
        ";Lucien;02/11/1931;M",
        "Pons;;31/02/1929;F",
        "Roux;Marcel;12/04/38;X",
        '"Petit";Paul;;M;en trop',
        "Faure;Anne;12/04/2999;F",
        f"{'M' * 121};Anne;12/04/1938;F",
    )
    plan = plan_of(claire, data)
    said = problems(plan)
    assert list(said) == [3, 4, 5, 6, 7, 8]
    assert said[3] == ("Il manque le nom de naissance.",)
    assert said[4][0] == "Il manque le prénom."
    assert "31/02/1929" in said[4][1]
    assert "12/04/38" in said[5][0]
    assert "«\u00a0X\u00a0»" in said[5][1]
    assert len(said[6]) == 2
    assert "2999" in said[7][0]
    with pytest.raises(LinesError) as refused:
        ResidentImport(claire).carry_out(data, URL)
    assert "Ligne 3\u00a0: Il manque le nom de naissance." in str(refused.value).splitlines()
    assert str(refused.value).splitlines()[-1].startswith("Rien n’a été importé")
    assert names(claire) == []


@pytest.mark.parametrize(
    ("headings", "missing"),
    [
        ("Moreau;Jeanne;12/04/1938;F", "nom de naissance, prénoms, date de naissance"),
        ("Nom;Prénom", "date de naissance"),
        ("Nom de naissance;Nom de famille;Prénom;Né le", "Deux colonnes"),
    ],
)
def test_a_list_without_its_headings_says_which(claire: Session, headings: str, missing: str) -> None:
    with pytest.raises(KnownError, match=missing):
        plan_of(claire, table("Moreau;Jeanne;12/04/1938;F", headings=headings))


def test_a_name_in_use_is_told_from_the_name_at_birth_and_other_columns_are_left_alone(
    claire: Session,
) -> None:
    headings = "CHAMBRE;Nom;NOM DE NAISSANCE;Prénom(s);Né(e) le;GIR"
    data = table("12;Petit;Moreau;Jeanne, Marie;12/04/1938 00:00:00;3", headings=headings)
    plan = plan_of(claire, data)
    assert plan.ignored == ("CHAMBRE", "GIR")
    ResidentImport(claire).carry_out(data, URL)
    (summary,) = Circles(claire).summaries()
    assert summary.patient is not None
    assert (summary.patient.birth_name, summary.patient.used_name) == ("Moreau", "Petit")
    assert summary.patient.given == "Jeanne, Marie"


def test_a_list_without_a_relay_known_makes_nothing(claire: Session) -> None:
    with pytest.raises(KnownError, match="--hub"):
        ResidentImport(claire).carry_out(table("Moreau;Jeanne;12/04/1938;F"))
    with pytest.raises(KnownError, match="rôle"):
        ResidentImport(claire).carry_out(table("Moreau;Jeanne;12/04/1938;F"), URL, "healer")
    assert names(claire) == []


class TestMatricule:
    HEADINGS = HEADINGS + ";Matricule INS;OID"

    def test_it_knows_someone_again_under_another_name(self, claire: Session) -> None:
        ResidentImport(claire).carry_out(
            table(f"Moreau;Jeanne;12/04/1938;F;{INS}", headings=self.HEADINGS), URL
        )
        plan = plan_of(claire, table(f"Moreau-Petit;Jane;12/04/1938;F;{INS}", headings=self.HEADINGS))
        assert steps(plan) == [(2, "known")]
        assert "Jeanne Moreau" in warnings(plan)[2][0]

    def test_it_tells_two_people_of_one_name_and_birthday_apart(self, claire: Session) -> None:
        other = "2 38 04 15 014 002 88"
        data = table(
            f"Moreau;Jeanne;12/04/1938;F;{INS}", f"Moreau;Jeanne;12/04/1938;F;{other}", headings=self.HEADINGS
        )
        plan = plan_of(claire, data)
        assert steps(plan) == [(2, "new"), (3, "new")]
        assert "Jeanne Moreau (ligne 2)" in warnings(plan)[3][0]
        ResidentImport(claire).carry_out(data, URL)
        assert steps(plan_of(claire, data)) == [(2, "known"), (3, "known")]

    def test_the_same_for_two_people_is_an_error(self, claire: Session) -> None:
        data = table(
            f"Moreau;Jeanne;12/04/1938;F;{INS}", f"Pons;Odette;12/04/1938;F;{INS}", headings=self.HEADINGS
        )
        assert "ligne 2" in problems(plan_of(claire, data))[3][0]

    def test_one_that_is_not_real_is_warned_about_never_refused_and_never_used(self, claire: Session) -> None:
        data = table(
            "Moreau;Jeanne;12/04/1938;F;2 38 04 15 014 001 88;",
            f"Pons;Odette;03/01/1929;F;{INS};1.2.250.1.213.1.4.10",
            f"Roux;Anne;03/01/1930;F;{INS};1.2.250.1.213.1.4.11",
            headings=self.HEADINGS,
        )
        plan = plan_of(claire, data)
        assert steps(plan) == [(2, "new"), (3, "new"), (4, "new")]
        assert all("non qualifiée" in said[0] for said in warnings(plan).values())
        assert [resident.ins for resident in plan.residents] == ["", "", ""]

    def test_it_never_leaves_the_vault_of_whoever_imported_it(self, house: House, claire: Session) -> None:
        anne = house.account("Anne", "nurse")
        data = table(f"Moreau;Jeanne;12/04/1938;F;{INS}", headings=self.HEADINGS)
        (made,) = ResidentImport(claire).carry_out(data, URL)
        sync(claire)
        house.let_in(claire, made.circle, anne, "nurse")
        with claire.read() as stores:
            assert list(stores.ins_numbers().values()) == [INS.replace(" ", "")]
        with anne.read() as stores:
            assert stores.ins_numbers() == {}


class TestAlike:
    def test_the_same_person_on_two_lines_has_one_circle(self, claire: Session) -> None:
        data = table("Moreau;Jeanne;12/04/1938;F", "MOREAU;Jeanne;12/04/1938;")
        plan = plan_of(claire, data)
        assert steps(plan) == [(2, "new"), (3, "known")]
        assert warnings(plan)[3] == ("La même personne est déjà à la ligne 2.",)
        ResidentImport(claire).carry_out(data, URL)
        assert names(claire) == ["Jeanne Moreau"]

    @pytest.mark.parametrize(
        "line",
        [
            "Moreau;Jeannette;12/04/1938;F",
            "Morau;Jeanne;12/04/1938;F",
            "Moreau;Jeanne;12/04/1939;F",
            "Moreau;Jeanne;12/04/1938;M",
        ],
    )
    def test_nearly_the_same_identity_is_warned_about(self, claire: Session, line: str) -> None:
        plan = plan_of(claire, table("Moreau;Jeanne;12/04/1938;F", line))
        assert steps(plan) == [(2, "new"), (3, "new")]
        assert "Presque la même identité" in warnings(plan)[3][0]

    def test_two_people_who_share_a_name_alone_are_not(self, claire: Session) -> None:
        plan = plan_of(claire, table("Moreau;Jeanne;12/04/1938;F", "Moreau;Lucien;02/11/1931;M"))
        assert warnings(plan) == {}


def test_the_model_is_a_list_that_only_lacks_people(claire: Session, tmp_path: Path) -> None:
    out = tmp_path / "liste.csv"
    ResidentImport(claire).save_model(out)
    plan = plan_of(claire, out.read_bytes() + b"Moreau;Jeanne;12/04/1938;Petit;F;\r\n")
    assert (plan.ignored, steps(plan)) == ((), [(2, "new")])


@given(st.lists(st.lists(st.text(max_size=30), min_size=6, max_size=6), max_size=4))
def test_no_line_whatever_breaks_the_reading(lines: Sequence[Sequence[str]]) -> None:
    assert EMPTY is not None
    data = "\n".join(
        (
            "Nom;Prénom;Date de naissance;Sexe;INS;OID",
            *(";".join(text.replace(";", " ").replace('"', " ") for text in line) for line in lines),
        )
    ).encode("utf-8", "replace")
    try:
        plan = ResidentImport(EMPTY).check(data)
    except KnownError:
        return
    assert all((line.step is Step.WRONG) is bool(line.errors) for line in plan.lines)
    assert len(plan.residents) + len(plan.wrong) == len(plan.lines)


EMPTY: Session | None = None


@pytest.fixture(scope="module", autouse=True)
def _empty(tmp_path_factory: pytest.TempPathFactory, empty_vault: Path) -> None:
    global EMPTY  # noqa: PLW0603  (hypothesis asks for no fixture that is made for each test)
    house = House(tmp_path_factory.mktemp("empty"), empty_vault)
    EMPTY = house.account("Claire", "nurse")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize(("at", "made"), [("one", 0), ("last", 0), ("kept", 12)])
def test_a_power_cut_in_the_middle_leaves_none_or_all(
    house: House, claire: Session, at: str, made: int
) -> None:
    data = table(*(f"Moreau;Jeanne {chr(65 + n)};12/04/1938;F" for n in range(12)))
    path = house.folder / f"{claire.account.hex()}.db"
    done = subprocess.run(
        [sys.executable, "-m", "tests.services.imports.dying", at, path], input=data, check=False
    )
    assert done.returncode == -9
    assert len(names(claire)) == made
    ResidentImport(claire).carry_out(data, URL)
    assert len(names(claire)) == 12
