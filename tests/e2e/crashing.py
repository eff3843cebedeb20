"""CareLink that loses its power at one point, to see what a restart finds.

    python -m tests.e2e.crashing [--at POINT] [--one-each] -- COMMAND…

`--one-each` seals one version an envelope, so that a few notes make many envelopes.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from carelink.cli.main import run
from carelink.models.stores.outbox import OutboxStore
from carelink.services.cahier import Cahier
from carelink.sync.carriers.http import HttpCarrier
from carelink.sync.exchange import push
from carelink.sync.exchange import run as exchange
from carelink.sync.exchange.context import Call
from carelink.sync.wire import api


def _power_cut(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _after(place: Any, name: str) -> None:  # noqa: ANN401  (a class or a module)
    """Cut the power once a function has returned something that is not empty."""
    real: Callable[..., Any] = getattr(place, name)

    def cut(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        result = real(*arguments, **named)
        if result or result is None:
            _power_cut()
        return result

    setattr(place, name, cut)


def _before_call(path: str) -> None:
    real = HttpCarrier.call

    def cut(self: HttpCarrier, call: Call) -> Any:  # noqa: ANN401
        if call.path == path:
            _power_cut()
        return real(self, call)

    HttpCarrier.call = cut  # type: ignore[method-assign]


def _unread_answer(awaited: str) -> None:
    real = HttpCarrier._sent

    def sent(self: HttpCarrier, method: str, path: str, content: bytes, token: str) -> Any:  # noqa: ANN401
        answer = real(self, method, path, content, token)
        if path == awaited:
            _power_cut()
        return answer

    HttpCarrier._sent = sent  # type: ignore[method-assign]


POINTS: dict[str, Callable[[], None]] = {
    "published": lambda: _after(Cahier, "write"),
    "sealing": lambda: _after(OutboxStore, "put_sealed"),
    "sealed": lambda: _after(push, "_seal_next"),
    "sending": lambda: _before_call(api.PUSH),
    "stored": lambda: _unread_answer(api.PUSH),
    "delivering": lambda: _after(OutboxStore, "delivered"),
    "delivered": lambda: setattr(exchange, "backfill", _power_cut),
    "appending": lambda: _before_call(api.REGISTRY_APPEND),
    "appended": lambda: _unread_answer(api.REGISTRY_APPEND),
    "letters": lambda: _unread_answer(api.LETTERS),
    "created": lambda: _unread_answer(api.CIRCLES),
    "answered": lambda: _unread_answer(api.RENDEZVOUS_ANSWER),
    "receipts": lambda: _unread_answer(api.RECEIPTS),
}


def main() -> int:
    """Run a command until the power goes."""
    parser = argparse.ArgumentParser(prog="tests.e2e.crashing")
    parser.add_argument("--at", choices=sorted(POINTS))
    parser.add_argument("--one-each", action="store_true")
    arguments = sys.argv[1:]
    end = arguments.index("--")
    options = parser.parse_args(arguments[:end])
    if options.one_each:
        push.BATCH_REVISIONS = 1
    if options.at:
        POINTS[options.at]()
    return run(arguments[end + 1 :])


if __name__ == "__main__":
    sys.exit(main())
