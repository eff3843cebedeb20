"""What is said of a device."""

from __future__ import annotations

from carelink.language import tr
from carelink.services.devices import DeviceView
from carelink.services.moments import day_words, local_time


def device_name(view: DeviceView) -> str:
    """Return what a device is called, or what it is."""
    if view.paper:
        return tr("Feuille de secours")
    return view.name or (tr("Cet ordinateur") if view.this else tr("Ordinateur sans nom"))


def since_line(view: DeviceView) -> str:
    """Return since when it is one of the account's."""
    day = day_words(local_time(view.since).date(), year=True)
    if view.paper:
        return tr("faite le {day}", day=day)
    return tr("ajouté le {day}", day=day)


def state_words(view: DeviceView) -> str:
    """Return that it counts no more, or nothing."""
    match view.state:
        case "revoking":
            return tr("révoqué au prochain échange")
        case "revoked":
            return tr("remplacée") if view.paper else tr("révoqué")
        case _:
            return ""
