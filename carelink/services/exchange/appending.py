"""Appending a statement of ours to a circle's registry, with refusals in the user's words."""

from __future__ import annotations

from collections.abc import Callable

from carelink.access.registry import CircleState, Reason
from carelink.services.errors import ChangeRefusedError
from carelink.services.exchange.relays import Relay
from carelink.sync.exchange.context import Context
from carelink.sync.exchange.membership import Proposal, RefusedChangeError, append
from carelink.sync.exchange.pull import pull
from carelink.sync.store import Transaction


def append_or_refuse(
    relay: Relay,
    context: Context,
    circle: bytes,
    propose: Callable[[Transaction, CircleState], Proposal | None],
) -> None:
    """Append what is proposed.

    Raises:
        ChangeRefusedError: The rules refuse it, or there is nothing to propose: nothing was changed.
        HubRefusalError: The relay refuses it.
    """
    try:
        done = relay.run(append(context, circle, propose, lambda: pull(context)))
    except RefusedChangeError as refused:
        raise ChangeRefusedError(refused.reason) from refused
    if not done:
        raise ChangeRefusedError(Reason.NOT_ENTITLED)
