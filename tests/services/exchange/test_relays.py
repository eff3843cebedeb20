from __future__ import annotations

import pytest

from carelink.services.cahier import Cahier
from carelink.services.exchange.relays import RelayFullError
from carelink.services.exchange.state import State
from carelink.sync.exchange.context import HubRefusalError
from carelink.sync.wire.api import ProblemCode
from tests.sync.house import House, sync


def test_a_relay_without_room_leaves_notes_to_send(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    claire = house.account("Claire", "nurse")
    circle = house.circle(claire)
    sync(claire)

    def refuse(*_: object) -> None:
        raise HubRefusalError(ProblemCode.FULL, "quota")

    with monkeypatch.context() as patch:
        patch.setattr(house.hub, "_push", refuse)
        Cahier(claire).write(circle, "life", "Elle a bien dormi")
        for _ in range(2):
            with pytest.raises(RelayFullError, match=r"n’a plus de place.*restent dans votre coffre"):
                sync(claire)
            assert State(claire).read().to_send > 0
    sync(claire)
    assert State(claire).read().to_send == 0
    assert "life" in {item.stream for item in house.hub.items}
