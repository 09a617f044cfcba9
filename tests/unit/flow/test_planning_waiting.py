"""More deliveries wait than a plan holds: those that drivers were told are never lost among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.quote import DeliveryMode
from gateway.flow.planning.days.waiting import MOST_VISITS, read_waiting
from gateway.flow.ports import UnitOfWork
from tests.unit.api import world as w

LEG = replace(w.LEG, mode=DeliveryMode.OWN_FLEET)
WAITS = replace(w.DELIVERY, status=DeliveryStatus.COURIER_ASSIGNED, legs=(LEG,), promise=None)
PLAN = replace(w.PLAN, created_at=w.NOW + timedelta(hours=1), delivery_ids=())


@dataclass
class Kept:
    """Deliveries in the order in which they are promised."""

    all: Sequence[Delivery]

    async def unrouted(self, limit: int) -> Sequence[Delivery]:
        return self.all[:limit]

    async def several(self, ids: Sequence[str]) -> Mapping[str, Delivery]:
        wanted = set(ids)
        return {one.id: one for one in self.all if one.id in wanted}

    def work(self) -> UnitOfWork:
        return cast(UnitOfWork, SimpleNamespace(deliveries=self))


def many(count: int, name: str) -> list[Delivery]:
    return [replace(WAITS, id=f"{name}{number:04}") for number in range(count)]


async def _read(kept: Kept, taken: Sequence[str] = (), loose: Sequence[str] = (), **plan: Any) -> list[str]:
    merchant = replace(w.MERCHANT, auto_plan_horizon_s=86_400)
    found = await read_waiting(kept.work(), replace(PLAN, **plan), merchant, set(taken), set(loose))
    return [one.id for one in found]


async def test_what_was_told_a_driver_is_planned_before_all_else() -> None:
    kept = Kept([*many(MOST_VISITS + 500, "new"), *many(3, "told")])
    found = await _read(kept, loose=["told0000", "told0001", "told0002"])
    assert len(found) == MOST_VISITS
    assert found[:4] == ["told0000", "told0001", "told0002", "new0000"]


async def test_what_lies_on_tours_that_stay_hides_nobody_who_waits() -> None:
    stay = many(MOST_VISITS, "stay")
    kept = Kept([*stay, *many(2, "new")])
    assert await _read(kept, taken=[one.id for one in stay]) == ["new0000", "new0001"]


async def test_what_is_named_is_found_however_many_wait() -> None:
    kept = Kept([*many(MOST_VISITS + 500, "new"), *many(1, "last")])
    assert await _read(kept, delivery_ids=("last0000",)) == ["last0000"]


async def test_what_is_on_its_way_or_has_no_place_on_the_map_is_not_planned() -> None:
    gone = replace(WAITS, id="gone", status=DeliveryStatus.OUT_FOR_DELIVERY)
    nowhere = replace(WAITS, id="nowhere", destination=replace(w.HOME, location=None))
    couriers = replace(WAITS, id="couriers", legs=(replace(LEG, mode=DeliveryMode.COURIER),))
    kept = Kept([gone, nowhere, couriers, *many(1, "new")])
    assert await _read(kept, loose=["gone"]) == ["new0000"]
