"""The window: PySide6 Widgets. The only package of CareLink that imports Qt."""

from __future__ import annotations

import sys
from types import ModuleType

import PySide6  # noqa: F401  (what follows is about it)

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


def _import_without_reading_sources() -> None:
    """Let a module be imported without its source being read once more, and kept, for nothing.

    PySide6 looks through the source of each module that is imported after it, ours, Python's and the
    libraries' alike, for whether it uses PySide6: one that does is left alone when another asks for other
    names of Qt's methods (`from __feature__ import …`). Said to be so of all, they are left alone too, and
    nothing is read: 0.3 ms a module, of some hundreds.
    """
    feature = sys.modules.get("PySide6.support.feature")
    if feature is not None and "_mod_uses_pyside" in vars(feature):
        vars(feature)["_mod_uses_pyside"] = _uses_pyside


def _uses_pyside(_module: ModuleType) -> bool:
    return True


_keep_constants_alive()
_import_without_reading_sources()
