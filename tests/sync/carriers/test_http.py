"""What answers may be anything: a portal, a liar, a flood."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from carelink.sync.carriers import http
from carelink.sync.carriers.addresses import HubAddress
from carelink.sync.carriers.http import HttpCarrier, NotAHubError
from carelink.sync.wire import api

MIB = 1024 * 1024


class Flood(BaseHTTPRequestHandler):
    """Answers without an end, up to a hundred mebibytes."""

    given = 0

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", api.MEDIA_TYPE)
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(bytes(MIB))
                Flood.given += 1
        except OSError:
            pass

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def flood() -> Iterator[str]:
    Flood.given = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Flood)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_answer_without_an_end_is_not_taken_to_its_end(
    flood: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 2 * MIB)
    carrier = HttpCarrier(HubAddress(flood, ""))
    with pytest.raises(NotAHubError):
        carrier.info()
    carrier.close()
    # What the system had room for on the way is all that was given beyond the limit.
    assert Flood.given < 50
