"""Signals to the carers: what someone without the medical record tells those who have it."""

from __future__ import annotations

from carelink.access.compartments import Stream
from carelink.access.policy import Permission, allows
from carelink.errors import KnownError
from carelink.language import tr
from carelink.records.bodies import (
    MAX_TEXT_CHARACTERS,
    EntryBody,
    EntryKind,
    RecordKind,
    TakenBody,
    encode_body,
)
from carelink.records.revision import Revision, new_record_id
from carelink.services.cahier import found_entry, publish_entry
from carelink.services.errors import NotAllowedError
from carelink.services.moments import at_words, local_time
from carelink.services.publishing import publish
from carelink.services.requirements import Service, requires
from carelink.services.status_views import require_writable_kind
from carelink.services.time_line import EntryView, read_entry
from carelink.services.wording import role_name


class Signals(Service):
    """What carers do with the signals that they are sent; sending one is `Cahier.write`."""

    @requires(Permission.VAULT_USE)
    def take(self, signal: str) -> str:
        """Turn a signal into an entry of the medical record, quoted and linked: it is taken in charge.

        Returns:
            The entry's id in hexadecimal.

        Raises:
            KnownError: Unknown, not a signal, taken in charge already, or no right to write there.
        """
        with self.session.write() as stores:
            circle, row = found_entry(stores, signal)
            view = read_entry(self.session, stores, circle, row)
            standing = self.session.context(stores, circle).standing
            if not view.is_signal or not allows(
                Permission.ENTRY_WRITE, standing, Stream.CARE, RecordKind.ENTRY
            ):
                raise NotAllowedError
            if view.taken_by:
                raise KnownError(
                    tr(
                        "Ce signalement a déjà été pris en charge par {name}\u00a0: rien n’a été changé. "
                        "Complétez au besoin la note du dossier médical.",
                        name=view.taken_by,
                    )
                )
            require_writable_kind(stores, circle, EntryKind.NOTE)
            now = self.session.clock()
            entry = new_record_id(now)
            body = EntryBody(_quoted(view, now), EntryKind.NOTE, view.urgent, withdrawn=False, reason="")
            publish_entry(self.session, stores, circle, Stream.CARE, entry, (), body)
            taken = encode_body(TakenBody(bytes.fromhex(view.entry), entry))
            record, kind, author = new_record_id(now), RecordKind.TAKEN, self.session.account
            publish(stores, circle, Stream.CARE, Revision(record, kind, (), author, now, (), taken))
            stores.mark_read(circle, [bytes.fromhex(view.entry)])
        return entry.hex()


def _quoted(view: EntryView, now: int) -> str:
    """Return the words of a signal with who wrote them and when."""
    what = view.author.relation or (role_name(view.author.role) if view.author.role else "")
    head = tr(
        "Signalement de {name}, {when}\u00a0:",
        name=f"{view.author.name} ({what})" if what else view.author.name,
        when=at_words(view.time, local_time(now).date()),
    )
    room = MAX_TEXT_CHARACTERS - len(head) - 10
    text = view.text if len(view.text) <= room else f"{view.text[:room]}…"
    return "\n".join((head, tr("«\u00a0{text}\u00a0»", text=text)))
