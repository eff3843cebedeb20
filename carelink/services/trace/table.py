"""The access trace as a table for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable

from carelink.access.compartments import Stream
from carelink.interop.tables import write_table
from carelink.language import tr
from carelink.records.bodies import TraceAction
from carelink.services.moments import local_time
from carelink.services.trace.views import TraceView
from carelink.services.wording import compartment_name


def table(views: Iterable[TraceView]) -> bytes:
    """Return accesses as CSV, in the order given."""
    headings = (
        tr("Date"),
        tr("Heure"),
        tr("Personne"),
        tr("Qualité"),
        tr("Dans le cercle"),
        tr("Acte"),
        tr("Volet"),
    )
    return write_table([headings, *map(_cells, views)])


def _cells(view: TraceView) -> tuple[str, ...]:
    moment = local_time(view.time)
    return (
        moment.date().isoformat(),
        f"{moment:%H:%M}",
        view.person.name,
        view.person.what,
        tr("non") if view.person.left else tr("oui"),
        _action_name(view.action),
        _volet_name(view.compartment),
    )


def _action_name(action: str) -> str:
    names = {
        TraceAction.OPENED: tr("ouverture"),
        TraceAction.SEARCHED: tr("recherche"),
        TraceAction.EXPORTED: tr("export"),
    }
    return {str(code): name for code, name in names.items()}.get(action, tr("acte inconnu de cette version"))


def _volet_name(compartment: str) -> str:
    return tr("Consultations") if compartment == Stream.TRACE else compartment_name(compartment)
