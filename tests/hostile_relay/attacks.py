"""The attacks, by name. Each sees the requests that were passed on, and changes the answers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from carelink.access.compartments import COMPARTMENT_STREAMS
from carelink.access.statements import StatementBody, encode_statement
from carelink.sync.wire import api
from carelink.sync.wire.api import BackfillPage, ChainPart, Item, PullPage, PullRequest
from carelink.sync.wire.structures import (
    Checkpoint,
    CheckpointBody,
    Envelope,
    EnvelopeCore,
    SignedStatement,
)
from carelink.sync.wire.verification import decode_header, envelope_id
from tests.hostile_relay.accomplice import Accomplice

Feed = tuple[bytes, str, bytes]


class LostAnswer(Exception):  # noqa: N818  (not a fault: what the attack wants)
    """The request was carried out and its answer never arrives."""


def core_of(item: Item) -> EnvelopeCore:
    return decode_header(item.envelope.header)[1]


def feed_of(item: Item) -> Feed:
    core = core_of(item)
    return core.circle, core.stream, core.device


def with_core(envelope: Envelope, **changes: Any) -> Envelope:  # noqa: ANN401  (any field of a core)
    """Change a header's core and keep the signature, which no longer holds."""
    header, core = decode_header(envelope.header)
    changed = replace(header, core=msgspec.msgpack.encode(replace(core, **changes)))
    return replace(envelope, header=msgspec.msgpack.encode(changed))


def flipped(data: bytes) -> bytes:
    """Return the same bytes with one bit changed, in the middle."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


class Attack:
    """Passes everything on; the attacks change what they are about.

    Args:
        skip: Notes that pass before one becomes the target.
        part: Which part of an envelope to alter.
        accomplice: A member who helps, or None.
    """

    def __init__(self, skip: int, part: str, accomplice: Accomplice | None) -> None:
        self.skip = skip
        self.part = part
        self.accomplice = accomplice
        self.target: Item | None = None
        self._passed: set[bytes] = set()

    def after(self, path: str) -> None:
        """See that a request was carried out."""

    def answer(self, request: Any, answer: Any) -> Any:  # noqa: ANN401  (one of two kinds of page)
        """Return what is answered instead."""
        if isinstance(answer, PullPage):
            return self.pulled(request, answer)
        if isinstance(answer, BackfillPage):
            return replace(answer, items=tuple(self.items(answer.items)))
        return answer

    def pulled(self, request: PullRequest, page: PullPage) -> PullPage:
        """Change a page of what is new."""
        del request
        return replace(page, items=tuple(self.items(page.items)))

    def items(self, items: Iterable[Item]) -> Iterable[Item]:
        """Change a page's items."""
        return items

    def targeted(self, item: Item) -> bool:
        """Tell whether this is the one note that the attack is about: the first after `skip`."""
        if not item.envelope.ciphertext or core_of(item).stream not in COMPARTMENT_STREAMS:
            return False
        identifier = envelope_id(item.envelope.header)
        if self.target is None and identifier not in self._passed:
            if len(self._passed) < self.skip:
                self._passed.add(identifier)
            else:
                self.target = item
        return self.target is not None and identifier == envelope_id(self.target.envelope.header)


class Flip(Attack):
    """One bit of one note is changed."""

    def items(self, items: Iterable[Item]) -> Iterable[Item]:
        return [self._changed(item) if self.targeted(item) else item for item in items]

    def _changed(self, item: Item) -> Item:
        envelope = item.envelope
        match self.part:
            case "header":
                envelope = with_core(envelope, salt=flipped(core_of(item).salt))
            case "signature":
                envelope = replace(envelope, signature=flipped(envelope.signature))
            case _:
                envelope = replace(envelope, ciphertext=flipped(envelope.ciphertext))
        return replace(item, envelope=envelope)


class Drop(Attack):
    """One note is left out of every page; the signed checkpoints still count it."""

    def items(self, items: Iterable[Item]) -> Iterable[Item]:
        return [item for item in items if not self.targeted(item)]


class Gap(Drop):
    """One note is left out and no checkpoint is shown: only the author's own numbers tell."""

    def pulled(self, request: PullRequest, page: PullPage) -> PullPage:
        return replace(super().pulled(request, page), checkpoints=())


class Omit(Attack):
    """From one note on, an author's feed ends, and no checkpoint is shown: nothing looks wrong."""

    def pulled(self, request: PullRequest, page: PullPage) -> PullPage:
        return replace(super().pulled(request, page), checkpoints=())

    def items(self, items: Iterable[Item]) -> Iterable[Item]:
        return [item for item in items if not self._withheld(item)]

    def _withheld(self, item: Item) -> bool:
        if self.targeted(item):
            return True
        target = self.target
        return (
            target is not None
            and feed_of(item) == feed_of(target)
            and core_of(item).seq > core_of(target).seq
        )


class Added(Attack):
    """Puts one more item into a page once the target has been seen."""

    _done = False

    def pulled(self, request: PullRequest, page: PullPage) -> PullPage:
        page = super().pulled(request, page)
        added = self.added(page.items)
        return page if added is None else replace(page, items=(*page.items, added))

    def added(self, items: tuple[Item, ...]) -> Item | None:
        """Return what to add now, once."""
        shown_now = any(self.targeted(item) for item in items)
        if self.target is None or self._done or (shown_now and self.waits):
            return None
        self._done = True
        return self.made(self.target)

    waits = False

    def made(self, target: Item) -> Item:
        """Return the item to add."""
        raise NotImplementedError


class Forge(Added):
    """A note is made up in the name of the target's author, next in their feed."""

    def made(self, target: Item) -> Item:
        core = core_of(target)
        identifier = envelope_id(target.envelope.header)
        envelope = with_core(
            target.envelope, seq=core.seq + 1, previous=identifier, salt=secrets.token_bytes(32)
        )
        return Item(target.position, target.index + 1, envelope)


class Fork(Added):
    """A second note at the target's place in its feed, shown once the first was taken.

    Without the author's key it is a forgery; with it, both are signed.
    """

    waits = True

    def made(self, target: Item) -> Item:
        if self.accomplice is not None:
            return replace(target, envelope=self.accomplice.resigned(target.envelope))
        return replace(target, envelope=with_core(target.envelope, salt=secrets.token_bytes(32)))


class WrongEpoch(Attack):
    """One note names another epoch than the registry does.

    Without a member's key the target's own header is altered; with it, one more envelope is signed.
    """

    _done = False

    def pulled(self, request: PullRequest, page: PullPage) -> PullPage:
        page = super().pulled(request, page)
        if self.accomplice is None or self._done:
            return page
        own = [item for item in page.items if core_of(item).device == self.accomplice.device]
        if not own:
            return page
        self._done = True
        last = own[-1]
        signed = self.accomplice.under_epoch(last.envelope, core_of(last).epoch + 1)
        return replace(page, items=(*page.items, Item(last.position, last.index + 1, signed)))

    def items(self, items: Iterable[Item]) -> Iterable[Item]:
        if self.accomplice is not None:
            return items
        return [self._changed(item) if self.targeted(item) else item for item in items]

    def _changed(self, item: Item) -> Item:
        return replace(item, envelope=with_core(item.envelope, epoch=core_of(item).epoch + 1))


class RollBack(Attack):
    """Once a newer one was shown, the oldest signed checkpoint of each stream is shown again."""

    def __init__(self, skip: int, part: str, accomplice: Accomplice | None) -> None:
        super().__init__(skip, part, accomplice)
        self._oldest: dict[tuple[bytes, str], Checkpoint] = {}
        self._shown: dict[tuple[bytes, str], int] = {}

    def pulled(self, request: PullRequest, page: PullPage) -> PullPage:
        page = super().pulled(request, page)
        return replace(page, checkpoints=tuple(self._old(one) for one in page.checkpoints))

    def _old(self, checkpoint: Checkpoint) -> Checkpoint:
        body = msgspec.msgpack.decode(checkpoint.body, type=CheckpointBody)
        key = (body.circle, body.stream)
        oldest = self._oldest.setdefault(key, checkpoint)
        first = msgspec.msgpack.decode(oldest.body, type=CheckpointBody).count
        if self._shown.get(key, first) > first:
            return oldest
        self._shown[key] = body.count
        return checkpoint


class SplitRegistry(Attack):
    """Another statement is shown at a height that the device holds already."""

    def pulled(self, request: PullRequest, page: PullPage) -> PullPage:
        page = super().pulled(request, page)
        shown = {part.circle: part.statements for part in page.chains}
        held = [known for known in request.chains if known.height >= 0]
        return replace(
            page,
            chains=tuple(
                ChainPart(known.circle, (_other_statement(known), *shown.get(known.circle, ())))
                for known in held
            ),
        )


def _other_statement(known: api.KnownChain) -> SignedStatement:
    body = StatementBody(
        suite=1,
        circle=known.circle,
        height=known.height,
        previous=secrets.token_bytes(32),
        device=secrets.token_bytes(16),
        time=0,
        kind="of another history",
        public=b"",
        sealed_hash=bytes(32),
    )
    return SignedStatement(encode_statement(body), secrets.token_bytes(64), b"")


class Replay(Attack):
    """Every page repeats what came before it."""

    def __init__(self, skip: int, part: str, accomplice: Accomplice | None) -> None:
        super().__init__(skip, part, accomplice)
        self._seen: dict[int, Item] = {}
        self._letters: dict[int, api.LetterItem] = {}

    def pulled(self, request: PullRequest, page: PullPage) -> PullPage:
        page = super().pulled(request, page)
        self._letters |= {letter.position: letter for letter in page.letters}
        return replace(page, letters=(*page.letters, *self._letters.values()))

    def items(self, items: Iterable[Item]) -> Iterable[Item]:
        self._seen |= {item.position: item for item in items}
        return [*items, *self._seen.values()]


class Reorder(Attack):
    """Every page comes in the reverse order."""

    def pulled(self, request: PullRequest, page: PullPage) -> PullPage:
        page = super().pulled(request, page)
        return replace(page, letters=page.letters[::-1], checkpoints=page.checkpoints[::-1])

    def items(self, items: Iterable[Item]) -> Iterable[Item]:
        return reversed(list(items))


class FlipLetter(Attack):
    """One bit of every letter's signature is changed: the keys cannot be taken."""

    def pulled(self, request: PullRequest, page: PullPage) -> PullPage:
        page = super().pulled(request, page)
        letters = tuple(
            replace(one, letter=replace(one.letter, signature=flipped(one.letter.signature)))
            for one in page.letters
        )
        return replace(page, letters=letters)


class FlipStatement(Attack):
    """One bit of every statement's signature is changed."""

    def pulled(self, request: PullRequest, page: PullPage) -> PullPage:
        page = super().pulled(request, page)
        return replace(page, chains=tuple(self._changed(part) for part in page.chains))

    def _changed(self, part: ChainPart) -> ChainPart:
        statements = tuple(replace(one, signature=flipped(one.signature)) for one in part.statements)
        return replace(part, statements=statements)


class LoseAnswers(Attack):
    """Every other request that changes something is carried out and never answered."""

    _CHANGING: Final = frozenset(
        {
            api.CIRCLES,
            api.REGISTRY_APPEND,
            api.PUSH,
            api.LETTERS,
            api.RECEIPTS,
            api.RENDEZVOUS_OFFER,
            api.RENDEZVOUS_ANSWER,
        }
    )

    def __init__(self, skip: int, part: str, accomplice: Accomplice | None) -> None:
        super().__init__(skip, part, accomplice)
        self._count: dict[str, int] = {}

    def after(self, path: str) -> None:
        if path not in self._CHANGING:
            return
        self._count[path] = self._count.get(path, 0) + 1
        if self._count[path] % 2:
            raise LostAnswer


ATTACKS: Final[dict[str, Callable[[int, str, Accomplice | None], Attack]]] = {
    "none": Attack,
    "flip": Flip,
    "drop": Drop,
    "gap": Gap,
    "fork": Fork,
    "forge": Forge,
    "wrong_epoch": WrongEpoch,
    "roll_back": RollBack,
    "split_registry": SplitRegistry,
    "replay": Replay,
    "reorder": Reorder,
    "omit": Omit,
    "flip_letter": FlipLetter,
    "flip_statement": FlipStatement,
    "lose_answers": LoseAnswers,
}


def attack_named(name: str, skip: int, part: str, accomplice: Accomplice | None) -> Attack:
    """Return an attack; "wrong-epoch" and "wrong epoch" are the same.

    Raises:
        KeyError: There is none of that name.
    """
    return ATTACKS[name.strip().lower().replace("-", "_").replace(" ", "_")](skip, part, accomplice)
