"""Teams of carers: their people once, and the circles that give a team a role.

A team has a registry of its own; a circle has it as one member. Its people write under their own names.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import Final

import msgspec

from carelink.access.policy import Permission
from carelink.access.registry import CircleState, Reason
from carelink.access.roles import CIRCLE_ROLES, Function, Role
from carelink.access.statements import Add, Newcomer, SignedTeamEpoch
from carelink.access.team_statements import TeamEpoch, decode_team_epoch
from carelink.crypto.keys import name_hash
from carelink.crypto.primitives import SignatureKind, verify
from carelink.errors import KnownError
from carelink.language import tr
from carelink.records.bodies import AgreementHow, ChangeAction, DecisionBody
from carelink.records.patient import MemberCard, TeamIdentity
from carelink.records.status import is_over
from carelink.services.accounts import clean_name
from carelink.services.circles import founding_relay, read_team, rights_of
from carelink.services.errors import AlarmError, ChangeRefusedError
from carelink.services.exchange.appending import append_or_refuse
from carelink.services.exchange.relays import relay_of
from carelink.services.exchange.sync import SyncReport, exchange_with, follow_up
from carelink.services.founding import FoundingTerms, found_circle
from carelink.services.members import MemberView, Past, member_views
from carelink.services.membership import Change, Membership
from carelink.services.recording import record_decision
from carelink.services.requirements import Service, requires
from carelink.services.session import Stores
from carelink.services.status_views import no_newcomer
from carelink.sync.exchange.membership import Proposal, prepared
from carelink.sync.store import Transaction

CODE_PREFIX: Final = "carelink-team:"
_SALT_BYTES: Final = 16


class TeamCode(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a circle's coordinator outside needs: what the team announced last, and what it is called."""

    announcement: SignedTeamEpoch
    identity: TeamIdentity


@dataclass(frozen=True, slots=True)
class TeamSummary:
    """A team in a list.

    Attributes:
        state: "proposed", "waiting", "member" or "left".
        runs: Whether this account coordinates it.
        people: How many are in it.
    """

    team: str
    name: str
    establishment: str
    state: str
    runs: bool
    people: int


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team with its people.

    Attributes:
        people: Those of its past included.
        circles: Ids of the circles that have it as a member, as far as this account is in them.
    """

    team: str
    name: str
    establishment: str
    state: str
    people: tuple[MemberView, ...]
    may_invite: bool
    circles: tuple[str, ...]
    alarm: str


class UnknownTeamError(KnownError):
    """No team, or several, of that name."""

    def __init__(self) -> None:
        super().__init__(
            tr(
                "Cette équipe n’est pas dans ce coffre\u00a0: vérifiez son nom ou son identifiant avec "
                "«\u00a0carelink team list\u00a0», ou donnez le code de l’équipe."
            )
        )


class Teams(Service):
    """What a person does with teams as wholes."""

    @requires(Permission.VAULT_USE)
    def create(self, name: str, establishment: str = "", hub: str = "") -> str:
        """Create a team that this account coordinates; nothing is sent yet, so it works offline.

        Returns:
            The team's id in hexadecimal.

        Raises:
            KnownError: No name, or no relay known.
        """
        place = clean_name(establishment) if establishment.strip() else ""
        identity = TeamIdentity(clean_name(name), place, secrets.token_bytes(_SALT_BYTES))
        functions = (Function.COORDINATOR,)
        terms = FoundingTerms(Role.STAFF, functions, rights_of(Role.STAFF, functions), "")
        with self.session.write() as stores:
            relay = founding_relay(stores, hub)
            return found_circle(self.session, stores, relay, identity, terms).hex()

    @requires(Permission.VAULT_USE)
    def summaries(self) -> list[TeamSummary]:
        """Return every team of this vault, by name."""
        with self.session.read() as stores:
            found = [self._summary(stores, link.circle) for link in stores.links() if link.team]
        return sorted(found, key=lambda team: (team.state == "left", team.name.casefold()))

    @requires(Permission.VAULT_USE)
    def resolve(self, text: str) -> str:
        """Return the id of the team that a person named by its id, the start of it, or its whole name.

        Raises:
            UnknownTeamError: None, or several.
        """
        wanted = text.strip().casefold()
        found = [
            team.team
            for team in self.summaries()
            if wanted and (team.team.startswith(wanted) or wanted in _names(team))
        ]
        if len(found) != 1:
            raise UnknownTeamError
        return found[0]

    @requires(Permission.VAULT_USE)
    def show(self, team: str) -> TeamView:
        """Return a team with its people.

        Raises:
            UnknownTeamError: None of that name, or several.
        """
        session = self.session
        identifier = bytes.fromhex(self.resolve(team))
        with session.read() as stores:
            summary = self._summary(stores, identifier)
            context = session.context(stores, identifier)
            past = Past(session.chain(stores, identifier), stores, identifier)
            served = [
                link.circle.hex()
                for link in stores.links()
                if not link.team and _has(session.chain(stores, link.circle).state, identifier)
            ]
            return TeamView(
                team=summary.team,
                name=summary.name,
                establishment=summary.establishment,
                state=summary.state,
                people=tuple(member_views(context, session.account, past)),
                may_invite=summary.runs,
                circles=tuple(served),
                alarm=stores.link(identifier).alarm or "",
            )

    @requires(Permission.VAULT_USE)
    def remove(self, team: str, member: str, reason: str = "") -> None:
        """End someone's place in a team: it has new keys at once, and its circles follow.

        Raises:
            KnownError: The rules refuse it, or the relay cannot be used; nothing was changed.
        """
        change = Change(ChangeAction.REMOVED, member, reason=reason)
        Membership(self.session).change(self.resolve(team), change)

    @requires(Permission.VAULT_USE)
    def code(self, team: str) -> str:
        """Return the text by which a circle's coordinator who is not in the team lets it in.

        Raises:
            KnownError: No such team, or it has not been announced yet.
        """
        with self.session.read() as stores:
            code = self._own_code(stores, bytes.fromhex(self.resolve(team)))
        return CODE_PREFIX + base64.urlsafe_b64encode(msgspec.msgpack.encode(code)).decode()

    @requires(Permission.MEMBER_CHANGE)
    def add_to_circle(self, circle: str, team: str, role: str, history: bool = True) -> str:
        """Let a team into a circle, in a role.

        Args:
            circle: The circle.
            team: A team of this account by its name or id, or the code of another.
            role: Role code of a professional.
            history: Whether what was written before may be read.

        Returns:
            The team's id in hexadecimal.

        Raises:
            KnownError: No such team or role, the rules refuse it, or the relay cannot be used.
        """
        session = self.session
        chosen = team_role(role)
        with session.read() as stores:
            identifier = session.circle_id(stores, circle)
            no_newcomer(stores, identifier)
            if stores.link(identifier).alarm:
                raise AlarmError
        with relay_of(session, identifier) as relay:
            # What waits here is sealed for today's readers before anyone new comes in.
            context = exchange_with(relay, SyncReport())
            code, epoch = self._code(team)

            def propose(tx: Transaction, state: CircleState) -> Proposal | None:
                known = state.members.get(epoch.team)
                if (known is not None and known.active) or is_over(tx.statuses(identifier)):
                    raise ChangeRefusedError(Reason.ALREADY_MEMBER)
                newcomer = _newcomer(chosen, code, history=history)
                return prepared(context, tx, identifier, Add(newcomer, ()), self._card(chosen, code))

            append_or_refuse(relay, context, identifier, propose)
            with session.write() as stores:
                body = DecisionBody(epoch.team, chosen, AgreementHow.CARE_TEAM, "")
                record_decision(session, stores, identifier, body)
            follow_up(relay, context)
        return epoch.team.hex()

    def _card(self, role: Role, code: TeamCode) -> MemberCard:
        return MemberCard(
            name=code.identity.display,
            name_salt=code.identity.salt,
            role=role,
            functions=(),
            profession="",
            rpps="",
            relation="",
            invited_by=self.session.account,
        )

    def _code(self, text: str) -> tuple[TeamCode, TeamEpoch]:
        """Return what a team's name, id or code stands for.

        Raises:
            KnownError: Nothing that is known, or a code that was altered.
        """
        if text.strip().startswith(CODE_PREFIX):
            code = _read_code(text)
        else:
            with self.session.read() as stores:
                code = self._own_code(stores, bytes.fromhex(self.resolve(text)))
        return code, decode_team_epoch(code.announcement.body)

    def _own_code(self, stores: Stores, team: bytes) -> TeamCode:
        state, identity = self.session.chain(stores, team).state, read_team(stores.patient(team))
        if state is None or identity is None or not state.announced:
            raise KnownError(
                tr("Cette équipe n’est pas encore annoncée sur le relais\u00a0: synchronisez d’abord.")
            )
        return TeamCode(state.announced[-1], identity)

    def _summary(self, stores: Stores, team: bytes) -> TeamSummary:
        context = self.session.context(stores, team)
        identity, link = read_team(stores.patient(team)), stores.link(team)
        waiting = {joining.circle: joining.patient for joining in stores.joinings()}
        left = context.me is not None and not context.me.active
        state = context.state
        return TeamSummary(
            team=team.hex(),
            name=identity.name if identity else waiting.get(team, ""),
            establishment=identity.establishment if identity else "",
            state="left" if left else link.state,
            runs=context.me is not None and context.me.runs_circle,
            people=0 if state is None else len(list(state.active_members())),
        )


def _names(team: TeamSummary) -> set[str]:
    whole = TeamIdentity(team.name, team.establishment, b"").display
    return {team.name.casefold(), whole.casefold()}


def _has(state: CircleState | None, team: bytes) -> bool:
    member = None if state is None else state.members.get(team)
    return member is not None and member.active


def team_role(role: str) -> Role:
    """Return the role that a team may have in a circle.

    Raises:
        KnownError: It is none of a professional.
    """
    known = [one for one in CIRCLE_ROLES if one.is_professional and one is not Role.ON_CALL]
    if role not in known:
        raise KnownError(
            tr(
                "Une équipe a un rôle de professionnel\u202f; choisissez parmi\u00a0: {known}.",
                known=", ".join(known),
            )
        )
    return Role(role)


def _newcomer(role: Role, code: TeamCode, *, history: bool) -> Newcomer:
    return Newcomer(
        certificates=(),
        rights=rights_of(role, ()),
        coordinator=False,
        patient_side=False,
        invites=False,
        until=None,
        history=history,
        team=code.announcement,
    )


def _read_code(text: str) -> TeamCode:
    try:
        data = base64.urlsafe_b64decode("".join(text.split()).removeprefix(CODE_PREFIX))
        code = msgspec.msgpack.decode(data, type=TeamCode)
        epoch = decode_team_epoch(code.announcement.body)
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        raise _bad_code() from None
    signed = verify(
        SignatureKind.TEAM_EPOCH, epoch.roster_key, code.announcement.signature, code.announcement.body
    )
    if not signed or name_hash(code.identity.salt, code.identity.display) != epoch.name_hash:
        raise _bad_code()
    return code


def _bad_code() -> KnownError:
    return KnownError(
        tr(
            "Ce code d’équipe ne convient pas\u00a0: il a été tronqué ou modifié. Demandez-le de nouveau à "
            "la personne responsable de l’équipe\u202f; rien n’a été changé."
        )
    )
