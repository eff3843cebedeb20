"""Exchanging with relays: once, continuously, and what its state is."""
