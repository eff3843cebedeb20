"""The note being written: kept in the vault at each pause, so that lock, switch and crash spare it."""

from __future__ import annotations

from dataclasses import dataclass

from carelink.access.policy import Permission
from carelink.models.stores.time_line import DraftRow
from carelink.records.bodies import EntryKind
from carelink.services.requirements import Service, requires


@dataclass(frozen=True, slots=True)
class Draft:
    """A half-written note."""

    compartment: str
    text: str
    kind: str = EntryKind.NOTE
    urgent: bool = False


class Drafts(Service):
    """Half-written notes, one a circle."""

    @requires(Permission.CIRCLE_READ)
    def get(self, circle: str) -> Draft | None:
        """Return the note being written in a circle."""
        with self.session.read() as stores:
            row = stores.draft(self.session.circle_id(stores, circle))
        return None if row is None else Draft(row.compartment, row.text, row.kind, row.urgent)

    @requires(Permission.CIRCLE_READ)
    def save(self, circle: str, draft: Draft) -> None:
        """Keep the note being written; an empty one is forgotten."""
        with self.session.write() as stores:
            identifier = self.session.circle_id(stores, circle)
            if draft.text.strip():
                stores.save_draft(
                    identifier,
                    DraftRow(draft.compartment, draft.text, draft.kind, draft.urgent, self.session.clock()),
                )
            else:
                stores.drop_draft(identifier)
