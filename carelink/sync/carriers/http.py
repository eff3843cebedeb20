"""The relay over HTTPS: drives the engine's generators, and waits for the relay's wake-up.

A self-signed certificate is pinned by its fingerprint: it is fetched once, compared, and from then on
the only one trusted. Otherwise the system's authorities decide.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import msgspec
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from carelink.sync.carriers.addresses import HubAddress
from carelink.sync.exchange.context import Call, HubRefusalError
from carelink.sync.wire import api

CONNECT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 60.0
MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024


class UnreachableHubError(Exception):
    """No relay answers there: no network, a name that does not resolve, a closed port, a time-out."""


class CertificateError(Exception):
    """Whoever answers does not show the certificate that was announced."""


class NotAHubError(Exception):
    """Something answers that is not a CareLink relay: a captive portal, another service."""


def fetched_certificate(address: HubAddress) -> bytes | None:
    """Return the pinned certificate (DER), or None where the system's authorities decide.

    Raises:
        CertificateError: The certificate shown is not the announced one.
        UnreachableHubError: Nobody answers.
    """
    if not address.fingerprint:
        return None
    parts = urlsplit(address.url)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    place = (parts.hostname or "", parts.port or 443)
    try:
        with (
            socket.create_connection(place, timeout=CONNECT_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as tls,
        ):
            certificate = tls.getpeercert(binary_form=True)
    except ssl.SSLError as error:
        raise CertificateError from error
    except OSError as error:
        raise UnreachableHubError from error
    if certificate is None or hashlib.sha256(certificate).hexdigest() != address.fingerprint:
        raise CertificateError
    return certificate


def tls_context(address: HubAddress) -> ssl.SSLContext | None:
    """Return how to check this relay's certificate; None for plain `http` on this computer.

    Raises:
        CertificateError: The certificate shown is not the announced one.
        UnreachableHubError: Nobody answers.
    """
    if address.url.startswith("http://"):
        return None
    certificate = fetched_certificate(address)
    if certificate is None:
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(certificate))
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


class HttpCarrier:
    """Calls to one relay; usable for several exchanges, by one thread at a time."""

    def __init__(self, address: HubAddress) -> None:
        self.address = address
        self._client: httpx.Client | None = None

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _open(self) -> httpx.Client:
        if self._client is None:
            verify = tls_context(self.address)
            self._client = httpx.Client(
                base_url=self.address.url,
                verify=verify if verify is not None else False,
                trust_env=verify is not None,
                timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
                headers={"content-type": api.MEDIA_TYPE, "accept": api.MEDIA_TYPE},
            )
        return self._client

    def info(self) -> api.HubInfo:
        """Ask the relay who it is.

        Raises:
            UnreachableHubError, CertificateError, NotAHubError: As the names say.
        """
        answer: api.HubInfo = self._decoded(self._sent("GET", api.INFO, b"", ""), api.HubInfo)
        return answer

    def call(self, call: Call) -> Any:  # noqa: ANN401  (the call names its answer's type)
        """Make one call.

        Raises:
            HubRefusalError: The relay answered with a problem.
            UnreachableHubError, CertificateError, NotAHubError: As the names say.
        """
        content = msgspec.msgpack.encode(call.frame)
        return self._decoded(self._sent("POST", call.path, content, call.token), call.answer)

    def run(self, steps: Generator[Call, Any, Any]) -> Any:  # noqa: ANN401  (the generator's own result)
        """Drive a generator of the engine to its end and return its result.

        Raises:
            HubRefusalError: A problem that the generator does not handle.
            UnreachableHubError, CertificateError, NotAHubError: As the names say.
        """
        try:
            call = next(steps)
            while True:
                try:
                    answer = self.call(call)
                except HubRefusalError as refusal:
                    call = steps.throw(refusal)
                else:
                    call = steps.send(answer)
        except StopIteration as end:
            return end.value
        finally:
            steps.close()

    def _sent(self, method: str, path: str, content: bytes, token: str) -> tuple[httpx.Response, bytes]:
        """Return an answer and its bytes, of which no more are taken than an answer can have."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        try:
            with self._open().stream(method, path, content=content, headers=headers) as response:
                answer = bytearray()
                for part in response.iter_bytes():
                    answer += part
                    if len(answer) > MAX_ANSWER_BYTES:
                        raise NotAHubError
        except httpx.ConnectError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise CertificateError from error
            raise UnreachableHubError from error
        except httpx.HTTPError as error:
            raise UnreachableHubError from error
        return response, bytes(answer)

    def _decoded(self, sent: tuple[httpx.Response, bytes], kind: type[Any]) -> Any:  # noqa: ANN401
        response, answer = sent
        if not response.headers.get("content-type", "").startswith(api.MEDIA_TYPE):
            if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                raise UnreachableHubError
            raise NotAHubError
        try:
            if response.is_success:
                return msgspec.msgpack.decode(answer, type=kind)
            problem = msgspec.msgpack.decode(answer, type=api.Problem)
        except msgspec.MsgspecError as error:
            raise NotAHubError from error
        raise HubRefusalError(problem.code, problem.detail)

    @contextmanager
    def wake_up(self, token: str) -> Iterator[ClientConnection]:
        """Open the socket on which the relay says "something new".

        Raises:
            UnreachableHubError, CertificateError: As the names say.
        """
        url = self.address.url.replace("http", "ws", 1) + api.WAKE
        try:
            with connect(
                url,
                ssl=tls_context(self.address),
                additional_headers={"authorization": f"Bearer {token}"},
                open_timeout=CONNECT_SECONDS,
                max_size=1024,
                proxy=None if self.address.url.startswith("http:") else True,
            ) as connection:
                yield connection
        except (OSError, WebSocketException, TimeoutError) as error:
            raise UnreachableHubError from error
