"""The window: PySide6 Widgets. The only package of CareLink that imports Qt."""

from __future__ import annotations

import sys

_AMPLE = 1 << 40


def _keep_constants_alive() -> None:
    """Give `None`, `True` and `False` a stock of references that no session can use up.

    PySide6 6.12.0 is built as if they were immortal, which they are only since Python 3.12: each
    call that returns nothing takes one reference to `None` away, each signal that carries a truth
    value one to it, and after some hundreds or thousands the interpreter stops with "deallocating
    None" or "bool_dealloc". Measured: 6.11.3 does not.
    """
    if sys.implementation.name == "cpython" and sys.version_info < (3, 12):
        # What `ctypes` is made of, without the 3 ms it takes to load.
        from _ctypes import _SimpleCData

        class Count(_SimpleCData):  # type: ignore[type-arg]
            _type_ = "q"

        for constant in (None, True, False):
            Count.from_address(id(constant)).value += _AMPLE


_keep_constants_alive()
