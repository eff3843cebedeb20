"""What is written to people by name: openings, their keys, and what stands under them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# Lists of ids stand one after the other in one value.
openings = Table(
    "direct_openings",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False),
    Column("opening", LargeBinary, nullable=False),
    Column("device", LargeBinary, nullable=False),
    Column("maker", LargeBinary, nullable=False),
    Column("origin", LargeBinary, nullable=False),
    Column("height", Integer, nullable=False),
    Column("audience", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("follows", LargeBinary, nullable=False),
    Column("closed", Boolean, nullable=False),
    UniqueConstraint("circle_pk", "opening"),
)
Index("direct_openings_by_record", openings.c.circle_pk, openings.c.record)

# `own_devices` are those of this account's devices that are known to have the key.
keys = Table(
    "direct_keys",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("opening", LargeBinary, primary_key=True),
    Column("secret", LargeBinary, primary_key=True),
    Column("own_devices", LargeBinary, nullable=False),
)

feeds = Table(
    "direct_feeds",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("opening", LargeBinary, primary_key=True),
    Column("device", LargeBinary, primary_key=True),
    Column("head", Integer, nullable=False),
    Column("head_id", LargeBinary, nullable=False),
    Column("height", Integer, nullable=False),
    Column("told", Integer, nullable=False),
)

envelopes = Table(
    "direct_envelopes",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("opening", LargeBinary, primary_key=True),
    Column("device", LargeBinary, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("identifier", LargeBinary, nullable=False),
)

# Our own sealed envelopes until the relay has them, byte for byte.
outgoing = Table(
    "direct_outgoing",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False),
    Column("opening", LargeBinary, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("identifier", LargeBinary, nullable=False, unique=True),
    Column("header", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
)

# Revisions published here until the relay has the envelope that carries them.
outbox = Table(
    "direct_outbox",
    metadata,
    Column("revision_pk", ForeignKey("revisions.pk"), primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("sealed", LargeBinary),
)

# Readers that are to be added, until the relay has the opening that names them.
wishes = Table(
    "direct_wishes",
    metadata,
    Column("pk", Integer, primary_key=True),
    Column("circle_pk", ForeignKey("circles.pk"), nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("accounts", LargeBinary, nullable=False),
    Column("history", Boolean, nullable=False),
    Column("sealed", LargeBinary),
)

# Verified envelopes whose key has not come yet.
waiting = Table(
    "direct_waiting",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("identifier", LargeBinary, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
)

# Who opened or exported a note kept to named readers, which only these learn.
traces = Table(
    "direct_traces",
    metadata,
    Column("circle_pk", ForeignKey("circles.pk"), primary_key=True),
    Column("revision", LargeBinary, primary_key=True),
    Column("record", LargeBinary, nullable=False),
    Column("author", LargeBinary, nullable=False),
    Column("wall", BigInteger, nullable=False),
    Column("action", Text, nullable=False),
)
Index("direct_traces_by_record", traces.c.circle_pk, traces.c.record, traces.c.wall)
