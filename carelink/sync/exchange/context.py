"""What every part of an exchange shares: who we are, which relay, the report."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from carelink.access.registry import CircleState, through_teams
from carelink.crypto.keys import DeviceKeys
from carelink.records.transfer import MissingItem, RefusedItem
from carelink.sync.chain import Chain
from carelink.sync.exchange.beside import Beside
from carelink.sync.store import Store, Transaction
from carelink.sync.wire.api import TeamNews


@dataclass(frozen=True, slots=True)
class Call:
    """A request to make; the driver sends the decoded answer back into the generator.

    Attributes:
        token: Session token, or empty where none is needed.
    """

    path: str
    frame: msgspec.Struct
    answer: type[Any]
    token: str = ""


Steps = Generator[Call, Any, None]


class HubRefusalError(Exception):
    """The relay answered with a problem; the driver throws it into the generator."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class WrongHubError(Exception):
    """Who answers is not the relay that we know: another key, or a signature that does not hold."""


@dataclass(slots=True)
class Report:
    """What an exchange did.

    Attributes:
        pushed: Revisions that the relay now has.
        pulled: New revisions taken in.
        joined: Circles in which this device became a member.
        held: Notes that wait for a confirmation because new readers appeared.
        changed: Circles whose members, keys or entries changed.
        backfilling: Whether older items are still to fetch.
    """

    pushed: int = 0
    pulled: int = 0
    refused: list[RefusedItem] = field(default_factory=list)
    missing: list[MissingItem] = field(default_factory=list)
    joined: list[bytes] = field(default_factory=list)
    held: int = 0
    changed: set[bytes] = field(default_factory=set)
    backfilling: bool = False


class Work(Protocol):
    """Work that was started."""

    def done(self) -> bool:
        """Whether it has ended."""

    def result(self) -> None:
        """Wait for its end, and raise what it raised."""


class AtOnce:
    """Work that is done here before anything else: there is nothing left to wait for."""

    def __init__(self, work: Callable[[], None]) -> None:
        work()

    def done(self) -> bool:
        """Whether it has ended."""
        return True

    def result(self) -> None:
        """Wait for its end."""


@dataclass(slots=True)
class Context:
    """One exchange.

    Attributes:
        beside: Starts work that may go on beside what follows, one piece at a time.
        opener: Starts a process that opens pages of the past beside this one, or None for all of it here.
        now: Milliseconds since 1970.
        token: Session token once there is one.
        hub_time: The relay's clock when the session was opened, milliseconds since 1970.
        chains: Chains loaded so far; another process may append meanwhile.
        news: What teams announced that circles have yet to follow, as the relay told in this exchange.
        teams: Ids of the teams that this vault follows, once they were asked for.
        team_keys_came: Whether this exchange brought keys of a team that letters to it may have waited for.
        paper: Whether the keys are those of a recovery sheet: its letters stay unreceipted, so that its
            words work again.
    """

    store: Store
    keys: DeviceKeys
    account: bytes
    hub_url: str
    hub_key: bytes
    now: Callable[[], int]
    report: Report = field(default_factory=Report)
    token: str = ""
    hub_time: int = 0
    chains: dict[bytes, Chain] = field(default_factory=dict)
    beside: Callable[[Callable[[], None]], Work] = AtOnce
    opener: Callable[[], Beside] | None = None
    paper: bool = False
    news: dict[bytes, TeamNews] = field(default_factory=dict)
    team_keys_came: bool = False
    teams: set[bytes] | None = None

    @property
    def device(self) -> bytes:
        """Our device id."""
        return self.keys.device

    def call(self, path: str, frame: msgspec.Struct, answer: type[Any]) -> Call:
        """Return a call under this exchange's session."""
        return Call(path, frame, answer, self.token)

    def is_member(self, tx: Transaction, circle: bytes) -> bool:
        """Whether our stay in a circle is under way, as far as we know."""
        state = self.seen(tx, circle)
        member = state.member_of(self.device) if state else None
        return member is not None and member.active

    def seen(self, tx: Transaction, circle: bytes) -> CircleState | None:
        """Return a circle's newest state with ourselves in it as our teams let us be."""
        state = self.chain(tx, circle).state
        return None if state is None else through_teams(state, self._teams_in(tx, state), self.device)

    def _teams_in(self, tx: Transaction, state: CircleState) -> list[CircleState]:
        teams = (self.team(tx, member.account) for member in state.members.values() if member.team)
        return [team for team in teams if team is not None]

    def team(self, tx: Transaction, team: bytes) -> CircleState | None:
        """Return the registry of a team that this vault follows."""
        if self.teams is None:
            self.teams = {link.circle for link in tx.links() if link.team}
        return self.chain(tx, team).state if team in self.teams else None

    def chain(self, tx: Transaction, circle: bytes) -> Chain:
        """Return a circle's chain, brought up to what the vault holds now."""
        chain = self.chains.setdefault(circle, Chain())
        chain.replay(tx.statements(circle, chain.height))
        return chain
