"""The time line as its reader sees it: pages of transmissions, and the versions of one."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from carelink.access.compartments import RESTRICTED, Stream, note_stream
from carelink.language import tr
from carelink.models.stores.rows import CLOCK_TOLERANCE_MS
from carelink.models.stores.time_line import AMENDED, PARALLEL, UNREAD, EntryRow, Filter
from carelink.records.bodies import EntryBody, decode_entry, stored_version
from carelink.records.merge import counting, heads, in_order
from carelink.records.revision import Revision, decode_revision
from carelink.services.session import CircleContext, Session, Stores

PAGE = 60


@dataclass(frozen=True, slots=True)
class TimeLineQuery:
    """What to show of the time line; the default shows all.

    Attributes:
        compartments: Volets to keep, or all; "care_inbox" keeps the signals to the carers.
        search: Words that must all stand in the text; the last one may be unfinished.
        since: Not older than this, milliseconds.
        before: `EntryView.place` of the last one already had, to go on from there.
    """

    compartments: tuple[str, ...] = ()
    search: str = ""
    unread: bool = False
    urgent: bool = False
    since: int | None = None
    before: tuple[int, int] | None = None


class Author(msgspec.Struct, frozen=True, gc=False):
    """Who wrote a transmission, as the circle knows them.

    Attributes:
        role: Empty, like `relation`, where their card could not be read.
        mine: It is this account.
    """

    id: str
    name: str
    role: str
    relation: str
    mine: bool


class _Authors(dict[bytes, Author]):
    """The authors of a page by account, each made once."""

    def __init__(self, session: Session, context: CircleContext) -> None:
        super().__init__()
        self._own = session.account
        self._cards = context.cards

    def __missing__(self, account: bytes) -> Author:
        card = self._cards.get(account)
        mine = account == self._own
        author = self[account] = (
            Author(account.hex(), card.name, card.role, card.relation, mine)
            if card is not None
            else Author(account.hex(), tr("membre inconnu"), "", "", mine)
        )
        return author


class _Page:
    """What transmissions read together share, and what was opened of them."""

    def __init__(self, circle: str, authors: _Authors, unsent: set[int]) -> None:
        self.circle = circle
        self.authors = authors
        self.unsent = unsent
        self._versions: dict[int, tuple[Revision, EntryBody]] = {}

    def version(self, row: EntryRow) -> tuple[Revision, EntryBody]:
        """Return the version of a transmission that is shown, opened once."""
        version = self._versions.get(row.pk)
        if version is None:
            version = self._versions[row.pk] = stored_version(row.data)
        return version


class EntryView(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A transmission as its reader sees it.

    What its author wrote is opened when it is first asked for: of a page, a screen paints a few at once.
    """

    page: _Page
    stored: EntryRow

    def __eq__(self, other: object) -> bool:
        """Whether its reader would see the same."""
        return isinstance(other, EntryView) and self._seen() == other._seen()

    def __ne__(self, other: object) -> bool:  # or else msgspec's own, which compares who one is
        return not self == other

    def __hash__(self) -> int:
        return hash(self.stored)

    def _seen(self) -> tuple[object, ...]:
        return (self.stored, self.circle, self.author, self.amended_by, self.taken_by, self.pending)

    @property
    def entry(self) -> str:
        """Its id."""
        return self.page.version(self.stored)[0].record.hex()

    @property
    def key(self) -> int:
        """What tells it from every other of this vault, known without opening it."""
        return self.stored.pk

    @property
    def circle(self) -> str:
        """The id of its circle."""
        return self.page.circle

    @property
    def compartment(self) -> str:
        """The volet it was written in."""
        return self.stored.stream

    @property
    def kind(self) -> str:
        """What kind of note it is."""
        return self.page.version(self.stored)[1].kind

    @property
    def author(self) -> Author:
        """Who wrote it first."""
        return self.page.authors[self.stored.author]

    @property
    def amended_by(self) -> str:
        """Who wrote the version shown, where that is someone else than the author."""
        if not self.amended:
            return ""
        writer = self.page.version(self.stored)[0].author
        return "" if writer == self.stored.author else self.page.authors[writer].name

    @property
    def time(self) -> int:
        """When its author wrote it, milliseconds by their clock."""
        return self.stored.wall

    @property
    def shown(self) -> int:
        """Place on the time line, milliseconds."""
        return self.stored.shown

    @property
    def place(self) -> tuple[int, int]:
        """What to ask for what comes after."""
        return (self.stored.shown, self.stored.pk)

    @property
    def clock_suspect(self) -> bool:
        """Whether the author's clock was ahead of ours."""
        return self.stored.wall > self.stored.shown + CLOCK_TOLERANCE_MS

    @property
    def text(self) -> str:
        """What was written; a withdrawn note is nowhere but in its history."""
        body = self.page.version(self.stored)[1]
        return "" if body.withdrawn else body.text

    @property
    def urgent(self) -> bool:
        """Whether its author calls it urgent."""
        return self.page.version(self.stored)[1].urgent

    @property
    def withdrawn(self) -> bool:
        """Whether it is hidden, with a reason that its history tells."""
        return self.page.version(self.stored)[1].withdrawn

    @property
    def amended(self) -> bool:
        """Whether it has more than one version."""
        return self.stored.marks & AMENDED != 0

    @property
    def parallel(self) -> bool:
        """Whether other versions stand, written at the same time elsewhere."""
        return self.stored.marks & PARALLEL != 0

    @property
    def unread(self) -> bool:
        """Whether this person was not shown it yet."""
        return self.stored.marks & UNREAD != 0

    @property
    def is_signal(self) -> bool:
        """Whether it was signalled to the carers."""
        return self.stored.stream == Stream.CARE_INBOX

    @property
    def is_restricted(self) -> bool:
        """Whether its author named its readers."""
        return self.stored.stream == RESTRICTED

    @property
    def is_sent_away(self) -> bool:
        """Whether it is a signal that left this vault: its sender keeps that it was sent, not its words."""
        return self.is_signal and self.author.mine and not self.text

    @property
    def taken_by(self) -> str:
        """Who took a signal in charge, or nothing."""
        taken_by = self.stored.taken_by
        return "" if taken_by is None else self.page.authors[taken_by].name

    @property
    def pending(self) -> bool:
        """Whether the relay does not have everything of it yet."""
        return self.stored.pk in self.page.unsent

    def as_read(self) -> EntryView:
        """Return it as it is once it was shown to this person."""
        return EntryView(self.page, msgspec.structs.replace(self.stored, marks=self.stored.marks & ~UNREAD))


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a transmission, for its history; `stands` where nobody replaced it."""

    revision: str
    author: Author
    time: int
    text: str
    urgent: bool
    withdrawn: bool
    reason: str
    stands: bool


def read_page(
    session: Session, stores: Stores, circle: bytes, query: TimeLineQuery, limit: int
) -> list[EntryView]:
    """Return a page of a circle's time line, newest first."""
    wanted = Filter(
        streams=tuple(c if c == RESTRICTED else note_stream(c).value for c in query.compartments),
        unread=query.unread,
        urgent=query.urgent,
        since=query.since,
        words=unicodedata.normalize("NFC", query.search),
        before=query.before,
    )
    return _views(session, stores, circle, stores.entries(circle, wanted, limit))


def read_entry(session: Session, stores: Stores, circle: bytes, row: EntryRow) -> EntryView:
    """Return one transmission."""
    (view,) = _views(session, stores, circle, [row])
    return view


def read_versions(
    session: Session, stores: Stores, circle: bytes, stream: str, record: bytes
) -> list[VersionView]:
    """Return every version of a transmission, oldest first in the common order."""
    authors = _Authors(session, session.context(stores, circle))
    held = stores.revisions(circle, stream, record)
    revisions = {key: decode_revision(data) for key, data in held}
    bodies: dict[bytes, EntryBody] = {}
    for key, revision in revisions.items():
        # One that is not a transmission's counts as absent, as in `merge_entry`.
        with suppress(ValueError):
            bodies[key] = decode_entry(revision.body)
    versions = in_order({key: revisions[key] for key in bodies})
    standing = {version.identifier for version in heads(counting(versions, bodies))}
    views = []
    for version in versions:
        body = bodies[version.identifier]
        views.append(
            VersionView(
                revision=version.identifier.hex(),
                author=authors[version.revision.author],
                time=version.revision.wall,
                text=body.text,
                urgent=body.urgent,
                withdrawn=body.withdrawn,
                reason=body.reason,
                stands=version.identifier in standing,
            )
        )
    return views


def _views(session: Session, stores: Stores, circle: bytes, rows: list[EntryRow]) -> list[EntryView]:
    context = session.context(stores, circle)
    page = _Page(
        context.name, _Authors(session, context), stores.unsent(circle) | stores.direct_unsent(circle)
    )
    return [EntryView(page, row) for row in rows]
