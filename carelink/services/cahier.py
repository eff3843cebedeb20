"""The cahier de liaison: writing, correcting, withdrawing, reading, who will read."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec import structs

from carelink.access.compartments import NOTE_STREAMS, RESTRICTED, Stream, note_stream
from carelink.access.policy import Permission, allows
from carelink.access.registry import Member
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.stores.time_line import EntryRow
from carelink.records.bodies import (
    MAX_REASON_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    EntryBody,
    EntryKind,
    RecordKind,
    encode_body,
)
from carelink.records.merge import merge_entry, withdrawn_by
from carelink.records.revision import (
    MAX_PARENTS,
    Revision,
    decode_revision,
    new_record_id,
)
from carelink.services.errors import (
    EmptyTextError,
    NotAllowedError,
    TextTooLongError,
    UnknownEntryError,
)
from carelink.services.members import member_views
from carelink.services.naming import publish_named, readers_of, require_may_go_on
from carelink.services.publishing import publish
from carelink.services.requirements import Service, requires
from carelink.services.session import CircleContext, Session, Stores
from carelink.services.status_views import no_signal, require_writable_kind, status_now
from carelink.services.time_line import (
    PAGE,
    EntryView,
    TimeLineQuery,
    VersionView,
    read_entry,
    read_page,
    read_versions,
)


@dataclass(frozen=True, slots=True)
class ReaderName:
    """Someone who will read."""

    id: str
    name: str
    role: str
    relation: str
    professional: bool


@dataclass(frozen=True, slots=True)
class Audience:
    """Who will read what is published in a volet, by name.

    Attributes:
        readers: Everyone but the author.
        without_access: Family and patient who will not read, named where that matters.
    """

    compartment: str
    readers: tuple[ReaderName, ...]
    without_access: tuple[ReaderName, ...]


@dataclass(frozen=True, slots=True)
class HeldNote:
    """A note of ours that waits: these people would read it and were not shown when it was written."""

    entry: str
    circle: str
    readers: tuple[str, ...]


def clean_text(text: str) -> str:
    """Return a text as it is kept: NFC, trimmed.

    Raises:
        KnownError: Empty, or over the limit.
    """
    cleaned = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\x00", "")).strip()
    if not cleaned:
        raise EmptyTextError
    if len(cleaned) > MAX_TEXT_CHARACTERS:
        raise TextTooLongError(len(cleaned), MAX_TEXT_CHARACTERS)
    return cleaned


class Cahier(Service):
    """One person's cahier de liaison."""

    @requires(Permission.ENTRY_WRITE)
    def write(
        self,
        circle: str,
        compartment: str,
        text: str,
        kind: str = EntryKind.NOTE,
        urgent: bool = False,
    ) -> str:
        """Publish a transmission: it is in the vault for good when this returns, sent when possible.

        Args:
            circle: Whose cahier.
            compartment: A volet, or "care_inbox" to signal something to the carers, who alone read it.
            text: The words.
            kind: An `EntryKind`; a signal is a plain note.
            urgent: Whether it is to be read first.

        Returns:
            The transmission's id in hexadecimal.

        Raises:
            KnownError: An empty or too long text, an unknown kind, no right to write there, nobody who
                would read a signal.
        """
        stream = note_stream(compartment)
        if kind not in set(EntryKind):
            known = ", ".join(EntryKind)
            raise KnownError(
                tr("Ce genre de note n’est pas connu\u202f; choisissez parmi\u00a0: {known}.", known=known)
            )
        body = EntryBody(clean_text(text), kind, urgent, withdrawn=False, reason="")
        record = new_record_id(self.session.clock())
        with self.session.write() as stores:
            identifier = self.session.circle_id(stores, circle)
            if stream is Stream.CARE_INBOX:
                no_signal(stores, identifier)
                self._require_carers(stores, identifier)
                body = structs.replace(body, kind=EntryKind.NOTE)
            require_writable_kind(stores, identifier, body.kind)
            publish_entry(self.session, stores, identifier, stream, record, (), body)
            stores.drop_draft(identifier)
        return record.hex()

    @requires(Permission.VAULT_USE)
    def amend(self, entry: str, text: str, urgent: bool | None = None) -> None:
        """Correct a transmission; the history keeps the versions before.

        Raises:
            KnownError: Unknown or withdrawn, no right to write there, an empty or too long text.
        """
        cleaned = clean_text(text)

        def change(current: EntryBody) -> EntryBody:
            if current.withdrawn:
                raise KnownError(tr("Cette note a été retirée\u00a0: elle ne peut plus être corrigée."))
            return EntryBody(
                cleaned,
                current.kind,
                current.urgent if urgent is None else urgent,
                withdrawn=False,
                reason="",
            )

        self._revise(entry, change)

    @requires(Permission.VAULT_USE)
    def withdraw(self, entry: str, reason: str) -> None:
        """Hide a transmission with a reason; its author, or who runs the circle. Nothing is erased.

        Raises:
            KnownError: Unknown, not one's own, or no reason given.
        """
        cleaned = unicodedata.normalize("NFC", reason).strip()
        if not cleaned or len(cleaned) > MAX_REASON_CHARACTERS:
            raise KnownError(
                tr(
                    "Dites en quelques mots pourquoi cette note est retirée ({limit} caractères au plus).",
                    limit=MAX_REASON_CHARACTERS,
                )
            )

        def change(current: EntryBody) -> EntryBody:
            # Without the text: whoever may read only since it was written is not sent it by its withdrawal.
            return EntryBody("", current.kind, current.urgent, withdrawn=True, reason=cleaned)

        self._revise(entry, change, withdrawing=True)

    @requires(Permission.ENTRY_READ, reading=True)
    def entries(
        self,
        circle: str,
        query: TimeLineQuery | None = None,
        limit: int = PAGE,
    ) -> list[EntryView]:
        """Return a page of the time line, newest first, of what this vault holds."""
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            return read_page(self.session, stores, identifier, query or TimeLineQuery(), limit)

    @requires(Permission.VAULT_USE)
    def entry(self, entry: str) -> EntryView:
        """Return one transmission.

        Raises:
            UnknownEntryError: Not in this vault.
        """
        with self.session.read() as stores:
            return read_entry(self.session, stores, *found_entry(stores, entry))

    @requires(Permission.VAULT_USE)
    def history(self, entry: str) -> list[VersionView]:
        """Return every version of a transmission, oldest first in the common order.

        Raises:
            UnknownEntryError: Not in this vault.
        """
        with self.session.read() as stores:
            circle, row = found_entry(stores, entry)
            return read_versions(self.session, stores, circle, row.stream, bytes.fromhex(entry))

    @requires(Permission.ENTRY_READ)
    def mark_read(self, circle: str, entries: Sequence[str]) -> None:
        """Note that transmissions were shown to this person."""
        with self.session.write() as stores:
            identifier = self.session.circle_id(stores, circle)
            stores.mark_read(identifier, [bytes.fromhex(entry) for entry in entries])

    @requires(Permission.ENTRY_READ, reading=True)
    def unread(self, circle: str) -> int:
        """Return how many transmissions this person has not been shown."""
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            followed = status_now(stores, identifier).followed
            return stores.unread_counts().get(identifier, 0) if followed else 0

    @requires(Permission.CIRCLE_READ, reading=True)
    def audience(self, circle: str, compartment: str) -> Audience:
        """Return who will read what is published now in a volet, or signalled to the carers."""
        with self.session.read() as stores:
            context = self.session.context(stores, self.session.circle_id(stores, circle))
        reading = {member.account.hex() for member in _readers(context, note_stream(compartment))}
        members = [view for view in member_views(context, self.session.account) if view.active]
        names = {
            view.id: ReaderName(view.id, view.name, view.role, view.relation, view.professional)
            for view in members
            if not view.mine
        }
        readers = tuple(names[v.id] for v in members if not v.mine and v.id in reading)
        outside = tuple(
            names[v.id] for v in members if not v.mine and not v.professional and v.id not in reading
        )
        return Audience(compartment, readers, outside)

    @requires(Permission.CIRCLE_READ, reading=True)
    def writable(self, circle: str) -> tuple[str, ...]:
        """Return the volets in which this person may write; "care_inbox" last, for who signals to carers."""
        with self.session.read() as stores:
            standing = self.session.context(stores, self.session.circle_id(stores, circle)).standing
        return tuple(
            s.value for s in NOTE_STREAMS if allows(Permission.ENTRY_WRITE, standing, s, RecordKind.ENTRY)
        )

    @requires(Permission.CIRCLE_READ, reading=True)
    def readable(self, circle: str) -> tuple[str, ...]:
        """Return the volets that this person reads; "care_inbox" last, for carers and who signals to them."""
        with self.session.read() as stores:
            standing = self.session.context(stores, self.session.circle_id(stores, circle)).standing
        return tuple(s.value for s in NOTE_STREAMS if allows(Permission.ENTRY_READ, standing, s))

    @requires(Permission.VAULT_USE)
    def held(self) -> list[HeldNote]:
        """Return our notes that wait because someone else would read them by now."""
        notes = []
        with self.session.read() as stores:
            for link in stores.links():
                cards = {card.account: card for card in stores.cards(link.circle)}
                for record, accounts in stores.held(link.circle):
                    names = tuple(cards[a].name for a in accounts if a in cards)
                    notes.append(HeldNote(record.hex(), link.circle.hex(), names))
        return notes

    @requires(Permission.VAULT_USE)
    def confirm_readers(self, entry: str) -> None:
        """Let a note that waits be read by those who joined since it was written.

        Raises:
            UnknownEntryError: Not in this vault.
        """
        with self.session.write() as stores:
            circle, _ = found_entry(stores, entry)
            stores.confirm(circle, bytes.fromhex(entry))

    def _revise(
        self, entry: str, change: Callable[[EntryBody], EntryBody], withdrawing: bool = False
    ) -> None:
        with self.session.write() as stores:
            circle, row = found_entry(stores, entry)
            context = self.session.context(stores, circle)
            standing = context.standing
            if row.stream == Stream.CARE_INBOX:
                raise NotAllowedError(
                    tr(
                        "Un signalement ne se corrige pas et ne se retire pas\u00a0: rien n’a été changé. "
                        "Pour le préciser, envoyez-en un autre."
                    )
                )
            record = bytes.fromhex(entry)
            if row.stream == RESTRICTED:
                require_may_go_on(stores, context, record, self.session.account)
            elif not allows(Permission.ENTRY_WRITE, standing, Stream(row.stream), RecordKind.ENTRY):
                raise NotAllowedError
            revisions = _revisions(stores, circle, row.stream, record)
            state = merge_entry(revisions)
            own = state.first.revision.author == self.session.account
            if withdrawing and not own and (standing is None or not standing.runs_circle):
                raise NotAllowedError(
                    tr(
                        "Seules la personne qui a écrit cette note et celles qui coordonnent le cercle "
                        "peuvent la retirer\u00a0: rien n’a été changé."
                    )
                )
            parents = (state.current.identifier, *(v.identifier for v in state.parallel))
            body = change(state.body)
            if not withdrawing:
                require_writable_kind(stores, circle, body.kind)
            if withdrawing:
                stores.drop_held(circle, record)
                ours = withdrawn_by(revisions, self.session.account)
                if standing is not None and standing.runs_circle and set(ours) != set(parents):
                    body = structs.replace(body, for_circle=True)
                else:
                    parents = ours
            publish_entry(self.session, stores, circle, row.stream, record, parents[:MAX_PARENTS], body)

    def _require_carers(self, stores: Stores, circle: bytes) -> None:
        if not _readers(self.session.context(stores, circle), Stream.CARE_INBOX):
            raise KnownError(
                tr(
                    "Personne dans ce cercle ne lit encore le dossier médical\u00a0: le signalement n’est "
                    "pas parti et votre texte est gardé. Prévenez un soignant autrement, par téléphone."
                )
            )


def publish_entry(
    session: Session,
    stores: Stores,
    circle: bytes,
    stream: str,
    record: bytes,
    parents: tuple[bytes, ...],
    body: EntryBody,
) -> None:
    """Store a version of a transmission with who was shown to read it, and queue it."""
    context, kind, now = session.context(stores, circle), RecordKind.ENTRY, session.clock()
    named = stream == RESTRICTED
    reading = () if named else _readers(context, Stream(stream))
    readers = readers_of(stores, context, record) if named else (m.account for m in reading)
    revision = Revision(record, kind, parents, session.account, now, tuple(readers), encode_body(body))
    if named:
        publish_named(stores, circle, record, revision)
    else:
        publish(stores, circle, Stream(stream), revision)


def _readers(context: CircleContext, stream: Stream) -> list[Member]:
    state = context.state
    if state is None:
        return []
    reading = [member for member in state.active_members() if member.reads(stream)]
    # A team is one reader, whoever of it is named here already.
    teams = {member.account for member in reading if member.team}
    return [member for member in reading if member.through not in teams]


def found_entry(stores: Stores, entry: str) -> tuple[bytes, EntryRow]:
    """Return the circle and the row of a transmission.

    Raises:
        UnknownEntryError: Not in this vault.
    """
    try:
        found = stores.entry(bytes.fromhex(entry))
    except ValueError:
        found = None
    if found is None:
        raise UnknownEntryError
    return found


def _revisions(stores: Stores, circle: bytes, stream: str, record: bytes) -> dict[bytes, Revision]:
    return {key: decode_revision(data) for key, data in stores.revisions(circle, stream, record)}
