"""Taking in what is new, page by page: chains, letters, envelopes, checkpoints, cursor, as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Sequence

import msgspec

from carelink.access.compartments import Stream
from carelink.access.direct import may_be_named
from carelink.crypto.primitives import UnsealError
from carelink.records.transfer import CircleLink, RefusedItem
from carelink.sync.chain import RefusedStatementError, SplitRegistryError
from carelink.sync.exchange.brought import follow_brought, lacks_team_keys, sender_in, team_keys
from carelink.sync.exchange.cards import open_sealed_parts
from carelink.sync.exchange.checkpoints import check_places
from carelink.sync.exchange.context import Context, Steps
from carelink.sync.exchange.direct_taking import take_direct
from carelink.sync.exchange.membership import adopt
from carelink.sync.exchange.taking import read_waiting, take_items
from carelink.sync.letters import read_letter, write_receipt
from carelink.sync.outcome import Why
from carelink.sync.store import Transaction
from carelink.sync.wire import api
from carelink.sync.wire.structures import Checkpoint, CheckpointBody
from carelink.sync.wire.verification import BadSignatureError, decode_header, decode_letter, verified_letter

PAGE_ITEMS = 500
_BEFORE_FIRST = -1


def pull(context: Context) -> Steps:
    """Take in everything after our cursor."""
    more = True
    while more:
        with context.store.transaction() as tx:
            links = [link for link in tx.links() if link.state != "proposed"]
            cursor, letters = tx.cursors()
            direct = tx.direct_cursor()
            known = tuple(
                api.KnownChain(link.circle, context.chain(tx, link.circle).height) for link in links
            )
        if not links:
            return
        page: api.PullPage = yield context.call(
            api.PULL, api.PullRequest(known, cursor, letters, PAGE_ITEMS, direct), api.PullPage
        )
        with context.store.transaction() as tx:
            more = _take_page(context, tx, page, cursor, letters, direct)


def _take_page(
    context: Context, tx: Transaction, page: api.PullPage, cursor: int, letters: int, direct: int
) -> bool:
    """Take a page in; tell whether to ask again."""
    if tx.cursors() != (cursor, letters) or tx.direct_cursor() != direct:
        # Another process of this vault has taken in more meanwhile: beside that, this page looks like the
        # past of a relay that goes back.
        return True
    links = {link.circle: link for link in tx.links()}
    read_before = {circle: _streams_read(context, tx, circle) for circle in links}
    named_before = {circle for circle in links if _is_named(context, tx, circle)}
    was_in = {circle for circle in links if _was_member(context, tx, circle)}
    for part in page.chains:
        if part.circle in links:
            _take_chain(context, tx, links[part.circle], part)
    # Of those that a team came to serve, which were not asked for yet, nothing else is in this page.
    brought = follow_brought(context, tx, links, page)
    context.news.update({news.team: news for news in page.teams})
    last_letter = _take_letters(context, tx, links, page.letters, letters)
    start = page.cursor if cursor == _BEFORE_FIRST else cursor
    for circle, link in links.items():
        at = page.cursor if circle in brought else start
        _settle_membership(context, tx, link, at, read_before.get(circle, set()))
        open_sealed_parts(context, tx, circle)
        read_waiting(context, tx, circle)
    _take_items(context, tx, links, page)
    if page.cursor < cursor:
        _alarm_regression(context, tx, list(links))
        return False
    more_direct = _take_direct(context, tx, page, was_in - named_before)
    may_read_again = any(_streams_read(context, tx, circle) - read_before[circle] for circle in was_in)
    if may_read_again or _may_open_again(context, tx, links, page):
        # Letters that waited until we may read again lie before those that we have had since.
        tx.set_cursors(page.cursor, 0)
        return True
    tx.set_cursors(page.cursor, last_letter)
    moved = page.cursor > cursor or last_letter > letters or more_direct or bool(page.chains)
    return (page.more and moved) or (more_direct and tx.direct_cursor() == 0)


def _take_items(context: Context, tx: Transaction, links: Container[bytes], page: api.PullPage) -> None:
    by_circle: dict[bytes, list[api.Item]] = defaultdict(list)
    for item in page.items:
        circle = _circle_of(item)
        if circle in links:
            by_circle[circle].append(item)
    by_checkpoint: dict[bytes, list[Checkpoint]] = defaultdict(list)
    for circle in list(by_circle):
        by_circle[circle] = take_items(context, tx, circle, by_circle[circle])
    for checkpoint in page.checkpoints:
        circle = _checkpoint_circle(checkpoint)
        if circle in links:
            by_checkpoint[circle].append(checkpoint)
    for circle, checkpoints in by_checkpoint.items():
        check_places(context, tx, circle, by_circle.get(circle, []), checkpoints, page.cursor)


def _take_direct(context: Context, tx: Transaction, page: api.PullPage, unnamed: Collection[bytes]) -> bool:
    """Take in what was written to us by name; tell whether to go on from another place."""
    moved = take_direct(context, tx, page.direct)
    if any(_is_named(context, tx, circle) for circle in unnamed):
        # What was written before a denial was lifted lies before what we have had since.
        tx.set_direct_cursor(0)
        return True
    return moved


def _circle_of(item: api.Item) -> bytes:
    try:
        return decode_header(item.envelope.header)[1].circle
    except BadSignatureError:
        return b""


def _checkpoint_circle(checkpoint: Checkpoint) -> bytes:
    try:
        return msgspec.msgpack.decode(checkpoint.body, type=CheckpointBody).circle
    except msgspec.MsgspecError:
        return b""


def _alarm_regression(context: Context, tx: Transaction, circles: Sequence[bytes]) -> None:
    refused = [RefusedItem(circle, "", b"", 0, Why.CHECKPOINT_REGRESSION) for circle in circles]
    context.report.refused.extend(refused)
    tx.add_refused(refused, context.now())


def _take_chain(context: Context, tx: Transaction, link: CircleLink, part: api.ChainPart) -> None:
    chain = context.chain(tx, link.circle)
    for signed in part.statements:
        try:
            row = chain.extended(signed, link.genesis)
        except SplitRegistryError:
            _refuse_statement(context, tx, link, Why.REGISTRY_SPLIT, chain.height + 1, b"")
            tx.set_alarm(link.circle, Why.REGISTRY_SPLIT)
            return
        except RefusedStatementError as error:
            _refuse_statement(context, tx, link, error.why, error.height, error.device)
            if error.why != Why.BAD_SIGNATURE:
                # Signed and against the rules: the relay lies. Altered bytes are asked for again.
                tx.set_alarm(link.circle, error.why)
            return
        if row is not None:
            adopt(context, tx, link.circle, row)


def _refuse_statement(
    context: Context, tx: Transaction, link: CircleLink, why: str, height: int, device: bytes
) -> None:
    refused = RefusedItem(link.circle, Stream.REGISTRY, device, height, why)
    context.report.refused.append(refused)
    tx.add_refused([refused], context.now())


def _take_letters(
    context: Context,
    tx: Transaction,
    links: dict[bytes, CircleLink],
    letters: Sequence[api.LetterItem],
    last: int,
) -> int:
    """Take in letters and return the position to ask from next time."""
    settled = True
    for letter in sorted(letters, key=lambda one: one.position):
        # One that was altered is asked for again, and so are those that follow it.
        settled = _take_letter(context, tx, links, letter) and settled
        if settled:
            last = max(last, letter.position)
    return last


def _take_letter(
    context: Context, tx: Transaction, links: dict[bytes, CircleLink], item: api.LetterItem
) -> bool:
    """Take the key out of a letter; tell whether there is no need to ask for it again."""
    try:
        body = decode_letter(item.letter)
    except BadSignatureError:
        return False
    if body.circle not in links:
        return True
    state = context.chain(tx, body.circle).state
    sender = state.member_of(body.sender) if state else None
    opens = [context.keys.hpke] if body.recipient == context.device else []
    if body.recipient != context.device and context.team(tx, body.recipient) is not None:
        opens = team_keys(tx, body.recipient)
        # It was written when its sender was here, perhaps long ago: nobody writes it again.
        sender = sender_in(context.chain(tx, body.circle), body)
    why = Why.BAD_SIGNATURE
    try:
        if state is None:
            return False
        verified_letter(item.letter, sender)
        why = Why.UNREADABLE
        secret = read_letter(opens, state, item.letter, body, sender)
    except (BadSignatureError, UnsealError):
        if why is Why.UNREADABLE and lacks_team_keys(context, tx, body.recipient):
            return True
        refused = RefusedItem(body.circle, body.stream, body.sender, 0, why, item.letter.body)
        context.report.refused.append(refused)
        tx.add_refused([refused], context.now())
        return why is Why.UNREADABLE
    tx.add_key(body.circle, body.stream, body.epoch, secret)
    context.team_keys_came |= body.stream == Stream.TEAM_KEY
    if not context.paper and not item.received:
        receipt = write_receipt(context.keys, item.letter, body)
        tx.add_receipt(body.circle, receipt.body, receipt.signature)
    context.report.changed.add(body.circle)
    return True


def _may_open_again(context: Context, tx: Transaction, circles: Iterable[bytes], page: api.PullPage) -> bool:
    """Whether letters to a team that lay before those with its keys are to be read again."""
    if page.more or not context.team_keys_came:
        return False
    context.team_keys_came = False
    return any(_lacks_keys(context, tx, circle) for circle in circles)


def _lacks_keys(context: Context, tx: Transaction, circle: bytes) -> bool:
    """Whether a key is not here that we may have by our team."""
    state = context.seen(tx, circle)
    me = state.member_of(context.device) if state else None
    if state is None or me is None or not me.through:
        return False
    keys = tx.keys(circle)
    return any(
        (stream, epoch.number) not in keys
        for stream, known in state.streams.items()
        for epoch in known.epochs
        if me.may_take(stream, epoch.number)
    )


def _was_member(context: Context, tx: Transaction, circle: bytes) -> bool:
    state = context.seen(tx, circle)
    return state is not None and state.member_of(context.device) is not None


def _is_named(context: Context, tx: Transaction, circle: bytes) -> bool:
    state = context.chain(tx, circle).state
    member = state.member_of(context.device) if state else None
    return member is not None and may_be_named(member)


def _streams_read(context: Context, tx: Transaction, circle: bytes) -> set[Stream]:
    state = context.seen(tx, circle)
    member = state.member_of(context.device) if state else None
    return {stream for stream in Stream if member is not None and member.reads(stream)}


def _settle_membership(
    context: Context, tx: Transaction, link: CircleLink, cursor: int, read_before: set[Stream]
) -> None:
    """Become a member once the chain names our device; fetch the past of what we newly read."""
    reads = _streams_read(context, tx, link.circle)
    if link.state == "waiting" and reads:
        tx.set_state(link.circle, "member")
        context.report.joined.append(link.circle)
        context.report.changed.add(link.circle)
    state = context.seen(tx, link.circle)
    me = state.member_of(context.device) if state else None
    for stream in reads - read_before:
        if me is not None and me.first_epoch.get(stream, 1) > 1:
            # Between what we read before and what we read now lies what is not for us.
            tx.drop_checkpoint(link.circle, stream)
    if reads - read_before:
        tx.set_backfill(link.circle, cursor + 1)
