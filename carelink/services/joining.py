"""Joining a circle with a code, and waiting to be let in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from carelink.access.policy import Permission
from carelink.access.statements import circle_id_of
from carelink.crypto.keys import verified_certificates
from carelink.crypto.primitives import UnsealError, sha256
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.stores.invitations import JoiningRow
from carelink.services.certificates import carried
from carelink.services.circles import checked_address
from carelink.services.exchange.relays import Relay, spoken
from carelink.services.requirements import Service, requires
from carelink.services.session import Session, Stores
from carelink.sync.exchange.context import Call, HubRefusalError
from carelink.sync.invitation import (
    BadCodeError,
    InvitationAnswer,
    code_secret,
    open_blob,
    proof_words,
    seal_answer,
)
from carelink.sync.wire import api


@dataclass(frozen=True, slots=True)
class Joining:
    """Where a joining stands: wait for the inviter, who asks for these words.

    Attributes:
        state: "waiting", or "expired" once the invitation's time is over: its author may still confirm an
            answer that arrived before, and another code may be used instead.
    """

    circle: str
    state: str
    words: tuple[str, ...]
    inviter: str
    patient: str
    role: str
    in_person: bool


class Joinings(Service):
    """The invitations that one account answered."""

    @requires(Permission.VAULT_USE)
    def join(self, code_or_link: str, hub: str = "") -> Joining:
        """Answer an invitation; being let in follows at an exchange, once its author confirmed.

        Raises:
            KnownError: A wrong, unknown, expired or used code, or the relay cannot be used.
        """
        code, _, place = code_or_link.strip().removeprefix("carelink://").partition("@")
        place = place or hub
        if not place:
            raise KnownError(
                tr(
                    "Ce code ne dit pas à quel relais s’adresser\u00a0: utilisez le lien complet "
                    "(CODE@relais), ou ajoutez --hub ADRESSE."
                )
            )
        address = checked_address(place)
        try:
            secret = code_secret(code, address.url)
        except BadCodeError:
            raise _bad_code() from None
        with self.session.write() as stores:
            row = stores.relay(address.url, address.fingerprint)
        relay = Relay(self.session, row)
        try:
            with spoken(address.url), _invitation_problems():
                return self._answer(relay, code, secret.identifier, secret.key)
        finally:
            relay.close()

    def _answer(self, relay: Relay, code: str, identifier: bytes, key: bytes) -> Joining:
        session = self.session
        with session.read() as stores:
            devices = carried(session, stores)
        answer = seal_answer(
            key,
            InvitationAnswer(
                certificates=devices.certificates,
                retired=devices.retired,
                name=session.name,
                name_salt=session.name_salt,
                profession=session.profession,
                rpps=session.rpps,
            ),
        )
        read: api.RendezvousBlob = relay.carrier.call(
            Call(api.RENDEZVOUS_READ, api.RendezvousRead(identifier, sha256(answer)), api.RendezvousBlob)
        )
        try:
            blob = open_blob(key, read.blob)
        except UnsealError:
            raise _bad_code() from None
        if (
            not verified_certificates(blob.certificates)
            or blob.hub_key != relay.hub_key()
            or circle_id_of(blob.genesis) != blob.circle
        ):
            raise _bad_code()
        with session.read() as stores:
            known = stores.has(blob.circle)
            again = any(row.ended and row.circle == blob.circle for row in stores.joinings())
            left = known and _has_left(session, stores, blob.circle)
            again = (again or left) and stores.hub_of(blob.circle) == relay.row.pk
        if known and not again:
            raise KnownError(tr("Ce compte est déjà dans ce cercle, ou attend d’y entrer."))
        words = () if blob.in_person else proof_words(code, read.blob, answer)
        relay.carrier.call(
            Call(api.RENDEZVOUS_ANSWER, api.RendezvousAnswer(identifier, answer), api.Accepted)
        )
        now = session.clock()
        with session.write() as stores:
            if again:
                stores.drop_joining(blob.circle)
                stores.set_state(blob.circle, "waiting")
            else:
                stores.add_circle(
                    blob.circle, relay.row.pk, blob.genesis, "waiting", now, team=blob.team is not None
                )
            stores.add_joining(
                JoiningRow(
                    circle=blob.circle,
                    identifier=identifier,
                    words=words,
                    role=blob.role,
                    inviter=blob.inviter,
                    patient=blob.whom,
                    in_person=blob.in_person,
                    created=now,
                )
            )
        return Joining(
            blob.circle.hex(),
            "waiting",
            words,
            blob.inviter,
            blob.whom,
            blob.role,
            blob.in_person,
        )

    @requires(Permission.VAULT_USE)
    def joinings(self) -> list[Joining]:
        """Return the circles that this account waits to be let into."""
        with self.session.read() as stores:
            rows = stores.joinings()
        return [
            Joining(
                row.circle.hex(),
                "expired" if row.ended else "waiting",
                () if row.in_person else row.words,
                row.inviter,
                row.patient,
                row.role,
                row.in_person,
            )
            for row in rows
        ]


def _has_left(session: Session, stores: Stores, circle: bytes) -> bool:
    """Whether this account was in a circle and is no more: whoever comes back has a new stay."""
    me = session.context(stores, circle).me
    return me is not None and not me.active


def _bad_code() -> KnownError:
    return KnownError(
        tr(
            "Ce code d’invitation ne convient pas\u00a0: il compte douze lettres et chiffres, par "
            "exemple ABCD-EFGH-JKMN. Recopiez-le tel qu’il vous a été donné."
        )
    )


@contextmanager
def _invitation_problems() -> Iterator[None]:
    """Say what the relay answers about codes in the user's words."""
    try:
        yield
    except HubRefusalError as error:
        sentences = {
            api.ProblemCode.UNKNOWN_INVITATION: tr(
                "Ce code d’invitation n’est pas connu de ce relais\u00a0: vérifiez chaque caractère, ou "
                "demandez un nouveau code."
            ),
            api.ProblemCode.EXPIRED_INVITATION: tr(
                "Ce code d’invitation a expiré\u00a0: demandez-en un nouveau à la personne qui vous invite."
            ),
            api.ProblemCode.USED_INVITATION: tr(
                "Ce code d’invitation a déjà servi\u00a0: demandez-en un nouveau à la personne qui vous "
                "invite."
            ),
            api.ProblemCode.TOO_MANY_TRIES: tr(
                "Trop de codes inconnus ont été essayés\u00a0: attendez une minute, puis réessayez."
            ),
        }
        for code, sentence in sentences.items():
            if error.code == code:
                raise KnownError(sentence) from error
        raise
