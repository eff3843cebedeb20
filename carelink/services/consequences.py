"""What a change of membership does, in words that a family understands."""

from __future__ import annotations

from collections.abc import Collection

from carelink.language import tr
from carelink.services.membership import Foreseen
from carelink.services.wording import compartment_name


def consequences(foreseen: Foreseen) -> list[str]:
    """Return one sentence for each thing that changes; what was received is never taken back."""
    name, sentences = foreseen.name, []
    if foreseen.ends and not foreseen.loses:
        sentences.append(tr("{name} ne sera plus dans le cercle.", name=name))
    elif foreseen.ends:
        sentences.append(
            tr(
                "{name} ne sera plus dans le cercle et ne pourra plus lire ce qui s’y "
                "écrira\u00a0: {volets}.",
                name=name,
                volets=_volets(foreseen.loses),
            )
        )
    elif foreseen.loses:
        sentences.append(
            tr("{name} ne pourra plus lire\u00a0: {volets}.", name=name, volets=_volets(foreseen.loses))
        )
    if foreseen.loses:
        sentences.append(tr("Ce qui a déjà été reçu sur son ordinateur y reste."))
    if foreseen.stops_writing:
        sentences.append(
            tr(
                "{name} pourra encore lire, mais plus écrire\u00a0: {volets}.",
                name=name,
                volets=_volets(foreseen.stops_writing),
            )
        )
    if foreseen.gains:
        sentences.append(tr("{name} pourra lire\u00a0: {volets}.", name=name, volets=_volets(foreseen.gains)))
    if foreseen.promised:
        sentences.append(
            tr(
                "{name} lira {volets} une fois l’accès contresigné par une personne qui le lit déjà.",
                name=name,
                volets=_volets(foreseen.promised),
            )
        )
    if foreseen.alone:
        sentences.append(
            tr(
                "Plus personne ne coordonnera ce cercle\u00a0: nommez d’abord quelqu’un d’autre si vous le "
                "pouvez."
            )
        )
    return sentences or [tr("Ce que {name} lit et écrit ne change pas.", name=name)]


def _volets(compartments: Collection[str]) -> str:
    return ", ".join(compartment_name(compartment) for compartment in compartments)
