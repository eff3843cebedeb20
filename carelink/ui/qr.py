"""The modules of a QR code, for whatever draws them."""

from __future__ import annotations


def qr_matrix(text: str) -> list[list[bool]]:
    """Return the modules of a QR code, row by row."""
    import segno

    return [[bool(module) for module in row] for row in segno.make(text, error="m", micro=False).matrix]
