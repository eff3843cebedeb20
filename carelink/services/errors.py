"""What can go wrong for a person, in their language: what happened, what is safe, what to do."""

from __future__ import annotations

from carelink.access.registry import Reason
from carelink.errors import KnownError
from carelink.language import tr


class UnknownCircleError(KnownError):
    """No circle, or several, of that name."""

    def __init__(self) -> None:
        super().__init__(
            tr(
                "Ce cercle n’est pas dans ce coffre\u00a0: vérifiez son identifiant avec «\u00a0carelink "
                "circle list\u00a0»."
            )
        )


class UnknownMemberError(KnownError):
    """No member, or several, of that name."""

    def __init__(self) -> None:
        super().__init__(
            tr(
                "Cette personne n’est pas dans le cercle, ou plusieurs portent ce nom\u00a0: rien n’a été "
                "changé. «\u00a0carelink circle show\u00a0» donne l’identifiant de chaque membre."
            )
        )


class ChangeRefusedError(KnownError):
    """The rules of the circle don't allow a change."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        sentences = {
            Reason.NOTHING_CHANGES: tr("C’est déjà ainsi\u00a0: rien n’a été changé."),
            Reason.NOT_A_MEMBER: tr("Cette personne n’est plus dans le cercle\u00a0: rien n’a été changé."),
            Reason.ALREADY_MEMBER: tr("Cette personne est déjà dans le cercle\u00a0: rien n’a été changé."),
        }
        super().__init__(
            sentences.get(
                reason,
                tr(
                    "Les règles du cercle ne vous permettent pas ce changement\u00a0: rien n’a été changé. "
                    "Nul ne change ses propres droits\u202f; la personne accompagnée, ou qui la "
                    "représente, décide de ce que chacun lit et de qui la représente."
                ),
            )
        )


class UnknownEntryError(KnownError):
    """No such transmission in this vault."""

    def __init__(self) -> None:
        super().__init__(
            tr(
                "Cette transmission n’est pas dans ce coffre\u00a0: vérifiez son identifiant, ou "
                "synchronisez puis réessayez."
            )
        )


class NotAllowedError(KnownError):
    """The circle does not give this right."""

    def __init__(self, what: str = "") -> None:
        super().__init__(
            what
            or tr(
                "Votre rôle dans ce cercle ne le permet pas\u00a0: rien n’a été changé. Demandez à la "
                "personne qui coordonne le cercle."
            )
        )


class TextTooLongError(KnownError):
    """A text over the limit."""

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(
            tr(
                "Ce texte est trop long ({length} caractères, {limit} au plus)\u00a0: rien n’a été "
                "publié, partagez-le en plusieurs notes.",
                length=f"{length:,}".replace(",", "\u202f"),
                limit=f"{limit:,}".replace(",", "\u202f"),
            )
        )


class EmptyTextError(KnownError):
    """A text without words."""

    def __init__(self) -> None:
        super().__init__(tr("Le texte est vide\u00a0: écrivez la note avant de la publier."))


class HubError(KnownError):
    """The relay could not be used; what was written stays in the vault."""


class UnreachableError(HubError):
    """Nobody answers."""

    def __init__(self, url: str) -> None:
        super().__init__(
            tr(
                "Le relais {url} ne répond pas\u00a0: tout ce qui est écrit reste dans votre coffre et "
                "partira à la prochaine connexion. Vérifiez le réseau, puis réessayez.",
                url=url,
            )
        )


class WrongCertificateError(HubError):
    """Whoever answers is not the relay."""

    def __init__(self, url: str) -> None:
        super().__init__(
            tr(
                "Le certificat du relais {url} n’est pas celui qui était annoncé\u00a0: rien n’a été "
                "envoyé. Vérifiez le lien d’invitation, ou prévenez la personne qui gère le relais.",
                url=url,
            )
        )


class WrongRelayError(HubError):
    """A relay answers with another key."""

    def __init__(self, url: str) -> None:
        super().__init__(
            tr(
                "À l’adresse {url} répond un autre relais que celui de votre cercle\u00a0: rien n’a été "
                "envoyé. Prévenez la personne qui gère le relais.",
                url=url,
            )
        )


class NotARelayError(HubError):
    """Something else answers."""

    def __init__(self, url: str) -> None:
        super().__init__(
            tr(
                "Ce qui répond à l’adresse {url} n’est pas un relais CareLink (page de connexion du "
                "Wi-Fi\u202f?)\u00a0: rien n’a été envoyé. Ouvrez le réseau dans un navigateur, puis "
                "réessayez.",
                url=url,
            )
        )


class RelayRefusalError(HubError):
    """The relay says no."""

    def __init__(self, url: str, code: str) -> None:
        super().__init__(
            tr(
                "Le relais {url} a refusé la demande ({code})\u00a0: rien n’est perdu dans votre coffre. "
                "Réessayez plus tard, ou prévenez la personne qui gère le relais.",
                url=url,
                code=code,
            )
        )


class BadAddressKnownError(KnownError):
    """Not a relay's address."""

    def __init__(self) -> None:
        super().__init__(
            tr(
                "Cette adresse de relais ne convient pas\u00a0: elle commence par https:// (http:// "
                "seulement pour ce même ordinateur)."
            )
        )


class AlarmError(KnownError):
    """Membership is stopped in this circle."""

    def __init__(self) -> None:
        super().__init__(
            tr(
                "Le relais a présenté pour ce cercle une liste de membres qui se contredit\u00a0: les "
                "changements de membres sont arrêtés, vos notes restent dans votre coffre. Prévenez les "
                "autres membres."
            )
        )
