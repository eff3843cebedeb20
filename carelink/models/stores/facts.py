"""Facts and recorded decisions, read back from their revisions: few, and never on the time line."""

from __future__ import annotations

from carelink.models.stores.scope import Scope

# Written out: an index over these rows alone serves only a query that says the same.
_FACTS = (
    "SELECT record, revision, data FROM revisions "
    "WHERE kind = 'fact' AND circle_pk = ? AND stream = ? ORDER BY pk"
)
_DECISIONS = (
    "SELECT kind, data FROM revisions "
    "WHERE stream = 'decisions' AND circle_pk = ? AND kind <> 'fact' ORDER BY pk DESC LIMIT ?"
)


class FactStore(Scope):
    """Reads what stands in `decisions`, and what carers were told of it."""

    def facts(self, circle: bytes, stream: str) -> dict[bytes, dict[bytes, bytes]]:
        """Return the revisions of every fact of a stream: data by revision id, by record."""
        found: dict[bytes, dict[bytes, bytes]] = {}
        for record, revision, data in self.fetch(_FACTS, (self.pk(circle), stream)):
            found.setdefault(record, {})[revision] = data
        return found

    def decisions(self, circle: bytes, limit: int) -> list[tuple[str, bytes]]:
        """Return the recorded decisions (kind, revision), newest first."""
        return [(kind, data) for kind, data in self.fetch(_DECISIONS, (self.pk(circle), limit))]
