"""People of whom some keep notes to some others."""

from __future__ import annotations

from carelink.access.roles import Role
from carelink.services.restricted import Restricted
from carelink.services.session import Session
from tests.sync.house import House, sync, texts

SECRET = "flmukdkqaoslubnezvkqimmy"


def begin(house: House) -> str:
    """Have the five of them meet; return their circle."""
    claire = house.account("Claire Moreau")
    circle = house.circle(claire, role=Role.FAMILY_CARER)
    jeanne = house.account("Jeanne Moreau")
    house.let_in(claire, circle, jeanne, Role.PATIENT)
    # By the patient: else a carer waits until another one countersigns.
    for name, role in (("Rémi Petit", Role.NURSE), ("Paul Roux", Role.PSYCHOLOGIST)):
        house.let_in(jeanne, circle, house.account(name), role)
    house.let_in(claire, circle, house.account("Eva Moreau"), Role.RELATIVE)
    Ward(house, circle).settle()
    return circle


class Ward:
    """Claire coordinates; Jeanne is the patient; Rémi and Paul are nurses; Eva is Jeanne's daughter."""

    def __init__(self, house: House, circle: str) -> None:
        self.house, self.circle = house, circle
        self.everyone = house.sessions[:5]
        self.claire, self.jeanne, self.remi, self.paul, self.eva = self.everyone

    def settle(self) -> None:
        for _ in range(2):
            for session in self.everyone:
                sync(session)

    def write(self, author: Session, text: str, *readers: Session) -> str:
        return Restricted(author).write(self.circle, text, [reader.account.hex() for reader in readers])

    def share(self, by: Session, entry: str, *readers: Session, history: bool = False) -> None:
        Restricted(by).share(entry, [reader.account.hex() for reader in readers], history)

    def readers(self, session: Session, entry: str) -> set[str]:
        return {reader.name for reader in Restricted(session).readers(entry).readers}

    def restricted(self, session: Session) -> list[str]:
        return texts(session, self.circle, compartments=("restricted",))
