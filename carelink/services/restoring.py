"""Starting again from the words alone: every circle back on a bare PC, with a device of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from carelink.access.statements import decode_certificate
from carelink.crypto.keys import AccountName, DeviceKeys, certify, name_hash, new_device_keys, public_keys
from carelink.crypto.primitives import UnsealError
from carelink.crypto.recovery import (
    WORDS,
    BadSheetError,
    Blob,
    Owner,
    Place,
    Places,
    SheetKeys,
    addresses_in,
    decode_blob,
    known_words,
    nearest_word,
    plain,
    read_sheet,
    sheet_keys,
    spread,
)
from carelink.errors import BugError, KnownError
from carelink.language import tr
from carelink.models.vault.errors import WrongPassphraseError
from carelink.models.vault.home import Home
from carelink.models.vault.passphrases import require_strong
from carelink.services.accounts import open_account
from carelink.services.certificates import row_of
from carelink.services.circles import checked_address
from carelink.services.enrolling import account_of, by_passphrase, set_up_here
from carelink.services.errors import HubError
from carelink.services.exchange.coming_in import come_in
from carelink.services.exchange.relays import Relay, spoken
from carelink.services.session import Clock, Session, system_clock
from carelink.sync.carriers.addresses import HubAddress
from carelink.sync.carriers.http import HttpCarrier
from carelink.sync.exchange.context import Call, HubRefusalError
from carelink.sync.wire import api

__all__ = [
    "WORDS",
    "AlreadyHereError",
    "FoundWords",
    "ReadSheet",
    "Restored",
    "known_words",
    "nearest_word",
    "plain",
    "read_typed",
    "read_words",
    "restore",
    "words_in",
]


class AlreadyHereError(KnownError):
    """The account is on this PC already, and another passphrase opens it.

    Attributes:
        account: Its id in hexadecimal.
    """

    def __init__(self, name: str, account: str) -> None:
        super().__init__(
            tr(
                "Le compte de {name} est déjà sur cet ordinateur, et une autre phrase de passe "
                "l’ouvre\u00a0: rien n’a été changé. Si vous l’avez oubliée, cet ancien coffre peut être "
                "mis de côté.",
                name=name,
            )
        )
        self.account = account


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back.

    Attributes:
        circles: Ids in hexadecimal.
        problems: A sentence for each relay that could not be used; running it again goes on from there.
    """

    account: str
    device: str
    name: str
    circles: tuple[str, ...]
    secret_in_file: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class _Found:
    owner: Owner
    sealed_owner: bytes
    places: Places


def read_words(text: str) -> tuple[SheetKeys, list[HubAddress]]:
    """Return the keys and the relays that a text gives: the printed page, or its words alone.

    Raises:
        KnownError: A word is wrong or missing; it is named.
    """
    try:
        return read_sheet(text), [checked_address(found) for found in addresses_in(text)]
    except BadSheetError as error:
        raise KnownError(_sentence(error)) from None


@dataclass(frozen=True, slots=True, repr=False)
class ReadSheet:
    """What was copied of a page, once it holds."""

    keys: SheetKeys
    addresses: tuple[HubAddress, ...]


@dataclass(frozen=True, slots=True, repr=False)
class FoundWords:
    """Words of a text by their numbers, and the addresses in it."""

    words: dict[int, str]
    relays: tuple[str, ...]


def words_in(text: str, first: int = 1) -> FoundWords:
    """Return what stands in a text: a whole page, or some words that begin at one number."""
    return FoundWords(spread(text, first), tuple(addresses_in(text)))


def read_typed(words: Sequence[str], relay: str) -> ReadSheet:
    """Return the keys that 24 words give, and the addresses typed with them.

    Raises:
        KnownError: The words are not of one sheet, or an address is none.
    """
    try:
        keys = sheet_keys(words)
    except BadSheetError as error:
        raise KnownError(_sentence(error)) from None
    return ReadSheet(keys, tuple(checked_address(one) for one in relay.replace(",", " ").split()))


def restore(
    home: Home,
    sheet: SheetKeys,
    addresses: Sequence[HubAddress],
    passphrase: str,
    clock: Clock = system_clock,
    tell: Callable[[str], None] | None = None,
    *,
    aside: bool = False,
) -> Restored:
    """Make an account's vault from its recovery sheet, with every circle; run again, it goes on.

    Args:
        home: Where to.
        sheet: What the words give.
        addresses: Relays to ask.
        passphrase: What is to open the vault here; the one that does, where it is here already.
        clock: Milliseconds since 1970.
        tell: Told what is being done.
        aside: Whether to move a vault of this account aside that another passphrase opens.

    Raises:
        AlreadyHereError: The account is here, and another passphrase opens it.
        KnownError: No relay known, none answers, or none knows this sheet; a weak passphrase.
    """
    say = tell or _silent
    if not addresses:
        raise KnownError(
            tr(
                "La feuille ne dit pas à quel relais s’adresser\u00a0: donnez son adresse avec les mots (en "
                "ligne de commande\u00a0: --hub ADRESSE)."
            )
        )
    say(tr("Recherche de votre compte…"))
    found = _find(sheet, addresses)
    account = account_of(found.owner).hex()
    say(tr("Compte de {name}\u00a0: son coffre se prépare…", name=found.owner.name))
    if home.folder(account).exists():
        try:
            session = open_account(home, home.find(account), passphrase, clock)
        except WrongPassphraseError as error:
            if not aside:
                raise AlreadyHereError(found.owner.name, account) from error
            require_strong(passphrase, (found.owner.name,))
            home.set_aside(account)
            session = _made(home, sheet, found, passphrase, clock)
    else:
        session = _made(home, sheet, found, passphrase, clock)
    try:
        return _restored(session, sheet, say)
    finally:
        session.close()


def _silent(_what: str) -> None:
    """Nobody watches."""


def _find(sheet: SheetKeys, addresses: Sequence[HubAddress]) -> _Found:
    """Return the first blob that a relay has for these words."""
    failure: KnownError | None = None
    for address in addresses:
        carrier = HttpCarrier(address)
        try:
            with spoken(address.url):
                key = carrier.info().hub_key
                answer: api.RecoveryBlob = carrier.call(
                    Call(api.RECOVERY_READ, api.RecoveryRead(sheet.identifier), api.RecoveryBlob)
                )
            return _opened(sheet, decode_blob(answer.blob), Place(address.url, address.fingerprint, key))
        except HubError as error:
            failure = failure or _said(error, address.url)
        except UnsealError:
            failure = failure or KnownError(
                tr(
                    "Ce que le relais {url} garde pour cette feuille ne s’ouvre pas avec ses mots\u00a0: "
                    "rien n’a été créé. Essayez un autre de vos relais, ou prévenez la personne qui le gère.",
                    url=address.url,
                )
            )
        finally:
            carrier.close()
    raise failure or BugError("no relay was tried")


def _said(error: HubError, url: str) -> KnownError:
    cause = error.__cause__
    if isinstance(cause, HubRefusalError):
        if cause.code == api.ProblemCode.UNKNOWN_SHEET:
            return KnownError(
                tr(
                    "Le relais {url} ne connaît pas cette feuille de secours\u00a0: une plus récente l’a "
                    "peut-être remplacée, ou l’adresse est celle d’un autre relais. Rien n’a été créé.",
                    url=url,
                )
            )
        if cause.code == api.ProblemCode.TOO_MANY_TRIES:
            return KnownError(
                tr("Trop d’essais sur le relais {url}\u00a0: attendez une minute, puis réessayez.", url=url)
            )
    return error


def _opened(sheet: SheetKeys, blob: Blob, here: Place) -> _Found:
    owner = sheet.open_owner(blob.owner)
    places, _certificates = sheet.open_places(blob.places, owner.account_key)
    known = [place for place in places.relays if place.url != here.url]
    return _Found(owner, blob.owner, Places((here, *known), places.certificates))


def _made(home: Home, sheet: SheetKeys, found: _Found, passphrase: str, clock: Clock) -> Session:
    """Make the account's folder with a device of its own."""
    owner, now, keys = found.owner, clock(), new_device_keys()
    by: DeviceKeys | bytes = owner.identity or sheet.keys
    named = AccountName(owner.account_key, name_hash(owner.name_salt, owner.name))
    others = []
    for signed in found.places.certificates:
        ours = decode_certificate(signed.body).device == sheet.keys.device
        others.append(row_of(signed, now, owner=found.sealed_owner if ours else b""))
    device = (keys, certify(named, public_keys(keys), now, by))
    return set_up_here(
        home, owner, device, others, found.places.relays, by_passphrase(passphrase, owner.name), clock
    )


def _restored(session: Session, sheet: SheetKeys, say: Callable[[str], None]) -> Restored:
    problems: list[str] = []
    with session.read() as stores:
        hubs = stores.hubs()
    for row in hubs:
        say(tr("Vos cercles reviennent du relais {url}…", url=row.url))
        relay = Relay(session, row)
        try:
            with spoken(row.url):
                come_in(relay, sheet.keys)
        except HubError as error:
            problems.append(str(error))
        finally:
            relay.close()
    with session.read() as stores:
        circles = tuple(link.circle.hex() for link in stores.links() if link.state == "member")
    return Restored(
        session.account.hex(),
        session.keys.device.hex(),
        session.name,
        circles,
        session.card.secret_kind.value == "file",
        tuple(problems),
    )


def _sentence(error: BadSheetError) -> str:
    """Say which words are wrong or missing, and what to do."""
    if error.missing:
        return tr(
            "Il manque des mots de la feuille de secours (numéros {numbers})\u00a0: recopiez les 24 mots, "
            "puis recommencez.",
            numbers=", ".join(str(number) for number in error.missing),
        )
    if error.found != 24 and not error.wrong:
        return tr(
            "{found} mots ont été lus, et une feuille de secours en compte 24\u00a0: recopiez-les tous, dans "
            "l’ordre, puis recommencez.",
            found=error.found,
        )
    if error.wrong:
        number, word, nearest = error.wrong[0]
        if nearest:
            return tr(
                "Le mot {number}, «\u00a0{word}\u00a0», n’est pas un mot des feuilles de secours (peut-être "
                "«\u00a0{nearest}\u00a0»)\u00a0: corrigez-le d’après la page, puis recommencez.",
                number=number,
                word=word,
                nearest=nearest,
            )
        return tr(
            "Le mot {number}, «\u00a0{word}\u00a0», n’est pas un mot des feuilles de secours\u00a0: "
            "corrigez-le d’après la page, puis recommencez.",
            number=number,
            word=word,
        )
    return tr(
        "Ces 24 mots existent tous, mais ne forment pas une feuille de secours\u00a0: l’un d’eux a été pris "
        "pour un autre, ou deux ont été échangés. Relisez la page mot à mot, puis recommencez."
    )
