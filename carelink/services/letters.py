"""Invitation letters: what each page says, for whoever is invited on paper."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

from carelink.access.policy import Permission
from carelink.errors import KnownError
from carelink.interop.tables import folded
from carelink.language import tr
from carelink.models.vault.files import create_named_file
from carelink.services.circles import read_patient, read_team
from carelink.services.invitations import Invitations, InvitationView
from carelink.services.moments import clock_words, day_words, local_time
from carelink.services.requirements import Service, requires
from carelink.services.wording import of_name

MAX_ESTABLISHMENT_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class LetterWishes:
    """How letters are written.

    Attributes:
        establishment: In whose name the inviter writes; by default a team's own, or none.
        names_person: Whether the person cared for is named: others may open a letter.
        invitations: Ids of those to print; by default all that nobody has answered yet.
    """

    establishment: str = ""
    names_person: bool = False
    invitations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LetterPage:
    """One letter, in the order in which it is read.

    Attributes:
        sender: Who invites, and their establishment; a line each.
        receiver: The name that the inviter noted, or empty.
        code: The code in groups of letters.
        address: The relay's, as it is typed.
        link: What the square says.
        steps: How to begin, numbered when printed.
    """

    sender: tuple[str, ...]
    receiver: str
    date: str
    title: str
    opening: tuple[str, ...]
    code: tuple[str, ...]
    until: str
    address: str
    link: str
    steps: tuple[str, ...]
    closing: tuple[str, ...]


class Letters(Service):
    """Letters for the open invitations of a circle."""

    @requires(Permission.MEMBER_INVITE)
    def pages(self, circle: str, wishes: LetterWishes) -> tuple[LetterPage, ...]:
        """Return a letter for each invitation that nobody has answered yet, by the name it is for.

        Raises:
            KnownError: There is none, or one that was asked for has been answered or is over.
        """
        views = [view for view in Invitations(self.session).pending(circle) if view.state == "open"]
        if wishes.invitations:
            views = [view for view in views if view.invitation in wishes.invitations]
        if not views or len(views) < len(set(wishes.invitations)):
            raise KnownError(
                tr("Aucune lettre\u00a0: ces invitations ont été utilisées, ou leur délai est passé.")
            )
        establishment = " ".join(wishes.establishment.split())
        if len(establishment) > MAX_ESTABLISHMENT_CHARACTERS:
            raise KnownError(
                tr(
                    "Le nom de l’établissement est trop long ({limit} caractères au plus).",
                    limit=MAX_ESTABLISHMENT_CHARACTERS,
                )
            )
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            kept, is_team = stores.patient(identifier), stores.link(identifier).team
        team = read_team(kept) if is_team else None
        patient = None if is_team else read_patient(kept)
        if team is not None:
            establishment = establishment or team.establishment
            into = tr("l’équipe «\u00a0{name}\u00a0»", name=team.name)
        elif patient is not None and wishes.names_person:
            into = tr("le cercle de soins {of_name}", of_name=of_name(patient.display))
        else:
            into = tr("le cercle de soins d’une personne que vous accompagnez")
        today = local_time(self.session.clock()).date()
        views.sort(key=lambda view: folded(view.name))
        return tuple(_page(view, self.session.name, establishment, into, today) for view in views)

    @requires(Permission.VAULT_USE)
    def save(self, out: Path, document: bytes, *, replacing: bool = False) -> None:
        """Write the printed letters to a file that only its owner reads: the codes are on them.

        Raises:
            KnownError: There is such a file already, or it cannot be written.
        """
        create_named_file(out, document, replacing=replacing)


def _page(
    view: InvitationView, inviter: str, establishment: str, into: str, today: datetime.date
) -> LetterPage:
    ends = local_time(view.expires)
    address = view.link.partition("@")[2]
    return LetterPage(
        sender=tuple(line for line in (inviter, establishment) if line),
        receiver=view.name,
        date=tr("Le {day}", day=day_words(today, year=True)),
        title=tr("Votre invitation dans CareLink"),
        opening=(
            tr("{inviter} vous invite à rejoindre {into}.", inviter=inviter, into=into),
            tr(
                "CareLink est un cahier de liaison sur ordinateur, où la famille et les professionnels qui "
                "accompagnent une personne se tiennent au courant. Tout y est chiffré, et chacun ne lit que "
                "ce que son rôle lui ouvre."
            ),
        ),
        code=tuple(view.code.split("-")),
        until=tr(
            "Valable jusqu’au {day} à {clock}. Ce code est personnel et ne sert qu’une fois\u00a0: ne le "
            "donnez à personne d’autre.",
            day=day_words(ends.date(), year=True),
            clock=clock_words(ends),
        ),
        address=address,
        link=f"carelink://{view.link}",
        steps=(
            tr("Installez CareLink sur votre ordinateur, puis ouvrez-le."),
            tr(
                "Choisissez «\u00a0J’ai une invitation\u00a0» et créez votre compte. Si vous en avez déjà "
                "un, choisissez «\u00a0Rejoindre un cercle\u00a0»."
            ),
            tr("Recopiez le code ci-dessus, puis l’adresse du relais\u00a0:\n{address}", address=address),
            tr(
                "Vous entrerez dès que l’ordinateur de {inviter} aura échangé avec le relais.",
                inviter=inviter,
            )
            if view.in_person
            else tr(
                "Trois mots s’affichent alors sur votre écran\u00a0: {inviter} vous les demandera de vive "
                "voix, avant de vous laisser entrer. N’écrivez ces mots à personne.",
                inviter=inviter,
            ),
        ),
        closing=(
            tr(
                "Vous n’attendiez pas cette lettre, ou vous ne connaissez pas {inviter}\u202f? "
                "Détruisez-la\u00a0: sans réponse, l’invitation s’éteint d’elle-même.",
                inviter=inviter,
            ),
        ),
    )
