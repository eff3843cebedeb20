"""How an account is introduced, before and after it is open."""

from __future__ import annotations

from carelink.language import tr
from carelink.services.wording import role_name


def profession_words(profession: str | None) -> str:
    """Return as what someone uses this PC, with a capital."""
    words = role_name(profession) if profession else tr("famille et proches")
    return words[:1].upper() + words[1:]
