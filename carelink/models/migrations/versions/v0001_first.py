"""Every table of the first vaults."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

TABLES = (
    """
    CREATE TABLE account (
        account BLOB NOT NULL,
        name TEXT NOT NULL,
        profession TEXT,
        rpps TEXT,
        name_salt BLOB NOT NULL,
        device BLOB NOT NULL,
        signing_key BLOB NOT NULL,
        hpke_key BLOB NOT NULL,
        certificate BLOB NOT NULL,
        certificate_signature BLOB NOT NULL,
        certificate_signer BLOB NOT NULL,
        created BIGINT NOT NULL,
        PRIMARY KEY (account)
    )
    """,
    """
    CREATE TABLE devices (
        device BLOB NOT NULL,
        body BLOB NOT NULL,
        signature BLOB NOT NULL,
        signer BLOB NOT NULL,
        name TEXT NOT NULL,
        state TEXT NOT NULL,
        added BIGINT NOT NULL,
        owner BLOB NOT NULL,
        PRIMARY KEY (device)
    )
    """,
    """
    CREATE TABLE settings (
        "key" TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY ("key")
    )
    """,
    """
    CREATE TABLE hubs (
        pk INTEGER NOT NULL,
        url TEXT NOT NULL,
        hub_key BLOB,
        fingerprint TEXT NOT NULL,
        cursor BIGINT NOT NULL,
        letters BIGINT NOT NULL,
        direct BIGINT DEFAULT 0 NOT NULL,
        last_exchange BIGINT,
        last_failure BIGINT,
        PRIMARY KEY (pk),
        UNIQUE (url)
    )
    """,
    """
    CREATE TABLE circles (
        pk INTEGER NOT NULL,
        circle BLOB NOT NULL,
        hub_pk INTEGER NOT NULL,
        genesis BLOB NOT NULL,
        team BOOLEAN NOT NULL,
        state TEXT NOT NULL,
        patient BLOB,
        joined BIGINT NOT NULL,
        backfill_before BIGINT,
        alarm TEXT,
        PRIMARY KEY (pk),
        UNIQUE (circle),
        FOREIGN KEY(hub_pk) REFERENCES hubs (pk)
    )
    """,
    """
    CREATE TABLE direct_openings (
        pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        opening BLOB NOT NULL,
        device BLOB NOT NULL,
        maker BLOB NOT NULL,
        origin BLOB NOT NULL,
        height INTEGER NOT NULL,
        audience BLOB NOT NULL,
        kind TEXT NOT NULL,
        record BLOB NOT NULL,
        follows BLOB NOT NULL,
        closed BOOLEAN NOT NULL,
        PRIMARY KEY (pk),
        UNIQUE (circle_pk, opening),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE INDEX direct_openings_by_record ON direct_openings (circle_pk, record)
    """,
    """
    CREATE TABLE direct_keys (
        circle_pk INTEGER NOT NULL,
        opening BLOB NOT NULL,
        secret BLOB NOT NULL,
        own_devices BLOB NOT NULL,
        PRIMARY KEY (circle_pk, opening, secret),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE direct_feeds (
        circle_pk INTEGER NOT NULL,
        opening BLOB NOT NULL,
        device BLOB NOT NULL,
        head INTEGER NOT NULL,
        head_id BLOB NOT NULL,
        height INTEGER NOT NULL,
        told INTEGER NOT NULL,
        PRIMARY KEY (circle_pk, opening, device),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE direct_envelopes (
        circle_pk INTEGER NOT NULL,
        opening BLOB NOT NULL,
        device BLOB NOT NULL,
        seq INTEGER NOT NULL,
        identifier BLOB NOT NULL,
        PRIMARY KEY (circle_pk, opening, device, seq),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE direct_outgoing (
        pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        opening BLOB NOT NULL,
        seq INTEGER NOT NULL,
        identifier BLOB NOT NULL,
        header BLOB NOT NULL,
        signature BLOB NOT NULL,
        ciphertext BLOB NOT NULL,
        PRIMARY KEY (pk),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk),
        UNIQUE (identifier)
    )
    """,
    """
    CREATE TABLE direct_wishes (
        pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        record BLOB NOT NULL,
        accounts BLOB NOT NULL,
        history BOOLEAN NOT NULL,
        sealed BLOB,
        PRIMARY KEY (pk),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE direct_waiting (
        circle_pk INTEGER NOT NULL,
        identifier BLOB NOT NULL,
        position BIGINT NOT NULL,
        header BLOB NOT NULL,
        signature BLOB NOT NULL,
        ciphertext BLOB NOT NULL,
        PRIMARY KEY (circle_pk, identifier),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE direct_traces (
        circle_pk INTEGER NOT NULL,
        revision BLOB NOT NULL,
        record BLOB NOT NULL,
        author BLOB NOT NULL,
        wall BIGINT NOT NULL,
        action TEXT NOT NULL,
        PRIMARY KEY (circle_pk, revision),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE INDEX direct_traces_by_record ON direct_traces (circle_pk, record, wall)
    """,
    """
    CREATE TABLE ins_numbers (
        circle_pk INTEGER NOT NULL,
        ins TEXT NOT NULL,
        PRIMARY KEY (circle_pk),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE statements (
        circle_pk INTEGER NOT NULL,
        height INTEGER NOT NULL,
        digest BLOB NOT NULL,
        body BLOB NOT NULL,
        signature BLOB NOT NULL,
        sealed BLOB NOT NULL,
        opened BOOLEAN NOT NULL,
        seen BIGINT NOT NULL,
        PRIMARY KEY (circle_pk, height),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE cards (
        circle_pk INTEGER NOT NULL,
        account BLOB NOT NULL,
        height INTEGER NOT NULL,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        functions TEXT NOT NULL,
        profession TEXT,
        rpps TEXT,
        relation TEXT,
        invited_by BLOB,
        since BIGINT NOT NULL,
        consistent BOOLEAN NOT NULL,
        name_salt BLOB NOT NULL,
        PRIMARY KEY (circle_pk, account, height),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE statuses (
        circle_pk INTEGER NOT NULL,
        height INTEGER NOT NULL,
        status TEXT NOT NULL,
        since BIGINT NOT NULL,
        author BLOB NOT NULL,
        time BIGINT NOT NULL,
        PRIMARY KEY (circle_pk, height),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE epoch_keys (
        circle_pk INTEGER NOT NULL,
        stream TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        secret BLOB NOT NULL,
        PRIMARY KEY (circle_pk, stream, epoch),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE proposed_keys (
        circle_pk INTEGER NOT NULL,
        stream TEXT NOT NULL,
        commitment BLOB NOT NULL,
        secret BLOB NOT NULL,
        PRIMARY KEY (circle_pk, stream, commitment),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE key_holders (
        circle_pk INTEGER NOT NULL,
        stream TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        device BLOB NOT NULL,
        received BOOLEAN NOT NULL,
        PRIMARY KEY (circle_pk, stream, epoch, device),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE receipts (
        pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        body BLOB NOT NULL,
        signature BLOB NOT NULL,
        PRIMARY KEY (pk),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk),
        UNIQUE (body)
    )
    """,
    """
    CREATE TABLE invitations (
        pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        identifier BLOB NOT NULL,
        "key" BLOB NOT NULL,
        code TEXT NOT NULL,
        blob BLOB NOT NULL,
        role TEXT NOT NULL,
        functions TEXT NOT NULL,
        name TEXT NOT NULL,
        relation TEXT NOT NULL,
        in_person BOOLEAN NOT NULL,
        history BOOLEAN NOT NULL,
        until BIGINT,
        agreed TEXT,
        agreed_reason TEXT NOT NULL,
        no_measure TEXT NOT NULL,
        created BIGINT NOT NULL,
        expires BIGINT NOT NULL,
        state TEXT NOT NULL,
        answer BLOB,
        PRIMARY KEY (pk),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk),
        UNIQUE (identifier)
    )
    """,
    """
    CREATE TABLE joinings (
        pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        identifier BLOB NOT NULL,
        words TEXT NOT NULL,
        role TEXT NOT NULL,
        inviter TEXT NOT NULL,
        patient TEXT NOT NULL,
        in_person BOOLEAN NOT NULL,
        created BIGINT NOT NULL,
        ended BOOLEAN NOT NULL,
        PRIMARY KEY (pk),
        UNIQUE (circle_pk),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk),
        UNIQUE (identifier)
    )
    """,
    """
    CREATE TABLE feeds (
        pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        stream TEXT NOT NULL,
        device BLOB NOT NULL,
        base INTEGER NOT NULL,
        base_previous BLOB NOT NULL,
        head INTEGER NOT NULL,
        head_id BLOB NOT NULL,
        height INTEGER NOT NULL,
        told INTEGER NOT NULL,
        PRIMARY KEY (pk),
        UNIQUE (circle_pk, stream, device),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE waiting (
        circle_pk INTEGER NOT NULL,
        identifier BLOB NOT NULL,
        stream TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        header BLOB NOT NULL,
        ciphertext BLOB NOT NULL,
        PRIMARY KEY (circle_pk, identifier),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE revisions (
        pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        stream TEXT NOT NULL,
        record BLOB NOT NULL,
        revision BLOB NOT NULL,
        kind TEXT NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (pk),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE INDEX revisions_decisions ON revisions (circle_pk) WHERE stream = 'decisions'
    """,
    """
    CREATE INDEX revisions_facts ON revisions (circle_pk, stream) WHERE kind = 'fact'
    """,
    """
    CREATE INDEX revisions_of_record ON revisions (record)
    """,
    """
    CREATE TABLE entries (
        pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        stream TEXT NOT NULL,
        record BLOB NOT NULL,
        kind TEXT NOT NULL,
        author BLOB NOT NULL,
        wall BIGINT NOT NULL,
        shown BIGINT NOT NULL,
        current INTEGER NOT NULL,
        urgent BOOLEAN NOT NULL,
        withdrawn BOOLEAN NOT NULL,
        amended BOOLEAN NOT NULL,
        parallel BOOLEAN NOT NULL,
        unread BOOLEAN NOT NULL,
        PRIMARY KEY (pk),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE INDEX entries_by_stream ON entries (circle_pk, stream, shown, pk)
    """,
    """
    CREATE INDEX entries_parallel ON entries (pk) WHERE parallel
    """,
    """
    CREATE INDEX entries_time_line ON entries (circle_pk, shown, pk)
    """,
    """
    CREATE INDEX entries_unread ON entries (circle_pk, stream) WHERE unread
    """,
    """
    CREATE TABLE traces (
        pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        revision BLOB NOT NULL,
        author BLOB NOT NULL,
        wall BIGINT NOT NULL,
        action TEXT NOT NULL,
        compartment TEXT NOT NULL,
        PRIMARY KEY (pk),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk),
        UNIQUE (revision)
    )
    """,
    """
    CREATE INDEX traces_by_author ON traces (circle_pk, author, wall)
    """,
    """
    CREATE INDEX traces_by_time ON traces (circle_pk, wall, pk, action, compartment)
    """,
    """
    CREATE INDEX traces_by_volet ON traces (circle_pk, compartment, author, wall)
    """,
    """
    CREATE TABLE acknowledged_openings (
        circle_pk INTEGER NOT NULL,
        account BLOB NOT NULL,
        PRIMARY KEY (circle_pk, account),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE taken (
        circle_pk INTEGER NOT NULL,
        signal BLOB NOT NULL,
        entry BLOB NOT NULL,
        author BLOB NOT NULL,
        PRIMARY KEY (circle_pk, signal, entry),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE acknowledged_emergencies (
        circle_pk INTEGER NOT NULL,
        height INTEGER NOT NULL,
        PRIMARY KEY (circle_pk, height),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE drafts (
        circle_pk INTEGER NOT NULL,
        compartment TEXT NOT NULL,
        text TEXT NOT NULL,
        kind TEXT NOT NULL,
        urgent BOOLEAN NOT NULL,
        updated BIGINT NOT NULL,
        PRIMARY KEY (circle_pk),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE refusals (
        pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        stream TEXT NOT NULL,
        device BLOB NOT NULL,
        seq INTEGER NOT NULL,
        why TEXT NOT NULL,
        digest BLOB NOT NULL,
        envelope BLOB NOT NULL,
        seen BIGINT NOT NULL,
        PRIMARY KEY (pk),
        UNIQUE (circle_pk, stream, device, seq, why, digest),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE missing (
        circle_pk INTEGER NOT NULL,
        stream TEXT NOT NULL,
        device BLOB NOT NULL,
        seq INTEGER NOT NULL,
        place INTEGER NOT NULL,
        near BIGINT NOT NULL,
        since BIGINT NOT NULL,
        PRIMARY KEY (circle_pk, stream, device, seq, place),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE checkpoints (
        circle_pk INTEGER NOT NULL,
        stream TEXT NOT NULL,
        count INTEGER NOT NULL,
        digest BLOB NOT NULL,
        PRIMARY KEY (circle_pk, stream),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE notices (
        pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        record BLOB NOT NULL,
        accounts TEXT NOT NULL,
        created BIGINT NOT NULL,
        PRIMARY KEY (pk),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE direct_outbox (
        revision_pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        record BLOB NOT NULL,
        sealed BLOB,
        PRIMARY KEY (revision_pk),
        FOREIGN KEY(revision_pk) REFERENCES revisions (pk),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk)
    )
    """,
    """
    CREATE TABLE envelopes (
        feed_pk INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        identifier BLOB NOT NULL,
        place INTEGER,
        PRIMARY KEY (feed_pk, seq),
        FOREIGN KEY(feed_pk) REFERENCES feeds (pk)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE outgoing (
        feed_pk INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        header BLOB NOT NULL,
        signature BLOB NOT NULL,
        ciphertext BLOB NOT NULL,
        PRIMARY KEY (feed_pk, seq),
        FOREIGN KEY(feed_pk) REFERENCES feeds (pk)
    )
    """,
    """
    CREATE TABLE outbox (
        revision_pk INTEGER NOT NULL,
        circle_pk INTEGER NOT NULL,
        stream TEXT NOT NULL,
        feed_pk INTEGER,
        seq INTEGER,
        held_for TEXT,
        PRIMARY KEY (revision_pk),
        FOREIGN KEY(revision_pk) REFERENCES revisions (pk),
        FOREIGN KEY(circle_pk) REFERENCES circles (pk),
        FOREIGN KEY(feed_pk) REFERENCES feeds (pk)
    )
    """,
    """
    CREATE INDEX outbox_by_stream ON outbox (circle_pk, stream)
    """,
    """
    CREATE VIRTUAL TABLE entries_fts USING fts5(
        text, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2"
    )
    """,
)


def upgrade() -> None:
    """Make them."""
    for statement in TABLES:
        op.get_bind().exec_driver_sql(statement)
