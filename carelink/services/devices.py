"""The PCs of an account: which they are, bringing in one more, cutting off one that was lost."""

from __future__ import annotations

from dataclasses import dataclass

from carelink.access.policy import Permission
from carelink.access.statements import decode_certificate
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.stores.account import DeviceRow
from carelink.services.accounts import clean_name
from carelink.services.certificates import active_sheet
from carelink.services.requirements import Service, requires
from carelink.services.session import Stores

NAME_SETTING = "device-name"


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device of the account.

    Attributes:
        name: What its owner calls it on this PC, or empty.
        since: When its certificate was made, milliseconds since 1970.
        state: "active", "revoking" (some circle does not know yet) or "revoked".
        portable: Whether it is what brings the account to shared workstations.
    """

    id: str
    name: str
    since: int
    this: bool
    paper: bool
    state: str
    portable: bool = False


@dataclass(frozen=True, slots=True)
class Revoked:
    """What was cut off.

    Attributes:
        devices: Ids in hexadecimal.
        sheet: Whether one of them made the recovery sheet, which a new one should replace.
    """

    devices: tuple[str, ...]
    sheet: bool


class Devices(Service):
    """The devices of one account."""

    @requires(Permission.VAULT_USE)
    def known(self) -> list[DeviceView]:
        """Return this PC, the others and the recovery sheet."""
        session = self.session
        with session.read() as stores:
            rows = [row for row in stores.devices() if row.state != "pending"]
            named = stores.setting(NAME_SETTING)
            counting = self._counting(stores)
        own = decode_certificate(session.certificate.body)
        name = named if isinstance(named, str) else ""
        views = [DeviceView(own.device.hex(), name, own.issued, True, False, "active")]
        for row in rows:
            certificate = decode_certificate(row.body)
            state = row.state
            if state == "revoked" and row.device in counting:
                state = "revoking"
            views.append(
                DeviceView(
                    row.device.hex(),
                    row.name,
                    certificate.issued,
                    False,
                    certificate.paper,
                    state,
                    certificate.portable,
                )
            )
        return views

    @requires(Permission.VAULT_USE)
    def rename(self, device: str, name: str) -> None:
        """Call a device something else, on this PC.

        Raises:
            KnownError: No such device, or no name.
        """
        name = clean_name(name)
        identifier = self._named(device)
        with self.session.write() as stores:
            if identifier == self.session.keys.device:
                stores.set_setting(NAME_SETTING, name)
            else:
                stores.name_device(identifier, name)

    @requires(Permission.VAULT_USE)
    def cut_off_by(self, device: str, since: int | None = None) -> tuple[str, ...]:
        """Return the devices that revoking one cuts off: it, and what it brought in, however far.

        Args:
            device: Which, by its id or the start of it.
            since: What it brought in before stays, milliseconds since 1970; by default nothing does.

        Raises:
            KnownError: No such device, or it is this PC or the sheet.
        """
        identifier = self._named(device)
        with self.session.read() as stores:
            rows = stores.devices()
        row = next((row for row in rows if row.device == identifier), None)
        if row is None:
            raise KnownError(
                tr(
                    "C’est cet ordinateur-ci\u00a0: il ne se révoque pas lui-même. Faites-le depuis un "
                    "autre, ou depuis votre feuille de secours."
                )
            )
        if decode_certificate(row.body).paper:
            raise KnownError(
                tr(
                    "C’est votre feuille de secours\u00a0: une nouvelle feuille prend sa place (carelink "
                    "account sheet)."
                )
            )
        return tuple(one.hex() for one in self._brought_in(rows, identifier, since))

    @requires(Permission.VAULT_USE)
    def revoke(self, device: str, since: int | None = None) -> Revoked:
        """Cut a device off, with all that it brought in; each circle is told at its next exchange.

        Raises:
            KnownError: As for `cut_off_by`.
        """
        gone = self.cut_off_by(device, since)
        with self.session.write() as stores:
            for one in gone:
                stores.set_device_state(bytes.fromhex(one), "revoked")
            sheet = active_sheet(stores)
        return Revoked(gone, sheet is not None and sheet.signer.hex() in gone)

    def _brought_in(self, rows: list[DeviceRow], first: bytes, since: int | None) -> list[bytes]:
        gone = [first]
        while True:
            # By when this vault learnt of them: a thief dates certificates as they please.
            more = [
                row.device
                for row in rows
                if row.signer in gone
                and row.device not in gone
                and row.state == "active"
                and not decode_certificate(row.body).paper
                and (since is None or row.added >= since)
            ]
            if not more:
                return gone
            gone += more

    def _named(self, device: str) -> bytes:
        wanted = device.strip().lower()
        with self.session.read() as stores:
            ids = [row.device for row in stores.devices() if row.state != "pending"]
            names = {row.device: row.name.casefold() for row in stores.devices()}
        ids.append(self.session.keys.device)
        found = [
            one
            for one in ids
            if wanted and (one.hex().startswith(wanted) or names.get(one) == device.strip().casefold())
        ]
        if len(found) != 1:
            raise KnownError(
                tr(
                    "Aucun appareil de ce compte ne s’appelle ainsi, ou plusieurs\u00a0: donnez son "
                    "identifiant, que montre «\u00a0carelink account devices\u00a0»."
                )
            )
        return found[0]

    def _counting(self, stores: Stores) -> set[bytes]:
        """Return the devices that some circle still counts."""
        counting: set[bytes] = set()
        for link in stores.links():
            state = self.session.chain(stores, link.circle).state
            me = None if state is None else state.members.get(self.session.account)
            counting |= set(me.devices) if me is not None and me.active else set()
        return counting
