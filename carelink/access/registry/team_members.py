"""A team as a member of a circle: what it announces takes the place of what a person's devices prove."""

from __future__ import annotations

from carelink.access.registry.devices import HPKE_PUBLIC_BYTES, ID_BYTES, KEY_BYTES
from carelink.access.registry.rights import role_rights
from carelink.access.registry.state import Member, Reason, RefusedError, TeamKeys, require
from carelink.access.statements import SUITE, Certificate, Newcomer
from carelink.access.team_statements import SignedTeamEpoch, TeamEpoch, decode_team_epoch


def team_member(newcomer: Newcomer, signed: SignedTeamEpoch, since: int) -> Member:
    """Return the member that a team is from its first announcement known here."""
    require(not newcomer.certificates and not newcomer.retired, Reason.MALFORMED)
    epoch = announcement(signed)
    return Member(
        account=epoch.team,
        devices=mailbox(epoch),
        role_rights=role_rights(
            newcomer.rights,
            coordinator=newcomer.coordinator,
            patient_side=newcomer.patient_side,
            team=False,
        ),
        rights={},
        coordinator=newcomer.coordinator,
        patient_side=newcomer.patient_side,
        patient=newcomer.patient,
        invites=newcomer.invites,
        until=newcomer.until,
        since=since,
        emergency=newcomer.emergency,
        team=keys_of(epoch),
    )


def announcement(signed: SignedTeamEpoch) -> TeamEpoch:
    """Return an announcement that has the form of one."""
    try:
        epoch = decode_team_epoch(signed.body)
    except ValueError:
        raise RefusedError(Reason.MALFORMED) from None
    require(
        epoch.suite == SUITE
        and len(epoch.team) == ID_BYTES
        and epoch.serial >= 1
        and len(epoch.hpke_key) == HPKE_PUBLIC_BYTES
        and len(epoch.roster_key) == KEY_BYTES
        and all(len(account) == ID_BYTES for account in epoch.gone),
        Reason.MALFORMED,
    )
    return epoch


def keys_of(epoch: TeamEpoch) -> TeamKeys:
    """Return what a circle keeps of an announcement."""
    return TeamKeys(
        epoch.serial,
        epoch.number,
        epoch.hpke_key,
        epoch.roster_number,
        epoch.roster_key,
        epoch.name_hash,
    )


def mailbox(epoch: TeamEpoch) -> dict[bytes, Certificate]:
    """Return where a team's letters go: a device of its own that signs nothing."""
    certificate = Certificate(SUITE, b"", epoch.team, b"", epoch.hpke_key, epoch.name_hash, 0)
    return {epoch.team: certificate}
