"""Texts of the length and the words of real transmissions, always the same."""

from __future__ import annotations

import random
from collections.abc import Iterator

_TEXT = """
a bien dormi petit déjeuner pris au salon promenade jardin kinésithérapie marche avec déambulateur
toilette aide partielle hydratation encouragée tension douleur évaluée pansement refait sans écoulement
visite de sa fille chorale humeur bonne repas mixé appétit moyen poids stable constantes relevées
transport confirmé rendez-vous ophtalmologie linge rapporté lunettes retrouvées sommeil calme
"""
_WORDS = tuple(_TEXT.split())


def texts(count: int, seed: int = 1) -> Iterator[str]:
    """Give `count` notes of 8 to 60 words."""
    source = random.Random(seed)
    for number in range(count):
        words = source.choices(_WORDS, k=source.randint(8, 60))
        yield f"{' '.join(words).capitalize()} n° {number}."
