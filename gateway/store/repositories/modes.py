"""Waves of orders, and who was chosen for each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.mode_rules import DayUse
from doorstep.mode_wave import KeptChoice, ModeWave
from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.stack import Waiting
from gateway.store import tables as t
from gateway.store.codec import from_json
from gateway.store.documents import Documents

_BOOKED_SINCE = text("""
    SELECT leg ->> 'carrier', leg ->> 'mode', leg -> 'price' ->> 'currency',
           sum(greatest(1, jsonb_array_length(d.doc -> 'parcels'))), sum((leg -> 'price' ->> 'minor')::bigint)
    FROM deliveries AS d, jsonb_array_elements(d.doc -> 'legs') AS leg
    WHERE d.created_at >= :since AND leg ->> 'status' NOT IN ('CANCELLED', 'FAILED')
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")
"""A booking that ended without its goods counts for nobody; one whose answer is not known yet counts."""

_CHOSEN_SINCE = text("""
    SELECT c.doc -> 'use' ->> 'carrier', c.doc -> 'use' ->> 'mode', c.doc -> 'use' -> 'spent' ->> 'currency',
           sum((c.doc -> 'use' ->> 'parcels')::int), sum((c.doc -> 'use' -> 'spent' ->> 'minor')::bigint)
    FROM mode_choices AS c JOIN mode_waves AS w ON w.id = c.wave_id
    WHERE c.doc ->> 'use' IS NOT NULL AND (c.doc ->> 'chosen_at')::timestamptz >= :since
      AND c.id <> ALL (:besides)
      AND (c.done_at IS NULL AND w.status IN ('BOOKING', 'CHOSEN') OR EXISTS (
          SELECT FROM deliveries AS d WHERE d.id = c.doc ->> 'delivery_id' AND d.status = 'SEARCHING'
      ))
      AND NOT EXISTS (
          SELECT FROM deliveries AS d JOIN legs AS l ON l.delivery_id = d.id
          WHERE d.fulfillment_order_id = c.id AND l.carrier = c.doc -> 'use' ->> 'carrier'
      )
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")
"""What a van gives away is asked for a moment after its choice was done; whoever was asked once is no more
only chosen."""


class SqlModes:
    """See `gateway.flow.ports.modes.Modes`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._waves = Documents(connection, t.mode_waves, ModeWave, _of_wave)
        self._choices = Documents(connection, t.mode_choices, KeptChoice, _of_choice)

    async def wave(self, wave_id: str, *, lock: bool = False) -> ModeWave | None:
        return await self._waves.get(wave_id, lock=lock)

    async def put_wave(self, wave: ModeWave) -> None:
        await self._waves.put(wave)

    async def under_way(self, *, lock: bool = False) -> Sequence[ModeWave]:
        c = t.mode_waves.c
        return await self._waves.find(
            c.status.in_(("CHOOSING", "BOOKING")), order_by=(c.created_at, c.id), lock=lock
        )

    async def wave_of_plan(self, plan_id: str, *, lock: bool = False) -> ModeWave | None:
        c = t.mode_waves.c
        found = await self._waves.find(c.plan_id == plan_id, c.plan_id != "", order_by=c.id, lock=lock)
        return found[-1] if found else None

    async def choices_of(self, wave_id: str) -> Sequence[KeptChoice]:
        c = t.mode_choices.c
        return await self._choices.find(c.wave_id == wave_id, order_by=c.id)

    async def choice(self, unit_id: str, *, lock: bool = False) -> KeptChoice | None:
        return await self._choices.get(unit_id, lock=lock)

    async def put_choices(self, choices: Sequence[KeptChoice]) -> None:
        await self._choices.put_all(choices)

    async def has_open(self, wave_id: str) -> bool:
        c = t.mode_choices.c
        query = select(exists().where(c.wave_id == wave_id, c.done_at.is_(None)))
        return bool((await self._connection.execute(query)).scalar_one())

    async def waiting(self, limit: int) -> Sequence[Waiting]:
        c = t.stack_waits.c
        query = select(c.doc).where(c.stack_id == "").order_by(c.until, c.id).limit(limit)
        return [from_json(doc, Waiting) for (doc,) in await self._connection.execute(query)]

    async def booked_since(self, since: datetime) -> Sequence[DayUse]:
        return _uses(await self._connection.execute(_BOOKED_SINCE, {"since": since}))

    async def chosen_since(self, since: datetime, *, besides: Collection[str] = ()) -> Sequence[DayUse]:
        values = {"since": since, "besides": list(besides)}
        return _uses(await self._connection.execute(_CHOSEN_SINCE, values))


def _uses(rows: Iterable[Sequence[Any]]) -> list[DayUse]:
    return [
        DayUse(carrier, DeliveryMode(mode), int(parcels), Money(int(minor), currency))
        for carrier, mode, currency, parcels, minor in rows
    ]


def _of_wave(wave: ModeWave) -> dict[str, object]:
    return {
        "id": wave.id,
        "merchant_id": wave.merchant_id,
        "status": wave.status,
        "plan_id": wave.plan_id,
        "created_at": wave.created_at,
    }


def _of_choice(choice: KeptChoice) -> dict[str, object]:
    return {
        "id": choice.fulfillment_order_id,
        "merchant_id": choice.merchant_id,
        "wave_id": choice.wave_id,
        "done_at": choice.done_at,
    }
