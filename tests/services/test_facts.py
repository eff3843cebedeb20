"""Facts about people: who writes them down, who knows them, and that they bring no right by themselves."""

from __future__ import annotations

import pytest

from carelink.access.compartments import Stream
from carelink.errors import KnownError
from carelink.records.bodies import ChangeAction
from carelink.records.facts import FactType
from carelink.services import facts as facts_module
from carelink.services.decisions import Decisions
from carelink.services.errors import NotAllowedError
from carelink.services.facts import FactRequest, Facts, FactView
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.joining import Joinings
from carelink.services.membership import Change, Membership
from carelink.services.session import Session
from tests.sync.fixtures import Grown
from tests.sync.house import DAY, House, sync

TRUSTED = FactRequest("trusted_person", person="CANARY Hélène", where="06 00 00 00 00", document="formulaire")
CURATORSHIP = FactRequest("curatorship", person="CANARY association tutélaire", document="jugement")


def begun(house: House) -> str:
    claire, anne = house.account("Claire", "nurse"), house.account("Anne")
    paul = house.account("Paul", "care_assistant")
    circle = house.circle(claire)
    house.let_in(claire, circle, anne, "relative")
    house.let_in(claire, circle, paul, "care_assistant")
    return circle


@pytest.fixture
def circle(house: House, grown: Grown) -> str:
    return grown(house, begun)


@pytest.fixture
def claire(house: House, circle: str) -> Session:
    return house.named("Claire")


@pytest.fixture
def anne(house: House, circle: str) -> Session:
    return house.named("Anne")


@pytest.fixture
def paul(house: House, circle: str) -> Session:
    return house.named("Paul")


def known(session: Session, circle: str) -> list[FactView]:
    return Facts(session).known(circle)


def whole_vault(session: Session) -> bytes:
    """Return all that every table of a vault holds."""
    with session.read() as stores:
        names = stores.connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = [name for (name,) in names]
        rows = [
            row for table in tables for row in stores.connection.exec_driver_sql(f'SELECT * FROM "{table}"')
        ]
    return b"\n".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row)


def test_a_fact_has_its_dates_the_document_and_who_saw_it(house: House, claire: Session, circle: str) -> None:
    Facts(claire).record(
        circle,
        FactRequest(
            "guardianship_person",
            person="Luc Moreau",
            begins="2025-01-10",
            ends="2999-01-10",
            document="jugement",
            seen="2025-02-01",
        ),
    )
    (fact,) = known(claire, circle)
    assert (fact.person, fact.begins, fact.ends) == ("Luc Moreau", "2025-01-10", "2999-01-10")
    assert (fact.document, fact.seen, fact.seen_by) == ("jugement", "2025-02-01", "Claire")
    assert fact.represents
    assert fact.stands


def test_carers_know_who_to_ask_and_not_what_a_judge_wrote(
    claire: Session, paul: Session, circle: str
) -> None:
    Facts(claire).record(circle, TRUSTED)
    Facts(claire).record(circle, CURATORSHIP)
    sync(claire)
    sync(paul)
    (fact,) = known(paul, circle)
    assert (fact.fact, fact.person, fact.where) == ("trusted_person", TRUSTED.person, TRUSTED.where)
    assert (fact.document, fact.seen, fact.seen_by, fact.full) == ("", "", "", False)
    assert b"association" not in whole_vault(paul)
    assert b"formulaire" not in whole_vault(paul)


@pytest.mark.parametrize("role", ["relative", "family_carer", "home_helper", "administration", "volunteer"])
def test_whoever_neither_runs_the_circle_nor_cares_holds_none_of_it(
    house: House, claire: Session, circle: str, role: str
) -> None:
    someone = house.account("Someone")
    house.let_in(claire, circle, someone, role)
    for fact in FactType:
        Facts(claire).record(circle, FactRequest(fact, person="CANARY", where="CANARY", document="CANARY"))
    sync(claire)
    sync(someone)
    assert known(someone, circle) == []
    assert b"CANARY" not in whole_vault(someone)
    assert b"CANARY" in whole_vault(claire)
    with pytest.raises(NotAllowedError):
        Facts(someone).record(circle, TRUSTED)


def test_a_daughter_who_coordinates_writes_it_down_and_the_nurse_tells_the_carers(house: House) -> None:
    anne, claire = house.account("Anne"), house.account("Claire", "nurse")
    paul = house.account("Paul", "care_assistant")
    circle = house.circle(anne)
    house.let_in(anne, circle, claire, "nurse", functions=("coordinator",))
    house.let_in(claire, circle, paul, "care_assistant")
    Facts(anne).record(circle, TRUSTED)
    assert known(anne, circle)[0].told is None or not known(anne, circle)[0].told
    for session in (anne, claire, paul):
        sync(session)
    sync(claire)
    sync(paul)
    assert [fact.person for fact in known(paul, circle)] == [TRUSTED.person]
    assert known(claire, circle)[0].told


def test_what_ends_ends_for_the_carers_too(claire: Session, paul: Session, circle: str) -> None:
    fact = Facts(claire).record(circle, TRUSTED)
    with pytest.raises(KnownError, match="pourquoi"):
        Facts(claire).end(circle, fact, " ")
    Facts(claire).end(circle, fact, "CANARY elle en a nommé une autre")
    sync(claire)
    sync(paul)
    (seen,) = known(paul, circle)
    assert (seen.over, seen.stands, seen.reason) == (True, False, "")
    (full,) = known(claire, circle)
    assert full.reason.startswith("CANARY")


def test_a_correction_that_is_no_longer_theirs_to_know_ends_for_the_carers(
    claire: Session, paul: Session, circle: str
) -> None:
    fact = Facts(claire).record(circle, FactRequest("family_authorisation", person="Anne", represents=True))
    Facts(claire).correct(circle, fact, FactRequest("family_authorisation", person="Anne"))
    sync(claire)
    sync(paul)
    (seen,) = known(paul, circle)
    assert not seen.stands


def test_what_two_wrote_at_the_same_time_stands_side_by_side_until_one_settles(
    house: House, claire: Session, circle: str
) -> None:
    luc = house.account("Luc", "physician")
    house.let_in(claire, circle, luc, "physician", functions=("coordinator",))
    fact = Facts(claire).record(circle, TRUSTED)
    sync(claire)
    sync(luc)
    for session, person in ((claire, "Odette"), (luc, "Simone")):
        Facts(session).correct(circle, fact, FactRequest("trusted_person", person=person))
    for session in (claire, luc, claire, luc):
        sync(session)
    ours, theirs = known(claire, circle), known(luc, circle)
    assert [(f.person, f.parallel) for f in ours] == [(f.person, f.parallel) for f in theirs]
    assert ours[0].parallel
    Facts(claire).correct(circle, fact, FactRequest("trusted_person", person="Odette"))
    sync(claire)
    sync(luc)
    assert [(f.person, f.parallel) for f in known(luc, circle)] == [("Odette", False)]


@pytest.mark.parametrize(
    "wanted",
    [
        FactRequest("royalty", person="Anne"),
        FactRequest("trusted_person"),
        FactRequest("curatorship", person="Anne", represents=True),
        FactRequest("directives", begins="hier"),
        FactRequest("directives", begins="2026-02-01", ends="2026-01-01"),
        FactRequest("directives", document="lettre", seen="2999-01-01"),
        FactRequest("trusted_person", person="x" * 301),
        FactRequest("trusted_person", member="ff" * 16),
    ],
)
def test_what_is_not_well_formed_is_refused(claire: Session, circle: str, wanted: FactRequest) -> None:
    with pytest.raises(KnownError):
        Facts(claire).record(circle, wanted)
    assert known(claire, circle) == []


def test_a_measure_counts_from_its_first_day_to_its_last(house: House, claire: Session, circle: str) -> None:
    Facts(claire).record(circle, FactRequest("directives", begins="2999-01-01"))
    Facts(claire).record(circle, FactRequest("directives", ends="2001-01-01"))
    Facts(claire).record(circle, FactRequest("directives"))
    assert [fact.stands for fact in known(claire, circle)] == [True, False, False]
    house.clock.now += 400 * DAY * 1000
    assert [fact.stands for fact in known(claire, circle)] == [True, True, False]


def test_a_fact_opens_nothing(claire: Session, anne: Session, circle: str) -> None:
    from carelink.services.cahier import Cahier

    before = Cahier(anne).readable(circle)
    Facts(claire).record(circle, FactRequest("guardianship_person", person="Anne", member=anne.account.hex()))
    sync(claire)
    sync(anne)
    assert Cahier(anne).readable(circle) == before


class TestTheEmergencyService:
    REFUSED = FactRequest("opposes_emergency_service", document="dit à l’oral")

    def test_whoever_coordinates_records_it_for_a_person_without_device(
        self, claire: Session, circle: str
    ) -> None:
        Facts(claire).record(circle, self.REFUSED)
        assert known(claire, circle)[0].stands

    def test_it_is_the_persons_own_once_they_are_there(
        self, house: House, claire: Session, circle: str
    ) -> None:
        jeanne = house.account("Jeanne")
        house.let_in(claire, circle, jeanne, "patient")
        with pytest.raises(NotAllowedError, match="personne"):
            Facts(claire).record(circle, self.REFUSED)
        Facts(jeanne).record(circle, self.REFUSED)
        sync(jeanne)
        sync(claire)
        sync(claire)
        assert [fact.told for fact in known(claire, circle)] == [True]

    def test_receivers_refuse_it_from_anyone_else(
        self, house: House, claire: Session, circle: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        jeanne = house.account("Jeanne")
        house.let_in(claire, circle, jeanne, "patient")
        with monkeypatch.context() as altered:
            altered.setattr(facts_module, "_require_own_choice", lambda *_: None)
            Facts(claire).record(circle, self.REFUSED)
        sync(claire)
        refused = sync(jeanne).refused
        assert ("decisions", "no_right") in {(item.stream, item.why) for item in refused}
        assert not [fact for fact in known(jeanne, circle) if fact.full]


@pytest.mark.parametrize("stream", [Stream.LIFE, Stream.COORDINATION, Stream.CARE])
def test_receivers_refuse_a_fact_where_facts_do_not_stand(
    house: House,
    claire: Session,
    paul: Session,
    circle: str,
    stream: Stream,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A carer who does not run the circle, with an altered application."""
    with paul.write() as stores:
        identifier = bytes.fromhex(circle)
        context = paul.context(stores, identifier)
        body = facts_module._body(paul, context, TRUSTED)
        facts_module._publish(paul, stores, identifier, stream, bytes(16), (), body)
    sync(paul)
    assert [(item.stream, item.why) for item in sync(claire).refused] == [(stream, "no_right")]
    assert known(claire, circle) == []


class TestConsent:
    def test_a_professional_is_of_the_care_team_or_there_by_consent(
        self, house: House, claire: Session, circle: str
    ) -> None:
        luc, marc = house.account("Luc"), house.account("Marc")
        for newcomer, agreed in ((luc, ""), (marc, "written")):
            request = InvitationRequest("therapist", in_person=True, agreed=agreed)
            Joinings(newcomer).join(Invitations(claire).invite(circle, request).link)
            sync(claire)
        said = [decision.sentence for decision in Decisions(claire).read(circle)[:2]]
        assert "Marc" in said[0]
        assert "accord donné par écrit" in said[0]
        assert "Luc" in said[1]
        assert "équipe de soins" in said[1]

    def test_only_who_runs_the_circle_reads_what_was_decided(
        self, claire: Session, anne: Session, circle: str
    ) -> None:
        assert Decisions(claire).read(circle)
        with pytest.raises(NotAllowedError):
            Decisions(anne).read(circle)

    @pytest.mark.parametrize("measure", [True, False])
    def test_a_representative_without_a_measure_on_record_is_noted_as_such(
        self, house: House, claire: Session, circle: str, measure: bool
    ) -> None:
        if measure:
            Facts(claire).record(circle, FactRequest("guardianship_person", person="Luc"))
        luc = house.account("Luc")
        house.let_in(claire, circle, luc, "legal_representative", no_measure="jugement attendu")
        noted = [one for one in Decisions(claire).read(circle) if "jugement attendu" in one.sentence]
        assert bool(noted) is not measure

    def test_so_is_a_member_who_becomes_one(self, claire: Session, anne: Session, circle: str) -> None:
        change = Change(ChangeAction.ROLE, anne.account.hex(), role="legal_representative")
        Membership(claire).change(circle, change)
        assert any("à compléter" in one.sentence for one in Decisions(claire).read(circle))
