"""A circle's registry as a client holds it: every state that the chain went through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from carelink.access.registry import CircleState, Refusal, apply, cuts_of
from carelink.access.statements import SealedCut, Statement, decode_statement
from carelink.errors import BugError
from carelink.records.transfer import StatementRow
from carelink.sync.wire.structures import SignedStatement
from carelink.sync.wire.verification import BadSignatureError, verified_apply


class SplitRegistryError(Exception):
    """The relay shows a chain that does not continue ours: two statements at one height."""


class RefusedStatementError(Exception):
    """The relay accepted what the rules refuse, so it lies; or this version is too old."""

    def __init__(self, why: str, height: int, device: bytes) -> None:
        super().__init__(why)
        self.why = why
        self.height = height
        self.device = device


@dataclass
class Chain:
    """The states by height; `states[h]` is what held once statement `h` was in.

    Attributes:
        cuts: What statements cut, each with the statement's height.
        times: The latest time at which each account signed a statement, by its own clock.
    """

    states: list[CircleState] = field(default_factory=list)
    cuts: list[tuple[int, SealedCut]] = field(default_factory=list)
    times: dict[bytes, int] = field(default_factory=dict)

    def replay(self, rows: Iterable[StatementRow]) -> None:
        """Take in statements that were verified when they were stored.

        Raises:
            BugError: They are refused now: the vault was made by other rules.
        """
        self.replay_bodies(row.body for row in rows)

    def replay_bodies(self, bodies: Iterable[bytes]) -> None:
        """Take in the bodies of statements that were verified when they were stored.

        Raises:
            BugError: As `replay`.
        """
        for body in bodies:
            statement = decode_statement(body)
            after = apply(self.state, statement)
            if isinstance(after, Refusal):
                raise BugError("a stored chain is refused by its own rules")
            self._add(after, statement)

    def _add(self, after: CircleState, statement: Statement) -> None:
        self.states.append(after)
        author = after.owners[statement.body.device]
        self.times[author] = max(self.times.get(author, 0), statement.body.time)
        self.cuts.extend((after.height, cut) for cut in cuts_of(statement.public))

    def copy(self) -> Chain:
        """Return a chain that may be extended apart."""
        return Chain(list(self.states), list(self.cuts), dict(self.times))

    @property
    def state(self) -> CircleState | None:
        """The newest state, or None for an empty chain."""
        return self.states[-1] if self.states else None

    @property
    def height(self) -> int:
        """Height of the newest statement, -1 for none."""
        return len(self.states) - 1

    def at(self, height: int) -> CircleState | None:
        """Return the state at a height, or None beyond the chain."""
        return self.states[height] if 0 <= height < len(self.states) else None

    def extended(self, signed: SignedStatement, genesis: bytes) -> StatementRow | None:
        """Take one more statement in.

        Args:
            signed: The next statement, or one that we hold already.
            genesis: The pinned hash of statement 0.

        Returns:
            The row to store, or None where we hold it already.

        Raises:
            SplitRegistryError: It contradicts our chain.
            RefusedStatementError: The rules refuse it, or a signature is wrong.
        """
        try:
            statement = decode_statement(signed.body)
        except ValueError as error:
            raise RefusedStatementError("bad_signature", self.height + 1, b"") from error
        height, device = statement.body.height, statement.body.device
        known = self.at(height)
        if known is not None:
            if known.head != statement.digest:
                raise SplitRegistryError
            return None
        state = self.state
        if state is None and statement.digest != genesis:
            raise SplitRegistryError
        if state is not None and height == state.height + 1 and statement.body.previous != state.head:
            raise SplitRegistryError
        try:
            after = verified_apply(state, signed)
        except BadSignatureError as error:
            raise RefusedStatementError("bad_signature", height, device) from error
        if isinstance(after, Refusal):
            why = "bad_chain" if after.reason == "wrong_position" else "no_right"
            raise RefusedStatementError(why, height, device)
        self._add(after, statement)
        return StatementRow(height, statement.digest, signed.body, signed.signature, signed.sealed)
