"""Opening an account on this PC: by its passphrase, or on a workstation as whoever is of the team does."""

from __future__ import annotations

from dataclasses import replace

from carelink.access.statements import MAX_DEVICES
from carelink.crypto.keys import (
    AccountName,
    certify,
    name_hash,
    new_device_keys,
    public_keys,
    verified_certificates,
)
from carelink.crypto.primitives import UnsealError, stretch
from carelink.crypto.recovery import Place
from carelink.crypto.workstation import Bundle, Portable, open_inner, seal_inner
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.vault.attempts import Attempts
from carelink.models.vault.errors import SamePassphraseError
from carelink.models.vault.files import make_folder
from carelink.models.vault.home import AccountCard, Home
from carelink.models.vault.passphrases import normal, require_strong
from carelink.models.vault.slots import create_portable, is_portable, unlock_portable
from carelink.models.vault.workstation import door_folder
from carelink.services.accounts import change_passphrase, open_account, open_with_key
from carelink.services.certificates import row_of
from carelink.services.enrolling import set_up_here
from carelink.services.errors import HubError
from carelink.services.exchange.coming_in import come_in
from carelink.services.exchange.relays import Relay, spoken
from carelink.services.exchange.workstations import take_seat
from carelink.services.portable import PortableAccount, PortableKeys, keep_portable, portable_keys
from carelink.services.session import Clock, Session, system_clock
from carelink.services.stations import Station
from carelink.sync.exchange.membership import RefusedChangeError

_CAME_IN = "workstation-came-in"


def open_here(home: Home, card: AccountCard, passphrase: str, clock: Clock = system_clock) -> Session:
    """Unlock an account; takes the time of one Argon2id, and on a workstation that of asking the relay.

    Raises:
        KnownError: A wrong passphrase, a damaged vault, a keyring that does not answer, or on a
            workstation an account that it does not open.
    """
    if not opens_by_door(home, card):
        return open_account(home, card, passphrase, clock)
    station = Station.of(home)
    folder = door_folder(home.path, card.account)
    make_folder(folder)
    attempts = Attempts(folder)
    attempts.ensure_allowed()
    bundle = station.newest(card.account)
    attempts.begin()
    stretched = stretch(normal(passphrase), bundle.salt)
    try:
        portable = _opened(bundle, stretched)
    except UnsealError as error:
        raise attempts.wrong() from error
    attempts.reset()
    session = _session(home, card, station, portable, clock)
    try:
        _settle(session, station, portable, bundle, stretched)
    except BaseException:
        session.close()
        raise
    return session


def opens_by_door(home: Home, card: AccountCard) -> bool:
    """Whether an account is opened here as on any workstation of its owner's team."""
    if home.workstation() is None:
        return False
    folder = home.folder(card.account)
    return not folder.exists() or is_portable(folder)


def change_here(session: Session, current: str, new: str) -> None:
    """Make another passphrase open the account that is open, here and on its teams' workstations.

    Here it counts at once, on other workstations after the next exchange of this PC.

    Raises:
        WrongPassphraseError: `current` is not the passphrase, or it is too soon to try another.
        WeakPassphraseError: `new` is easily guessed.
        SamePassphraseError: Both are the same.
        KnownError: As for `change_passphrase`.
    """
    if opens_by_door(session.home, session.card):
        _change_at_door(session, current, new)
    else:
        change_passphrase(session.home, session.card, current, new)
        PortableAccount(session).renew(new)


def _change_at_door(session: Session, current: str, new: str) -> None:
    if normal(new) == normal(current):
        raise SamePassphraseError
    require_strong(new, (session.name,))
    home, card = session.home, session.card
    station = Station.of(home)
    attempts = Attempts(door_folder(home.path, card.account))
    attempts.ensure_allowed()
    bundle = station.newest(card.account)
    attempts.begin()
    try:
        portable = _opened(bundle, stretch(normal(current), bundle.salt))
    except UnsealError as error:
        raise attempts.wrong() from error
    attempts.reset()
    PortableAccount(session).renew(new)
    with session.write() as stores:
        known = portable_keys(stores)
        if known is None:
            return
        fresh = replace(known, serial=max(known.serial, bundle.serial) + 1)
        keep_portable(session, stores, fresh)
    station.keep(seal_inner(fresh.stretched, fresh.salt, station.team, fresh.serial, portable))


def _opened(bundle: Bundle, stretched: bytes) -> Portable:
    """Open an account, and see that its devices are its own.

    Raises:
        UnsealError: Another passphrase, or not what it says.
    """
    portable = open_inner(bundle, stretched)
    certificates = verified_certificates(portable.certificates)
    named = name_hash(portable.owner.name_salt, portable.owner.name)
    if not certificates or certificates[-1].device != portable.keys.device:
        raise UnsealError
    if any((o.account, o.name_hash) != (bundle.account, named) for o in certificates):
        raise UnsealError
    return portable


def _session(home: Home, card: AccountCard, station: Station, portable: Portable, clock: Clock) -> Session:
    """Open this PC's vault of an account, made now where there is none."""
    folder = home.folder(card.account)
    if folder.exists():
        home.tidy(card.account)
        key = unlock_portable(folder, portable.vault_secret, home.secrets(card))
        return open_with_key(home, home.find(card.account), key, clock)
    owner, keys, now = portable.owner, new_device_keys(), clock()
    named = AccountName(owner.account_key, name_hash(owner.name_salt, owner.name))
    signed = certify(named, public_keys(keys), now, portable.keys)
    here = Place(station.known.url, station.known.fingerprint, bytes.fromhex(station.known.hub_key))
    relays = (here, *(place for place in portable.relays if place.url != here.url))
    return set_up_here(
        home,
        owner,
        (keys, signed),
        [row_of(one, now) for one in portable.certificates],
        relays,
        lambda folder, store: create_portable(folder, portable.vault_secret, store),
        clock,
    )


def _settle(session: Session, station: Station, portable: Portable, bundle: Bundle, stretched: bytes) -> None:
    """Keep what leaves the account anew, and bring this PC's device into the circles where it is not yet."""
    fresh = PortableKeys(
        portable.signing, portable.hpke, portable.vault_secret, stretched, bundle.salt, bundle.serial
    )
    with session.read() as stores:
        known = portable_keys(stores)
        came_in = stores.setting(_CAME_IN)
        hubs = stores.hubs()
    if known is None or known.serial < fresh.serial:
        with session.write() as stores:
            for signed in portable.certificates:
                stores.add_device(row_of(signed, session.clock()))
            keep_portable(session, stores, fresh)
    done = set(came_in) if isinstance(came_in, list) else set()
    failure: HubError | None = None
    for row in hubs:
        if row.url in done:
            continue
        with session.write() as stores:
            take_seat(stores, station.team, station.identifier)
        relay = Relay(session, row)
        try:
            with spoken(row.url):
                if come_in(relay, portable.keys, backfill_pages=0):
                    done.add(row.url)
        except HubError as error:
            failure = failure or error
        except RefusedChangeError as error:
            raise KnownError(
                tr(
                    "Ce compte a déjà {count} appareils, postes compris, et ne peut pas en avoir un de plus. "
                    "Révoquez-en un dans les réglages, là où ce compte est ouvert, puis recommencez.",
                    count=MAX_DEVICES,
                )
            ) from error
        finally:
            relay.close()
        with session.write() as stores:
            stores.set_setting(_CAME_IN, sorted(done))
    if not done and failure is not None:
        raise failure
