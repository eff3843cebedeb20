"""Who is in the demonstration and what they wrote, as `resources/demo/*.toml` tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import msgspec

from carelink.access.compartments import Compartment
from carelink.access.roles import Function, Role
from carelink.records.bodies import AgreementHow, EntryKind
from carelink.resources import read_text


class Membership(msgspec.Struct, frozen=True):
    """As what someone is in a circle."""

    circle: str
    role: Role
    functions: tuple[Function, ...]
    relation: str
    agreed: AgreementHow | None = None


class Person(msgspec.Struct, frozen=True):
    """Someone with an account; `description` says in a line who that is."""

    key: str
    name: str
    description: str
    circles: tuple[Membership, ...]
    profession: Role | None = None
    rpps: str = ""


class CircleOf(msgspec.Struct, frozen=True):
    """A circle, by the person that it exists for; `coordinator` is the key of who creates it."""

    key: str
    given: str
    birth_name: str
    used_name: str
    birth: dt.date
    sex: str
    coordinator: str


class _Dated(msgspec.Struct, frozen=True, kw_only=True):
    days_ago: int
    time: str

    @property
    def of_day(self) -> dt.time:
        """The time of day."""
        return dt.time.fromisoformat(self.time)


class Note(_Dated, frozen=True, kw_only=True):
    """A transmission; `ref` where it is changed later."""

    author: str
    compartment: Compartment
    kind: EntryKind
    urgent: bool
    text: str
    ref: str = ""


class Amendment(_Dated, frozen=True, kw_only=True):
    """The text that a note's author puts in the place of the first."""

    ref: str
    text: str


class Withdrawal(_Dated, frozen=True, kw_only=True):
    """Why a note's author takes it back."""

    ref: str
    reason: str


Act = Note | Amendment | Withdrawal


class Notebook(msgspec.Struct, frozen=True):
    """All that happened to one circle's cahier."""

    entries: tuple[Note, ...]
    amendments: tuple[Amendment, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()

    @property
    def acts(self) -> tuple[Act, ...]:
        """Everything, in the order in which it happened."""
        acts: tuple[Act, ...] = (*self.entries, *self.amendments, *self.withdrawals)
        return tuple(sorted(acts, key=lambda act: (-act.days_ago, act.time)))


class _People(msgspec.Struct, frozen=True):
    circles: tuple[CircleOf, ...]
    accounts: tuple[Person, ...]


@dataclass(frozen=True)
class Corpus:
    """The people, and each circle's cahier by the circle's key."""

    circles: tuple[CircleOf, ...]
    people: tuple[Person, ...]
    notebooks: dict[str, Notebook]

    @classmethod
    def whole(cls) -> Corpus:
        """Return all of it."""
        people = msgspec.toml.decode(read_text("demo/people.toml"), type=_People)
        notebooks = {
            circle.key: msgspec.toml.decode(read_text(f"demo/entries-{circle.key}.toml"), type=Notebook)
            for circle in people.circles
        }
        return cls(people.circles, people.accounts, notebooks)

    def members(self, circle: str) -> tuple[tuple[Person, Membership], ...]:
        """Return who is in a circle, and as what."""
        return tuple(
            (person, membership)
            for person in self.people
            for membership in person.circles
            if membership.circle == circle
        )

    def slice(self, people: Collection[str], days: int) -> Corpus:
        """Return the last `days` days of these people, for who needs less than all of it.

        Circles whose coordinator is left out are left out.
        """
        circles = tuple(circle for circle in self.circles if circle.coordinator in people)
        keys = {circle.key for circle in circles}
        kept = tuple(
            msgspec.structs.replace(person, circles=tuple(m for m in person.circles if m.circle in keys))
            for person in self.people
            if person.key in people
        )
        notebooks = {key: _recent(self.notebooks[key], people, days) for key in keys}
        return Corpus(circles, kept, notebooks)


def _recent(notebook: Notebook, people: Collection[str], days: int) -> Notebook:
    entries = tuple(note for note in notebook.entries if note.days_ago < days and note.author in people)
    refs = {note.ref for note in entries}
    return Notebook(
        entries,
        tuple(act for act in notebook.amendments if act.ref in refs),
        tuple(act for act in notebook.withdrawals if act.ref in refs),
    )
