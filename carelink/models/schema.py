"""Every table of a vault. Times are milliseconds since 1970 in UTC; ids are raw bytes."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from carelink.models import direct_schema

# Beside those that follow, the tables of what is written to people by name stand in it.
metadata = direct_schema.metadata

account = Table(
    "account",
    metadata,
    Column("account", LargeBinary, primary_key=True),
    Column("name", Text, nullable=False),
    Column("profession", Text),
    Column("rpps", Text),
    Column("name_salt", LargeBinary, nullable=False),
    Column("device", LargeBinary, nullable=False),
    Column("signing_key", LargeBinary, nullable=False),
    Column("hpke_key", LargeBinary, nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("certificate_signature", LargeBinary, nullable=False),
    # The device that signed it; empty for the identity key.
    Column("certificate_signer", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
)

# The account's other devices, its recovery sheet among them.
devices = Table(
    "devices",
    metadata,
    Column("device", LargeBinary, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("signer", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    # "pending": a sheet whose words were not checked yet; "active"; "revoked".
    Column("state", Text, nullable=False),
    # When this vault learnt of it: what its certificate says of its date proves nothing.
    Column("added", BigInteger, nullable=False),
    # Of a sheet made or used here: the part of its blob that never changes.
    Column("owner", LargeBinary, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

hubs = Table(
    "hubs",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    Column("hub_key", LargeBinary),
    Column("fingerprint", Text, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("letters", BigInteger, nullable=False),
    # Position of the last direct envelope taken.
    Column("direct", BigInteger, nullable=False, server_default=text("0")),
    Column("last_exchange", BigInteger),
    Column("last_failure", BigInteger),
)

circles = Table(
    "circles",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("circle", LargeBinary, nullable=False, unique=True),
    Column("hub_pk", ForeignKey("hubs.pk"), nullable=False),
    Column("genesis", LargeBinary, nullable=False),
    # Whether it is the registry of a team, where nobody is cared for.
    Column("team", Boolean, nullable=False),
    # "proposed": statement 0 not yet at the relay; "waiting": not yet let in; "member".
    Column("state", Text, nullable=False),
    Column("patient", LargeBinary),
    Column("joined", BigInteger, nullable=False),
    # Position below which older items are still to fetch; null once nothing older is left.
    Column("backfill_before", BigInteger),
    # Why membership and key delivery are stopped, as a code; null while all is well.
    Column("alarm", Text),
)

# National identity numbers of lists that were imported here: they tell people apart, and are never sent.
ins_numbers = Table(
    "ins_numbers",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("ins", Text, nullable=False),
)

statements = Table(
    "statements",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("height", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    # Whether the sealed part has been read into `cards`.
    Column("opened", Boolean, nullable=False),
    # When it came into this vault.
    Column("seen", BigInteger, nullable=False),
)

# What the sealed parts say of members: one row a stay.
cards = Table(
    "cards",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("account", LargeBinary, primary_key=True),
    Column("height", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("functions", Text, nullable=False),
    Column("profession", Text),
    Column("rpps", Text),
    Column("relation", Text),
    Column("invited_by", LargeBinary),
    Column("since", BigInteger, nullable=False),
    # Whether the bits of the public part are those of the role: if not, no key is sent.
    Column("consistent", Boolean, nullable=False),
    # Of the name's hash in the certificate: whoever changes the role seals the card again.
    Column("name_salt", LargeBinary, nullable=False),
)

# Where the person is, as the sealed parts say: one row a statement.
statuses = Table(
    "statuses",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("height", Integer, primary_key=True),
    Column("status", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("author", LargeBinary, nullable=False),
    Column("time", BigInteger, nullable=False),
)

epoch_keys = Table(
    "epoch_keys",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)

# Epoch keys made for a statement that the relay has not accepted yet.
proposed_keys = Table(
    "proposed_keys",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("commitment", LargeBinary, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
)

# Who is known to hold which key: by a receipt, or by a letter on its way.
key_holders = Table(
    "key_holders",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("device", LargeBinary, primary_key=True),
    Column("received", Boolean, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False),
    Column("body", LargeBinary, nullable=False, unique=True),
    Column("signature", LargeBinary, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False),
    Column("identifier", LargeBinary, nullable=False, unique=True),
    Column("key", LargeBinary, nullable=False),
    Column("code", Text, nullable=False),
    Column("blob", LargeBinary, nullable=False),
    Column("role", Text, nullable=False),
    Column("functions", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("relation", Text, nullable=False),
    Column("in_person", Boolean, nullable=False),
    Column("history", Boolean, nullable=False),
    Column("until", BigInteger),
    Column("agreed", Text),
    Column("agreed_reason", Text, nullable=False),
    # Why no measure with representation is on record, for a legal representative.
    Column("no_measure", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    # "open", "answered", "done", "expired", "refused".
    Column("state", Text, nullable=False),
    Column("answer", LargeBinary),
)

joinings = Table(
    "joinings",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False, unique=True),
    Column("identifier", LargeBinary, nullable=False, unique=True),
    Column("words", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("inviter", Text, nullable=False),
    Column("patient", Text, nullable=False),
    Column("in_person", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("ended", Boolean, nullable=False),
)

# One device's envelopes in one stream: the stretch [base, head] is held; backfill extends it down.
feeds = Table(
    "feeds",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False),
    Column("stream", Text, nullable=False),
    Column("device", LargeBinary, nullable=False),
    Column("base", Integer, nullable=False),
    Column("base_previous", LargeBinary, nullable=False),
    Column("head", Integer, nullable=False),
    Column("head_id", LargeBinary, nullable=False),
    # Registry height of the newest envelope; it never decreases.
    Column("height", Integer, nullable=False),
    # The head of this feed that our own last envelope in the stream told of.
    Column("told", Integer, nullable=False),
    UniqueConstraint("circle_pk", "stream", "device"),
)

envelopes = Table(
    "envelopes",
    metadata,
    Column("feed_pk", ForeignKey("feeds.pk"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("identifier", LargeBinary, nullable=False),
    # N-th of its stream at the relay; null until the relay told.
    Column("place", Integer),
    sqlite_with_rowid=False,
)

# Our own sealed envelopes until the relay has them, byte for byte.
outgoing = Table(
    "outgoing",
    metadata,
    Column("feed_pk", ForeignKey("feeds.pk"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("header", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
)

# Verified envelopes of others whose key has not come yet.
waiting = Table(
    "waiting",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("identifier", LargeBinary, primary_key=True),
    Column("stream", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False),
    Column("stream", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("revision", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
Index("revisions_of_record", revisions.c.record)
# Few among many: what is asked by name and never stands on the time line.
Index("revisions_facts", revisions.c.circle_pk, revisions.c.stream, sqlite_where=text("kind = 'fact'"))
Index("revisions_decisions", revisions.c.circle_pk, sqlite_where=text("stream = 'decisions'"))

# Revisions published here until the relay has the envelope that carries them.
outbox = Table(
    "outbox",
    metadata,
    Column("revision_pk", ForeignKey("revisions.pk"), primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False),
    Column("stream", Text, nullable=False),
    Column("feed_pk", ForeignKey("feeds.pk")),
    Column("seq", Integer),
    # Accounts that would read it and were not shown to the author: waits for one confirmation.
    Column("held_for", Text),
)
Index("outbox_by_stream", outbox.c.circle_pk, outbox.c.stream)

# What the time line shows; `pk` is that of the record's first revision held here.
entries = Table(
    "entries",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False),
    Column("stream", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("author", LargeBinary, nullable=False),
    Column("wall", BigInteger, nullable=False),
    # Place on the time line: the author's time, or ours where that lies in the future.
    Column("shown", BigInteger, nullable=False),
    # The revision whose text is shown.
    Column("current", Integer, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("amended", Boolean, nullable=False),
    Column("parallel", Boolean, nullable=False),
    Column("unread", Boolean, nullable=False),
)
Index("entries_time_line", entries.c.circle_pk, entries.c.shown, entries.c.pk)
Index("entries_by_stream", entries.c.circle_pk, entries.c.stream, entries.c.shown, entries.c.pk)
Index("entries_unread", entries.c.circle_pk, entries.c.stream, sqlite_where=text("unread"))
Index("entries_parallel", entries.c.pk, sqlite_where=text("parallel"))

traces = Table(
    "traces",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False),
    Column("revision", LargeBinary, nullable=False, unique=True),
    Column("author", LargeBinary, nullable=False),
    Column("wall", BigInteger, nullable=False),
    Column("action", Text, nullable=False),
    Column("compartment", Text, nullable=False),
)
# Wide enough for every filter: a rare volet among 100,000 traces is found without reading their rows.
Index(
    "traces_by_time",
    traces.c.circle_pk,
    traces.c.wall,
    traces.c.pk,
    traces.c.action,
    traces.c.compartment,
)
Index("traces_by_author", traces.c.circle_pk, traces.c.author, traces.c.wall)
Index("traces_by_volet", traces.c.circle_pk, traces.c.compartment, traces.c.author, traces.c.wall)

# People whose first opening of the medical record was acknowledged by the reader of this vault.
acknowledged_openings = Table(
    "acknowledged_openings",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("account", LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)

# Signals to the carers that were taken in charge, and the entry of the medical record made of each.
taken = Table(
    "taken",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("signal", LargeBinary, primary_key=True),
    Column("entry", LargeBinary, primary_key=True),
    Column("author", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# Times that the record was opened in an emergency, by the height of the statement, which were acknowledged.
acknowledged_emergencies = Table(
    "acknowledged_emergencies",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("height", Integer, primary_key=True),
    sqlite_with_rowid=False,
)

drafts = Table(
    "drafts",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("compartment", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("updated", BigInteger, nullable=False),
)

# What was refused, kept aside with the reason and shown in the sync state.
refusals = Table(
    "refusals",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False),
    Column("stream", Text, nullable=False),
    Column("device", LargeBinary, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("seen", BigInteger, nullable=False),
    UniqueConstraint("circle_pk", "stream", "device", "seq", "why", "digest"),
)

# Items known to exist that the relay has not given; 0 where seq or place is not known.
missing = Table(
    "missing",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("device", LargeBinary, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("place", Integer, primary_key=True),
    # The relay's position near which to look again.
    Column("near", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)

# One line for the author each time a care note turned out to be read by more people than shown.
notices = Table(
    "notices",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("accounts", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
)

# Words of the time line, without diacritics; its rowid is `entries.pk`.
EXTRA_DDL: Final[tuple[str, ...]] = (
    "CREATE VIRTUAL TABLE entries_fts USING fts5("
    "text, content='', contentless_delete=1, tokenize=\"unicode61 remove_diacritics 2\")",
)
