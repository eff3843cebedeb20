"""Réglages: how this PC shows CareLink, when it locks, which relays are used."""
