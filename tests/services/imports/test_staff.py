"""A list of staff invites each into the team once: errors by line, all or nobody, twice without harm."""

from __future__ import annotations

import pytest

from carelink.errors import KnownError
from carelink.services.errors import NotAllowedError
from carelink.services.imports.lines import LinesError
from carelink.services.imports.staff import StaffImport, StaffPlan
from carelink.services.invitations import Invitations
from carelink.services.joining import Joinings
from carelink.services.letters import Letters, LetterWishes
from carelink.services.session import Session
from carelink.services.teams import Teams
from tests.sync.house import DAY, URL, House, sync

HEADINGS = "Nom;Prénom;Profession;RPPS;Responsable"
LIST = (
    "Besson;Nathalie;infirmière;99700218896;oui",
    "Benali;Sofia;aide-soignante;;",
    "Haddad;Karim;animateur;;non",
)


@pytest.fixture
def claire(house: House) -> Session:
    return house.account("Claire Martin", "nurse")


@pytest.fixture
def team(claire: Session) -> str:
    made = Teams(claire).create("Soins de jour", "EHPAD Les Tilleuls", URL)
    sync(claire)
    sync(claire)
    return made


def table(*lines: str, headings: str = HEADINGS) -> bytes:
    return "\r\n".join((headings, *lines, "")).encode("cp1252")


def steps(plan: StaffPlan) -> list[tuple[int, str]]:
    return [(line.number, line.step.value) for line in plan.lines]


def problems(plan: StaffPlan) -> dict[int, tuple[str, ...]]:
    return {line.number: line.errors for line in plan.lines if line.errors}


def warnings(plan: StaffPlan) -> dict[int, tuple[str, ...]]:
    return {line.number: line.warnings for line in plan.lines if line.warnings}


def open_names(session: Session, team: str) -> list[str]:
    return sorted(view.name for view in Invitations(session).pending(team))


def test_each_is_invited_once_and_comes_in_with_what_the_list_says(
    house: House, claire: Session, team: str
) -> None:
    staff = StaffImport(claire)
    made = staff.carry_out(team, table(*LIST), in_person=True)
    assert [one.name for one in made] == ["Nathalie Besson", "Sofia Benali", "Karim Haddad"]
    nathalie = house.account("Nathalie Besson", "nurse")
    Joinings(nathalie).join(made[0].invitation.link)
    for session in (claire, nathalie, claire):
        sync(session)
    people = {person.name: person.functions for person in Teams(claire).show(team).people}
    assert people == {"Claire Martin": ("coordinator",), "Nathalie Besson": ("coordinator",)}
    assert steps(staff.check(team, table(*LIST))) == [(2, "known"), (3, "known"), (4, "known")]
    assert staff.carry_out(team, table(*LIST)) == ()
    more = staff.carry_out(team, table(*LIST, "Roche;Hélène;pharmacienne;;"))
    assert [one.name for one in more] == ["Hélène Roche"]


def test_an_invitation_that_is_over_is_made_again(house: House, claire: Session, team: str) -> None:
    StaffImport(claire).carry_out(team, table(*LIST))
    house.clock.now += 32 * DAY
    assert len(StaffImport(claire).carry_out(team, table(*LIST))) == 3


def test_errors_are_listed_by_line_and_nobody_is_invited(claire: Session, team: str) -> None:
    data = table(*LIST, ";Paul;médecin;;", "Petit;Paul;médecin;123;", f"{'x' * 121};Paul;;;")
    said = problems(StaffImport(claire).check(team, data))
    assert said[5] == ("Il manque le nom.",)
    assert "onze chiffres" in said[6][0]
    assert "trop long" in said[7][0]
    with pytest.raises(LinesError, match="Ligne 5"):
        StaffImport(claire).carry_out(team, data)
    assert open_names(claire, team) == []


def test_a_relay_that_stops_in_the_middle_leaves_nobody_invited(
    house: House, claire: Session, team: str
) -> None:
    def stop(done: int) -> None:
        house.hub.offline = done == 2

    with pytest.raises(KnownError, match="relais"):
        StaffImport(claire).carry_out(team, table(*LIST), progress=stop)
    assert open_names(claire, team) == []
    house.hub.offline = False
    assert len(StaffImport(claire).carry_out(team, table(*LIST))) == 3


class TestDoubts:
    def test_the_same_on_two_lines_is_invited_once(self, claire: Session, team: str) -> None:
        plan = StaffImport(claire).check(team, table(LIST[1], "BENALI;Sofia;AS;;"))
        assert steps(plan) == [(2, "new"), (3, "known")]
        assert "ligne 2" in warnings(plan)[3][0]

    def test_two_of_one_name_with_two_numbers_are_two_people(self, claire: Session, team: str) -> None:
        data = table("Martin;Marie;;99700218896;", "Martin;Marie;;10003348256;")
        plan = StaffImport(claire).check(team, data)
        assert steps(plan) == [(2, "new"), (3, "new")]
        assert "autre RPPS" in warnings(plan)[3][0]
        StaffImport(claire).carry_out(team, data)
        assert steps(StaffImport(claire).check(team, data)) == [(2, "known"), (3, "known")]

    def test_a_number_with_a_wrong_key_and_an_odd_function_are_warned_about(
        self, claire: Session, team: str
    ) -> None:
        plan = StaffImport(claire).check(team, table("Martin;Marie;;99700218897;IDEC"))
        assert steps(plan) == [(2, "new")]
        assert ["clé" in warnings(plan)[2][0], "IDEC" in warnings(plan)[2][1]] == [True, True]
        assert not plan.invited[0].runs

    def test_a_column_named_fonction_is_the_profession_where_there_is_no_other(
        self, claire: Session, team: str
    ) -> None:
        plan = StaffImport(claire).check(
            team, table("Martin;Marie;responsable infirmière", headings="Nom;Prénom;Fonction")
        )
        assert (plan.invited[0].profession, plan.invited[0].runs) == ("responsable infirmière", False)


def test_letters_name_the_team_and_its_establishment(claire: Session, team: str) -> None:
    StaffImport(claire).carry_out(team, table(LIST[0]))
    (page,) = Letters(claire).pages(team, LetterWishes())
    assert page.receiver == "Nathalie Besson"
    assert page.sender == ("Claire Martin", "EHPAD Les Tilleuls")
    assert "Soins de jour" in page.opening[0]
    assert "Trois mots" in " ".join(page.steps)


def test_only_who_runs_the_team_brings_people_in(house: House, claire: Session, team: str) -> None:
    sofia = house.account("Sofia Benali", "care_assistant")
    (made,) = StaffImport(claire).carry_out(team, table(LIST[1]), in_person=True)
    Joinings(sofia).join(made.invitation.link)
    for session in (claire, sofia, claire, sofia):
        sync(session)
    with pytest.raises(NotAllowedError):
        StaffImport(sofia).carry_out(team, table(LIST[0]))
