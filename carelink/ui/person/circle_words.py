"""Stays and decisions in words: who was in a circle, who closed or opened what to whom."""

from __future__ import annotations

from carelink.language import tr
from carelink.services.circles import CircleView
from carelink.services.members import StayView
from carelink.services.wording import compartment_name
from carelink.ui.person.moments import day_words, local_time, today
from carelink.ui.person.words import first_name


def day_of(moment: int) -> str:
    """Return the day of a moment, with its year where that is not this one."""
    day = local_time(moment).date()
    return day_words(day, year=day.year != today().year)


def stay_words(stay: StayView) -> str:
    """Return a stay that is over: "Du 3 mars au 12 mai, a quitté le cercle"."""
    since, until = day_of(stay.since), day_of(stay.until)
    match stay.how:
        case "left":
            how = tr("a quitté le cercle")
        case "expired":
            how = tr("séjour arrivé à sa date de fin")
        case _:
            how = tr("a été retiré ou retirée")
    if since == until:
        return tr("Le {day}, {how}", day=since, how=how)
    return tr("Du {since} au {until}, {how}", since=since, until=until, how=how)


def decision_words(view: CircleView, member: str, volet: str) -> str:
    """Return by whom and since when a volet is closed or opened to a member, or nothing."""
    names = {known.id: known.name for known in view.members}
    for denial in view.denials:
        if (denial.member, denial.compartment) == (member, volet):
            noted, refused = tr("Refus noté par {name}, le {day}"), tr("Refusé par {name}, le {day}")
            name = names.get(denial.by, tr("un membre"))
            said = noted if denial.on_behalf else refused
            return _dated(said, name, denial.since, denial.until)
    for grant in view.grants:
        if (grant.member, grant.compartment) == (member, volet):
            name = names.get(grant.by, tr("un membre"))
            return _dated(tr("Accordé par {name}, le {day}"), name, grant.since, grant.until)
    return ""


def _dated(words: str, name: str, since: int, until: int | None) -> str:
    said = words.format(name=name, day=day_of(since))
    return said if until is None else tr("{said}, jusqu’au {day}", said=said, day=day_of(until))


def over_words(view: CircleView) -> str:
    """Return that the stay of this vault's account is over, since when, and what is kept; or nothing."""
    mine = view.mine
    if mine is None or mine.active or not mine.stays:
        return ""
    day = day_of(mine.stays[0].until)
    match mine.stays[0].how:
        case "left":
            said = tr("Vous avez quitté ce cercle le {day}.", day=day)
        case "expired":
            said = tr("Votre séjour dans ce cercle s’est terminé le {day}, comme prévu.", day=day)
        case _:
            said = tr("Vous n’êtes plus dans ce cercle depuis le {day}.", day=day)
    kept = tr("Ce que vous aviez reçu reste ici, à lire seulement. Rien de nouveau n’y arrivera.")
    return f"{said} {kept}"


def closed_words(view: CircleView) -> str:
    """Return which volets were closed to this vault's account, and what is kept of them; or nothing."""
    mine = view.mine
    if mine is None or not mine.active or not view.kept:
        return ""
    volets = ", ".join(compartment_name(volet) for volet in view.kept)
    denial = next((d for d in view.denials if d.member == mine.id and d.compartment in view.kept), None)
    said = tr("Vous ne lisez plus ce qui s’écrit ici\u00a0: {volets}.", volets=volets)
    if denial is not None and not denial.on_behalf:
        by = next((first_name(m.name) for m in view.members if m.id == denial.by), "")
        if by:
            said = tr("{name} vous a fermé\u00a0: {volets}.", name=by, volets=volets)
    return f"{said} " + tr("Ce que vous aviez reçu reste ici.")
