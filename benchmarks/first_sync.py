"""A new device takes in 50,000 sealed entries, searchable; floor: raw SQLCipher bulk insert with FTS.

Every envelope carries one entry (the worst case), is verified, decrypted and indexed; the relay's
pages come as the bytes that travel. Aim: at least half of the floor's speed.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from benchmarks.corpus import texts
from benchmarks.floor import bulk_insert_seconds
from benchmarks.people import account, circle
from carelink.access.compartments import Stream
from carelink.access.statements import ZERO_HASH, AddDevice, decode_certificate
from carelink.crypto.keys import AccountName, DeviceKeys, certify, new_device_keys, public_keys
from carelink.models.stores.vault_store import VaultStore
from carelink.records.bodies import EntryBody, EntryKind, RecordKind, encode_body
from carelink.records.revision import Revision, encode_revision
from carelink.records.transfer import CheckpointMark
from carelink.services.cahier import Cahier
from carelink.services.exchange.opening_process import OpeningProcess
from carelink.services.session import Session
from carelink.services.time_line import TimeLineQuery
from carelink.sync.exchange.backfill import PAGE_ITEMS, backfill
from carelink.sync.exchange.context import Context
from carelink.sync.exchange.membership import signed_statement
from carelink.sync.sealing import Body, SealingPlace, seal_envelope
from carelink.sync.wire import api

ENTRIES = 50_000
HUB = "http://127.0.0.1:1"


def sealed_items(session: Session, identifier: bytes, count: int) -> list[api.Item]:
    """Seal `count` entries as their author's device does, one an envelope."""
    with session.read() as stores:
        state = session.chain(stores, identifier).state
        secret = stores.keys(identifier)[Stream.CARE, 1]
    if state is None:
        raise SystemExit("no circle")
    items, previous = [], ZERO_HASH
    now = session.clock()
    for seq, text in enumerate(texts(count), start=1):
        body = encode_body(EntryBody(text, EntryKind.NOTE, urgent=False, withdrawn=False, reason=""))
        record = seq.to_bytes(16, "big")
        revision = Revision(
            record, RecordKind.ENTRY, (), session.account, now - (count - seq) * 60_000, (), body
        )
        place = SealingPlace(
            identifier, Stream.CARE, 1, state.height, state.head, session.keys.device, seq, previous
        )
        sealed = seal_envelope(
            place, secret, session.keys.signing, Body((encode_revision(revision),), (), 0, ZERO_HASH)
        )
        previous = sealed.identifier
        items.append(api.Item(seq, seq, sealed.envelope))
    return items


def another_device(session: Session, identifier: bytes) -> DeviceKeys:
    """Bring another device of the account into its circle, as a second PC."""
    keys = new_device_keys()
    own = decode_certificate(session.certificate.body)
    certificate = certify(
        AccountName(own.account_key, own.name_hash), public_keys(keys), session.clock(), session.keys
    )
    with session.write() as stores:
        chain = session.chain(stores, identifier)
        signed = signed_statement(session.keys, chain.state, AddDevice(certificate), b"", session.clock())
        row = chain.extended(signed, stores.link(identifier).genesis)
        if row is None:
            raise SystemExit("no other device")
        stores.add_statement(identifier, row, session.clock())
    return keys


def pages(items: list[api.Item]) -> Iterator[bytes]:
    """Give the relay's answers to a backfill, newest first, as the bytes that travel."""
    for end in range(len(items), 0, -PAGE_ITEMS):
        start = max(0, end - PAGE_ITEMS)
        part = tuple(reversed(items[start:end]))
        yield msgspec.msgpack.encode(api.BackfillPage(part, part[-1].position, start > 0))


def main() -> None:
    """Measure, and print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    with tempfile.TemporaryDirectory() as folder:
        session = account(Path(folder) / "home", "Claire Martin", "nurse")
        identifier = bytes.fromhex(circle(session, HUB))
        other = another_device(session, identifier)
        answers = list(pages(sealed_items(session, identifier, count)))
        with session.write() as stores:
            stores.set_state(identifier, "member")
            stores.set_backfill(identifier, count + 1)
            stores.put_checkpoint(identifier, Stream.CARE, CheckpointMark(count, ZERO_HASH))
            hub = stores.hubs()[0].pk
        helper = ThreadPoolExecutor(1)
        reader = Context(
            VaultStore(session.database, hub),
            # Nothing of it is its own.
            other,
            session.account,
            HUB,
            bytes(32),
            session.clock,
            beside=helper.submit,
            opener=OpeningProcess,
        )
        # What the relay keeps is not the new device's memory.
        gc.collect()
        gc.freeze()
        started = time.perf_counter()
        steps = backfill(reader)
        try:
            next(steps)
            for answer in answers:
                steps.send(msgspec.msgpack.decode(answer, type=api.BackfillPage))
        except StopIteration:
            pass
        seconds = time.perf_counter() - started
        cahier = Cahier(session)
        found = cahier.entries(identifier.hex(), TimeLineQuery(search=f"{count - 1}"))
        page = cahier.entries(identifier.hex(), limit=60)
        session.close()
        if len(page) != 60 or not found:
            raise SystemExit("the entries did not come in")
        floor = bulk_insert_seconds(Path(folder) / "floor.db", count)
    ratio = floor / seconds
    print(
        json.dumps(
            {
                "benchmark": "first_sync",
                "entries": count,
                "seconds": round(seconds, 3),
                "per_second": round(count / seconds),
                "floor_seconds": round(floor, 3),
                "of_floor_speed": round(ratio, 3),
                "aim": ">= 0.5",
                "met": ratio >= 0.5,
            }
        )
    )


if __name__ == "__main__":
    main()
