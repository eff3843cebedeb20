"""Emergency access in words, as its panel, its banners and its section say it."""

from __future__ import annotations

from carelink.language import tr
from carelink.services.emergency import EmergencyView
from carelink.services.moments import at_words, clock_words
from carelink.ui.person.moments import local_time, today


def hours_words(hours: int) -> str:
    """Return "1 heure", "4 heures"."""
    return tr("1\u00a0heure") if hours == 1 else tr("{hours}\u00a0heures", hours=hours)


def end_words(view: EmergencyView) -> str:
    """Return until when it opens the record: "23 h 04", or with its day where that is another one."""
    end = local_time(view.until)
    if end.date() == today():
        return clock_words(end)
    return tr("demain à {clock}", clock=clock_words(end))


def under_way_words(view: EmergencyView) -> str:
    """Return who opened the record, when, why, and until when."""
    return tr(
        "{sentence}. Le dossier lui reste ouvert jusqu’à {end}.", sentence=view.sentence, end=end_words(view)
    )


def past_words(view: EmergencyView) -> str:
    """Return what was opened, and until when it was to last, or was open if it was closed before."""
    if view.cut is not None:
        return tr(
            "{sentence}. L’accès a été fermé avant son terme, {when}.",
            sentence=view.sentence,
            when=at_words(view.cut, today()),
        )
    return tr(
        "{sentence}. C’était prévu jusqu’à {end}.",
        sentence=view.sentence,
        end=at_words(view.until, today()),
    )
