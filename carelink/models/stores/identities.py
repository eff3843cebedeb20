"""National identity numbers of the people cared for, as lists that were imported here gave them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from carelink.models import schema
from carelink.models.stores.scope import Scope


class IdentityStore(Scope):
    """Reads and writes them."""

    def ins_numbers(self) -> Mapping[bytes, str]:
        """Return the matricule of each circle's person, where one is known."""
        circles, numbers = schema.circles, schema.ins_numbers
        rows = self.connection.execute(
            select(circles.c.circle, numbers.c.ins).join(numbers, numbers.c.circle_pk == circles.c.pk)
        )
        return {row.circle: row.ins for row in rows}

    def set_ins(self, circle: bytes, ins: str) -> None:
        """Keep the matricule of a circle's person."""
        statement = insert(schema.ins_numbers).values(circle_pk=self.pk(circle), ins=ins)
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=["circle_pk"], set_={"ins": ins})
        )
