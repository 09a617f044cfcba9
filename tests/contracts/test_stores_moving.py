"""Stores with several places: goods move, whole or in part, once, and the order shows where they lie."""

from __future__ import annotations

from dataclasses import replace

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import RemoteError, RemoteRefused
from doorstep.order import FulfillmentLine, FulfillmentOrder
from doorstep.ports import MovesUnits, StoreConnector
from tests.contracts.store_rig import Rig, hides_secrets

Shares = list[tuple[str, tuple[FulfillmentLine, ...]]]


async def _units(rig: Rig, order_id: str) -> list[FulfillmentOrder]:
    raw = await rig.store.fetch_order(order_id)
    assert raw is not None
    return [unit for unit in rig.store.read_order(raw).fulfillment_orders if unit.is_dispatchable]


async def _shares(rig: Rig, order_id: str) -> Shares:
    return sorted((unit.location_external_id, unit.lines) for unit in await _units(rig, order_id))


async def _places(rig: Rig) -> list[str]:
    return [place.external_ids[0] for place in await rig.store.locations()]


def _mover(store: StoreConnector) -> MovesUnits:
    if not isinstance(store, MovesUnits):
        pytest.skip("It has one place.")
    return store


async def test_a_store_that_moves_nothing_has_one_place(rig: Rig) -> None:
    assert isinstance(rig.store, MovesUnits) or len(await rig.store.locations()) == 1


async def test_what_moves_whole_or_in_part_lies_there_and_is_not_moved_again(rig: Rig) -> None:
    mover, places = _mover(rig.store), await _places(rig)
    order_id = rig.shop.place()
    (unit,) = await _units(rig, order_id)
    other = next(place for place in places if place != unit.location_external_id)
    (line,) = unit.lines
    part = (replace(line, quantity=line.quantity - 1),)

    moved = await mover.move_unit(unit.external_id, other, part)
    left = (replace(line, quantity=1),)
    assert await _shares(rig, order_id) == sorted([(other, part), (unit.location_external_id, left)])
    assert moved in {one.external_id for one in await _units(rig, order_id)}

    whole = await mover.move_unit(unit.external_id, other)
    assert {place for place, _ in await _shares(rig, order_id)} == {other}
    writes = rig.shop.writes()
    assert await mover.move_unit(whole, other) == whole
    assert rig.shop.writes() == writes


async def test_a_lost_answer_of_a_move_is_told_and_the_order_shows_what_was_done(rig: Rig) -> None:
    impatient = rig.impatient()
    mover, places = _mover(impatient), await _places(rig)
    order_id = rig.shop.place()
    (unit,) = await _units(rig, order_id)
    other = next(place for place in places if place != unit.location_external_id)
    rig.shop.lose_answers(1.0)
    with pytest.raises(RemoteError) as trouble:
        await mover.move_unit(unit.external_id, other)
    hides_secrets(rig, trouble.value)
    rig.shop.lose_answers(0.0)
    assert await _shares(rig, order_id) == [(other, unit.lines)]


async def test_what_was_sent_or_is_not_there_cannot_be_moved(rig: Rig) -> None:
    mover, places = _mover(rig.store), await _places(rig)
    order_id = rig.shop.place()
    (unit,) = await _units(rig, order_id)
    other = next(place for place in places if place != unit.location_external_id)
    more = tuple(replace(line, quantity=line.quantity + 1) for line in unit.lines)
    with pytest.raises(RemoteRefused):
        await mover.move_unit(unit.external_id, other, more)
    sent = rig.after(await rig.booked(order_id), DeliveryStatus.PICKED_UP)
    await rig.store.report(sent, "", in_doubt=False)
    with pytest.raises(RemoteRefused):
        await mover.move_unit(unit.external_id, other)
