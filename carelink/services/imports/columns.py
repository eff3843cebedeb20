"""Which column of a table is which, by its heading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from carelink.errors import KnownError
from carelink.interop.tables import Table, TableLine, folded
from carelink.language import tr


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is known.

    Attributes:
        title: As a French spreadsheet heads it, and as it is named to people.
        headings: Other headings that say the same.
        vague: Headings that say so where no other column does.
    """

    code: str
    title: str
    headings: tuple[str, ...] = ()
    vague: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each known column stands.

    Attributes:
        ignored: Headings of the others.
    """

    places: Mapping[str, int]
    ignored: tuple[str, ...]

    def text(self, line: TableLine, code: str) -> str:
        """Return what a line says in a column, or nothing where there is no such column."""
        place = self.places.get(code)
        return "" if place is None else line.cells[place]


def find_columns(table: Table, known: Sequence[Column]) -> Columns:
    """Return which column is which.

    Raises:
        KnownError: A required one is missing, or two say the same.
    """
    places: dict[str, int] = {}
    left: dict[int, str] = {}
    for place, heading in enumerate(table.headings):
        plain = folded(heading)
        column = next((c for c in known if plain in map(folded, (c.code, c.title, *c.headings))), None)
        if column is None:
            left[place] = plain
        elif column.code in places:
            raise KnownError(
                tr(
                    "Deux colonnes disent la même chose («\u00a0{first}\u00a0» et "
                    "«\u00a0{second}\u00a0»)\u00a0: gardez-en une. Rien n’a été lu.",
                    first=table.headings[places[column.code]],
                    second=heading,
                )
            )
        else:
            places[column.code] = place
    for place, plain in list(left.items()):
        column = next((c for c in known if c.code not in places and plain in map(folded, c.vague)), None)
        if column is not None:
            places[column.code] = place
            del left[place]
    missing = [column.title for column in known if column.required and column.code not in places]
    if missing:
        raise KnownError(
            tr(
                "La première ligne du tableau doit porter les titres des colonnes. Il y manque\u00a0: "
                "{titles}. Rien n’a été lu.",
                titles=", ".join(missing),
            )
        )
    return Columns(places, tuple(table.headings[place] for place in left if table.headings[place]))
