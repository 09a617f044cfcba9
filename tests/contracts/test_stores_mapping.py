"""What every store's orders, places and articles become, whatever is written in them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from doorstep.errors import (
    UnreadablePayload,
)
from tests.contracts.store_rig import Rig
from tests.contracts.store_shop import HOME


async def test_an_order_is_read_the_same_whenever_it_is_read(rig: Rig) -> None:
    raw = await rig.store.fetch_order(rig.shop.place())
    assert raw is not None

    order = rig.store.read_order(raw)

    assert rig.store.read_order(raw) == rig.impatient().read_order(raw) == order
    assert order.platform is rig.plugin.platform
    assert order.read_at == raw.asked_at
    assert order.updated_at == raw.changed_at
    assert (order.id, order.store_id, order.merchant_id) == ("", "", "")
    (unit,) = order.fulfillment_orders
    assert unit.is_dispatchable
    assert [line.quantity for line in unit.lines] == [2]


async def test_an_order_that_cannot_be_read_names_the_field(rig: Rig) -> None:
    raw = await rig.store.fetch_order(rig.shop.place())
    assert raw is not None
    wrong = _with(json.loads(raw.body), rig.shop.vital_path, "a few")

    with pytest.raises(UnreadablePayload) as refusal:
        rig.store.read_order(replace(raw, body=json.dumps(wrong)))

    assert refusal.value.path[-1] == rig.shop.vital_path[-1]
    for body in ("", "[]", "null", "{}", '{"order": 7}', raw.body[:100]):
        with pytest.raises(UnreadablePayload):
            rig.store.read_order(replace(raw, body=body))


@pytest.mark.parametrize("junk", [None, "", "a few", -1, 2.5, [], {}, [7], True], ids=repr)
async def test_whatever_a_field_holds_an_order_is_read_or_refused_by_name(rig: Rig, junk: object) -> None:
    raw = await rig.store.fetch_order(rig.shop.place())
    assert raw is not None
    good = json.loads(raw.body)

    refusals = []
    for path in _paths(good):
        body = json.dumps(_with(good, path, junk))
        try:
            rig.store.read_order(replace(raw, body=body))
        except UnreadablePayload as unreadable:
            refusals.append((path, unreadable))

    assert refusals
    for path, refusal in refusals:
        # The order as a whole has no name.
        assert refusal.path or path == ("order",), path
        assert not any(personal in str(refusal) for personal in (HOME.line1, "Lopez", HOME.email))


def _paths(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if above:
        yield above
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, below in inside:
        yield from _paths(below, (*above, name))


def _with(document: Any, path: Any, value: object) -> Any:
    changed = copy.deepcopy(document)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return changed


async def test_places_have_the_stores_ids_and_none_of_ours(rig: Rig) -> None:
    raw = await rig.store.fetch_order(rig.shop.place())
    assert raw is not None

    places = await rig.store.locations()

    assert {(place.id, place.merchant_id) for place in places} == {("", "")}
    assert all(place.external_ids and place.name and place.time_zone for place in places)
    assert {place.address.country for place in places} == {"US"}
    known = {id_ for place in places for id_ in place.external_ids}
    units = rig.store.read_order(raw).fulfillment_orders
    assert {unit.location_external_id for unit in units} <= {"", *known}


async def test_articles_of_an_order_are_found_by_its_lines_and_unknown_ones_left_out(rig: Rig) -> None:
    raw = await rig.store.fetch_order(rig.shop.place())
    assert raw is not None
    (line,) = rig.store.read_order(raw).lines

    found = await rig.store.products([line.product_external_id, rig.shop.unknown_article_id])

    assert [article.external_id for article in found] == [line.product_external_id]
    assert (found[0].sku, found[0].weight_g) == (line.sku, line.weight_g)
    assert found[0].weight_g == 750
    assert await rig.store.products([]) == ()
