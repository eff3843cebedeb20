"""The bytes that travel: structures, their limits, and the checks that clients and relay share."""
