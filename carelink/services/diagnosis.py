"""What `carelink doctor` checks: vault, keyring, clock, relay push and wake-up, with what to do."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from carelink.access.policy import Permission
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.stores.account import HubRow
from carelink.models.vault.secrets import SecretKind
from carelink.services.exchange.relays import Relay, spoken
from carelink.services.requirements import Service, requires
from carelink.sync.carriers.http import UnreachableHubError
from carelink.sync.exchange.context import HubRefusalError
from carelink.sync.exchange.session import open_session
from carelink.sync.wire import api

CLOCK_LIMIT_MS = 5 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its code, whether all is well, and a sentence that says what to do if not."""

    check: str
    ok: bool
    sentence: str


class Diagnosis(Service):
    """Checks of this account on this PC."""

    @requires(Permission.VAULT_USE)
    def run(self) -> list[Finding]:
        """Check everything that can be checked from here."""
        findings = [self._vault(), self._keyring()]
        with self.session.read() as stores:
            hubs = stores.hubs()
        if not hubs:
            findings.append(Finding("relay", True, tr("Aucun relais n’est utilisé par ce compte.")))
        for row in hubs:
            findings += self._relay(row)
        return findings

    def _vault(self) -> Finding:
        try:
            self.session.database.check()
        except KnownError as error:
            return Finding("vault", False, str(error))
        return Finding("vault", True, tr("Le coffre est entier\u00a0: chaque page a été relue."))

    def _keyring(self) -> Finding:
        if self.session.card.secret_kind is SecretKind.KEYRING:
            return Finding("keyring", True, tr("Le secret du compte est dans le trousseau du système."))
        return Finding(
            "keyring",
            True,
            tr(
                "Le secret du compte est dans un fichier lisible par vous seulement, faute de "
                "trousseau\u00a0: chiffrez le disque de cet ordinateur."
            ),
        )

    def _relay(self, row: HubRow) -> list[Finding]:
        relay = Relay(self.session, row)
        findings = []
        try:
            with spoken(row.url):
                info = relay.carrier.info()
                findings.append(
                    Finding("relay", True, tr("Le relais {url} répond.", url=urlsplit(row.url).netloc))
                )
                findings.append(self._clock(info.time))
                context = relay.context()
                try:
                    relay.run(open_session(context))
                except HubRefusalError as refusal:
                    if refusal.code != api.ProblemCode.UNKNOWN_DEVICE:
                        raise
                    findings.append(
                        Finding(
                            "session",
                            True,
                            tr(
                                "Le relais ne connaît pas encore cet appareil\u00a0: personne ne l’a "
                                "fait entrer."
                            ),
                        )
                    )
                    return findings
                findings.append(Finding("session", True, tr("Le relais reconnaît cet appareil.")))
                findings.append(self._wake_up(relay, context.token))
        except KnownError as error:
            findings.append(Finding("relay", False, str(error)))
        finally:
            relay.close()
        return findings

    def _clock(self, hub_time: int) -> Finding:
        ahead = self.session.clock() - hub_time
        if abs(ahead) <= CLOCK_LIMIT_MS:
            return Finding("clock", True, tr("L’horloge de cet ordinateur est juste."))
        minutes = abs(ahead) // 60_000
        sentence = (
            tr("L’horloge de cet ordinateur avance de {minutes} minutes\u00a0: réglez-la.", minutes=minutes)
            if ahead > 0
            else tr(
                "L’horloge de cet ordinateur retarde de {minutes} minutes\u00a0: réglez-la.", minutes=minutes
            )
        )
        return Finding("clock", False, sentence)

    def _wake_up(self, relay: Relay, token: str) -> Finding:
        try:
            with relay.carrier.wake_up(token):
                return Finding("wake_up", True, tr("Le relais peut prévenir dès qu’il y a du nouveau."))
        except UnreachableHubError:
            return Finding(
                "wake_up",
                False,
                tr(
                    "Le relais ne peut pas prévenir cet ordinateur (WebSocket bloqué\u202f?)\u00a0: les "
                    "nouvelles arriveront à chaque minute. Demandez d’autoriser les WebSockets vers le "
                    "relais."
                ),
            )
