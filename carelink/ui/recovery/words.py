"""What is said of a recovery sheet in several places."""

from __future__ import annotations

from carelink.language import tr


def what_it_is() -> str:
    """Return in two sentences what a recovery sheet is."""
    return tr(
        "C’est une page de 24 mots à garder chez vous, sur papier. Si vos ordinateurs sont perdus, volés ou "
        "en panne, ou si vous oubliez votre phrase de passe, elle rouvre tous vos cercles\u00a0: personne "
        "d’autre ne peut le faire pour vous."
    )


def address_words(address: str) -> str:
    """Return what to add to the page by hand."""
    return tr(
        "Écrivez sur votre page l’adresse de votre relais\u00a0: {address}. Elle vous sera demandée avec "
        "les mots.",
        address=address,
    )
