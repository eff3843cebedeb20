"""A relay as an account uses it: pinned key, carrier, errors in the user's words."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic
from typing import Any

from carelink.language import tr
from carelink.models.stores.account import HubRow
from carelink.models.stores.vault_store import VaultStore
from carelink.services.errors import (
    HubError,
    NotARelayError,
    RelayRefusalError,
    UnreachableError,
    WrongCertificateError,
    WrongRelayError,
)
from carelink.services.exchange.opening_process import OpeningProcess
from carelink.services.session import Session
from carelink.sync.carriers.addresses import HubAddress
from carelink.sync.carriers.http import (
    CertificateError,
    HttpCarrier,
    NotAHubError,
    UnreachableHubError,
)
from carelink.sync.exchange.context import Call, Context, HubRefusalError, Work, WrongHubError
from carelink.sync.wire.api import ProblemCode


class RelayFullError(HubError):
    """The relay has no room left, or none for this account."""

    def __init__(self, url: str) -> None:
        super().__init__(
            tr(
                "Le relais {url} n’a plus de place pour ce que vous envoyez\u00a0: rien n’est perdu, vos "
                "notes restent dans votre coffre, à envoyer. Prévenez la personne qui gère le relais.",
                url=url,
            )
        )


@contextmanager
def spoken(url: str) -> Iterator[None]:
    """Turn what a carrier raises into sentences for the user."""
    try:
        yield
    except UnreachableHubError as error:
        raise UnreachableError(url) from error
    except CertificateError as error:
        raise WrongCertificateError(url) from error
    except NotAHubError as error:
        raise NotARelayError(url) from error
    except WrongHubError as error:
        raise WrongRelayError(url) from error
    except HubRefusalError as error:
        if error.code == ProblemCode.FULL:
            raise RelayFullError(url) from error
        raise RelayRefusalError(url, error.code) from error


class Relay:
    """One relay, for one session; keeps its connection, and the relay's session token, between calls.

    Args:
        session: The unlocked account.
        row: The relay as the vault knows it.

    Attributes:
        asked_after: When it was last asked after the invitations that this account answered, or None.
    """

    def __init__(self, session: Session, row: HubRow) -> None:
        self.session = session
        self.row = row
        self.carrier = HttpCarrier(HubAddress(row.url, row.fingerprint))
        self.token = ""
        self.asked_after: int | None = None
        # The relay's clock, and ours that nobody can set, when the session of the token was opened.
        self._opened = (0, 0.0)
        self._helper: ThreadPoolExecutor | None = None

    def close(self) -> None:
        """Close the connection."""
        self.carrier.close()
        if self._helper is not None:
            self._helper.shutdown()

    def hub_key(self) -> bytes:
        """Return the relay's key: pinned already, or learnt and pinned at this first contact."""
        if self.row.hub_key is None:
            info = self.carrier.info()
            with self.session.write() as stores:
                stores.pin(self.row.pk, info.hub_key)
                self.row = next(row for row in stores.hubs() if row.pk == self.row.pk)
        if self.row.hub_key is None:
            raise WrongHubError
        return self.row.hub_key

    def context(self) -> Context:
        """Return a new exchange with this relay."""
        return Context(
            store=VaultStore(self.session.database, self.row.pk),
            keys=self.session.keys,
            account=self.session.account,
            hub_url=self.row.url,
            hub_key=self.hub_key(),
            now=self.session.clock,
            chains=self.session.chains_for_exchange(),
            beside=self._beside,
            opener=OpeningProcess,
            token=self.token,
            hub_time=self._hub_time() if self.token else 0,
        )

    def keep_session(self, context: Context) -> None:
        """Keep the relay's session of an exchange for the next one, with what its clock says."""
        if context.token != self.token:
            self._opened = (context.hub_time, monotonic())
        self.token = context.token

    def _hub_time(self) -> int:
        told, since = self._opened
        return told + int((monotonic() - since) * 1000)

    def _beside(self, work: Callable[[], None]) -> Work:
        if self._helper is None:
            self._helper = ThreadPoolExecutor(1, thread_name_prefix="carelink-store")
        return self._helper.submit(work)

    def run(self, steps: Generator[Call, Any, Any]) -> Any:  # noqa: ANN401  (the generator's own result)
        """Drive the engine over this relay's carrier."""
        return self.carrier.run(steps)


@contextmanager
def relay_of(session: Session, circle: bytes) -> Iterator[Relay]:
    """Give the relay of a circle, with errors in the user's words."""
    with session.read() as stores:
        hub = stores.hub_of(circle)
        row = next(row for row in stores.hubs() if row.pk == hub)
    relay = Relay(session, row)
    try:
        with spoken(row.url):
            yield relay
    finally:
        relay.close()
