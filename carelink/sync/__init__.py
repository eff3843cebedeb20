"""Envelopes, feeds, letters, the engine (no I/O) and its carriers."""
