"""The window: PySide6 Widgets. The only package of CareLink that imports Qt."""

from __future__ import annotations

import ctypes
import sys

_AMPLE = 1 << 40


def _keep_none_alive() -> None:
    """Give `None` a stock of references that no session can use up.

    PySide6 6.12.0 is built as if `None` were immortal, which it is only since Python 3.12: each
    call that returns nothing takes one reference to it away, and after some five thousand the
    interpreter stops with "deallocating None". Measured: 6.11.3 does not.
    """
    if sys.implementation.name == "cpython" and sys.version_info < (3, 12):
        ctypes.c_ssize_t.from_address(id(None)).value += _AMPLE


_keep_none_alive()
