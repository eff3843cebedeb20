"""What may be changed of a member, each with its words: the question, the act, what it brings with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from carelink.language import tr
from carelink.records.bodies import ChangeAction
from carelink.services.circles import CircleView
from carelink.services.consequences import consequences
from carelink.services.members import MemberView
from carelink.services.membership import Change, Foreseen
from carelink.services.wording import compartment_name, of_name
from carelink.ui.person.moments import day_words, local_time
from carelink.ui.person.words import first_name
from carelink.ui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Plan:
    """A change that waits to be confirmed.

    Attributes:
        title: What is asked.
        act: The button, worded as what it does.
        done: What is said afterwards.
        change: As it stands before the form, where there is one, adds to it.
        foresee: Returns, off the screen's thread, what would change, in sentences.
        make: Does it, with the relay.
        takes: Whether it takes something away.
        reason: "required" or "optional" where a reason is asked.
    """

    title: str
    act: str
    icon: str
    done: str
    change: Change
    foresee: Callable[[Change], list[str]]
    make: Callable[[Change], None]
    takes: bool = False
    reason: str = ""


class Plans:
    """The changes that may be made of one member of a circle."""

    def __init__(self, workspace: Workspace, view: CircleView, member: MemberView) -> None:
        self._workspace = workspace
        self._view = view
        self._member = member

    def remove(self) -> Plan:
        """End their stay."""
        name = self._member.name
        return Plan(
            title=tr("Retirer {name} du cercle\u202f?", name=name),
            act=tr("Retirer {name}", name=name),
            icon="user-minus",
            done=tr("{name} n’est plus dans le cercle", name=name),
            change=Change(ChangeAction.REMOVED, self._member.id),
            foresee=self._foresee,
            make=self._make,
            takes=True,
            reason="required",
        )

    def role(self) -> Plan:
        """Give another role, or other functions."""
        name = self._member.name
        return Plan(
            title=tr("Rôle et fonctions {of_name}", of_name=of_name(name)),
            act=tr("Changer le rôle"),
            icon="user-check",
            done=tr("Le rôle {of_name} a changé", of_name=of_name(name)),
            change=Change(
                ChangeAction.ROLE, self._member.id, role=self._member.role, functions=self._member.functions
            ),
            foresee=self._foresee,
            make=self._make,
            reason="optional",
        )

    def open(self, volet: str) -> Plan:
        """Open a volet beyond their role."""
        return Plan(
            title=tr("{volet}\u00a0: ouvrir à {name}", volet=compartment_name(volet), name=self._member.name),
            act=self._opening(volet),
            icon="key",
            done=tr("{volet}\u00a0: ouvert à {name}", volet=compartment_name(volet), name=self._member.name),
            change=Change(ChangeAction.GRANTED, self._member.id, compartment=volet),
            foresee=self._foresee,
            make=self._make,
            reason="optional",
        )

    def close(self, volet: str) -> Plan:
        """Close a volet, whatever their role."""
        return Plan(
            title=tr(
                "{volet}\u00a0: fermer à {name}\u202f?",
                volet=compartment_name(volet),
                name=self._member.name,
            ),
            act=tr("Retirer l’accès") if volet in self._member.reads else tr("Refuser l’accès"),
            icon="hand-stop",
            done=tr("{volet}\u00a0: fermé à {name}", volet=compartment_name(volet), name=self._member.name),
            change=Change(ChangeAction.DENIED, self._member.id, compartment=volet),
            foresee=self._foresee_closing,
            make=self._make,
            takes=True,
            reason="optional",
        )

    def lift(self, volet: str) -> Plan:
        """Lift the denial of a volet."""
        return Plan(
            title=tr(
                "{volet}\u00a0: lever le refus pour {name}",
                volet=compartment_name(volet),
                name=self._member.name,
            ),
            act=tr("Lever le refus"),
            icon="key",
            done=tr("Le refus est levé"),
            change=Change(ChangeAction.GRANTED, self._member.id, compartment=volet),
            foresee=self._foresee,
            make=self._make,
            reason="optional",
        )

    def vouch(self) -> Plan:
        """Countersign what was promised."""
        member, workspace, circle = self._member, self._workspace, self._view.circle
        return Plan(
            title=tr("Contresigner l’accès {of_name}\u202f?", of_name=of_name(member.name)),
            act=tr("Contresigner"),
            icon="stethoscope",
            done=tr("L’accès {of_name} est contresigné", of_name=of_name(member.name)),
            change=Change(ChangeAction.GRANTED, member.id),
            foresee=lambda _change: [
                *consequences(Foreseen(member.name, gains=member.vouchable)),
                tr("Contresignez si vous savez qui est cette personne."),
            ],
            make=lambda _change: workspace.invitations.vouch(circle, member.id),
        )

    def _foresee(self, change: Change) -> list[str]:
        foreseen = self._workspace.membership.foresee(self._view.circle, change)
        sentences = consequences(foreseen)
        if change.action is ChangeAction.GRANTED and foreseen == Foreseen(foreseen.name):
            sentences = self._more_of(change)
        if change.action is ChangeAction.GRANTED and foreseen.gains and not change.history:
            sentences.append(tr("Ce qui a été écrit avant aujourd’hui lui reste fermé."))
        if change.until is not None:
            day = day_words(local_time(change.until).date(), year=True)
            sentences.append(tr("Cet accès s’arrêtera de lui-même le {day} au soir.", day=day))
        return sentences

    def _granted(self, volet: str) -> bool:
        mine = (self._member.id, volet)
        return any((grant.member, grant.compartment) == mine for grant in self._view.grants)

    def _opening(self, volet: str) -> str:
        if self._granted(volet):
            return tr("Changer la date")
        return tr("Laisser écrire") if volet in self._member.reads else tr("Donner accès")

    def _more_of(self, change: Change) -> list[str]:
        """Return what a grant changes of a volet that is read already."""
        name, volet = self._member.name, compartment_name(change.compartment)
        granted = self._granted(change.compartment)
        if granted and change.until is None:
            return [
                tr(
                    "L’accès {of_name} n’aura plus de date de fin\u00a0: {volet}.",
                    of_name=of_name(name),
                    volet=volet,
                )
            ]
        return [] if granted else [tr("{name} pourra aussi écrire\u00a0: {volet}.", name=name, volet=volet)]

    def _foresee_closing(self, change: Change) -> list[str]:
        sentences = consequences(self._workspace.membership.foresee(self._view.circle, change))
        if change.compartment not in self._member.reads:
            sentences = [
                tr("{name} ne lit pas ce volet. Le refus vaut aussi pour plus tard.", name=self._member.name)
            ]
        person = tr("la personne accompagnée")
        if self._view.patient is not None:
            person = first_name(self._view.patient.given)
        mine = self._view.mine
        if mine is not None and mine.role == "patient":
            sentences.append(tr("Vous pourrez rouvrir ce volet quand vous le voudrez, et vous seulement."))
        elif mine is not None and mine.role == "legal_representative":
            sentences.append(tr("Ensuite, seuls vous et {name} pourrez rouvrir ce volet.", name=person))
        else:
            sentences.append(
                tr(
                    "Vous notez ce que veut {name}. Vous ne pourrez pas rouvrir ce volet sans une seconde "
                    "personne qui coordonne, ou sans {name}.",
                    name=person,
                )
            )
        return sentences

    def _make(self, change: Change) -> None:
        self._workspace.membership.change(self._view.circle, change)


def leaving(workspace: Workspace, view: CircleView, person: str) -> Plan:
    """Return the plan of leaving a circle oneself."""

    def foresee(change: Change) -> list[str]:
        foreseen = workspace.membership.foresee(view.circle, change)
        sentences = [
            tr("Vous ne recevrez plus rien de ce qui s’écrira ici, et vous n’y écrirez plus."),
            tr("Ce que vous avez déjà reçu reste sur cet ordinateur, à lire seulement."),
            tr("Les autres membres verront que vous êtes parti ou partie. Aucune raison n’est demandée."),
            tr("Pour revenir, il faudra une nouvelle invitation."),
        ]
        if foreseen.alone:
            sentences += consequences(Foreseen(foreseen.name, ends=True, alone=True))[1:]
        return sentences

    return Plan(
        title=tr("Quitter le cercle {of_name}\u202f?", of_name=of_name(person)),
        act=tr("Quitter ce cercle"),
        icon="door",
        done=tr("Vous avez quitté ce cercle"),
        change=Change(ChangeAction.LEFT),
        foresee=foresee,
        make=lambda _change: workspace.membership.leave(view.circle),
        takes=True,
    )
