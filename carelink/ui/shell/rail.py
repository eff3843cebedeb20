"""Where an open account leads: everyone, or the one person, then locking and the settings."""

from __future__ import annotations

from carelink.language import tr
from carelink.ui.widgets import NavItem, NavRail

PERSONS, PERSON, SETTINGS, LOCK = "persons", "person", "settings", "lock"


def desk_rail(*, alone: bool) -> NavRail:
    """Return the rail of someone with many persons, or with one alone; its place is the current one."""
    place = NavItem(PERSON, tr("Cahier"), "book") if alone else NavItem(PERSONS, tr("Personnes"), "users")
    rail = NavRail(
        tr("Navigation"),
        [place],
        [
            NavItem(LOCK, tr("Verrouiller"), "lock", page=False),
            NavItem(SETTINGS, tr("Réglages"), "settings"),
        ],
    )
    rail.set_current(place.code)
    return rail
