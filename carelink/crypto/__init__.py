"""Identities, sealing, wrapping. Thin over `cryptography`; nothing home-made below PROTOCOL.md."""
