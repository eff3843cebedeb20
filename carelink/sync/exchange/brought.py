"""What comes to us by our teams: circles that nobody named to us, and letters to the team."""

from __future__ import annotations

from carelink.access.compartments import Stream
from carelink.access.registry import Member
from carelink.access.statements import circle_id_of, statement_hash
from carelink.records.transfer import CircleLink
from carelink.sync.chain import Chain, RefusedStatementError, SplitRegistryError
from carelink.sync.exchange.context import Context
from carelink.sync.exchange.membership import adopt
from carelink.sync.store import Transaction
from carelink.sync.wire.api import PullPage
from carelink.sync.wire.structures import LetterBody


def follow_brought(
    context: Context, tx: Transaction, links: dict[bytes, CircleLink], page: PullPage
) -> set[bytes]:
    """Follow the circles of a page that one of our teams serves, and add them to `links`.

    What holds no team of ours, or is not a chain at all, is left where it is: nobody invited us there.
    """
    brought: set[bytes] = set()
    for part in page.chains:
        if part.circle in links or not part.statements:
            continue
        genesis = statement_hash(part.statements[0].body)
        chain, rows = Chain(), []
        try:
            for signed in part.statements:
                row = chain.extended(signed, genesis)
                if row is not None:
                    rows.append(row)
        except (SplitRegistryError, RefusedStatementError):
            continue
        state = chain.state
        serves = state is not None and any(
            member.team is not None and context.team(tx, member.account) is not None
            for member in state.active_members()
        )
        if circle_id_of(genesis) != part.circle or not (serves or page.more) or (state and state.team):
            continue
        tx.follow(part.circle, genesis, context.now())
        for row in rows:
            adopt(context, tx, part.circle, row)
        context.chains[part.circle] = chain
        links[part.circle] = tx.link(part.circle)
        brought.add(part.circle)
    return brought


def team_keys(tx: Transaction, team: bytes) -> list[bytes]:
    """Return the private keys that letters to a team may be for, the newest first."""
    held = [(epoch, secret) for (stream, epoch), secret in tx.keys(team).items() if stream == Stream.TEAM_KEY]
    return [secret for _, secret in sorted(held, reverse=True)]


def lacks_team_keys(context: Context, tx: Transaction, team: bytes) -> bool:
    """Whether keys of a team of ours have yet to come: a letter to it may be for one of them."""
    state = context.team(tx, team)
    return state is not None and len(team_keys(tx, team)) < state.streams[Stream.TEAM_KEY].current


def sender_in(chain: Chain, body: LetterBody) -> Member | None:
    """Return the sender of a letter as they were when they last could have written it."""
    for state in reversed(chain.states):
        sender = state.member_of(body.sender)
        if sender is not None and body.stream in set(Stream) and sender.reads(Stream(body.stream)):
            return sender
    return None
