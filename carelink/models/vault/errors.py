"""What can happen to a vault on a user's machine, in the user's words."""

from __future__ import annotations

import math
from pathlib import Path

from carelink.errors import KnownError
from carelink.language import tr


class DamagedVaultError(KnownError):
    """The vault's file is not whole. It is left as it is.

    Attributes:
        copy: Folder of the copy kept aside; None where none could be made.
    """

    def __init__(self, vault: Path, copy: Path | None) -> None:
        if copy is None:
            kept = tr("aucune copie n’a pu en être faite ; gardez vous-même {vault}", vault=vault)
        else:
            kept = tr("une copie est gardée dans {copy}", copy=copy)
        super().__init__(
            tr(
                "Le coffre de ce compte est abîmé : il n’est plus touché, et {kept}. Seul ce qui n’était "
                "pas encore parti de cet ordinateur risque d’être perdu ; le reste est toujours au relais et "
                "sur les autres appareils. Ne supprimez rien : remettez une sauvegarde de ce "
                "fichier, ou créez un nouveau compte et faites-vous inviter de nouveau.",
                kept=kept,
            )
        )
        self.copy = copy


class DamagedHeaderError(KnownError):
    """The file that holds the vault's key is not whole."""

    def __init__(self, header: Path) -> None:
        super().__init__(
            tr(
                "Le fichier {header}, qui sert à ouvrir le coffre, est abîmé ou absent : le coffre n’est pas "
                "touché, mais il ne s’ouvrira pas sans ce fichier. Remettez-le depuis une sauvegarde de cet "
                "ordinateur, ou créez un nouveau compte et faites-vous inviter de nouveau.",
                header=header,
            )
        )


class MissingVaultError(KnownError):
    """There is no vault file where there should be one."""

    def __init__(self, vault: Path) -> None:
        super().__init__(
            tr(
                "Le coffre {vault} est introuvable ou illisible : rien n’a été modifié. Vérifiez que le "
                "disque est branché et que ce fichier vous appartient.",
                vault=vault,
            )
        )


class DiskError(KnownError):
    """The disk does not read or write."""

    def __init__(self, vault: Path) -> None:
        super().__init__(
            tr(
                "Le disque qui porte {vault} est plein ou ne répond plus : ce qui était déjà enregistré "
                "le reste. Libérez de la place ou vérifiez ce disque, puis recommencez.",
                vault=vault,
            )
        )


class DiskFullError(DiskError):
    """Nothing more can be written."""

    def __init__(self, vault: Path) -> None:
        KnownError.__init__(
            self,
            tr(
                "Il n’y a plus de place sur le disque qui porte {vault} : rien de cette action n’a été "
                "enregistré, et tout ce qui l’était déjà est intact. Libérez de la place, puis recommencez.",
                vault=vault,
            ),
        )


class BusyVaultError(KnownError):
    """Another thread or process has been writing for too long."""

    def __init__(self) -> None:
        super().__init__(
            tr(
                "Un autre programme écrit dans ce coffre depuis trop longtemps : rien de cette action n’a "
                "été enregistré. Attendez un instant ou fermez l’autre fenêtre, puis recommencez."
            )
        )


class LockedVaultError(KnownError):
    """The vault was locked; its key is no longer in memory."""

    def __init__(self) -> None:
        super().__init__(tr("Le coffre est verrouillé : déverrouillez-le, puis recommencez."))


class ReadOnlyVaultError(KnownError):
    """The system refuses to let us write."""

    def __init__(self, vault: Path) -> None:
        super().__init__(
            tr(
                "Le système refuse d’écrire dans {vault} : rien n’a été modifié. Vérifiez que ce fichier et "
                "son dossier vous appartiennent.",
                vault=vault,
            )
        )


class NewerVaultError(KnownError):
    """The vault was made by a newer CareLink."""

    def __init__(self) -> None:
        super().__init__(
            tr(
                "Ce coffre vient d’une version plus récente de CareLink : il n’a pas été modifié. Mettez "
                "CareLink à jour sur cet ordinateur, puis recommencez."
            )
        )


class WeakPassphraseError(KnownError):
    """A passphrase that is easily guessed.

    Attributes:
        why: What is wrong with it, as the rest of a sentence.
    """

    def __init__(self, why: str, words: str) -> None:
        super().__init__(
            tr(
                "Cette phrase de passe se devine trop facilement\u00a0: {why}. Rien n’a été enregistré. "
                "Prenez quatre mots au hasard, par exemple «\u00a0{words}\u00a0».",
                why=why,
                words=words,
            )
        )
        self.why = why


class SamePassphraseError(KnownError):
    """The new passphrase is the old one: whoever changes it because it was seen must not believe it done."""

    def __init__(self) -> None:
        super().__init__(
            tr(
                "La nouvelle phrase de passe est la même que l’actuelle : rien n’a été changé. "
                "Choisissez-en une autre."
            )
        )


class UncertainPassphraseError(KnownError):
    """The disk failed at the end of a change: the header is whole, with the old passphrase or the new."""

    def __init__(self, header: Path) -> None:
        super().__init__(
            tr(
                "Le disque qui porte {header} a eu une défaillance pendant le changement : votre coffre "
                "est intact et s’ouvre soit avec la nouvelle phrase de passe, soit avec l’ancienne. Gardez "
                "les deux, vérifiez ce disque, puis recommencez.",
                header=header,
            )
        )


def _wait_words(seconds: float) -> str:
    whole = max(1, math.ceil(seconds))
    if whole < 60:
        return tr("1 seconde") if whole == 1 else tr("{n} secondes", n=whole)
    minutes, rest = divmod(whole, 60)
    return tr("{m} min {s} s", m=minutes, s=rest) if rest else tr("{m} min", m=minutes)


class WrongPassphraseError(KnownError):
    """The passphrase does not open the vault, or it is too soon to try another.

    Attributes:
        retry_after: Seconds to wait before the next try; 0 for none.
    """

    def __init__(self, retry_after: float, *, tried: bool) -> None:
        if not tried:
            message = tr(
                "Trop d’essais : attendez encore {wait} avant de taper la phrase de passe. Rien n’est perdu.",
                wait=_wait_words(retry_after),
            )
        elif retry_after > 0:
            message = tr(
                "Ce n’est pas la bonne phrase de passe : attendez {wait}, puis recommencez. "
                "Rien n’est perdu.",
                wait=_wait_words(retry_after),
            )
        else:
            message = tr("Ce n’est pas la bonne phrase de passe : recommencez. Rien n’est perdu.")
        super().__init__(message)
        self.retry_after = retry_after


class WeakPinError(KnownError):
    """It is no PIN, or one that would be tried first."""


class WrongPinError(KnownError):
    """Another PIN than the one chosen.

    Attributes:
        tries_left: How many wrong ones are still borne.
    """

    def __init__(self, tries_left: int) -> None:
        if tries_left == 1:
            left = tr("il reste un essai, puis il faudra la phrase de passe")
        else:
            left = tr("il reste {n} essais", n=tries_left)
        super().__init__(tr("Ce n’est pas le bon code PIN\u00a0: {left}. Rien n’est perdu.", left=left))
        self.tries_left = tries_left


class SpentPinError(KnownError):
    """The PIN opens nothing any more until the passphrase was given."""

    def __init__(self) -> None:
        super().__init__(
            tr(
                "Le code PIN n’ouvre plus rien pour l’instant\u00a0: tapez la phrase de passe. "
                "Rien n’est perdu."
            )
        )


class SecretUnavailableError(KnownError):
    """The second half of the vault's lock, kept by this PC, cannot be had."""
