"""How often one source may do what costs the relay something or gains a guesser something."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

_MAX_SOURCES: Final = 20_000


def source_of(address: str) -> str:
    """Return what counts as one source: an IPv4 address, an IPv6 /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


class RateLimit:
    """At most `count` events per source in any `window` milliseconds."""

    def __init__(self, count: int, window: int, clock: Callable[[], int]) -> None:
        self._count = count
        self._window = window
        self._clock = clock
        self._events: OrderedDict[str, deque[int]] = OrderedDict()

    def exhausted(self, source: str) -> bool:
        """Tell whether `source` has used up its events."""
        events = self._events.get(source)
        if events is None:
            return False
        oldest = self._clock() - self._window
        while events and events[0] <= oldest:
            events.popleft()
        if not events:
            del self._events[source]
        return len(events) >= self._count

    def record(self, source: str) -> None:
        """Count one event of `source`."""
        events = self._events.setdefault(source, deque(maxlen=self._count))
        events.append(self._clock())
        self._events.move_to_end(source)
        if len(self._events) > _MAX_SOURCES:
            self._events.popitem(last=False)
