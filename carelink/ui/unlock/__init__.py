"""Ouverture: the accounts of this PC, the passphrase, locking again."""
