"""Residents from a table: one circle each, all of them or none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from carelink.access.policy import Permission
from carelink.interop.tables import read_table, write_table
from carelink.language import tr
from carelink.models.vault.files import create_named_file
from carelink.services.circles import founding_relay, founding_terms
from carelink.services.founding import found_circle
from carelink.services.imports.columns import find_columns
from carelink.services.imports.identities import KnownPeople, Reading, Resident, resident_columns
from carelink.services.imports.lines import LinesError, PlannedLine, Step
from carelink.services.moments import local_time
from carelink.services.requirements import Service, requires
from carelink.services.session import Stores


@dataclass(frozen=True, slots=True)
class ResidentPlan:
    """What an import would do.

    Attributes:
        residents: Those of the lines without error, in order.
        ignored: Headings of columns that are not taken over.
    """

    lines: tuple[PlannedLine, ...]
    residents: tuple[Resident, ...]
    ignored: tuple[str, ...]

    @property
    def wrong(self) -> tuple[PlannedLine, ...]:
        """The lines that cannot be taken."""
        return tuple(line for line in self.lines if line.errors)

    def count(self, step: Step) -> int:
        """Return for how many lines something will be done."""
        return sum(line.step is step for line in self.lines)


@dataclass(frozen=True, slots=True)
class ImportedResident:
    """A line that was taken: its circle is new, or was there."""

    line: int
    name: str
    circle: str
    new: bool


class ResidentImport(Service):
    """Circles of an establishment's residents."""

    @requires(Permission.VAULT_USE)
    def check(self, data: bytes) -> ResidentPlan:
        """Return what would be done with each line of a file; nothing is.

        Raises:
            KnownError: It is no table, or columns are missing.
        """
        with self.session.read() as stores:
            return self._plan(stores, data)

    @requires(Permission.VAULT_USE)
    def carry_out(
        self, data: bytes, hub: str = "", role: str = "", functions: Collection[str] = ()
    ) -> tuple[ImportedResident, ...]:
        """Make a circle for each resident who has none: all of them, or none.

        Nothing is sent yet: each is proposed to the relay at the next exchange.

        Args:
            data: The file.
            hub: The relay's address; by default the one that this account uses already.
            role: As what the account founds them, as of `Circles.create`.
            functions: Added to the role.

        Returns:
            Every line, those whose circle was there already too.

        Raises:
            LinesError: Lines that cannot be taken; nothing was done.
            KnownError: It is no table, an unknown role, or no relay known.
        """
        session = self.session
        terms = founding_terms(session, role, functions)
        with session.write() as stores:
            # Looked at here again: another window may have founded some of them meanwhile.
            plan = self._plan(stores, data)
            if plan.wrong:
                raise LinesError(plan.wrong)
            there = KnownPeople(stores)
            relay = founding_relay(stores, hub)
            done = []
            for resident in plan.residents:
                circle = there.find(resident)
                new = circle is None
                if circle is None:
                    circle = found_circle(session, stores, relay, resident.patient, terms)
                there.add(circle, resident)
                if resident.ins:
                    stores.set_ins(circle, resident.ins)
                done.append(ImportedResident(resident.line, resident.patient.display, circle.hex(), new))
        return tuple(done)

    @requires(Permission.VAULT_USE)
    def save_model(self, out: Path, *, replacing: bool = False) -> None:
        """Write an empty list to fill in, as a spreadsheet opens it.

        Raises:
            KnownError: There is such a file already, or it cannot be written.
        """
        titles = [column.title for column in resident_columns() if column.code != "ins_oid"]
        create_named_file(out, write_table([titles]), replacing=replacing)

    def _plan(self, stores: Stores, data: bytes) -> ResidentPlan:
        table = read_table(data)
        columns = find_columns(table, resident_columns())
        there = KnownPeople(stores)
        today = local_time(self.session.clock()).date()
        lines, residents = [], []
        for line in table.lines:
            reading = Reading(columns, line, today)
            resident = reading.resident
            if resident is None:
                lines.append(reading.planned(Step.WRONG))
                continue
            known = there.find(resident)
            first = there.line_of(known) if known is not None else None
            if first is not None and not there.same_names(resident, known):
                reading.errors.append(
                    tr("Le matricule INS est déjà celui de la ligne {number}.", number=first)
                )
                lines.append(reading.planned(Step.WRONG))
                continue
            reading.warnings += there.doubts(resident, known)
            place = known if known is not None else line.number.to_bytes(4, "big")
            there.add(place, resident)
            residents.append(resident)
            lines.append(reading.planned(Step.NEW if known is None else Step.KNOWN))
        return ResidentPlan(tuple(lines), tuple(residents), columns.ignored)
