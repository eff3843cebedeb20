"""A whole exchange, in the order that keeps everyone safe."""

from __future__ import annotations

from carelink.sync.exchange.backfill import backfill, look_again
from carelink.sync.exchange.context import Context, HubRefusalError, Steps
from carelink.sync.exchange.direct_sending import push_direct
from carelink.sync.exchange.duties import duties
from carelink.sync.exchange.pull import pull
from carelink.sync.exchange.push import push
from carelink.sync.exchange.session import open_session
from carelink.sync.wire import api
from carelink.sync.wire.structures import SignedStatement


def exchange(context: Context, backfill_pages: int | None = None) -> Steps:
    """Create what was proposed, pull, do our duties, push, fetch the past, look for omissions.

    A device that no circle names yet has nothing to exchange: that is not an error.

    Raises:
        HubRefusalError: The relay refuses what it should not.
        WrongHubError: Another relay answers.
    """
    yield from _create_proposed(context)
    try:
        yield from _pull_in_session(context)
    except HubRefusalError as refusal:
        if refusal.code == api.ProblemCode.UNKNOWN_DEVICE:
            return
        raise
    yield from duties(context)
    yield from push(context)
    yield from push_direct(context)
    yield from backfill(context, backfill_pages)
    yield from look_again(context)


def _pull_in_session(context: Context) -> Steps:
    """Pull under the session of the exchange before, or a new one where it has ended."""
    if context.token:
        try:
            yield from pull(context)
        except HubRefusalError as refusal:
            if refusal.code != api.ProblemCode.UNAUTHENTICATED:
                raise
            context.token = ""
        else:
            return
    yield from open_session(context)
    yield from pull(context)


def _create_proposed(context: Context) -> Steps:
    with context.store.transaction() as tx:
        proposed = [link.circle for link in tx.links() if link.state == "proposed"]
    for circle in proposed:
        with context.store.transaction() as tx:
            row = tx.statements(circle)[0]
        statement = SignedStatement(row.body, row.signature, row.sealed)
        yield context.call(api.CIRCLES, api.CreateCircle(statement), api.Appended)
        with context.store.transaction() as tx:
            tx.set_state(circle, "member")
