"""The relay: it verifies, stores and passes on sealed envelopes that it cannot open.

It uses `access` and the wire formats of `sync`, and nothing else of CareLink.
"""
