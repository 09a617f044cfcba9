"""What happened with each account, counted by day, and bookings that were quoted again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, Text, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.money import Money
from doorstep.scorecard import COUNTED, CarrierCounts, Requote, summed
from gateway.store import tables as t
from gateway.store.codec import to_json
from gateway.store.documents import Documents, insert_new
from gateway.store.kept import Kept

_BOTH_RESPONSES: Any = literal_column(
    "ARRAY(SELECT coalesce(kept, 0) + coalesce(more, 0)"
    " FROM unnest(carrier_counts.responses, excluded.responses)"
    " WITH ORDINALITY AS classes (kept, more, place) ORDER BY place)"
)
"""Place by place; of two rows with different numbers of classes the longer one counts."""

c = t.carrier_counts.c
_COLUMNS = tuple(column.name for column in c)
_IN_ORDER = (
    select(t.carrier_counts).where(c.day >= bindparam("since")).order_by(c.account_id, c.day, c.currency)
)
_COUNTS = Kept(_IN_ORDER)
_COUNTS_OF = Kept(_IN_ORDER.where(c.account_id == func.any(bindparam("ids", type_=ARRAY(Text)))))


class SqlScores:
    """Counts of accounts; see `gateway.flow.ports.Scores`."""

    def __init__(self, connection: AsyncConnection, merchant_id: str) -> None:
        self._connection = connection
        self._merchant_id = merchant_id
        self._requotes = Documents(connection, t.requotes, Requote, _requote_columns)

    async def add(self, counts: Iterable[CarrierCounts]) -> None:
        # In one order everywhere, so that two who count the same accounts do not wait for each other.
        rows = [self._row(one) for one in summed(counts)]
        if not rows:
            return
        statement = insert(t.carrier_counts).values(rows)
        numbers = (*COUNTED, "cost_minor")
        changes = {name: t.carrier_counts.c[name] + statement.excluded[name] for name in numbers}
        upsert = statement.on_conflict_do_update(
            index_elements=list(t.carrier_counts.primary_key), set_={**changes, "responses": _BOTH_RESPONSES}
        )
        await self._connection.execute(upsert)

    async def counts(
        self, since: date, account_ids: Collection[str] | None = None
    ) -> Sequence[CarrierCounts]:
        if account_ids is None:
            rows = await _COUNTS.rows(self._connection, {"since": since})
        else:
            rows = await _COUNTS_OF.rows(self._connection, {"since": since, "ids": list(account_ids)})
        return [_counts(dict(zip(_COLUMNS, row, strict=True))) for row in rows]

    async def note_requote(self, requote: Requote) -> bool:
        row = {
            **_requote_columns(requote),
            "merchant_id": self._merchant_id,
            "doc": to_json(requote),
        }
        return await insert_new(self._connection, t.requotes, row)

    async def requotes(self, account_id: str, limit: int) -> Sequence[Requote]:
        r = t.requotes.c
        latest_first = (r.noted_at.desc(), r.id.desc())
        return await self._requotes.find(r.account_id == account_id, order_by=latest_first, limit=limit)

    def _row(self, counts: CarrierCounts) -> dict[str, object]:
        return {
            "merchant_id": self._merchant_id,
            "account_id": counts.account_id,
            "day": counts.day,
            "currency": counts.currency,
            "cost_minor": 0 if counts.cost is None else counts.cost.minor,
            "responses": list(counts.responses),
            **{name: getattr(counts, name) for name in COUNTED},
        }


def _counts(cells: Mapping[str, Any]) -> CarrierCounts:
    return CarrierCounts(
        account_id=cells["account_id"],
        day=cells["day"],
        cost=Money(cells["cost_minor"], cells["currency"]) if cells["currency"] else None,
        responses=tuple(cells["responses"]),
        **{name: cells[name] for name in COUNTED},
    )


def _requote_columns(requote: Requote) -> dict[str, object]:
    return {"id": requote.id, "account_id": requote.account_id, "noted_at": requote.noted_at}
