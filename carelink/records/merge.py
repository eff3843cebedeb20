"""Order and merging: the same set of revisions gives the same state everywhere.

Order is (depth in the record's revision graph, wall time, revision id): causes first, clocks only to
break ties, so a PC set to 2099 harms nobody. Commutative, associative, idempotent.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping

import msgspec

from carelink.records.bodies import EntryBody, decode_entry
from carelink.records.revision import Revision


class Version(msgspec.Struct, frozen=True, gc=False):
    """A revision with its id and its place in the order."""

    identifier: bytes
    revision: Revision
    depth: int

    @property
    def order(self) -> tuple[int, int, bytes]:
        """The sort key that every replica agrees on."""
        return (self.depth, self.revision.wall, self.identifier)


class EntryState(msgspec.Struct, frozen=True, gc=False):
    """A transmission as it stands.

    Attributes:
        first: The earliest version known: who wrote it and when.
        current: The version shown.
        body: Its content.
        parallel: Other versions that nobody has replaced: written at the same time elsewhere.
        withdrawn: Whether a version that stands withdraws it.
        amended: Whether there is more than one version.
    """

    first: Version
    current: Version
    body: EntryBody
    parallel: tuple[Version, ...]
    withdrawn: bool
    amended: bool


def in_order(revisions: Mapping[bytes, Revision]) -> list[Version]:
    """Return a record's versions in the common order; an unknown parent counts as absent."""
    depths: dict[bytes, int] = {}
    entered: set[bytes] = set()
    for start in revisions:
        stack = [start]
        while stack:
            identifier = stack[-1]
            known = [parent for parent in revisions[identifier].parents if parent in revisions]
            if identifier not in entered:
                entered.add(identifier)
                stack.extend(parent for parent in known if parent not in entered)
                continue
            stack.pop()
            # A parent entered and not settled is below on the stack: ids are hashes, so never in truth.
            depths.setdefault(identifier, 1 + max((depths.get(parent, 0) for parent in known), default=0))
    versions = [
        Version(identifier, revision, depths[identifier]) for identifier, revision in revisions.items()
    ]
    return sorted(versions, key=lambda version: version.order)


def heads(versions: Iterable[Version]) -> list[Version]:
    """Return the versions that no other replaces, in the common order."""
    versions = list(versions)
    replaced = {parent for version in versions for parent in version.revision.parents}
    return [version for version in versions if version.identifier not in replaced]


_Origins = dict[bytes, frozenset[Version]]


def _origins(versions: Iterable[Version]) -> _Origins:
    """Return for each version, given in order, the first ones that it goes back to, as far as held."""
    origins: _Origins = {}
    for version in versions:
        parents = version.revision.parents
        if not parents:
            origins[version.identifier] = frozenset((version,))
            continue
        known = [origins[parent] for parent in parents if parent in origins]
        origins[version.identifier] = known[0] if len(known) == 1 else frozenset[Version]().union(*known)
    return origins


def _may_hide(withdrawal: Version, body: EntryBody, origins: frozenset[Version]) -> bool:
    """Whether a withdrawal counts over what goes back to these: its own author's, or it is the circle's."""
    return body.for_circle or all(first.revision.author == withdrawal.revision.author for first in origins)


def counting(versions: Iterable[Version], bodies: Mapping[bytes, EntryBody]) -> list[Version]:
    """Return the versions, given in order, without the withdrawals of those who may not withdraw."""
    versions = list(versions)
    origins = _origins(versions)
    return [
        version
        for version in versions
        if not bodies[version.identifier].withdrawn
        or _may_hide(version, bodies[version.identifier], origins[version.identifier])
    ]


def withdrawn_by(revisions: Mapping[bytes, Revision], author: bytes) -> tuple[bytes, ...]:
    """Return the versions that stand and that the author of what they go back to may withdraw alone."""
    bodies = _readable(revisions)
    versions = in_order({identifier: revisions[identifier] for identifier in bodies})
    origins = _origins(versions)
    return tuple(
        version.identifier
        for version in heads(counting(versions, bodies))
        if all(first.revision.author == author for first in origins[version.identifier])
    )


def _readable(revisions: Mapping[bytes, Revision]) -> dict[bytes, EntryBody]:
    bodies: dict[bytes, EntryBody] = {}
    for identifier, revision in revisions.items():
        with contextlib.suppress(ValueError):
            bodies[identifier] = decode_entry(revision.body)
    return bodies


def merge_entry(revisions: Mapping[bytes, Revision]) -> EntryState:
    """Return the state of a transmission from any set of its revisions.

    A withdrawal written at the same time as an amendment stands: hiding wins over showing. A withdrawal
    by who may not withdraw counts as absent, and so does a revision whose body is not a transmission's, so
    that they cannot hide the others; nor does a second beginning of the record, by someone else.

    Raises:
        ValueError: No revision that is a transmission's.
    """
    if len(revisions) == 1:
        ((identifier, revision),) = revisions.items()
        only = Version(identifier, revision, 1)
        body = decode_entry(only.revision.body)
        return EntryState(only, only, body, (), body.withdrawn, amended=False)
    bodies = _readable(revisions)
    versions = in_order({identifier: revisions[identifier] for identifier in bodies})
    if not versions:
        raise ValueError("no revision")
    origins = _origins(versions)
    standing = heads(counting(versions, bodies))
    withdrawals = [version for version in standing if bodies[version.identifier].withdrawn]
    shown = [
        version
        for version in standing
        if version not in withdrawals
        and not any(
            _may_hide(withdrawal, bodies[withdrawal.identifier], origins[version.identifier])
            for withdrawal in withdrawals
        )
    ]
    current = (shown or withdrawals)[-1]
    return EntryState(
        first=min(origins[current.identifier], key=lambda version: version.order, default=versions[0]),
        current=current,
        body=bodies[current.identifier],
        parallel=tuple(version for version in standing if version is not current),
        withdrawn=not shown,
        amended=len(versions) > 1,
    )
