"""The sync state, always visible and honest: offline since, to send, last exchange, refusals."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from carelink.access.policy import Permission
from carelink.language import tr
from carelink.services.exchange.sync import MissingView, RefusalView
from carelink.services.requirements import Service, requires
from carelink.sync.carriers.addresses import HubAddress


@dataclass(frozen=True, slots=True)
class SyncState:
    """Where things stand.

    Attributes:
        offline_since: When an exchange first failed after the last good one, or None.
        last_exchange: When one last ended, or None.
        to_send: Versions of transmissions that the relay does not have.
        held: Notes that wait for a confirmation of their readers.
        conflicts: Transmissions written in parallel that nobody has settled.
        alarms: Circles whose membership is stopped.
    """

    offline_since: int | None
    last_exchange: int | None
    to_send: int
    held: int
    conflicts: int
    refusals: tuple[RefusalView, ...]
    missing: tuple[MissingView, ...]
    alarms: tuple[str, ...]


class State(Service):
    """Reading the sync state."""

    @requires(Permission.VAULT_USE)
    def relays(self) -> tuple[str, ...]:
        """Return the addresses of the relays that this account uses, the newest last."""
        with self.session.read() as stores:
            return tuple(HubAddress(hub.url, hub.fingerprint).link for hub in stores.hubs())

    @requires(Permission.VAULT_USE)
    def device_owners(self, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Return the names of those whose devices these are, each given by its circle and its id."""
        owners = {}
        with self.session.read() as stores:
            for circle in {circle for circle, _ in places}:
                context = self.session.context(stores, bytes.fromhex(circle))
                for device in {device for of, device in places if of == circle}:
                    member = context.state.member_of(bytes.fromhex(device)) if context.state else None
                    card = context.cards.get(member.account) if member is not None else None
                    owners[circle, device] = card.name if card is not None else tr("membre inconnu")
        return owners

    @requires(Permission.VAULT_USE)
    def read(self) -> SyncState:
        """Return the state of the whole vault."""
        with self.session.read() as stores:
            hubs = stores.hubs()
            failures = [hub.last_failure for hub in hubs if hub.last_failure is not None]
            exchanges = [hub.last_exchange for hub in hubs if hub.last_exchange is not None]
            return SyncState(
                offline_since=min(failures, default=None),
                last_exchange=min(exchanges, default=None),
                to_send=stores.pending() + stores.direct_pending(),
                held=stores.held_count(),
                conflicts=stores.parallel_count(),
                refusals=tuple(
                    RefusalView(r.circle.hex(), r.stream, r.device.hex(), r.seq, r.why)
                    for r in stores.refusals()
                ),
                missing=tuple(
                    MissingView(m.circle.hex(), m.stream, m.device.hex(), m.seq, m.place)
                    for m in stores.missing()
                ),
                alarms=tuple(link.circle.hex() for link in stores.links() if link.alarm),
            )
