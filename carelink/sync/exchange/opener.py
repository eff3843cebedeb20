"""Opening pages of a circle's past in their order: here, or in a process beside this one if there are many.

Opening thousands of envelopes would otherwise hold up the screens of the same process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from carelink.records.transfer import FeedKey
from carelink.sync.chain import Chain
from carelink.sync.exchange.beside import Beginning, Beside, HeldAlreadyError, Opened
from carelink.sync.exchange.cards import Said
from carelink.sync.exchange.context import Context
from carelink.sync.exchange.taking import PageIds, known_in_past, known_with, page_ids
from carelink.sync.opening import take_in
from carelink.sync.outcome import Known
from carelink.sync.wire.api import Item

# While one page is opened beside, the next one waits there, and the one before is stored.
_IN_FLIGHT = 4
_UNSTORED_PAGES = 24


def known_from(beginning: Beginning) -> Known:
    """Return what a process beside checks pages against.

    Raises:
        BugError: The chain is refused by its own rules.
    """
    chain = Chain()
    chain.replay_bodies(beginning.statements)
    keys = {(stream, epoch): secret for stream, epoch, secret in beginning.keys}

    def held(_key: FeedKey, _first: int, _last: int) -> Mapping[int, bytes]:
        raise HeldAlreadyError

    return known_with(
        beginning.circle,
        beginning.device,
        chain,
        Said({card.account: card for card in beginning.cards}, beginning.statuses),
        beginning.feeds,
        keys,
        held,
        complete=False,
    )


class PastOpener:
    """Opens the pages of one circle's past, newest first, in the order in which they are put in."""

    def __init__(self, context: Context, circle: bytes, placement: bytes) -> None:
        self._context = context
        self._placement = placement
        self._recent: deque[PageIds] = deque(maxlen=_UNSTORED_PAGES)
        self._known = known_in_past(context, circle, self._recent)
        self._pages: deque[tuple[Sequence[Item], Callable[[], Opened | None]]] = deque()
        self._start = context.opener
        self._beside: Beside | None = None
        self._begun = False

    @property
    def known(self) -> Known:
        """What the next page is checked against."""
        return self._known

    def expect_more(self) -> None:
        """Have a process beside made ready, if the exchange has a way to."""
        if self._start is not None:
            self._beside, self._start = self._start(), None

    def put(self, items: Sequence[Item]) -> None:
        """Give the next older page in."""
        if self._beside is not None and not self._begun and not self._pages and self._beside.ready():
            self._beside.begin(self._beginning())
            self._begun = True
        self._pages.append((items, self._beside.put(items) if self._beside and self._begun else _here))

    def full(self) -> bool:
        """Whether a page should be taken out before another is put in."""
        return len(self._pages) >= (_IN_FLIGHT if self._begun else 1)

    def pending(self) -> bool:
        """Whether a page that was put in has not been taken out."""
        return bool(self._pages)

    def take(self) -> Opened:
        """Return what the oldest page still in came to."""
        items, answer = self._pages.popleft()
        opened = answer() if self._begun else None
        if opened is None:
            if self._begun:
                # What follows this page was handed over without its outcome: it is opened here as well.
                self.close()
            opened = Opened(take_in(self._known, items))
        self._known = replace(self._known, feeds={**self._known.feeds, **opened.outcome.feeds})
        self._recent.append(page_ids(opened.outcome))
        return opened

    def close(self) -> None:
        """End the process beside, for good; what is still in is opened here."""
        if self._beside is not None:
            self._beside.close()
            self._beside, self._begun = None, False

    def _beginning(self) -> Beginning:
        context, circle = self._context, self._known.circle
        with context.store.reading() as tx:
            statements = tuple(row.body for row in tx.statements(circle))
            cards = tuple(tx.cards(circle))
            statuses = tuple(tx.statuses(circle))
        return Beginning(
            circle,
            context.device,
            statements[: self._known.chain.height + 1],
            cards,
            tuple((stream, epoch, secret) for (stream, epoch), secret in self._known.keys.items()),
            dict(self._known.feeds),
            self._placement,
            statuses,
        )


def _here() -> Opened | None:
    """Leave a page to this process."""
    return None
