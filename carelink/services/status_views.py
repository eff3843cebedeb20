"""Where the person is, as screens and other services need it, and what each status stops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from carelink.errors import KnownError
from carelink.language import tr
from carelink.records.bodies import EntryKind
from carelink.records.status import PatientStatus, newest
from carelink.records.transfer import StatusRow
from carelink.services.session import CircleContext, Stores
from carelink.services.wording import of_name


@dataclass(frozen=True, slots=True)
class StatusView:
    """A status of the person.

    Attributes:
        since: When it began, milliseconds since 1970; None where nobody has said any.
        by: Name of who said so, or empty.
        said: When it was said, milliseconds since 1970.
    """

    status: str = PatientStatus.PRESENT
    since: int | None = None
    by: str = ""
    said: int | None = None

    @property
    def deceased(self) -> bool:
        """Whether the person is dead."""
        return self.status == PatientStatus.DECEASED

    @property
    def followed(self) -> bool:
        """Whether the circle still follows the person: neither dead nor gone for good."""
        return self.status not in {PatientStatus.DECEASED, PatientStatus.LEFT}


NEVER_SAID: Final = StatusView()


def status_now(stores: Stores, circle: bytes, context: CircleContext | None = None) -> StatusView:
    """Return the status that stands, with its author's name where the circle's context is given."""
    row = newest(stores.statuses(circle))
    return NEVER_SAID if row is None else status_view(row, context)


def require_alive(stores: Stores, circle: bytes, sentence: str) -> None:
    """Refuse what a death stops.

    Raises:
        KnownError: The person is dead; `sentence` says what is not done and why.
    """
    if status_now(stores, circle).deceased:
        raise KnownError(sentence)


def no_heir_reads(stores: Stores, circle: bytes) -> None:
    """Refuse to open the medical record to anyone once the person is dead (CSP L.1110-4 V).

    Raises:
        KnownError: They are.
    """
    require_alive(
        stores,
        circle,
        tr(
            "La personne est décédée\u00a0: son dossier médical ne s’ouvre plus à personne d’autre dans "
            "CareLink. Un ayant droit en fait la demande motivée au professionnel ou à l’établissement (CSP "
            "L.1110-4)\u202f; rien n’a été changé."
        ),
    )


def no_signal(stores: Stores, circle: bytes) -> None:
    """Refuse to signal anything to the carers once the person is dead.

    Raises:
        KnownError: They are.
    """
    require_alive(
        stores,
        circle,
        tr(
            "La personne est décédée\u00a0: plus rien n’est à signaler aux soignants. Rien n’a été envoyé, "
            "votre texte est gardé\u00a0: ce qui doit rester s’écrit dans une note de clôture."
        ),
    )


def no_emergency(stores: Stores, circle: bytes) -> None:
    """Refuse to open the medical record in an emergency once the person is dead (CSP L.1110-4 V).

    Raises:
        KnownError: They are.
    """
    require_alive(
        stores,
        circle,
        tr(
            "La personne est décédée\u00a0: son dossier ne s’ouvre plus en urgence. Rien n’a été "
            "ouvert\u00a0: demandez au professionnel ou à l’établissement qui le tient."
        ),
    )


def require_writable_kind(stores: Stores, circle: bytes, kind: str) -> None:
    """Refuse ordinary notes once the person is dead, and closing notes while the circle follows them.

    Raises:
        KnownError: This kind of note is not written now.
    """
    status = status_now(stores, circle)
    closing = kind == EntryKind.CLOSING
    if status.deceased and not closing:
        raise KnownError(
            tr(
                "La personne est décédée\u00a0: seules des notes de clôture peuvent encore être écrites "
                "(--kind closing). Rien n’a été publié, votre texte est gardé."
            )
        )
    if closing and status.followed:
        raise KnownError(
            tr(
                "Une note de clôture s’écrit après un décès ou une sortie\u00a0: choisissez un autre genre. "
                "Rien n’a été publié, votre texte est gardé."
            )
        )


def no_newcomer(stores: Stores, circle: bytes) -> None:
    """Refuse to invite or let in once the person is dead or gone for good.

    Raises:
        KnownError: They are.
    """
    require_alive(
        stores,
        circle,
        tr("La personne est décédée\u00a0: plus personne n’entre dans ce cercle. Rien n’a été envoyé."),
    )
    if not status_now(stores, circle).followed:
        raise KnownError(
            tr(
                "La personne est notée comme sortie\u00a0: plus personne n’entre dans ce cercle. Si elle est "
                "revenue, notez-la d’abord présente. Rien n’a été envoyé."
            )
        )


def status_name(status: str, sex: str = "") -> str:
    """Return a status in words, agreeing with the person's sex where it is known."""
    names = {
        PatientStatus.PRESENT: (tr("présent ou présente"), tr("présente"), tr("présent")),
        PatientStatus.HOSPITALISED: (
            tr("hospitalisé ou hospitalisée"),
            tr("hospitalisée"),
            tr("hospitalisé"),
        ),
        PatientStatus.ABSENT: (tr("absent ou absente"), tr("absente"), tr("absent")),
        PatientStatus.LEFT: (tr("sorti ou sortie"), tr("sortie"), tr("sorti")),
        PatientStatus.DECEASED: (tr("décédé ou décédée"), tr("décédée"), tr("décédé")),
    }
    try:
        both, woman, man = names[PatientStatus(status)]
    except ValueError:
        return status
    return {"F": woman, "M": man}.get(sex, both)


def status_consequence(status: str, person: str) -> str:
    """Return what a status changes today, in words."""
    as_before = tr("Tout le cercle le voit. On continue d’écrire et de lire comme avant.")
    sentences = {
        PatientStatus.PRESENT: tr("Tout le cercle le voit. Rien n’est arrêté."),
        PatientStatus.HOSPITALISED: tr(
            "Tout le cercle le voit. On continue d’écrire et de lire comme avant."
        ),
        PatientStatus.ABSENT: as_before,
        PatientStatus.LEFT: tr(
            "Tout le cercle le voit. Les invitations s’arrêtent et les notes non lues ne sont plus "
            "signalées. On peut encore écrire."
        ),
        PatientStatus.DECEASED: tr(
            "Tout le cercle l’apprend à sa prochaine connexion. Les invitations et les signaux de notes non "
            "lues s’arrêtent aussitôt. On n’écrit plus que des notes de clôture. Les proches gardent la vie "
            "quotidienne {of_name}. Le dossier médical ne s’ouvre plus à personne d’autre.",
            of_name=of_name(person),
        ),
    }
    return sentences[PatientStatus(status)]


def status_view(row: StatusRow, context: CircleContext | None) -> StatusView:
    """Return what was said, by whom where the circle's context is given."""
    card = None if context is None else context.cards.get(row.author)
    return StatusView(row.status, row.since, card.name if card else "", row.time)
