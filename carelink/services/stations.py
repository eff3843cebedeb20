"""Making this PC a team's shared workstation, and keeping its door up to date."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from carelink.crypto.primitives import UnsealError, hpke_public_key
from carelink.crypto.workstation import (
    ID_BYTES,
    Bundle,
    Plate,
    WorkstationKeys,
    decode_bundle,
    encode_bundle,
    hpke_private_key,
    open_kept,
    open_letter,
    seal_kept,
)
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.home import Home
from carelink.models.vault.secrets import SecretStore
from carelink.models.vault.workstation import (
    SECRET_NAME,
    DoorPerson,
    Workstation,
    forget_account,
    keep_account,
    kept_account,
    save_workstation,
    workstation_secrets,
)
from carelink.services.accounts import clean_name
from carelink.services.circles import checked_address
from carelink.services.errors import HubError, UnreachableError
from carelink.services.exchange.relays import spoken
from carelink.sync.carriers.addresses import HubAddress
from carelink.sync.carriers.http import HttpCarrier
from carelink.sync.exchange.context import Call, HubRefusalError
from carelink.sync.invitation import BadCodeError, code_secret
from carelink.sync.wire import api
from carelink.sync.wire import workstations as wire
from carelink.sync.workstation import StationAnswer, open_offer, seal_answer

_SECRET = b"secret"
_PC_LABEL = b"carelink/1/workstation-pc/"
_BUNDLE = b"bundle"
_BAD_CODE: Final = frozenset(
    {
        api.ProblemCode.UNKNOWN_INVITATION,
        api.ProblemCode.EXPIRED_INVITATION,
        api.ProblemCode.USED_INVITATION,
    }
)


class LostStationError(KnownError):
    """This PC is no workstation of its team any more."""

    def __init__(self, station: Workstation) -> None:
        super().__init__(
            tr(
                "Ce poste n’est plus un poste de l’équipe {team}\u00a0: personne n’y ouvre plus son compte. "
                "Qui gère l’équipe peut donner un nouveau code de poste.",
                team=station.team_name,
            )
        )


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A PC that became a workstation; `people` is how many may open their account on it."""

    workstation: str
    name: str
    team: str
    team_name: str
    people: int
    secret_in_file: bool


def enrol(home: Home, code_or_link: str, hub: str, name: str) -> Enrolled:
    """Make this PC a workstation of the team that gave the code.

    Raises:
        KnownError: A wrong, used or expired code, one workstation already, the relay cannot be used.
    """
    name = clean_name(name)
    if (known := home.workstation()) is not None and not _is_lost(home, known):
        raise KnownError(
            tr(
                "Cet ordinateur est déjà le poste «\u00a0{name}\u00a0» de l’équipe {team}\u00a0: rien n’a "
                "été changé.",
                name=known.name,
                team=known.team_name,
            )
        )
    code, _, place = code_or_link.strip().removeprefix("carelink://").partition("@")
    if not (place or hub):
        raise KnownError(
            tr("Ce code ne dit pas à quel relais s’adresser\u00a0: utilisez le lien complet (CODE@relais).")
        )
    address = checked_address(place or hub)
    try:
        under = code_secret(code, address.url)
    except BadCodeError:
        raise _bad_code() from None
    store = SecretStore.choose(home.path, SECRET_NAME)
    identifier = secrets.token_bytes(ID_BYTES)
    carrier = HttpCarrier(address)
    try:
        with spoken(address.url):
            blob: api.RendezvousBlob = carrier.call(
                Call(api.RENDEZVOUS_READ, api.RendezvousRead(under.identifier), api.RendezvousBlob)
            )
            offer = open_offer(under.key, blob.blob)
            pc = store.obtain()
            own = hpke_public_key(hpke_private_key(pc, _PC_LABEL))
            answer = seal_answer(under.key, StationAnswer(identifier, name, own))
            carrier.call(
                Call(api.RENDEZVOUS_ANSWER, api.RendezvousAnswer(under.identifier, answer), api.Accepted)
            )
    except UnsealError:
        raise _bad_code() from None
    except HubError as error:
        cause = error.__cause__
        if isinstance(cause, HubRefusalError) and cause.code in _BAD_CODE:
            raise _bad_code() from error
        raise
    finally:
        carrier.close()
    station = Workstation(
        identifier=identifier.hex(),
        name=name,
        team=offer.team.hex(),
        team_name=offer.team_name,
        url=address.url,
        fingerprint=address.fingerprint,
        hub_key=offer.hub_key.hex(),
        secret_kind=store.kind,
        sealed=seal_kept(pc, _SECRET, offer.secret).hex(),
    )
    save_workstation(home.path, station)
    people = Station.of(home).refresh()
    return Enrolled(
        station.identifier, name, station.team, station.team_name, len(people), store.kind.value == "file"
    )


class Station:
    """This PC as a workstation: what it asks its relay, and what it keeps.

    Args:
        home: CareLink's folder.
        known: What this PC is for its team.

    Raises:
        KnownError: The keyring does not answer, or holds another secret.
    """

    def __init__(self, home: Home, known: Workstation) -> None:
        self._home, self.known = home, known
        self._pc = workstation_secrets(home.path, known.secret_kind).secret()
        try:
            self._keys = WorkstationKeys(open_kept(self._pc, _SECRET, bytes.fromhex(known.sealed)))
        except (UnsealError, ValueError) as error:
            raise _damaged() from error

    @classmethod
    def of(cls, home: Home) -> Station:
        """Return this PC as the workstation that it is.

        Raises:
            KnownError: It is none.
        """
        known = home.workstation()
        if known is None:
            raise KnownError(
                tr(
                    "Cet ordinateur n’est le poste d’aucune équipe\u00a0: faites-en un avec «\u00a0carelink "
                    "workstation enrol CODE@relais --name NOM\u00a0»."
                )
            )
        return cls(home, known)

    @property
    def team(self) -> bytes:
        """Whose workstation it is."""
        return bytes.fromhex(self.known.team)

    @property
    def identifier(self) -> bytes:
        """Its own id."""
        return bytes.fromhex(self.known.identifier)

    def refresh(self) -> tuple[DoorPerson, ...]:
        """Ask who is on the door now, and forget the accounts of those who left.

        Raises:
            LostStationError: This PC is a workstation no more.
            HubError: The relay cannot be used.
        """
        answer: wire.Slots = self._ask(
            lambda: Call(wire.SLOT_LIST, wire.SlotList(self._keys.place.group), wire.Slots)
        )
        members = {account.hex() for account in answer.members}
        for gone in self._home.came_by_door() - members:
            forget_account(self._home.path, gone)
        # Whoever has not left theirs anew since the secret was replaced opens what was kept here.
        people = {
            person.account: person
            for person in self.known.people
            if person.account in members and self._kept(person.account) is not None
        }
        for slot in answer.slots:
            try:
                plate = self._keys.open_plate(slot.plate)
            except UnsealError:
                continue
            if isinstance(plate, Plate) and plate.account.hex() in members:
                found = DoorPerson(plate.account.hex(), clean_name(plate.name), plate.profession)
                people[found.account] = found
        fresh = tuple(sorted(people.values(), key=lambda person: (person.name.casefold(), person.account)))
        if fresh != self.known.people:
            self._save(self.known._replace(people=fresh))
        return fresh

    def newest(self, account: str) -> Bundle:
        """Return an account as it was last left, or last kept here where the relay is away.

        Raises:
            LostStationError: This PC is a workstation no more.
            KnownError: They left the team, or never left their account for its workstations.
            HubError: Never opened here, and the relay cannot be used.
        """
        kept = self._kept(account)
        try:
            fetched = self._fetched(bytes.fromhex(account))
        except HubError as error:
            if isinstance(error.__cause__, HubRefusalError):
                if error.__cause__.code == api.ProblemCode.NOT_ENTITLED:
                    forget_account(self._home.path, account)
                    raise _not_here(self.known) from error
                if error.__cause__.code == api.ProblemCode.UNKNOWN_WORKSTATION and kept is None:
                    raise _not_here(self.known) from error
            if kept is None:
                raise
            return kept
        if kept is not None and fetched.serial < kept.serial:
            return kept
        if fetched != kept:
            self.keep(fetched)
        return fetched

    def keep(self, bundle: Bundle) -> None:
        """Keep an account for when the relay is away, under this PC's own secret.

        Raises:
            KnownError: The disk is full.
        """
        sealed = seal_kept(self._pc, _BUNDLE, encode_bundle(bundle))
        keep_account(self._home.path, bundle.account.hex(), sealed)

    def _kept(self, account: str) -> Bundle | None:
        sealed = kept_account(self._home.path, account)
        if sealed is None:
            return None
        try:
            bundle = decode_bundle(open_kept(self._pc, _BUNDLE, sealed))
        except UnsealError:
            return None
        return bundle if (bundle.team, bundle.account) == (self.team, bytes.fromhex(account)) else None

    def _fetched(self, account: bytes) -> Bundle:
        def call() -> Call:
            place = self._keys.place
            return Call(
                wire.SLOT_READ, wire.SlotRead(place.group, place.slot(account), account), wire.SlotBody
            )

        answer: wire.SlotBody = self._ask(call)
        try:
            return self._keys.open_outer(self.team, account, answer.body)
        except UnsealError as error:
            raise UnreachableError(self.known.url) from error

    def _ask(self, call: Callable[[], Call]) -> Any:  # noqa: ANN401  (the call names its answer's type)
        """Ask the relay, with the team's newest secret where it has replaced this one."""
        carrier = HttpCarrier(HubAddress(self.known.url, self.known.fingerprint))
        try:
            with spoken(self.known.url):
                try:
                    return carrier.call(call())
                except HubRefusalError as refusal:
                    if (refusal.code, refusal.detail) != (api.ProblemCode.UNKNOWN_WORKSTATION, "group"):
                        raise
                self._renew(carrier)
                return carrier.call(call())
        finally:
            carrier.close()

    def _renew(self, carrier: HttpCarrier) -> None:
        try:
            letter: wire.LetterBlob = carrier.call(
                Call(wire.LETTER_READ, wire.LetterRead(self.identifier), wire.LetterBlob)
            )
            secret = open_letter(hpke_private_key(self._pc, _PC_LABEL), self.identifier, letter.blob)
        except HubRefusalError as refusal:
            if refusal.code != api.ProblemCode.UNKNOWN_WORKSTATION:
                raise
            self._leave()
            raise LostStationError(self.known) from refusal
        except UnsealError as error:
            raise LostStationError(self.known) from error
        self._keys = WorkstationKeys(secret)
        self._save(self.known._replace(sealed=seal_kept(self._pc, _SECRET, secret).hex()))

    def _leave(self) -> None:
        """Forget whoever came in: this PC is out of the team."""
        for account in self._home.came_by_door():
            forget_account(self._home.path, account)
        self._save(self.known._replace(people=()))

    def _save(self, known: Workstation) -> None:
        save_workstation(self._home.path, known)
        self.known = known


def _is_lost(home: Home, known: Workstation) -> bool:
    """Whether this PC was a workstation, and the relay says that it is none any more."""
    try:
        Station(home, known).refresh()
    except LostStationError:
        return True
    except KnownError:
        return False
    return False


def _bad_code() -> KnownError:
    return KnownError(
        tr(
            "Ce code de poste ne convient pas ou n’est plus valable\u00a0: rien n’a été changé. Demandez-en "
            "un autre à qui gère l’équipe."
        )
    )


def _damaged() -> KnownError:
    return KnownError(
        tr(
            "La clé de ce poste est abîmée ou n’est pas la sienne\u00a0: les coffres ne sont pas touchés. "
            "Demandez un nouveau code de poste à qui gère l’équipe."
        )
    )


def _not_here(station: Workstation) -> KnownError:
    return KnownError(
        tr(
            "Ce compte ne s’ouvre pas sur les postes de l’équipe {team}\u00a0: rien n’a été changé. S’il est "
            "à vous, rendez-le utilisable sur les postes partagés (Réglages), ou faites-vous inviter dans "
            "l’équipe.",
            team=station.team_name,
        )
    )
