"""Passing requests on to the real relay, and answers back as an attack wants them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx
import msgspec

from carelink.sync.wire import api
from tests.hostile_relay.attacks import Attack, LostAnswer

_FRAMES: Final[dict[str, tuple[type[Any], type[Any]]]] = {
    api.PULL: (api.PullRequest, api.PullPage),
    api.BACKFILL: (api.BackfillRequest, api.BackfillPage),
}
_KEPT_HEADERS: Final = ("authorization", "content-type", "accept")
_ANSWER_SECONDS: Final = 60.0


@contextmanager
def serving(attack: Attack, upstream: str, port: int) -> Iterator[str]:
    """Serve in threads for as long as the block lasts, and give the address."""
    lock = threading.Lock()
    with httpx.Client(base_url=upstream, timeout=_ANSWER_SECONDS, trust_env=False) as real:

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._pass_on(b"")

            def do_POST(self) -> None:
                self._pass_on(self.rfile.read(int(self.headers.get("content-length", 0))))

            def _pass_on(self, body: bytes) -> None:
                if "upgrade" in self.headers.get("connection", "").lower():
                    # Nobody is woken up through this relay.
                    self.send_error(404)
                    return
                headers = {name: self.headers[name] for name in _KEPT_HEADERS if name in self.headers}
                answer = real.request(self.command, self.path, content=body, headers=headers)
                content = answer.content
                if answer.is_success:
                    try:
                        with lock:
                            content = _attacked(attack, self.path, body, content)
                    except LostAnswer:
                        self.close_connection = True
                        return
                self.send_response(answer.status_code)
                self.send_header("content-type", answer.headers.get("content-type", ""))
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name above)
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()


def _attacked(attack: Attack, path: str, body: bytes, content: bytes) -> bytes:
    attack.after(path)
    if path not in _FRAMES:
        return content
    asked, answered = _FRAMES[path]
    request = msgspec.msgpack.decode(body, type=asked)
    answer = msgspec.msgpack.decode(content, type=answered)
    return msgspec.msgpack.encode(attack.answer(request, answer))
