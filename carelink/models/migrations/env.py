"""Runs the scripts on the connection that `carelink.models.vault.migrate` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
