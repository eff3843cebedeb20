"""Letting in those who answered an invitation, once what they prove holds."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from carelink.access.registry import CircleState
from carelink.access.roles import Function, Role
from carelink.access.statements import Add, Certificate, Newcomer
from carelink.crypto.keys import name_hash, verified_certificates
from carelink.crypto.primitives import UnsealError
from carelink.errors import KnownError
from carelink.language import tr
from carelink.models.stores.invitations import InvitationRow
from carelink.records.bodies import DecisionBody
from carelink.records.patient import MemberCard
from carelink.records.status import is_over
from carelink.services.circles import rights_of
from carelink.services.recording import record_decision, record_no_measure
from carelink.services.session import Session, Stores
from carelink.sync.exchange.context import Call, Context
from carelink.sync.exchange.membership import Proposal, append, prepared
from carelink.sync.exchange.pull import pull
from carelink.sync.invitation import InvitationAnswer, open_answer, proof_words, same_words
from carelink.sync.store import Transaction
from carelink.sync.wire import api


@dataclass(frozen=True, slots=True)
class Answered:
    """An invitation that someone answered: who they say they are, and the words to compare, if any."""

    invitation: InvitationRow
    answer: InvitationAnswer
    certificate: Certificate
    words: tuple[str, ...]

    @property
    def account(self) -> bytes:
        """The account that would come in."""
        return self.certificate.account


def read_answer(invitation: InvitationRow) -> Answered | None:
    """Return what an invitee left, or None where it was not made with this code or is inconsistent."""
    try:
        answer = open_answer(invitation.key, invitation.answer)
    except UnsealError:
        return None
    certificates = verified_certificates(answer.certificates)
    named = name_hash(answer.name_salt, answer.name)
    if not certificates or any(certificate.name_hash != named for certificate in certificates):
        return None
    certificate = certificates[-1]
    # Handed over in person, the code alone is proof: nobody compares words.
    words = () if invitation.in_person else proof_words(invitation.code, invitation.blob, invitation.answer)
    return Answered(invitation, answer, certificate, words)


def collect(
    session: Session, context: Context, invitations: Sequence[InvitationRow]
) -> Generator[Call, Any, list[Answered]]:
    """Ask the relay for the answers to open invitations, and return all that are answered."""
    opened = {row.identifier: row for row in invitations if row.state == "open"}
    if opened:
        states: api.RendezvousStates = yield context.call(
            api.RENDEZVOUS_COLLECT, api.RendezvousCollect(tuple(opened)), api.RendezvousStates
        )
        with session.write() as stores:
            for state in states.states:
                if state.answer:
                    stores.set_invitation(state.identifier, "answered", state.answer)
                elif state.expired:
                    stores.set_invitation(state.identifier, "expired")
    wanted = {row.identifier for row in invitations}
    with session.read() as stores:
        rows = [row for row in stores.invitations() if row.identifier in wanted and row.state == "answered"]
    answered = [(row, read_answer(row)) for row in rows]
    bad = [row for row, answer in answered if answer is None]
    if bad:
        with session.write() as stores:
            for row in bad:
                stores.set_invitation(row.identifier, "refused")
    return [answer for _, answer in answered if answer is not None]


def admit(session: Session, context: Context, answered: Answered) -> Generator[Call, Any, bool]:
    """Append the statement that lets someone in; with `history` off, in new epochs.

    Returns:
        Whether they came in now; False if they are a member already.
    """
    invitation, answer = answered.invitation, answered.answer
    role = Role(invitation.role)
    functions = {Function(function) for function in invitation.functions}
    already = False

    def propose(tx: Transaction, state: CircleState) -> Proposal | None:
        nonlocal already
        me = state.member_of(context.device)
        member = state.members.get(answered.account)
        already = member is not None and member.active
        if me is None or not me.runs_circle or already or is_over(tx.statuses(invitation.circle)):
            return None
        card = MemberCard(
            name=answer.name,
            name_salt=answer.name_salt,
            role=role,
            functions=tuple(sorted(functions)),
            profession=answer.profession,
            rpps=answer.rpps,
            relation=invitation.relation,
            invited_by=session.account,
        )
        newcomer = Newcomer(
            certificates=answer.certificates,
            retired=answer.retired,
            rights=rights_of(role, functions),
            coordinator=Function.COORDINATOR in functions,
            patient_side=role.is_patient_side,
            patient=role is Role.PATIENT,
            emergency=role is Role.ON_CALL,
            invites=Function.COORDINATOR in functions or role.is_patient_side,
            until=invitation.until,
            history=invitation.history,
        )
        return prepared(context, tx, invitation.circle, Add(newcomer, ()), card)

    added = yield from append(context, invitation.circle, propose, lambda: pull(context))
    with session.write() as stores:
        stores.set_invitation(invitation.identifier, "done")
        # Already in: the answer to our own statement may have been lost.
        if (added or already) and invitation.agreed:
            _record_agreement(session, stores, answered)
    return added


def _record_agreement(session: Session, stores: Stores, answered: Answered) -> None:
    """Record how the person agreed, where only patient side and coordinators read it."""
    invitation = answered.invitation
    record_decision(
        session,
        stores,
        invitation.circle,
        DecisionBody(answered.account, invitation.role, invitation.agreed, invitation.agreed_reason),
    )
    if invitation.role == Role.LEGAL_REPRESENTATIVE:
        record_no_measure(session, stores, invitation.circle, answered.account, invitation.no_measure)


def accepted_by(answered: list[Answered], words: str) -> list[Answered]:
    """Return whom to let in: in person, or by the right words.

    Raises:
        KnownError: Someone waits for words that were not given, or those given are no one's.
    """
    given = words.strip()
    accepted = [
        answer
        for answer in answered
        if answer.invitation.in_person or (given and same_words(answer.words, given))
    ]
    by_words = [answer for answer in answered if not answer.invitation.in_person]
    if given and not any(same_words(answer.words, given) for answer in by_words):
        raise KnownError(
            tr(
                "Ces trois mots ne sont pas ceux de la personne invitée\u00a0: personne n’a été ajouté. "
                "Faites-les relire\u202f; s’ils diffèrent encore, quelqu’un d’autre a pu utiliser le "
                "code."
            )
        )
    if not given and by_words and not accepted:
        names = ", ".join(answer.answer.name for answer in by_words)
        raise KnownError(
            tr(
                "{names} a répondu\u00a0: demandez-lui les trois mots affichés sur son écran, puis "
                "donnez-les avec --words. Personne n’a été ajouté.",
                names=names,
            )
        )
    return accepted
