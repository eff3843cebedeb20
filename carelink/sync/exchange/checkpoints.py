"""Recomputing the relay's checkpoints: it is caught when it goes back, rewrites or leaves out."""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import islice

from carelink.access.compartments import Stream
from carelink.access.statements import ZERO_HASH
from carelink.records.transfer import CheckpointMark, MissingItem, RefusedItem
from carelink.sync.exchange.context import Context
from carelink.sync.outcome import MOST_MISSING, Why
from carelink.sync.store import Transaction
from carelink.sync.wire.api import Item
from carelink.sync.wire.structures import Checkpoint
from carelink.sync.wire.verification import (
    BadSignatureError,
    decode_header,
    envelope_id,
    next_checkpoint,
    verified_checkpoint,
)


def check_places(
    context: Context,
    tx: Transaction,
    circle: bytes,
    items: Sequence[Item],
    checkpoints: Sequence[Checkpoint],
    cursor: int,
) -> None:
    """Compare the page's settled items, in the relay's own order, with the states that it signed."""
    places: dict[str, dict[int, bytes]] = {}
    positions: dict[str, list[tuple[int, int]]] = {}
    for item in items:
        try:
            core = decode_header(item.envelope.header)[1]
        except BadSignatureError:
            continue
        places.setdefault(core.stream, {})[item.index] = envelope_id(item.envelope.header)
        positions.setdefault(core.stream, []).append((item.index, item.position))
    marks = tx.checkpoints(circle)
    for checkpoint in checkpoints:
        try:
            body = verified_checkpoint(checkpoint, context.hub_key)
        except BadSignatureError:
            _report(context, tx, circle, "", Why.BAD_SIGNATURE)
            continue
        mark = marks.get(body.stream)
        if mark is None and tx.link(circle).backfill_before is not None:
            # A newcomer starts from what the relay signs, and recomputes it once the past is here.
            tx.put_checkpoint(circle, body.stream, CheckpointMark(body.count, body.digest))
            continue
        mark = mark or CheckpointMark(0, ZERO_HASH)
        found = places.get(body.stream, {})
        if body.count < mark.count or (body.count == mark.count and body.digest != mark.digest):
            _report(context, tx, circle, body.stream, Why.CHECKPOINT_REGRESSION)
            continue
        if first_absent(found, mark.count + 1, body.count):
            # What came before the checkpoint that counts it is in the vault already.
            found = {**tx.identifiers_by_place(circle, body.stream), **found}
        absent = first_absent(found, mark.count + 1, body.count)
        if absent:
            after = sorted(positions.get(body.stream, []))
            tx.add_missing(
                [
                    MissingItem(
                        circle, body.stream, b"", 0, place, next((p for i, p in after if i > place), cursor)
                    )
                    for place in absent
                ],
                context.now(),
            )
        else:
            digest = mark.digest
            for place in range(mark.count + 1, body.count + 1):
                digest = next_checkpoint(digest, found[place])
            if digest != body.digest and not _explained(context, circle, body.stream):
                _report(context, tx, circle, body.stream, Why.CHECKPOINT_REGRESSION)
        tx.put_checkpoint(circle, body.stream, CheckpointMark(body.count, body.digest))


def first_absent(found: Container[int], first: int, last: int) -> list[int]:
    """Return the first places of a stretch that are not among `found`; the stretch may be a lie."""
    return list(islice((place for place in range(first, last + 1) if place not in found), MOST_MISSING))


def _explained(context: Context, circle: bytes, stream: str) -> bool:
    """Whether a refusal of this exchange already tells why the chain does not add up."""
    return any(r.circle == circle and r.stream in {stream, ""} for r in context.report.refused)


def _report(context: Context, tx: Transaction, circle: bytes, stream: str, why: Why) -> None:
    device, seq = b"", 0
    refused = RefusedItem(circle, stream or Stream.REGISTRY, device, seq, why)
    context.report.refused.append(refused)
    tx.add_refused([refused], context.now())
