"""What an invitation letter says, and to whom it says nothing."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from carelink.errors import KnownError
from carelink.services.errors import NotAllowedError
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.joining import Joinings
from carelink.services.letters import LetterPage, Letters, LetterWishes
from carelink.services.session import Session
from tests.sync.house import House, sync

PLAIN = LetterWishes()


@pytest.fixture
def claire(house: House) -> Session:
    return house.account("Claire", "nurse")


@pytest.fixture
def circle(house: House, claire: Session) -> str:
    return house.circle(claire)


def invite(session: Session, circle: str, name: str, *, in_person: bool = False) -> str:
    wanted = InvitationRequest("relative", name=name, agreed="oral", in_person=in_person)
    return Invitations(session).invite(circle, wanted).invitation


def pages(session: Session, circle: str, wishes: LetterWishes = PLAIN) -> tuple[LetterPage, ...]:
    return Letters(session).pages(circle, wishes)


def words(page: LetterPage) -> str:
    parts = (page.title, *page.sender, page.receiver, *page.opening, page.until, *page.steps, *page.closing)
    return "\n".join(parts)


def test_there_is_a_letter_for_each_invitation_that_nobody_answered(
    house: House, claire: Session, circle: str
) -> None:
    answered = invite(claire, circle, "Anne")
    made = {name: invite(claire, circle, name) for name in ("Zoé", "Bruno", "élodie")}
    (view,) = (v for v in Invitations(claire).pending(circle) if v.invitation == answered)
    Joinings(house.account("Anne")).join(view.link)
    Invitations(claire).refresh(circle)
    assert [page.receiver for page in pages(claire, circle)] == ["Bruno", "élodie", "Zoé"]
    (only,) = pages(claire, circle, LetterWishes(invitations=(made["Zoé"],)))
    assert only.receiver == "Zoé"
    with pytest.raises(KnownError, match="Aucune lettre"):
        pages(claire, circle, LetterWishes(invitations=(made["Zoé"], answered)))


def test_it_says_who_invites_the_code_until_when_and_how_to_begin(claire: Session, circle: str) -> None:
    invite(claire, circle, "Anne Maurel")
    (view,) = Invitations(claire).pending(circle)
    (page,) = pages(claire, circle, LetterWishes(establishment="  EHPAD  Les Tilleuls "))
    assert page.sender == ("Claire", "EHPAD Les Tilleuls")
    assert "-".join(page.code) == view.code
    assert page.link == f"carelink://{view.link}"
    assert view.link == f"{view.code}@{page.address}"
    assert "ne sert qu’une fois" in page.until
    assert any(page.address in step for step in page.steps)


def test_the_person_is_named_only_where_the_inviter_wants_it(claire: Session, circle: str) -> None:
    invite(claire, circle, "Anne Maurel")
    (page,) = pages(claire, circle)
    assert "Jeanne" not in words(page)
    assert "Moreau" not in words(page)
    (page,) = pages(claire, circle, LetterWishes(names_person=True))
    assert "le cercle de soins de Jeanne Moreau" in words(page)


def test_a_letter_by_post_asks_for_the_words_and_one_handed_over_does_not(
    claire: Session, circle: str
) -> None:
    invite(claire, circle, "Anne")
    invite(claire, circle, "Bruno", in_person=True)
    by_post, handed_over = pages(claire, circle)
    assert "Trois mots" in words(by_post)
    assert "mots" not in words(handed_over)


def test_only_who_invites_prints_letters(house: House, claire: Session, circle: str) -> None:
    anne = house.account("Anne")
    house.let_in(claire, circle, anne, "relative")
    invite(claire, circle, "Bruno")
    sync(anne)
    with pytest.raises(NotAllowedError):
        pages(anne, circle)


def test_a_letter_is_written_for_its_owner_alone_and_over_nothing(claire: Session, tmp_path: Path) -> None:
    out = tmp_path / "lettres.pdf"
    Letters(claire).save(out, b"%PDF")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with pytest.raises(KnownError, match="existe déjà"):
        Letters(claire).save(out, b"other")
    assert out.read_bytes() == b"%PDF"


def test_a_name_of_an_establishment_is_no_essay(claire: Session, circle: str) -> None:
    invite(claire, circle, "Anne")
    with pytest.raises(KnownError, match="établissement"):
        pages(claire, circle, LetterWishes(establishment="x" * 121))
