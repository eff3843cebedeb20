"""Where the person is: who learns it, who may say it, and what a death stops."""

from __future__ import annotations

import pytest

from carelink.access.statements import Decision, decode_statement
from carelink.errors import KnownError
from carelink.records.bodies import ChangeAction
from carelink.records.status import PatientStatus
from carelink.services import cahier as cahier_module
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from carelink.services.emergency import Emergency
from carelink.services.errors import NotAllowedError
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.joining import Joinings
from carelink.services.membership import Change, Membership
from carelink.services.session import Session
from carelink.services.status import Statuses
from carelink.services.status_views import StatusView
from carelink.sync.exchange import push
from tests.sync.fixtures import Grown
from tests.sync.house import DAY, House, notes, sync, texts


def begun(house: House) -> str:
    claire, anne = house.account("Claire", "nurse"), house.account("Anne")
    circle = house.circle(claire)
    house.let_in(claire, circle, anne, "relative")
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


def status(session: Session, circle: str) -> StatusView:
    return Circles(session).show(circle).status


def test_everyone_in_the_circle_learns_it_with_its_date_and_who_said_so(
    house: House, claire: Session, anne: Session, circle: str
) -> None:
    assert status(anne, circle).status == "present"
    began = house.clock.now - DAY
    Statuses(claire).say(circle, "hospitalised", began)
    sync(anne)
    known = status(anne, circle)
    assert (known.status, known.since, known.by) == ("hospitalised", began, "Claire")
    Statuses(claire).say(circle, "present")
    sync(anne)
    assert [view.status for view in Statuses(anne).history(circle)] == ["present", "hospitalised"]
    assert status(anne, circle).status == "present"


def test_the_relay_learns_that_something_was_said_and_not_what(
    house: House, claire: Session, circle: str
) -> None:
    Statuses(claire).say(circle, "deceased")
    with claire.read() as stores:
        rows = stores.statements(bytes.fromhex(circle))
    said = [row for row in rows if isinstance(decode_statement(row.body).public, Decision)]
    assert len(said) == 1
    assert all(code.value.encode() not in row.body + row.sealed for row in said for code in PatientStatus)


def test_a_newcomer_knows_it_too(house: House, claire: Session, circle: str) -> None:
    Statuses(claire).say(circle, "absent")
    luc = house.account("Luc")
    house.let_in(claire, circle, luc, "relative", history=False)
    assert status(luc, circle).status == "absent"


def test_a_relative_who_coordinates_nothing_does_not_say_it(anne: Session, circle: str) -> None:
    with pytest.raises(NotAllowedError):
        Statuses(anne).say(circle, "deceased")


def test_a_carer_who_does_not_run_the_circle_says_it(house: House, claire: Session, circle: str) -> None:
    paul = house.account("Paul", "care_assistant")
    house.let_in(claire, circle, paul, "care_assistant")
    assert Statuses(paul).say(circle, "hospitalised").by == "Paul"


@pytest.mark.parametrize("what", ["asleep", "present"])
def test_what_is_no_status_or_stands_already_is_refused(claire: Session, circle: str, what: str) -> None:
    with pytest.raises(KnownError):
        Statuses(claire).say(circle, what)


def test_a_status_does_not_begin_tomorrow(house: House, claire: Session, circle: str) -> None:
    with pytest.raises(KnownError, match="date passée"):
        Statuses(claire).say(circle, "left", house.clock.now + DAY)


class TestDeath:
    def test_only_closing_notes_are_written_and_withdrawing_goes_on(
        self, claire: Session, anne: Session, circle: str
    ) -> None:
        before = Cahier(claire).write(circle, "life", "before")
        Statuses(claire).say(circle, "deceased")
        sync(anne)
        for session in (claire, anne):
            with pytest.raises(KnownError, match="clôture"):
                Cahier(session).write(circle, "life", "ordinary")
        with pytest.raises(KnownError, match="clôture"):
            Cahier(claire).amend(before, "rewritten afterwards")
        Cahier(anne).write(circle, "life", "Merci à tous.", kind="closing")
        Cahier(claire).withdraw(before, "written in the wrong file")
        sync(anne)
        sync(claire)
        assert texts(claire, circle)[0] == "Merci à tous."
        assert [note.withdrawn for note in notes(claire, circle)] == [False, True]

    def test_nothing_is_signalled_to_the_carers_any_more(
        self, house: House, claire: Session, circle: str
    ) -> None:
        ines = house.account("Inès", "home_helper")
        house.let_in(claire, circle, ines, "home_helper")
        Statuses(claire).say(circle, "deceased")
        sync(ines)
        for kind in ("note", "closing"):
            with pytest.raises(KnownError, match="plus rien n’est à signaler"):
                Cahier(ines).write(circle, "care_inbox", "Un bleu", kind)
        assert notes(ines, circle) == []

    def test_who_is_on_call_opens_nothing_any_more(self, house: House, claire: Session, circle: str) -> None:
        nora = house.account("Nora", "physician")
        house.let_in(claire, circle, nora, "on_call")
        assert Emergency(nora).state(circle).may_open
        Statuses(claire).say(circle, "deceased")
        # They learn it with the exchange that would have opened it.
        with pytest.raises(KnownError, match="ne s’ouvre plus en urgence"):
            Emergency(nora).open(circle, "Inconscient")
        with pytest.raises(KnownError, match="ne s’ouvre plus en urgence"):
            Emergency(nora).open(circle, "Inconscient")
        state = Emergency(nora).state(circle)
        assert not state.may_open
        assert state.opened == ()
        sync(claire)
        assert Emergency(claire).state(circle).opened == ()

    def test_a_closing_note_waits_for_a_closing(self, claire: Session, circle: str) -> None:
        with pytest.raises(KnownError, match="clôture"):
            Cahier(claire).write(circle, "life", "too early", kind="closing")

    def test_nobody_comes_in_any_more(self, house: House, claire: Session, circle: str) -> None:
        luc = house.account("Luc")
        made = Invitations(claire).invite(
            circle, InvitationRequest("relative", agreed="oral", in_person=True)
        )
        Statuses(claire).say(circle, "deceased")
        Joinings(luc).join(made.link)
        sync(claire)
        with pytest.raises(KnownError, match="décédée"):
            Invitations(claire).confirm(circle)
        with pytest.raises(KnownError, match="décédée"):
            Invitations(claire).invite(circle, InvitationRequest("nurse"))
        assert [member.name for member in Circles(claire).show(circle).members] == ["Claire", "Anne"]

    def test_no_heir_is_given_the_medical_record(self, claire: Session, anne: Session, circle: str) -> None:
        Statuses(claire).say(circle, "deceased")
        (heir,) = [member.id for member in Circles(claire).show(circle).members if not member.mine]
        for change in (
            Change(ChangeAction.GRANTED, heir, "care"),
            Change(ChangeAction.ROLE, heir, role="legal_representative"),
            Change(ChangeAction.ROLE, heir, role="nurse"),
        ):
            with pytest.raises(KnownError, match="ayant droit"):
                Membership(claire).foresee(circle, change)
            with pytest.raises(KnownError, match="ayant droit"):
                Membership(claire).change(circle, change)
        sync(anne)
        assert Cahier(anne).readable(circle) == ("life", "coordination")

    def test_nothing_calls_for_attention_and_the_family_keeps_its_life(
        self, claire: Session, anne: Session, circle: str
    ) -> None:
        Cahier(claire).write(circle, "life", "a last good day", urgent=True)
        sync(claire)
        sync(anne)
        assert Circles(anne).summaries()[0].unread == 1
        Statuses(claire).say(circle, "deceased")
        sync(anne)
        assert Circles(anne).summaries()[0].unread == 0
        assert Cahier(anne).unread(circle) == 0
        assert texts(anne, circle) == ["a last good day"]

    def test_what_was_written_before_it_was_known_goes_out_as_a_closing_note(
        self, house: House, claire: Session, anne: Session, circle: str
    ) -> None:
        paul = house.account("Paul", "care_assistant")
        house.let_in(claire, circle, paul, "care_assistant")
        house.hub.offline = True
        entry = Cahier(paul).write(circle, "life", "first words")
        Cahier(paul).amend(entry, "words of a visit in the white zone")
        house.hub.offline = False
        Statuses(claire).say(circle, "deceased")
        assert sync(paul).refused == []
        assert sync(anne).refused == []
        (note,) = notes(anne, circle)
        assert (note.text, note.kind, note.parallel) == (
            "words of a visit in the white zone",
            "closing",
            False,
        )
        assert [view.kind for view in notes(paul, circle)] == ["closing"]

    def test_an_ordinary_note_sealed_afterwards_is_refused_and_shown(
        self, claire: Session, anne: Session, circle: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By a device whose application was altered to do without the rule."""
        Statuses(claire).say(circle, "deceased")
        sync(anne)
        with monkeypatch.context() as altered:
            altered.setattr(cahier_module, "require_writable_kind", lambda *_: None)
            altered.setattr(push, "as_closing_notes", lambda *given: given[-1])
            Cahier(anne).write(circle, "life", "CANARY after the death")
            sync(anne)
        (refused,) = sync(claire).refused
        assert (refused.stream, refused.why) == ("life", "no_right")
        assert texts(claire, circle) == []

    def test_what_was_sealed_before_is_read_by_whoever_comes_back_later(
        self, claire: Session, anne: Session, circle: str
    ) -> None:
        Cahier(claire).write(circle, "life", "sealed before")
        sync(claire)
        Statuses(claire).say(circle, "deceased")
        assert sync(anne).refused == []
        assert texts(anne, circle) == ["sealed before"]

    def test_a_mistake_is_put_right_and_writing_goes_on(
        self, claire: Session, anne: Session, circle: str
    ) -> None:
        Statuses(claire).say(circle, "deceased")
        Statuses(claire).say(circle, "present")
        Cahier(claire).write(circle, "life", "an ordinary day")
        sync(claire)
        assert sync(anne).refused == []
        assert texts(anne, circle) == ["an ordinary day"]


def test_who_left_can_still_be_written_about(claire: Session, circle: str) -> None:
    Statuses(claire).say(circle, "left")
    assert not Circles(claire).show(circle).may_invite
    Cahier(claire).write(circle, "care", "macro-cible de sortie")
    with pytest.raises(KnownError, match="sortie"):
        Invitations(claire).invite(circle, InvitationRequest("nurse"))
