from __future__ import annotations

import unicodedata

import pytest

from carelink.models.vault.errors import WeakPassphraseError
from carelink.models.vault.passphrases import propose, require_strong


def test_four_french_words_are_proposed_and_accepted() -> None:
    proposals = {propose() for _ in range(50)}
    assert len(proposals) == 50
    for proposal in proposals:
        assert len(proposal.split()) == 4
        assert unicodedata.is_normalized("NFC", proposal)
        require_strong(proposal)


@pytest.mark.parametrize("passphrase", ["douze lettre", "le la un de", "é" * 12, "Tr0ub4dor&3zz"])
def test_four_words_or_twelve_characters_are_enough(passphrase: str) -> None:
    require_strong(passphrase)


@pytest.mark.parametrize(
    "passphrase", ["", "1234", "trois mots ab"[:11], "e\N{COMBINING ACUTE ACCENT}" * 11, " " * 20]
)
def test_less_is_refused_in_one_sentence(passphrase: str) -> None:
    with pytest.raises(WeakPassphraseError, match="quatre mots"):
        require_strong(passphrase)
