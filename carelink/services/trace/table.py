"""The access trace as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from carelink.access.compartments import Stream
from carelink.language import tr
from carelink.records.bodies import TraceAction
from carelink.services.moments import local_time
from carelink.services.trace.views import TraceView
from carelink.services.wording import compartment_name

BOM: Final = "\ufeff"
# A spreadsheet takes what begins so for a formula; some take the wide forms too.
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")


def table(views: Iterable[TraceView]) -> bytes:
    """Return accesses as CSV: semicolons, UTF-8 with its mark, as a French spreadsheet opens it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(
        (
            tr("Date"),
            tr("Heure"),
            tr("Personne"),
            tr("Qualité"),
            tr("Dans le cercle"),
            tr("Acte"),
            tr("Volet"),
        )
    )
    for view in views:
        moment = local_time(view.time)
        cells = (
            moment.date().isoformat(),
            f"{moment:%H:%M}",
            view.person.name,
            view.person.what,
            tr("non") if view.person.left else tr("oui"),
            _action_name(view.action),
            _volet_name(view.compartment),
        )
        writer.writerow([cell(value) for value in cells])
    return (BOM + text.getvalue()).encode()


def cell(text: str) -> str:
    """Return a text that a spreadsheet shows and never computes: names are what people typed."""
    flat = "".join(" " if character < " " or character == "\x7f" else character for character in text)
    return f"'{flat}" if flat.lstrip()[:1] in _FORMULA else flat


def _action_name(action: str) -> str:
    names = {
        TraceAction.OPENED: tr("ouverture"),
        TraceAction.SEARCHED: tr("recherche"),
        TraceAction.EXPORTED: tr("export"),
    }
    return {str(code): name for code, name in names.items()}.get(action, tr("acte inconnu de cette version"))


def _volet_name(compartment: str) -> str:
    return tr("Consultations") if compartment == Stream.TRACE else compartment_name(compartment)
