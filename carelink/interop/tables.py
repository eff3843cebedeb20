"""Tables as spreadsheets keep them: CSV in whatever way it was saved, and CSV that computes nothing."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from carelink.errors import KnownError
from carelink.language import tr

MAX_BYTES: Final = 1_000_000
MAX_LINES: Final = 2_000
MAX_COLUMNS: Final = 200
MAX_CELL_CHARACTERS: Final = 1_000
_BOM: Final = "\ufeff"
_DELIMITERS: Final = ";,\t"
# A spreadsheet takes what begins so for a formula; some take the wide forms too.
_FORMULA: Final = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_BINARY: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TableLine:
    """One line with something in it.

    Attributes:
        number: Of the line of the file on which it begins, the first being 1.
        cells: As many as there are headings, without spaces around.
        too_many: Whether more cells than headings hold something.
    """

    number: int
    cells: tuple[str, ...]
    too_many: bool


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, and the lines below them; empty ones are left out."""

    headings: tuple[str, ...]
    lines: tuple[TableLine, ...]


def read_table(data: bytes) -> Table:
    """Read a CSV file, however its cells are separated and its letters encoded.

    Raises:
        KnownError: It is no such table, or one too large to be what it is taken for.
    """
    if len(data) > MAX_BYTES:
        raise KnownError(
            tr(
                "Ce fichier est trop gros pour une liste de personnes ({limit}\u00a0Mo au plus)\u00a0: "
                "rien n’a été lu.",
                limit=MAX_BYTES // 1_000_000,
            )
        )
    text = _decoded(data)
    first = 1
    separator = _SEPARATOR_LINE.match(text)
    if separator is not None:
        text, first = text[separator.end() :], 2
    delimiter = separator[1] if separator is not None else _delimiter(text)
    if delimiter in '"\r\n' or not text.strip():
        raise _no_table()
    lines = _lines(text, delimiter, first)
    headings = next(lines, None)
    if headings is None:
        raise _no_table()
    names = list(headings[1])
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise _no_table()
    found: list[TableLine] = []
    for number, cells in lines:
        if len(found) == MAX_LINES:
            raise KnownError(
                tr(
                    "Ce tableau a plus de {limit}\u00a0lignes\u00a0: rien n’a été lu. Importez-le en "
                    "plusieurs fichiers.",
                    limit=MAX_LINES,
                )
            )
        kept = [*cells[: len(names)], *[""] * (len(names) - len(cells))]
        found.append(TableLine(number, tuple(kept), any(cells[len(names) :])))
    return Table(tuple(names), tuple(found))


def write_table(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV: semicolons, UTF-8 with its mark, as a French spreadsheet opens it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell(value) for value in row])
    return (_BOM + text.getvalue()).encode()


def cell(text: str) -> str:
    """Return a text that a spreadsheet shows and never computes: names are what people typed."""
    flat = "".join(" " if character < " " or character == "\x7f" else character for character in text)
    return f"'{flat}" if _computes(flat) else flat


def folded(text: str) -> str:
    """Return a text without accents, case, punctuation or double spaces, to compare headings and names."""
    taken_apart = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe")).casefold()
    letters = (c if c.isalnum() else " " for c in taken_apart if not unicodedata.combining(c))
    return " ".join("".join(letters).split())


def _decoded(data: bytes) -> str:
    if data.startswith(_WORKBOOKS):
        raise KnownError(
            tr(
                "Ce fichier est un classeur, pas un tableau CSV\u00a0: ouvrez-le, enregistrez-le au format "
                "«\u00a0CSV (séparateur point-virgule)\u00a0», puis choisissez ce nouveau fichier."
            )
        )
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _BINARY.search(text):
            break
        return text
    raise _no_table()


def _delimiter(text: str) -> str:
    """Return what separates the cells of the first line that holds something."""
    heading = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(heading.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def _lines(text: str, delimiter: str, first: int) -> Iterator[tuple[int, list[str]]]:
    """Give the lines that hold something, each with the number of the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = first
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise KnownError(
                tr(
                    "Le tableau ne se lit plus à partir de la ligne {line}\u00a0: un guillemet y est mal "
                    "placé, ou une case n’a pas de fin. Rien n’a été lu.",
                    line=begins,
                )
            ) from None
        if row is None:
            return
        cells = [_cleaned(value) for value in row]
        if any(cells):
            if max(map(len, cells)) > MAX_CELL_CHARACTERS:
                raise KnownError(
                    tr(
                        "Une case de la ligne {line} est trop longue ({limit} caractères au plus)\u00a0: "
                        "rien n’a été lu.",
                        line=begins,
                        limit=MAX_CELL_CHARACTERS,
                    )
                )
            yield begins, cells
        begins = first + reader.line_num


def _cleaned(value: str) -> str:
    """Return a cell as it was meant: no spaces around, nor the mark that keeps it from being computed."""
    cleaned = unicodedata.normalize("NFC", " ".join(value.split()))
    return cleaned[1:].lstrip() if cleaned[:1] == "'" and _computes(cleaned) else cleaned


def _computes(text: str) -> bool:
    """Whether a text begins as a formula does, marked already or not."""
    return text.lstrip(" '")[:1] in _FORMULA


def _no_table() -> KnownError:
    return KnownError(
        tr(
            "Ce fichier n’est pas un tableau CSV\u00a0: rien n’a été lu. Enregistrez la liste au format CSV "
            "depuis votre tableur, avec un titre à chaque colonne."
        )
    )
