"""Bringing one more PC into an account: a code from the first, words from the second."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from carelink.access.policy import Permission
from carelink.access.statements import Certificate, decode_certificate
from carelink.crypto.keys import (
    AccountName,
    PublicKeys,
    certify,
    device_id,
    name_hash,
    new_device_keys,
    public_keys,
    verified_certificates,
)
from carelink.crypto.primitives import UnsealError, sha256
from carelink.crypto.recovery import Owner, Place
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.home import Home
from carelink.services.accounts import clean_name
from carelink.services.certificates import active_sheet, known_certificates, ordered, row_of
from carelink.services.circles import checked_address
from carelink.services.devices import NAME_SETTING
from carelink.services.enrolling import by_passphrase, set_up_here
from carelink.services.errors import HubError
from carelink.services.exchange.relays import Relay, spoken
from carelink.services.exchange.sync import Sync, SyncReport, exchange_with
from carelink.services.requirements import Service, requires
from carelink.services.session import Clock, Session, Stores, system_clock
from carelink.sync.carriers.addresses import HubAddress
from carelink.sync.carriers.http import HttpCarrier
from carelink.sync.exchange.context import Call, HubRefusalError
from carelink.sync.invitation import BadCodeError, code_secret, new_code, proof_words, same_words
from carelink.sync.pairing import (
    Answer,
    Luggage,
    Offer,
    open_answer,
    open_luggage,
    open_offer,
    seal_answer,
    seal_luggage,
    seal_offer,
)
from carelink.sync.wire import api

LIFETIME_MS = 60 * 60 * 1000
ASK_AGAIN_SECONDS = 3.0
_SETTING = "pairing"


@dataclass(frozen=True, slots=True)
class PairingCode:
    """What to type on the second PC, until when (milliseconds since 1970)."""

    code: str
    link: str
    expires: int


@dataclass(frozen=True, slots=True)
class Paired:
    """The PC that came in, or this one once it is."""

    account: str
    device: str
    name: str


class Pairing(Service):
    """The first PC's side."""

    @requires(Permission.VAULT_USE)
    def offer(self) -> PairingCode:
        """Leave an offer at a relay of this account.

        Raises:
            KnownError: This account is in no circle yet, or the relay cannot be used.
        """
        session = self.session
        relay = self._relay()
        try:
            with spoken(relay.row.url):
                context = exchange_with(relay, SyncReport())
                if not context.token:
                    raise _no_circle()
                code = new_code()
                secret = code_secret(code, relay.row.url)
                with session.read() as stores:
                    known = known_certificates(session, stores)
                line = tuple(known[one] for one in ordered((session.keys.device,), known))
                blob = seal_offer(secret.key, Offer(relay.hub_key(), line))
                expires = session.clock() + LIFETIME_MS
                with session.write() as stores:
                    stores.set_setting(
                        _SETTING,
                        {"code": code, "blob": blob.hex(), "hub": relay.row.pk, "expires": expires},
                    )
                relay.carrier.call(
                    context.call(
                        api.PAIRING_OFFER,
                        api.PairingOffer(secret.identifier, blob, LIFETIME_MS),
                        api.Accepted,
                    )
                )
        finally:
            relay.close()
        address = HubAddress(relay.row.url, relay.row.fingerprint)
        return PairingCode(code, f"{code}@{address.link}", expires)

    @requires(Permission.VAULT_USE)
    def confirm(self, words: str) -> Paired:
        """Let in the PC that answered, if its words are the right ones.

        Raises:
            KnownError: Nobody answered, other words, or the relay cannot be used: nothing was let in.
        """
        session = self.session
        with session.read() as stores:
            kept = stores.setting(_SETTING)
        if not isinstance(kept, dict) or kept["expires"] <= session.clock():
            raise KnownError(
                tr(
                    "Aucun code d’appareil n’est en cours, ou il n’est plus valable\u00a0: faites-en un "
                    "autre dans Réglages, «\u00a0Ajouter un ordinateur\u00a0» (ou «\u00a0carelink account "
                    "pair\u00a0»)."
                )
            )
        code, blob = str(kept["code"]), bytes.fromhex(kept["blob"])
        relay = self._relay(kept["hub"])
        try:
            with spoken(relay.row.url):
                context = exchange_with(relay, SyncReport())
                secret = code_secret(code, relay.row.url)
                states: api.RendezvousStates = relay.carrier.call(
                    context.call(
                        api.PAIRING_COLLECT,
                        api.RendezvousCollect((secret.identifier,)),
                        api.RendezvousStates,
                    )
                )
                answered = next((state.answer for state in states.states), b"")
                if not answered:
                    raise KnownError(
                        tr(
                            "Le nouvel ordinateur n’a pas encore répondu\u00a0: tapez-y le code, puis donnez "
                            "ici les trois mots qu’il affiche."
                        )
                    )
                if not same_words(proof_words(code, blob, answered), words):
                    raise KnownError(
                        tr(
                            "Ces trois mots ne sont pas ceux du nouvel ordinateur\u00a0: rien n’a été "
                            "ajouté. Relisez-les\u202f; s’ils diffèrent encore, quelqu’un d’autre a pu "
                            "utiliser le code."
                        )
                    )
                try:
                    answer = open_answer(secret.key, answered)
                except UnsealError:
                    raise _bad_code() from None
                self._certify(answer)
                # Its circles know it before it is told so; a relay that is away is told later.
                with suppress(HubError):
                    Sync(session).once()
                with session.read() as stores:
                    luggage = self._luggage(stores, answer)
                relay.carrier.call(
                    context.call(
                        api.PAIRING_FINISH,
                        api.PairingFinish(secret.identifier, seal_luggage(secret.key, answer.hpke, luggage)),
                        api.Accepted,
                    )
                )
                with session.write() as stores:
                    stores.set_setting(_SETTING, None)
        finally:
            relay.close()
        device = decode_certificate(luggage.certificate.body).device
        return Paired(session.account.hex(), device.hex(), answer.name)

    def _relay(self, hub: int | None = None) -> Relay:
        with self.session.read() as stores:
            rows = [row for row in stores.hubs() if hub is None or row.pk == hub]
        if not rows:
            raise _no_circle()
        return Relay(self.session, rows[0])

    def _certify(self, answer: Answer) -> None:
        session = self.session
        own = decode_certificate(session.certificate.body)
        signed = certify(
            AccountName(own.account_key, own.name_hash),
            PublicKeys(answer.signing, answer.hpke),
            session.clock(),
            session.keys,
        )
        with session.write() as stores:
            stores.add_device(row_of(signed, session.clock(), name=answer.name))

    def _luggage(self, stores: Stores, answer: Answer) -> Luggage:
        session = self.session
        known = known_certificates(session, stores)
        device = device_id(answer.signing, answer.hpke)
        sheet = active_sheet(stores)
        wanted = (session.keys.device,) if sheet is None else (session.keys.device, sheet.device)
        owner = Owner(
            b"",
            decode_certificate(session.certificate.body).account_key,
            session.name,
            session.name_salt,
            session.profession,
            session.rpps,
        )
        return Luggage(
            owner=owner,
            certificate=known[device],
            others=tuple(known[one] for one in ordered(wanted, known)),
            sheet=b"" if sheet is None else sheet.owner,
            relays=tuple(Place(row.url, row.fingerprint, row.hub_key or b"") for row in stores.hubs()),
        )


def join_account(
    home: Home,
    code_or_link: str,
    hub: str,
    passphrase: str,
    name: str,
    show: Callable[[tuple[str, ...]], None],
    clock: Clock = system_clock,
    wait: Callable[[float], None] = time.sleep,
) -> Paired:
    """Set up an account of another PC on this one; waits until that PC confirmed the words.

    Args:
        home: Where to.
        code_or_link: What the other PC shows.
        hub: The relay's address, where the code alone was given.
        passphrase: What opens the vault on this PC.
        name: What to call this PC.
        show: Told the words to give to the other PC.
        clock: Milliseconds since 1970.
        wait: Waits some seconds until the other PC is asked for again; what it raises ends it all.

    Raises:
        KnownError: A wrong or expired code, or the relay cannot be used: nothing was made.
    """
    name = clean_name(name)
    code, _, place = code_or_link.strip().removeprefix("carelink://").partition("@")
    if not (place or hub):
        raise KnownError(
            tr("Ce code ne dit pas à quel relais s’adresser\u00a0: utilisez le lien complet (CODE@relais).")
        )
    address = checked_address(place or hub)
    try:
        secret = code_secret(code, address.url)
    except BadCodeError:
        raise _bad_code() from None
    carrier = HttpCarrier(address)
    try:
        with spoken(address.url):
            blob = _read(carrier, secret.identifier)
            try:
                offer = open_offer(secret.key, blob)
            except UnsealError:
                raise _bad_code() from None
            first = verified_certificates(offer.certificates)
            if not first or offer.hub_key != carrier.info().hub_key:
                raise _bad_code()
            keys = new_device_keys()
            public = public_keys(keys)
            answer = seal_answer(secret.key, Answer(public.signing, public.hpke, name))
            carrier.call(
                Call(api.RENDEZVOUS_ANSWER, api.RendezvousAnswer(secret.identifier, answer), api.Accepted)
            )
            show(proof_words(code, blob, answer))
            while (found := _read(carrier, secret.identifier, sha256(answer))) == blob:
                wait(ASK_AGAIN_SECONDS)
        try:
            luggage = open_luggage(secret.key, keys.hpke, found)
        except UnsealError:
            raise _bad_code() from None
    finally:
        carrier.close()
    own = _own(luggage, first[-1])
    if own is None or own.device != keys.device:
        raise _bad_code()
    now = clock()
    others = [
        row_of(signed, now, owner=luggage.sheet if decode_certificate(signed.body).paper else b"")
        for signed in luggage.others
    ]
    lock = by_passphrase(passphrase, luggage.owner.name)
    session: Session = set_up_here(
        home, luggage.owner, (keys, luggage.certificate), others, luggage.relays, lock, clock
    )
    try:
        with session.write() as stores:
            stores.set_setting(NAME_SETTING, name)
        with suppress(HubError):
            Sync(session).once()
    finally:
        session.close()
    return Paired(session.account.hex(), keys.device.hex(), name)


def _own(luggage: Luggage, first: Certificate) -> Certificate | None:
    """Return this PC's certificate, once all of them are of the account that made the offer."""
    certificates = verified_certificates((*luggage.others, luggage.certificate))
    named = name_hash(luggage.owner.name_salt, luggage.owner.name)
    if not certificates or luggage.owner.account_key != first.account_key:
        return None
    if any(one.account_key != first.account_key or one.name_hash != named for one in certificates):
        return None
    return certificates[-1]


def _read(carrier: HttpCarrier, identifier: bytes, own_answer: bytes = b"") -> bytes:
    try:
        answer: api.RendezvousBlob = carrier.call(
            Call(api.RENDEZVOUS_READ, api.RendezvousRead(identifier, own_answer), api.RendezvousBlob)
        )
    except HubRefusalError as refusal:
        if refusal.code in {api.ProblemCode.UNKNOWN_INVITATION, api.ProblemCode.EXPIRED_INVITATION}:
            raise _bad_code() from refusal
        raise
    return answer.blob


def _bad_code() -> KnownError:
    return KnownError(
        tr(
            "Ce code d’appareil ne convient pas ou n’est plus valable\u00a0: rien n’a été créé. Refaites-en "
            "un sur l’ordinateur que vous avez déjà."
        )
    )


def _no_circle() -> KnownError:
    return KnownError(
        tr(
            "Ce compte n’est encore dans aucun cercle\u00a0: rejoignez ou créez-en un d’abord, le relais "
            "sert à réunir vos deux ordinateurs."
        )
    )
