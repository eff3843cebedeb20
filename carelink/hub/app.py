"""The relay as a web application: bodies in, answers out, nothing of them in the logs."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from litestar import HttpMethod, Litestar, Request, Response, WebSocket, get, route, websocket
from litestar.exceptions import HTTPException, NotAuthorizedException, WebSocketDisconnect
from litestar.handlers import HTTPRouteHandler, WebsocketRouteHandler
from sqlalchemy.exc import DBAPIError

from carelink.hub import admission, rendezvous
from carelink.hub.database import is_full
from carelink.hub.hub import Caller, Hub
from carelink.hub.limits import source_of
from carelink.hub.openapi import describe_structures, openapi_config, spec_of, spec_of_answer
from carelink.hub.problems import RefusedError
from carelink.hub.routes import OPERATIONS, Operation
from carelink.hub.sessions import Session
from carelink.hub.waking import Listener
from carelink.sync.wire import api
from carelink.sync.wire.api import HubInfo, Problem, ProblemCode

SESSION_OVER = 4401
TOO_MANY_LISTENERS = 4429
_HOUR_SECONDS = 3600.0

_Request = Request[Any, Any, Any]
_WebSocket = WebSocket[Any, Any, Any]

_log = logging.getLogger(__name__)


def make_app(hub: Hub) -> Litestar:
    """Return the application of one relay; its database is open while it runs."""

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        await hub.database.open()
        await _each_hour(hub)
        hours = asyncio.create_task(_hour_by_hour(hub))
        try:
            yield
        finally:
            hours.cancel()
            await asyncio.gather(hours, return_exceptions=True)
            await hub.database.close()

    app = Litestar(
        [_info(hub), _wake(hub), *(_handler(hub, operation) for operation in OPERATIONS)],
        lifespan=[lifespan],
        openapi_config=openapi_config(),
        exception_handlers={
            RefusedError: _on_refusal,
            HTTPException: _on_http_error,
            DBAPIError: _on_database_error,
            Exception: _on_fault,
        },
        logging_config=None,
        debug=False,
    )
    describe_structures(app)
    return app


async def _each_hour(hub: Hub) -> None:
    async with hub.database.write() as connection:
        await rendezvous.purge(connection, hub.clock())
        await hub.database.positions.set_milestone(connection)


async def _hour_by_hour(hub: Hub) -> None:
    while True:
        await asyncio.sleep(_HOUR_SECONDS)
        try:
            await _each_hour(hub)
        except DBAPIError as error:
            # A full disk, for one; an older milestone still serves.
            _log.error("what is due each hour was not done: %s", type(error).__name__)


def _info(hub: Hub) -> HTTPRouteHandler:
    @get(
        api.INFO,
        operation_id="describe",
        summary="Who the relay is",
        operation_class=spec_of_answer(HubInfo),
    )
    async def info() -> Response[bytes]:
        return _packed(admission.describe(hub))

    return info


def _handler(hub: Hub, operation: Operation) -> HTTPRouteHandler:
    decoder = msgspec.msgpack.Decoder(operation.request)

    @route(
        operation.path,
        http_method=HttpMethod.POST,
        operation_id=operation.name,
        summary=operation.summary,
        operation_class=spec_of(operation),
        security=[{"session": []}] if operation.needs_session else [],
        request_max_body_size=operation.max_bytes,
        status_code=200,
    )
    async def handle(request: _Request) -> Response[bytes]:
        # Before the body is read: a stranger is refused at the first packet.
        device = _session(hub, request).device if operation.needs_session else b""
        source = request.client.host if request.client else ""
        try:
            decoded = decoder.decode(await request.body())
        except (msgspec.MsgspecError, RecursionError):
            raise RefusedError(ProblemCode.MALFORMED) from None
        return _packed(await operation.action(hub, Caller(device, source_of(source)), decoded))

    return handle


def _wake(hub: Hub) -> WebsocketRouteHandler:
    @websocket(api.WAKE)
    async def wake(socket: _WebSocket) -> None:
        try:
            session = _session(hub, socket)
        except RefusedError:
            raise NotAuthorizedException from None
        listener = hub.waking.join(session.device)
        await socket.accept()
        if listener is None:
            await socket.close(TOO_MANY_LISTENERS)
            return
        try:
            await _tell_until_gone(hub, socket, session, listener)
        finally:
            hub.waking.leave(session.device, listener)

    return wake


async def _tell_until_gone(hub: Hub, socket: _WebSocket, session: Session, listener: Listener) -> None:
    # What happened between the last pull and now would otherwise go untold.
    listener.tell(0)

    async def tell() -> None:
        while True:
            await socket.send_bytes(msgspec.msgpack.encode(await listener.next()))

    async def watch() -> None:
        while True:
            await socket.receive()

    tasks = [asyncio.create_task(tell()), asyncio.create_task(watch())]
    try:
        left = (session.expires - hub.clock()) / 1000
        done, _pending = await asyncio.wait(tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    if not done:
        with suppress(WebSocketDisconnect):
            await socket.close(SESSION_OVER)
    for result in ended:
        if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
            raise result


def _session(hub: Hub, connection: _Request | _WebSocket) -> Session:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    session = hub.sessions.find(token.strip()) if scheme.lower() == "bearer" else None
    if session is None:
        raise RefusedError(ProblemCode.UNAUTHENTICATED)
    return session


def _packed(struct: msgspec.Struct, status: int = 200) -> Response[bytes]:
    return Response(msgspec.msgpack.encode(struct), media_type=api.MEDIA_TYPE, status_code=status)


def _on_refusal(_request: _Request, error: RefusedError) -> Response[bytes]:
    return _packed(error.problem, error.status)


def _on_http_error(_request: _Request, error: HTTPException) -> Response[bytes]:
    code = ProblemCode.TOO_LARGE if error.status_code == 413 else ProblemCode.MALFORMED
    if error.status_code >= 500:
        code = ProblemCode.INTERNAL
    return _packed(Problem(code.value, str(error.status_code)), error.status_code)


def _on_database_error(request: _Request, error: DBAPIError) -> Response[bytes]:
    if is_full(error):
        _log.error("no room left on the disk")
        return _on_refusal(request, RefusedError(ProblemCode.FULL))
    return _on_fault(request, error)


def _on_fault(request: _Request, error: Exception) -> Response[bytes]:
    # Where and what kind, never the message: it could quote what a client sent.
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    places = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))
    _log.error("fault in %s: %s at %s", request.url.path, type(error).__name__, places)
    return _on_refusal(request, RefusedError(ProblemCode.INTERNAL))
