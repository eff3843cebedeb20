"""Figures against a floor measured in the same run; each module prints one JSON object."""

from __future__ import annotations

PASSPHRASE = "cheval batterie agrafe correct"
