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


@pytest.mark.parametrize("passphrase", ["huit let", "la un de a", "é" * 8, "Tr0ub4dr"])
def test_four_words_or_eight_characters_are_enough(passphrase: str) -> None:
    require_strong(passphrase)


@pytest.mark.parametrize("passphrase", ["", "1234", "sept le", "e\N{COMBINING ACUTE ACCENT}" * 7, " " * 20])
def test_less_is_refused_in_one_sentence(passphrase: str) -> None:
    with pytest.raises(WeakPassphraseError, match="quatre mots"):
        require_strong(passphrase)
