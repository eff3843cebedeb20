"""Every public service method declares the permission that it needs; undeclared means refused."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from carelink.access.compartments import note_stream
from carelink.access.policy import Permission, allows
from carelink.services.errors import NotAllowedError
from carelink.services.session import Session, Stores

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="Service")


class Service:
    """An activity of one unlocked account."""

    def __init__(self, session: Session) -> None:
        self.session = session


def requires(
    permission: Permission, *, reading: bool = False
) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Declare what a method needs, checked before it runs.

    The method's `circle` argument names the circle; `compartment` and `kind`, where it has them, make
    the check precise. `Permission.VAULT_USE` needs an unlocked vault and nothing more.

    Args:
        permission: What is needed.
        reading: Whether the method only reads the vault: check and method then see one same view.

    Raises:
        NotAllowedError: The account does not have it.
        UnknownCircleError: No such circle in this vault.
    """

    def declare(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        names = list(inspect.signature(method).parameters)[1:]

        @wraps(method)
        def checked(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if permission is Permission.VAULT_USE:
                return method(self, *args, **kwargs)
            given = {**dict(zip(names, args, strict=False)), **kwargs}
            if not reading:
                with self.session.read() as stores:
                    _check(self.session, stores, permission, given)
                return method(self, *args, **kwargs)
            with self.session.read() as stores:
                _check(self.session, stores, permission, given)
                return method(self, *args, **kwargs)

        checked.required_permission = permission  # type: ignore[attr-defined]
        return checked

    return declare


def _check(session: Session, stores: Stores, permission: Permission, arguments: dict[str, object]) -> None:
    circle = session.circle_id(stores, str(arguments["circle"]))
    standing = session.context(stores, circle).standing
    compartment = arguments.get("compartment")
    if not allows(
        permission,
        standing,
        note_stream(str(compartment)) if compartment is not None else None,
        "entry" if permission is Permission.ENTRY_WRITE else None,
    ):
        raise NotAllowedError
