"""How the relay refuses: one exception, one status for each code of the protocol."""

from __future__ import annotations

from typing import Final

from carelink.sync.wire.api import Problem, ProblemCode

STATUS: Final[dict[ProblemCode, int]] = {
    ProblemCode.MALFORMED: 400,
    ProblemCode.TOO_LARGE: 413,
    ProblemCode.UNAUTHENTICATED: 401,
    ProblemCode.UNKNOWN_DEVICE: 403,
    ProblemCode.WRONG_ADDRESS: 403,
    ProblemCode.NOT_ENTITLED: 403,
    ProblemCode.CONFLICT: 409,
    ProblemCode.REFUSED: 422,
    ProblemCode.UNKNOWN_CIRCLE: 404,
    ProblemCode.UNKNOWN_INVITATION: 404,
    ProblemCode.UNKNOWN_SHEET: 404,
    ProblemCode.UNKNOWN_WORKSTATION: 404,
    ProblemCode.EXPIRED_INVITATION: 410,
    ProblemCode.USED_INVITATION: 409,
    ProblemCode.TOO_MANY_TRIES: 429,
    ProblemCode.FULL: 507,
    ProblemCode.INTERNAL: 500,
}


class RefusedError(Exception):
    """A request that is not carried out; the client gets the code, never a sentence.

    Attributes:
        code: Why.
        detail: A more exact code for machines, or nothing.
    """

    def __init__(self, code: ProblemCode, detail: str = "") -> None:
        super().__init__(code.value)
        self.code = code
        self.detail = detail

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return STATUS[self.code]

    @property
    def problem(self) -> Problem:
        """The body of the answer."""
        return Problem(self.code.value, self.detail)


def require(condition: bool, code: ProblemCode, detail: str = "") -> None:
    """Refuse unless `condition` holds.

    Raises:
        RefusedError: It does not hold.
    """
    if not condition:
        raise RefusedError(code, detail)
