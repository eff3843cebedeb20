"""The relay's tables.

Every row that belongs to a circle begins its key with the circle, which is how a distributed
PostgreSQL would share them out. Wide columns come last, so that scans read only the first page.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    UniqueConstraint,
)

SCHEMA: Final = 3

# A row of any columns.
AnyRow = Row[*tuple[Any, ...]]

metadata = MetaData()

# "position" is the end of the last window that positions were drawn from, "milestone" the latest one that
# stands for nothing; "schema" is the version of these tables.
counters = Table(
    "counters",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

circles = Table(
    "circles",
    metadata,
    Column("circle", LargeBinary(16), primary_key=True),
    Column("height", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    # Whether it is the registry of a team, which stands among the members of circles under this id.
    Column("team", Boolean, nullable=False),
)

statements = Table(
    "statements",
    metadata,
    Column("circle", LargeBinary(16), primary_key=True),
    Column("height", Integer, primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

# The devices of members, the ids of teams among them, and of those who were: `ended` is the height of the
# statement that ended it.
memberships = Table(
    "memberships",
    metadata,
    Column("circle", LargeBinary(16), primary_key=True),
    Column("device", LargeBinary(16), primary_key=True),
    Column("ended", Integer),
    Index("memberships_by_device", "device"),
)

envelopes = Table(
    "envelopes",
    metadata,
    Column("circle", LargeBinary(16), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("stream", String(32), nullable=False),
    Column("index_in_stream", BigInteger, nullable=False),
    Column("device", LargeBinary(16), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("identifier", LargeBinary(32), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("registry_height", Integer, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("size", Integer, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    UniqueConstraint("circle", "stream", "device", "seq", name="envelopes_by_feed"),
    Index("envelopes_by_stream", "circle", "stream", "position"),
)

# Where each stream stands; `total` is N, `digest` H_N of the protocol, `position` that of the N-th envelope.
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("circle", LargeBinary(16), primary_key=True),
    Column("stream", String(32), primary_key=True),
    Column("total", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("position", BigInteger, nullable=False),
)

letters = Table(
    "letters",
    metadata,
    Column("circle", LargeBinary(16), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("stream", String(32), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sender", LargeBinary(16), nullable=False),
    Column("recipient", LargeBinary(16), nullable=False),
    Column("identifier", LargeBinary(32), nullable=False),
    Column("received", Boolean, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("receipt_body", LargeBinary, nullable=False),
    Column("receipt_signature", LargeBinary, nullable=False),
    UniqueConstraint("circle", "stream", "epoch", "sender", "recipient", name="letters_by_key"),
    Index("letters_by_recipient", "recipient", "position"),
)

# Direct streams: what is written to people by name. `origin` made the first opening of what one goes on from.
direct_openings = Table(
    "direct_openings",
    metadata,
    Column("circle", LargeBinary(16), primary_key=True),
    Column("opening", LargeBinary(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("origin", LargeBinary(16), nullable=False),
)

# Who reads what stands under an opening: its audience, and those who were handed its key since. `devices`
# are theirs when they became readers, one after the other, and `since` is when their stay began.
direct_readers = Table(
    "direct_readers",
    metadata,
    Column("circle", LargeBinary(16), primary_key=True),
    Column("opening", LargeBinary(32), primary_key=True),
    Column("account", LargeBinary(16), primary_key=True),
    Column("named", Boolean, nullable=False),
    Column("since", Integer, nullable=False),
    Column("devices", LargeBinary, nullable=False),
)

direct_envelopes = Table(
    "direct_envelopes",
    metadata,
    Column("circle", LargeBinary(16), primary_key=True),
    Column("identifier", LargeBinary(32), primary_key=True),
    Column("opening", LargeBinary(32), nullable=False),
    Column("device", LargeBinary(16), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("registry_height", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    UniqueConstraint("circle", "opening", "device", "seq", name="direct_envelopes_by_feed"),
)

# One row for each reader of each direct envelope, so that asking costs as much as there is to have.
deliveries = Table(
    "deliveries",
    metadata,
    Column("circle", LargeBinary(16), primary_key=True),
    Column("account", LargeBinary(16), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("identifier", LargeBinary(32), nullable=False),
    Column("since", Integer, nullable=False),
    Index("deliveries_by_account", "account", "position"),
)

# How many bytes of envelopes, letters and statements are kept for each device that sent them.
usage = Table(
    "usage",
    metadata,
    Column("device", LargeBinary(16), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)

# One recovery sheet an account, under an id that its words give.
recovery = Table(
    "recovery",
    metadata,
    Column("identifier", LargeBinary(16), primary_key=True),
    Column("account", LargeBinary(16), nullable=False, unique=True),
    Column("blob", LargeBinary, nullable=False),
)

# An offer to pair a device stands under the account in the place of a circle.
rendezvous = Table(
    "rendezvous",
    metadata,
    Column("identifier", LargeBinary(64), primary_key=True),
    Column("circle", LargeBinary(16), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("blob", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Index("rendezvous_by_circle", "circle"),
    Index("rendezvous_by_end", "expires_at"),
)

# What a team's shared workstations are, sealed for its members; `group` is where accounts are left for them.
workstation_boards = Table(
    "workstation_boards",
    metadata,
    Column("team", LargeBinary(16), primary_key=True),
    Column("serial", BigInteger, nullable=False),
    Column("group", LargeBinary(16), nullable=False, unique=True),
    Column("blob", LargeBinary, nullable=False),
)

# The newest secret of a team's workstations, sealed for each of them.
workstation_letters = Table(
    "workstation_letters",
    metadata,
    Column("identifier", LargeBinary(16), primary_key=True),
    Column("team", LargeBinary(16), nullable=False),
    Column("blob", LargeBinary, nullable=False),
    Index("workstation_letters_by_team", "team"),
)

# Accounts that open on a team's workstations (`body` holds them, sealed), and on which workstation each of
# their devices is (no body); `device` counts no more where it is none of its account's.
workstation_slots = Table(
    "workstation_slots",
    metadata,
    Column("team", LargeBinary(16), primary_key=True),
    Column("slot", LargeBinary(16), primary_key=True),
    Column("account", LargeBinary(16), nullable=False),
    Column("device", LargeBinary(16), nullable=False),
    Column("plate", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("workstation_slots_by_account", "team", "account"),
)
