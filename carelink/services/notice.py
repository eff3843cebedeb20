"""The one page that whoever joins a circle is shown: what is kept, why, for how long, the person's rights."""

from __future__ import annotations

from dataclasses import dataclass

from carelink.language import tr


@dataclass(frozen=True, slots=True)
class NoticePart:
    """A heading and its sentences."""

    title: str
    text: str


def joining_notice() -> tuple[NoticePart, ...]:
    """Return the notice, part by part."""
    return (
        NoticePart(
            tr("Ce qui est gardé"),
            tr(
                "Votre nom, votre rôle et votre lien avec la personne, vus par tout le cercle\u202f; ce "
                "que vous écrivez, lu par qui est nommé avant de publier\u202f; la trace de ce que vous "
                "ouvrez, sans les mots, lue par la personne, qui la représente et qui coordonne."
            ),
        ),
        NoticePart(
            tr("Où et comment"),
            tr(
                "Chiffré sur les ordinateurs des membres. Le relais ne transporte que des enveloppes "
                "qu’il ne peut pas lire. Ni publicité, ni revente."
            ),
        ),
        NoticePart(
            tr("Pourquoi"),
            tr(
                "Pour accompagner cette personne et coordonner qui s’en occupe, et pour rien d’autre. Ce que "
                "vous apprenez ici est couvert par le secret (CSP L.1110-4)."
            ),
        ),
        NoticePart(
            tr("Combien de temps"),
            tr(
                "Tant que le cercle existe. Une note du dossier médical n’est jamais effacée, seulement "
                "corrigée ou retirée avec une raison. Quand quelqu’un part, il ou elle garde ce qui "
                "était déjà reçu et ne reçoit plus rien."
            ),
        ),
        NoticePart(
            tr("Les droits de la personne accompagnée"),
            tr(
                "Décider qui lit quoi et revenir dessus, savoir qui a consulté son dossier, en demander "
                "une copie ou une correction, s’opposer à l’accès d’urgence. Vous aussi pouvez quitter "
                "le cercle à tout moment, sans donner de raison."
            ),
        ),
    )


def notice_text() -> str:
    """Return the whole notice as one text."""
    return "\n".join(f"{part.title}. {part.text}" for part in joining_notice())
