"""An exchange with a relay that lies, and members whose papers do not agree."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
import pytest

from carelink.access.compartments import Stream
from carelink.access.matrix import default_matrix
from carelink.access.roles import Function, Role
from carelink.access.statements import SUITE, Add, Newcomer, OpenEpochs
from carelink.crypto.primitives import SignatureKind, sign
from carelink.errors import KnownError
from carelink.records.patient import MemberCard
from carelink.services.cahier import Cahier
from carelink.services.circles import Circles
from carelink.services.errors import AlarmError
from carelink.services.exchange.relays import Relay
from carelink.services.exchange.state import State
from carelink.services.invitations import InvitationRequest, Invitations
from carelink.services.session import Session
from carelink.sync.exchange.context import Call
from carelink.sync.exchange.membership import new_epoch, signed_statement
from carelink.sync.sealed_parts import seal_part
from carelink.sync.wire import api
from carelink.sync.wire.structures import Checkpoint, CheckpointBody
from tests.sync.fixtures import Grown
from tests.sync.house import House, sync, texts


def begun(house: House) -> str:
    claire, paul = house.account("Claire", "nurse"), house.account("Paul", "physician")
    circle = house.circle(claire)
    house.let_in(claire, circle, paul, "physician")
    sync(claire)
    return circle


@pytest.fixture
def circle(house: House, grown: Grown) -> str:
    return grown(house, begun)


@pytest.fixture
def claire(house: House, circle: str) -> Session:
    return house.named("Claire")


@pytest.fixture
def paul(house: House, circle: str) -> Session:
    return house.named("Paul")


def whys(session: Session) -> set[str]:
    return {refusal.why for refusal in State(session).read().refusals}


class TestOmissions:
    def test_a_note_left_out_is_missing_at_once_and_heals(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        entry = Cahier(claire).write(circle, "care", "hidden")
        sync(claire)

        def drop(call: Call, answer: Any) -> Any:  # noqa: ANN401
            if isinstance(answer, api.PullPage | api.BackfillPage):
                kept = tuple(item for item in answer.items if item.position != len(house.hub.items))
                return msgspec.structs.replace(answer, items=kept)
            return answer

        house.hub.tamper = drop
        assert sync(paul).missing
        assert texts(paul, circle) == []
        house.hub.tamper = lambda call, answer: answer
        report = sync(paul)
        assert report.missing == []
        assert [note.entry for note in Cahier(paul).entries(circle)] == [entry]

    def test_a_relay_that_forges_its_count_too_is_found_out_once_someone_who_saw_it_writes(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        nora = house.account("Nora", "nurse")
        house.let_in(claire, circle, nora, "nurse")
        sync(paul)
        Cahier(claire).write(circle, "care", "hidden from Paul")
        sync(claire)
        hidden = house.hub.items[-1]

        def hide(call: Call, answer: Any) -> Any:  # noqa: ANN401
            if isinstance(answer, api.PullPage):
                kept = tuple(item for item in answer.items if item.position != hidden.position)
                return msgspec.structs.replace(answer, items=kept, checkpoints=())
            if isinstance(answer, api.BackfillPage):
                kept = tuple(item for item in answer.items if item.position != hidden.position)
                return msgspec.structs.replace(answer, items=kept)
            return answer

        house.hub.tamper = hide
        assert sync(paul).missing == []
        house.hub.tamper = lambda call, answer: answer
        sync(nora)
        Cahier(nora).write(circle, "care", "I saw it")
        sync(nora)
        house.hub.tamper = hide
        report = sync(paul)
        assert report.missing
        assert "gap" in {refusal.why for refusal in report.refused}

    def test_a_note_without_its_content_is_missing(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        Cahier(claire).write(circle, "care", "emptied on the way")
        sync(claire)

        def strip(call: Call, answer: Any) -> Any:  # noqa: ANN401
            if isinstance(answer, api.PullPage | api.BackfillPage):
                bare = tuple(
                    msgspec.structs.replace(
                        item, envelope=msgspec.structs.replace(item.envelope, ciphertext=b"")
                    )
                    for item in answer.items
                )
                return msgspec.structs.replace(answer, items=bare)
            return answer

        house.hub.tamper = strip
        assert sync(paul).missing
        house.hub.tamper = lambda call, answer: answer
        assert sync(paul).missing == []
        assert texts(paul, circle) == ["emptied on the way"]


class TestLies:
    def test_a_relay_that_goes_back_is_told(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        for number in range(3):
            Cahier(claire).write(circle, "care", f"note {number}")
            sync(claire)
        sync(paul)
        hosted = house.hub.circles[bytes.fromhex(circle)]
        house.hub.items = house.hub.items[:-2]
        del hosted.digests[Stream.CARE][-2:]
        sync(paul)
        assert "checkpoint_regression" in whys(paul)
        assert texts(paul, circle) == ["note 2", "note 1", "note 0"]

    def test_a_statement_against_the_rules_stops_membership_and_leaves_notes_alone(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        hosted = house.hub.circles[bytes.fromhex(circle)]
        opening = OpenEpochs((new_epoch(Stream.REGISTRY, 2).opening,))
        hosted.chain.append(signed_statement(paul.keys, hosted.state, opening, b"", paul.clock()))
        sync(claire)
        assert whys(claire) == {"no_right"}
        assert State(claire).read().alarms == (circle,)
        Cahier(claire).write(circle, "care", "still mine")
        assert texts(claire, circle) == ["still mine"]
        with pytest.raises(AlarmError):
            Invitations(claire).invite(circle, InvitationRequest("nurse"))

    def test_a_statement_altered_on_the_way_is_told_and_asked_for_again(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        nora = house.account("Nora", "nurse")
        house.let_in(claire, circle, nora, "nurse")

        def garble(call: Call, answer: Any) -> Any:  # noqa: ANN401
            if isinstance(answer, api.PullPage):
                chains = tuple(
                    api.ChainPart(
                        part.circle,
                        tuple(msgspec.structs.replace(s, signature=bytes(64)) for s in part.statements),
                    )
                    for part in answer.chains
                )
                return msgspec.structs.replace(answer, chains=chains)
            return answer

        house.hub.tamper = garble
        sync(paul)
        assert whys(paul) == {"bad_signature"}
        assert len(Circles(paul).show(circle).members) == 2
        house.hub.tamper = lambda call, answer: answer
        sync(paul)
        assert len(Circles(paul).show(circle).members) == 3
        assert State(paul).read().alarms == ()

    def test_answers_that_do_not_add_up_are_refused_in_one_sentence(
        self, house: House, claire: Session, circle: str
    ) -> None:
        Cahier(claire).write(circle, "care", "text")

        def shorten(call: Call, answer: Any) -> Any:  # noqa: ANN401
            return api.PushAnswer(()) if isinstance(answer, api.PushAnswer) else answer

        house.hub.tamper = shorten
        with pytest.raises(KnownError, match="rien n’est perdu"):
            sync(claire)
        house.hub.tamper = lambda call, answer: answer
        sync(claire)
        assert State(claire).read().to_send == 0

    def test_an_enormous_count_does_not_fill_the_memory(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        hosted = house.hub.circles[bytes.fromhex(circle)]
        honest = house.hub._checkpoint
        Cahier(claire).write(circle, "care", "text")
        sync(claire)

        def boast(circle: bytes, stream: Stream, count: int) -> Checkpoint:
            body = msgspec.msgpack.encode(
                CheckpointBody(SUITE, circle, stream, 1 << 50, hosted.digests[stream][count])
            )
            return Checkpoint(body, sign(SignatureKind.CHECKPOINT, house.hub.signing, body))

        house.hub._checkpoint = boast  # type: ignore[method-assign]
        report = sync(paul)
        assert 0 < len(report.missing) < 20_000
        house.hub._checkpoint = honest  # type: ignore[method-assign]

    def test_a_note_replayed_or_reordered_is_taken_once(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        for number in range(4):
            Cahier(claire).write(circle, "care", f"note {number}")
            sync(claire)

        def shake(call: Call, answer: Any) -> Any:  # noqa: ANN401
            if isinstance(answer, api.PullPage):
                return msgspec.structs.replace(answer, items=(*reversed(answer.items), *answer.items))
            return answer

        house.hub.tamper = shake
        report = sync(paul)
        assert (report.pulled, report.refused, report.missing) == (4, [], [])


class TestPapers:
    def _add(
        self,
        house: House,
        claire: Session,
        circle: str,
        role: Role,
        card: MemberCard | bytes,
        session: Session,
    ) -> None:
        """Append what a coordinator with another program could."""
        with claire.read() as stores:
            rows, keys = stores.hubs(), stores.keys(bytes.fromhex(circle))
            state = claire.chain(stores, bytes.fromhex(circle)).state
        assert state is not None
        rights = default_matrix().stream_rights(role, ())
        newcomer = Newcomer(
            certificates=(session.certificate,),
            rights=tuple((stream.value, int(right)) for stream, right in rights.items()),
            coordinator=False,
            patient_side=False,
            invites=False,
            until=None,
            history=True,
        )
        sealed = card if isinstance(card, bytes) else seal_part(card, keys["registry", 1], state.height + 1)
        statement = signed_statement(claire.keys, state, Add(newcomer, ()), sealed, claire.clock())
        relay = Relay(claire, rows[0])
        house.hub._registry_append(api.Append(bytes.fromhex(circle), statement), claire.keys.device)
        relay.close()

    def _card(self, session: Session, role: str) -> MemberCard:
        return MemberCard(session.name, session.name_salt, role, (), "", "", "", b"")

    def _letters_to(self, house: House, session: Session) -> int:
        return sum(1 for to, _ in house.hub.letters if to == session.keys.device)

    def test_whose_card_agrees_gets_the_keys(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        anne = house.account("Anne")
        self._add(house, claire, circle, Role.RELATIVE, self._card(anne, "relative"), anne)
        sync(paul)
        assert self._letters_to(house, anne) == 3

    @pytest.mark.parametrize("role", ["relative", "healer", "patient"])
    def test_who_has_a_nurses_rights_under_another_name_gets_no_key_and_is_shown_as_an_alarm(
        self, house: House, claire: Session, paul: Session, circle: str, role: str
    ) -> None:
        mallory = house.account("Mallory")
        self._add(house, claire, circle, Role.NURSE, self._card(mallory, role), mallory)
        sync(paul)
        sync(claire)
        assert self._letters_to(house, mallory) == 0
        shown = {member.name: member for member in Circles(paul).show(circle).members}
        assert not shown["Mallory"].consistent
        assert not shown["Mallory"].professional
        assert "care" in shown["Mallory"].reads

    def test_a_name_that_the_certificate_does_not_hold_gets_no_key(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        mallory = house.account("Mallory")
        card = msgspec.structs.replace(self._card(mallory, "nurse"), name="Dr Petit")
        self._add(house, claire, circle, Role.NURSE, card, mallory)
        sync(paul)
        assert self._letters_to(house, mallory) == 0

    def test_nobody_is_in_a_circle_unseen(
        self, house: House, claire: Session, paul: Session, circle: str
    ) -> None:
        ghost = house.account("Ghost")
        self._add(house, claire, circle, Role.NURSE, secrets.token_bytes(200), ghost)
        sync(paul)
        assert self._letters_to(house, ghost) == 0
        (unknown,) = [m for m in Circles(paul).show(circle).members if m.id == ghost.account.hex()]
        assert unknown.name == "membre inconnu"
        assert "care" in unknown.reads
        assert not unknown.consistent
        audience = Cahier(paul).audience(circle, "care")
        assert ghost.account.hex() in {reader.id for reader in audience.readers}


class TestUndone:
    def test_a_page_that_could_not_be_kept_is_asked_for_again_statements_included(
        self, house: House, claire: Session, paul: Session, circle: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The chain in memory had run ahead of the vault: the next pull skipped what was never stored."""
        from carelink.sync.exchange import pull

        nora = house.account("Nora", "nurse")
        house.let_in(claire, circle, nora, "nurse")

        def full(*_: object) -> None:
            raise KnownError("the disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(pull, "open_sealed_parts", full)
            with pytest.raises(KnownError):
                sync(paul)
        assert len(Circles(paul).show(circle).members) == 2
        sync(paul)
        assert {member.name for member in Circles(paul).show(circle).members} == {"Claire", "Paul", "Nora"}
        paul.chains.clear()
        assert len(Circles(paul).show(circle).members) == 3


def test_an_answer_that_another_process_of_the_vault_overtook_accuses_no_one(
    house: House, claire: Session, paul: Session, circle: str
) -> None:
    Cahier(paul).write(circle, "care", "before the question")
    sync(paul)

    def overtake(call: Call, answer: Any) -> Any:  # noqa: ANN401
        if isinstance(answer, api.PullPage):
            house.hub.tamper = lambda call, answer: answer
            Cahier(paul).write(circle, "care", "after the answer")
            sync(paul)
            assert sync(claire).refused == []
        return answer

    house.hub.tamper = overtake
    assert sync(claire).refused == []
    assert sorted(texts(claire, circle)) == ["after the answer", "before the question"]
    assert sync(claire).refused == []


def test_a_function_of_coordinator_goes_with_its_rights(house: House, claire: Session, circle: str) -> None:
    nora = house.account("Nora", "nurse")
    house.let_in(claire, circle, nora, "nurse", functions=(Function.COORDINATOR,))
    shown = {member.name: member for member in Circles(nora).show(circle).members}
    assert shown["Nora"].functions == ("coordinator",)
    assert shown["Nora"].consistent
    assert Circles(nora).show(circle).may_invite
