"""What is said of each line of a table before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from carelink.errors import KnownError
from carelink.language import tr

_TOLD_AT_ONCE = 20


class Step(StrEnum):
    """What will be done with a line."""

    NEW = "new"
    KNOWN = "known"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One line of the table.

    Attributes:
        number: Of the line in the file.
        name: Who it is about, as far as it says so.
        what: What it says of them, in words.
        errors: Why it cannot be taken; a sentence each.
        warnings: What is worth a look, though it can be taken.
    """

    number: int
    name: str
    what: str
    step: Step
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class LinesError(KnownError):
    """Lines that cannot be taken: nothing was done with any."""

    def __init__(self, lines: tuple[PlannedLine, ...]) -> None:
        told = [
            tr("Ligne {number}\u00a0: {error}", number=line.number, error=error)
            for line in lines
            for error in line.errors
        ]
        more = len(told) - _TOLD_AT_ONCE
        if more > 0:
            told = [*told[:_TOLD_AT_ONCE], tr("… et {count} autres erreurs.", count=more)]
        super().__init__(
            "\n".join([*told, tr("Rien n’a été importé\u00a0: corrigez le fichier et recommencez.")])
        )
        self.lines = lines
