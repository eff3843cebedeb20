"""A plain copy of one's own vault, for support and audits."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from carelink.access.policy import Permission
from carelink.models.vault.dump import dump
from carelink.services.requirements import Service, requires
from carelink.services.trace import Trace


class VaultDump(Service):
    """Writing one's own vault in the clear."""

    @requires(Permission.VAULT_USE)
    def write(self, out: Path) -> None:
        """Write every table, index and blob to a plain SQLite file; each circle's trace tells it.

        Raises:
            KnownError: The file exists already, or the disk is full.
        """
        dump(self.session.database, out)
        try:
            Trace(self.session).record_dump()
        except BaseException:
            # Nothing is exported in silence.
            with suppress(OSError):
                out.unlink()
            raise
