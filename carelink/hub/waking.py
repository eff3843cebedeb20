"""Who is listening now, and telling them that there is something to ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

_MAX_LISTENERS_PER_DEVICE: Final = 8


class Listener:
    """One open connection of a device: it keeps the latest position only."""

    def __init__(self) -> None:
        self._position = -1
        self._told = -1
        self._event = asyncio.Event()

    def tell(self, position: int) -> None:
        """Note that something happened at `position`."""
        self._position = max(self._position, position)
        self._event.set()

    async def next(self) -> int:
        """Wait for a position later than the one returned before."""
        while self._position <= self._told:
            self._event.clear()
            await self._event.wait()
        self._told = self._position
        return self._told


class Waking:
    """The devices that listen."""

    def __init__(self) -> None:
        self._listeners: dict[bytes, list[Listener]] = {}

    def join(self, device: bytes) -> Listener | None:
        """Begin to listen; None where the device has too many connections already."""
        listeners = self._listeners.setdefault(device, [])
        if len(listeners) >= _MAX_LISTENERS_PER_DEVICE:
            return None
        listener = Listener()
        listeners.append(listener)
        return listener

    def leave(self, device: bytes, listener: Listener) -> None:
        """Stop listening."""
        listeners = self._listeners.get(device, [])
        listeners.remove(listener)
        if not listeners:
            del self._listeners[device]

    def tell(self, devices: Iterable[bytes], position: int) -> None:
        """Tell those of `devices` that listen."""
        for device in set(devices):
            for listener in self._listeners.get(device, ()):
                listener.tell(position)
