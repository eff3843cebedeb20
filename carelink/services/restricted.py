"""Médical restreint: notes whose author names their readers, who alone learn that there are any."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from carelink.access.compartments import RESTRICTED
from carelink.access.direct import MAX_AUDIENCE, may_restrict
from carelink.access.policy import Permission
from carelink.access.registry import Member
from carelink.errors import KnownError
from carelink.language import tr
from carelink.records.bodies import EntryBody, EntryKind, TraceAction
from carelink.records.revision import new_record_id
from carelink.services.cahier import ReaderName, clean_text, found_entry, publish_entry
from carelink.services.errors import NotAllowedError, UnknownEntryError
from carelink.services.members import member_views
from carelink.services.naming import (
    nameable,
    readers_of,
    require_may_go_on,
    require_may_restrict,
    trace_named,
)
from carelink.services.requirements import Service, requires
from carelink.services.session import CircleContext, Stores
from carelink.services.status_views import no_heir_reads, require_writable_kind


@dataclass(frozen=True, slots=True)
class NamedReaders:
    """Who reads a note kept to named readers.

    Attributes:
        readers: All of them but this account, by name.
        others: Whom this account may add; nobody where it may add none.
        without_history: Whether it may leave out what came before: only the author of the words may.
        may_change: Whether this account may correct or withdraw the note.
    """

    readers: tuple[ReaderName, ...]
    others: tuple[ReaderName, ...]
    without_history: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class Access:
    """Someone opened or exported a note kept to named readers; `time` in milliseconds since 1970."""

    id: str
    name: str
    time: int
    action: str


class Restricted(Service):
    """Notes kept to named readers."""

    @requires(Permission.CIRCLE_READ, reading=True)
    def may_write(self, circle: str) -> bool:
        """Tell whether this person may keep a note to people whom they name."""
        with self.session.read() as stores:
            context = self.session.context(stores, self.session.circle_id(stores, circle))
        known = context.standing is not None and context.standing.role is not None
        return known and context.me is not None and may_restrict(context.me)

    @requires(Permission.CIRCLE_READ, reading=True)
    def reads(self, circle: str) -> bool:
        """Tell whether this vault holds such a note of the circle."""
        with self.session.read() as stores:
            return bool(stores.restricted_records(self.session.circle_id(stores, circle)))

    @requires(Permission.CIRCLE_READ, reading=True)
    def nameable(self, circle: str) -> tuple[ReaderName, ...]:
        """Return the people of the circle who may be named as readers."""
        with self.session.read() as stores:
            context = self.session.context(stores, self.session.circle_id(stores, circle))
        return self._names(context, {member.account for member in nameable(context, self.session.account)})

    @requires(Permission.CIRCLE_READ)
    def write(
        self,
        circle: str,
        text: str,
        readers: Sequence[str],
        kind: str = EntryKind.NOTE,
        urgent: bool = False,
    ) -> str:
        """Keep a note to named readers: it is in the vault for good when this returns.

        Args:
            circle: Whose cahier.
            text: The words.
            readers: Ids or whole names of those who are to read beside its author; nobody, for oneself
                alone.
            kind: An `EntryKind`.
            urgent: Whether it is to be read first.

        Returns:
            The note's id in hexadecimal.

        Raises:
            KnownError: An empty or too long text, an unknown kind, no right to, someone who may not be named.
        """
        if kind not in set(EntryKind):
            known = ", ".join(EntryKind)
            raise KnownError(
                tr("Ce genre de note n’est pas connu\u202f; choisissez parmi\u00a0: {known}.", known=known)
            )
        body = EntryBody(clean_text(text), kind, urgent, withdrawn=False, reason="")
        record = new_record_id(self.session.clock())
        with self.session.write() as stores:
            identifier = self.session.circle_id(stores, circle)
            context = self.session.context(stores, identifier)
            require_may_restrict(context)
            require_writable_kind(stores, identifier, body.kind)
            stores.wish_readers(identifier, record, self._chosen(context, readers), history=False)
            publish_entry(self.session, stores, identifier, RESTRICTED, record, (), body)
            stores.drop_draft(identifier)
        return record.hex()

    @requires(Permission.VAULT_USE)
    def share(self, entry: str, readers: Sequence[str], history: bool = False) -> None:
        """Have more people read a restricted note.

        Args:
            entry: Which note.
            readers: Ids or whole names of those to add.
            history: Whether they have its earlier versions too, and who opened it.

        Raises:
            KnownError: Unknown or withdrawn, no right to, nobody new, someone who may not be named, or the
                words are another's and `history` is not asked for.
        """
        with self.session.write() as stores:
            circle, record, context = self._found(stores, entry)
            require_may_go_on(stores, context, record, self.session.account)
            no_heir_reads(stores, circle)
            known = readers_of(stores, context, record)
            added = [account for account in self._chosen(context, readers) if account not in known]
            if not added:
                raise KnownError(
                    tr("Ces personnes lisent déjà cette note, ou il n’y en a aucune\u00a0: rien n’a changé.")
                )
            if not history and not self._wrote(stores, circle, record):
                raise KnownError(
                    tr(
                        "Ces mots sont d’une autre personne\u00a0: ils ne peuvent être donnés à lire qu’avec "
                        "ce qui précède. Rien n’a été changé."
                    )
                )
            stores.wish_readers(circle, record, added, history=history)

    @requires(Permission.VAULT_USE)
    def readers(self, entry: str) -> NamedReaders:
        """Return who reads a restricted note, and whom this person may add.

        Raises:
            UnknownEntryError: Not in this vault, or not a restricted one.
        """
        with self.session.read() as stores:
            circle, record, context = self._found(stores, entry)
            reading = readers_of(stores, context, record)
            try:
                require_may_go_on(stores, context, record, self.session.account)
                others = {m.account for m in nameable(context, self.session.account)} - reading
                may_change = True
            except NotAllowedError:
                others, may_change = set(), False
            wrote = self._wrote(stores, circle, record)
        return NamedReaders(self._names(context, reading), self._names(context, others), wrote, may_change)

    @requires(Permission.VAULT_USE)
    def accesses(self, entry: str) -> list[Access]:
        """Return who opened or exported a restricted note, newest first; its readers alone learn it.

        Raises:
            UnknownEntryError: Not in this vault, or not a restricted one.
        """
        with self.session.read() as stores:
            circle, record, context = self._found(stores, entry)
            traces = stores.direct_traces(circle, record)
        cards = context.cards
        unknown = tr("membre inconnu")
        return [
            Access(author.hex(), cards[author].name if author in cards else unknown, wall, action)
            for author, wall, action in traces
        ]

    @requires(Permission.CIRCLE_READ)
    def opened(self, circle: str, entries: Sequence[str]) -> None:
        """Record, under each of these notes that is restricted, that this person was shown it."""
        with self.session.read() as stores:
            identifier = self.session.circle_id(stores, circle)
            records = [bytes.fromhex(entry) for entry in entries]
            restricted = [record for record in records if stores.openings(identifier, record)]
        if restricted:
            with self.session.write() as stores:
                trace_named(self.session, stores, identifier, restricted, TraceAction.OPENED)

    def _found(self, stores: Stores, entry: str) -> tuple[bytes, bytes, CircleContext]:
        circle, row = found_entry(stores, entry)
        if row.stream != RESTRICTED:
            raise UnknownEntryError
        return circle, bytes.fromhex(entry), self.session.context(stores, circle)

    def _wrote(self, stores: Stores, circle: bytes, record: bytes) -> bool:
        shown = stores.shown_version(circle, record)
        return shown is not None and shown.revision.author == self.session.account

    def _chosen(self, context: CircleContext, readers: Sequence[str]) -> list[bytes]:
        """Return the accounts of those who are named.

        Raises:
            KnownError: One of them may not be, or they are too many.
        """
        members = nameable(context, self.session.account)
        chosen = [_named(context, members, reader) for reader in readers]
        if len(set(chosen)) >= MAX_AUDIENCE:
            raise KnownError(
                tr(
                    "Une note restreinte se donne à {limit} personnes au plus\u00a0: rien n’a été publié.",
                    limit=MAX_AUDIENCE - 1,
                )
            )
        return list(dict.fromkeys(chosen))

    def _names(
        self, context: CircleContext, accounts: frozenset[bytes] | set[bytes]
    ) -> tuple[ReaderName, ...]:
        wanted = {account.hex() for account in accounts}
        return tuple(
            ReaderName(view.id, view.name, view.role, view.relation, view.professional)
            for view in member_views(context, self.session.account)
            if view.active and not view.mine and view.id in wanted
        )


def _named(context: CircleContext, members: Collection[Member], text: str) -> bytes:
    wanted = text.strip().casefold()
    found = [
        member.account
        for member in members
        if wanted
        and (
            member.account.hex().startswith(wanted) or context.cards[member.account].name.casefold() == wanted
        )
    ]
    if len(found) != 1:
        raise KnownError(
            tr(
                "«\u00a0{text}\u00a0» ne désigne pas une seule des personnes qui peuvent lire une note "
                "restreinte dans ce cercle\u00a0: rien n’a été publié. Choisissez à nouveau.",
                text=text,
            )
        )
    return found[0]
