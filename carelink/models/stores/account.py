"""The vault's own account, its device's keys, its settings, the relays it knows."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from carelink.models import schema


@dataclass(frozen=True, slots=True, repr=False)
class AccountRow:
    """Whose vault this is; `signing_key` and `hpke_key` are private."""

    account: bytes
    name: str
    profession: str
    rpps: str
    name_salt: bytes
    device: bytes
    signing_key: bytes
    hpke_key: bytes
    certificate: bytes
    certificate_signature: bytes
    created: int
    certificate_signer: bytes = b""


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """Another device of the account.

    Attributes:
        name: What its owner calls it on this PC.
        state: "pending" (a sheet whose words were not checked yet), "active" or "revoked".
        added: When this vault learnt of it, milliseconds since 1970.
        owner: Of a sheet made or used here, the part of its blob that never changes; otherwise empty.
    """

    device: bytes
    body: bytes
    signature: bytes
    signer: bytes
    name: str
    state: str
    added: int
    owner: bytes = b""


@dataclass(frozen=True, slots=True)
class HubRow:
    """A relay as known here.

    Attributes:
        hub_key: Pinned public key, or None before the first contact.
        fingerprint: SHA-256 of a self-signed certificate in hexadecimal, or empty.
        last_exchange: When an exchange last ended, milliseconds, or None.
        last_failure: When one last failed since, or None.
    """

    pk: int
    url: str
    hub_key: bytes | None
    fingerprint: str
    last_exchange: int | None
    last_failure: int | None


class AccountStore:
    """Reads and writes what belongs to the account as a whole."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def save(self, row: AccountRow) -> None:
        """Keep the account that this vault is for."""
        self.connection.execute(
            schema.account.insert().values(
                account=row.account,
                name=row.name,
                profession=row.profession,
                rpps=row.rpps,
                name_salt=row.name_salt,
                device=row.device,
                signing_key=row.signing_key,
                hpke_key=row.hpke_key,
                certificate=row.certificate,
                certificate_signature=row.certificate_signature,
                certificate_signer=row.certificate_signer,
                created=row.created,
            )
        )

    def load(self) -> AccountRow:
        """Return the account that this vault is for."""
        row = self.connection.execute(select(schema.account)).one()
        return AccountRow(
            row.account,
            row.name,
            row.profession or "",
            row.rpps or "",
            row.name_salt,
            row.device,
            row.signing_key,
            row.hpke_key,
            row.certificate,
            row.certificate_signature,
            row.created,
            row.certificate_signer,
        )

    def devices(self) -> list[DeviceRow]:
        """Return the account's other devices, in the order in which they became known."""
        c = schema.devices.c
        rows = self.connection.execute(select(schema.devices).order_by(c.added, c.device))
        return [DeviceRow(*row) for row in rows]

    def add_device(self, row: DeviceRow) -> None:
        """Keep a device that is not known yet."""
        self.connection.execute(insert(schema.devices).values(asdict(row)).on_conflict_do_nothing())

    def set_device_state(self, device: bytes, state: str) -> None:
        """Say that a device counts, or no more."""
        self.connection.execute(
            update(schema.devices).where(schema.devices.c.device == device).values(state=state)
        )

    def name_device(self, device: bytes, name: str) -> None:
        """Call a device something else."""
        self.connection.execute(
            update(schema.devices).where(schema.devices.c.device == device).values(name=name)
        )

    def drop_device(self, device: bytes) -> None:
        """Forget a sheet that never counted."""
        self.connection.execute(delete(schema.devices).where(schema.devices.c.device == device))

    def setting(self, key: str) -> object:
        """Return a setting's value, or None."""
        value = self.connection.scalar(select(schema.settings.c.value).where(schema.settings.c.key == key))
        return None if value is None else json.loads(value)

    def set_setting(self, key: str, value: object) -> None:
        """Keep a setting."""
        text = json.dumps(value)
        self.connection.execute(
            insert(schema.settings)
            .values(key=key, value=text)
            .on_conflict_do_update(index_elements=["key"], set_={"value": text})
        )

    def hubs(self) -> list[HubRow]:
        """Return the relays known."""
        c = schema.hubs.c
        rows = self.connection.execute(
            select(c.pk, c.url, c.hub_key, c.fingerprint, c.last_exchange, c.last_failure).order_by(c.pk)
        )
        return [HubRow(*row) for row in rows]

    def relay(self, url: str, fingerprint: str = "", hub_key: bytes | None = None) -> HubRow:
        """Return the relay at an address, known from now on."""
        self.connection.execute(
            insert(schema.hubs)
            .values(url=url, fingerprint=fingerprint, hub_key=hub_key, cursor=-1, letters=0)
            .on_conflict_do_nothing()
        )
        c = schema.hubs.c
        self.connection.execute(
            update(schema.hubs)
            .where(c.url == url, c.hub_key.is_(None))
            .values(fingerprint=fingerprint, hub_key=hub_key)
        )
        return next(row for row in self.hubs() if row.url == url)

    def pin(self, hub: int, hub_key: bytes) -> None:
        """Keep a relay's public key from the first contact on."""
        self.connection.execute(update(schema.hubs).where(schema.hubs.c.pk == hub).values(hub_key=hub_key))

    def exchanged(self, hub: int, when: int, *, ended: bool) -> None:
        """Note an exchange that ended, or the first that failed since."""
        c = schema.hubs.c
        change = update(schema.hubs).where(c.pk == hub)
        if ended:
            change = change.values(last_exchange=when, last_failure=None)
        else:
            change = change.where(c.last_failure.is_(None)).values(last_failure=when)
        self.connection.execute(change)

    def held_count(self) -> int:
        """Return how many of our notes wait for a confirmation of their readers."""
        c = schema.outbox.c
        return (
            self.connection.scalar(
                select(func.count())
                .select_from(schema.outbox)
                .where(c.held_for.is_not(None), c.held_for != "confirmed")
            )
            or 0
        )
