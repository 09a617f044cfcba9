"""Templates of slots, and the places in them that are held."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.slot import SlotHold, SlotHoldStatus, SlotTemplate
from gateway.store import tables as t
from gateway.store.documents import Documents
from gateway.store.repositories.rules import next_version
from gateway.store.repositories.turns import take_turns

_LIVE = (SlotHoldStatus.HELD, SlotHoldStatus.CONFIRMED)


class SqlSlots:
    """Templates and places; see `gateway.flow.ports.Slots`.

    The places of a slot are rows, counted anew each time under the lock of the slot's own row: a count that
    is kept beside what it counts can come apart from it, and would need somebody to come by for every hold
    that runs out. Slots do not wait for one another. The row is written and not only locked, so that a
    transaction that looks at an older state (REPEATABLE READ, if an operator sets it) fails and does not
    oversell. Behind it all stands a unique index on slot and place.
    """

    def __init__(self, connection: AsyncConnection, merchant_id: str) -> None:
        self._connection = connection
        self._merchant_id = merchant_id
        self._templates = Documents(connection, t.slot_templates, SlotTemplate, _template_columns)
        self._holds = Documents(connection, t.slot_holds, SlotHold, _hold_columns)

    async def template(self, template_id: str) -> SlotTemplate | None:
        return await self._templates.get(template_id)

    async def templates(self, location_id: str | None = None) -> Sequence[SlotTemplate]:
        c = t.slot_templates.c
        where: list[ColumnElement[bool]] = [c.archived_at.is_(None)]
        if location_id is not None:
            where.append(c.location_id == location_id)
        return await self._templates.find(*where, order_by=c.id)

    async def save_template(self, template: SlotTemplate, expected_version: int | None) -> SlotTemplate:
        version = await next_version(self._connection, t.slot_templates, template.id, expected_version)
        saved = replace(template, version=version)
        await self._templates.put(saved, archived_at=None)
        return saved

    async def archive_template(self, template_id: str, expected_version: int, now: datetime) -> SlotTemplate:
        version = await next_version(self._connection, t.slot_templates, template_id, expected_version)
        template = await self._templates.get(template_id)
        assert template is not None  # noqa: S101 - it has a version
        archived = replace(template, version=version, updated_at=now, enabled=False)
        await self._templates.put(archived, archived_at=now)
        return archived

    async def taken(self, slot_ids: Collection[str], now: datetime) -> Mapping[str, int]:
        c = t.slot_holds.c
        # Said once more in the words of the index, which finds them.
        is_live = c.status.in_(_LIVE)
        is_valid = or_(c.status == SlotHoldStatus.CONFIRMED, c.expires_at > now)
        query = (
            select(c.slot_id, func.count())
            .where(c.slot_id.in_(list(slot_ids)), is_live, is_valid)
            .group_by(c.slot_id)
        )
        return {row[0]: row[1] for row in await self._connection.execute(query)}

    async def lock(self, slot_ids: Collection[str]) -> None:
        # In one order everywhere, so that two that move between the same slots do not wait for each other.
        rows = [{"id": id_, "merchant_id": self._merchant_id, "turn": 1} for id_ in sorted(set(slot_ids))]
        if not rows:
            return
        statement = insert(t.slot_days).values(rows)
        next_turn = {"turn": t.slot_days.c.turn + 1}
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=next_turn))

    async def free_place(self, slot_id: str, now: datetime) -> int | None:
        await self._write_down_expired(slot_id, now)
        c, template_id = t.slot_holds.c, slot_id.rpartition(".")[0]
        # Read here, so that nobody who waited for the lock goes by what the template was before.
        capacity = select(t.slot_templates.c.capacity).where(
            t.slot_templates.c.id == template_id, t.slot_templates.c.enabled
        )
        room: int = (await self._connection.execute(capacity)).scalar() or 0
        live = select(c.place).where(c.slot_id == slot_id, c.status.in_(_LIVE))
        taken = frozenset((await self._connection.execute(live)).scalars())
        # Of a template that once had more, places above may be taken: then free ones below stay so.
        if len(taken) >= room:
            return None
        return next(place for place in range(1, room + 1) if place not in taken)

    async def hold(self, hold_id: str) -> SlotHold | None:
        return await self._holds.get(hold_id)

    async def hold_by_key(self, key: str) -> SlotHold | None:
        await take_turns(self._connection, f"slot hold {self._merchant_id} {key}")
        return await self._holds.first(t.slot_holds.c.key == key)

    async def held_with(self, keys: Collection[str]) -> Sequence[SlotHold]:
        c = t.slot_holds.c
        return await self._holds.find(c.key.in_(keys), c.status == SlotHoldStatus.HELD, order_by=c.id)

    async def count_held(self, held_by: str, options_id: str, now: datetime) -> tuple[int, int]:
        await take_turns(self._connection, f"slot holds of {options_id}")
        c = t.slot_holds.c
        is_live = and_(c.status == SlotHoldStatus.HELD, c.expires_at > now)

        async def count(of: ColumnElement[bool]) -> int:
            query = select(func.count()).where(is_live, of)
            return (await self._connection.execute(query)).scalar_one()

        of_options = await count(c.doc["options_id"].astext == options_id)
        return of_options, await count(c.doc["held_by"].astext == held_by)

    async def confirmed_of(self, owner: str) -> SlotHold | None:
        await take_turns(self._connection, f"slot owner {owner}")
        c = t.slot_holds.c
        return await self._holds.first(c.owner == owner, c.status == SlotHoldStatus.CONFIRMED, c.owner != "")

    async def put_hold(self, hold: SlotHold) -> None:
        await self._holds.put(hold)

    async def _write_down_expired(self, slot_id: str, now: datetime) -> None:
        c = t.slot_holds.c
        expired = SlotHoldStatus.EXPIRED
        doc = func.jsonb_set(c.doc, text("'{status}'"), func.to_jsonb(text(f"'{expired}'::text")))
        is_over = and_(c.slot_id == slot_id, c.status == SlotHoldStatus.HELD, c.expires_at <= now)
        await self._connection.execute(update(t.slot_holds).where(is_over).values(status=expired, doc=doc))


def _template_columns(template: SlotTemplate) -> dict[str, object]:
    return {
        "id": template.id,
        "merchant_id": template.merchant_id,
        "location_id": template.location_id,
        "capacity": template.capacity,
        "enabled": template.enabled,
        "version": template.version,
    }


def _hold_columns(hold: SlotHold) -> dict[str, object]:
    return {
        "id": hold.id,
        "merchant_id": hold.merchant_id,
        "slot_id": hold.slot_id,
        "place": hold.place,
        "status": hold.status,
        "expires_at": hold.expires_at,
        "key": hold.key,
        "owner": hold.owner,
    }
