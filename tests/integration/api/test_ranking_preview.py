"""A past decision with other weights, from what was kept with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.integration.api.test_rules import rule, save
from tests.integration.api.test_slots_chosen import CHOOSE, OPTIONS, Counter, counter
from tests.integration.flow.fakes import FakeCarrier

__all__ = ["counter"]

PREVIEW = """query($id: ID!, $weights: RankingWeightsInput!) {
  previewRanking(quoteSetId: $id, weights: $weights) { quotes { rank service carrier { code } }
    wouldChoose { carrier { code } rank price { amount } } didChoose { carrier { code } rank }
    priceDifference { amount } } }"""
CHEAP = {"price": 1, "speed": 0, "reliability": 0, "emissions": 0}
FAST = {"price": 0, "speed": 1, "reliability": 0, "emissions": 0}
EVEN = {"price": 1, "speed": 1, "reliability": 1, "emissions": 1}
WHY = """query($id: ID!) { delivery(id: $id) { legs { why carrier { code } }
  fulfillmentOrder { quoteSets { id } } } }"""
EXPLAINED = """query($id: ID!, $weights: RankingWeightsInput!) {
  previewRanking(quoteSetId: $id, weights: $weights) { wouldChoose { carrier { code } }
    quotes { rank score carrier { code } rankReasons { factor text contribution rule { id name } } } } }"""


async def test_an_order_that_was_booked_for_its_price_would_have_gone_to_the_fastest(
    counter: Counter,
) -> None:
    stage = counter.stage
    await stage.link(FakeCarrier("rush", stage.clock, 1300, minutes=20))
    delivery = await stage.booked()
    booked = delivery.legs[0].carrier
    asked = {carrier.carrier: len(carrier.asked) for carrier in (stage.cheap, stage.dear, counter.vans)}
    by_price = await counter.by_merchant(PREVIEW, id=delivery.quote_set_id, weights=CHEAP)
    by_speed = await counter.by_merchant(PREVIEW, id=delivery.quote_set_id, weights=FAST)
    # 3.00, 5.00, 9.00 and 13.00; 60, 60, 55 and 20 minutes.
    assert [quote["carrier"]["code"] for quote in by_price["quotes"]] == [
        "own_fleet",
        "cheap",
        "dear",
        "rush",
    ]
    assert by_speed["wouldChoose"] == {"carrier": {"code": "rush"}, "rank": 1, "price": {"amount": "13.00"}}
    assert by_speed["didChoose"]["carrier"]["code"] == booked == "own_fleet"
    assert by_speed["priceDifference"] == {"amount": "10.00"}
    assert by_price["priceDifference"] == {"amount": "0.00"}
    assert {c.carrier: len(c.asked) for c in (stage.cheap, stage.dear, counter.vans)} == asked


async def test_of_a_checkout_what_the_shopper_chose_is_compared(counter: Counter) -> None:
    answer = await counter.ask(OPTIONS)
    options = answer["groups"][0]["options"]
    before = await counter.by_merchant(PREVIEW, id=answer["id"], weights=CHEAP)
    assert (before["didChoose"], before["priceDifference"]) == (None, None)
    # The dearest of three.
    selection = {"groupId": answer["id"], "optionId": options[-1]["id"]}
    await counter.ask(CHOOSE, key="key-12345", set=answer["id"], sel=selection)
    after = await counter.by_merchant(PREVIEW, id=answer["id"], weights=CHEAP)
    assert after["didChoose"] == {"carrier": {"code": "dear"}, "rank": 3}
    # 3.00 for the vans and 9.00 for the courier.
    assert after["priceDifference"] == {"amount": "-6.00"}


async def test_every_place_of_a_past_decision_says_why_it_is_there_and_the_leg_why_it_was_booked(
    counter: Counter,
) -> None:
    stage = counter.stage
    known = stage.links.linked[0]
    stage.links.linked[0] = replace(known, account=replace(known.account, reliability=0.5))
    prefer = rule("Dear first", {"action": "PREFER", "value": "dear"})
    saved = await save(counter, prefer)
    delivery = await stage.booked()
    asked = len(stage.cheap.asked)
    booked = await counter.by_merchant(WHY, id=delivery.id)
    (leg,) = booked["legs"]
    assert leg["carrier"] == {"code": "dear"}
    assert leg["why"].startswith("Best value: dear:standard ")
    assert leg["why"].endswith("is less preferred by a rule.")
    assert booked["fulfillmentOrder"]["quoteSets"] == [{"id": delivery.quote_set_id}]

    async def places(weights: dict[str, int]) -> dict[str, Any]:
        answer = await counter.by_merchant(EXPLAINED, id=delivery.quote_set_id, weights=weights)
        assert [one["rank"] for one in answer["quotes"]] == [1, 2, 3]
        return {one["carrier"]["code"]: one for one in answer["quotes"]}

    fast, cheap = await places(FAST), await places(CHEAP)
    assert [list(fast), list(cheap)] == [["dear", "own_fleet", "cheap"]] * 2
    assert texts(fast["dear"], "SPEED") == ["Fastest of 3"]
    assert texts(fast["own_fleet"], "SPEED") == texts(fast["cheap"], "SPEED") == ["Slowest of 3"]
    assert [texts(cheap[code], "PRICE") for code in cheap] == [
        ["Dearest of 3"], ["Cheapest of 3"], ["Costs 5.00 USD"],
    ]  # fmt: skip
    # The rule is named where it moved something, whatever the weights, and what the reasons contributed
    # adds up to the score.
    for place in (*fast.values(), *cheap.values()):
        named = [reason["rule"] for reason in place["rankReasons"] if reason["factor"] == "PREFERENCE"]
        is_dear = place["carrier"]["code"] == "dear"
        assert named == ([{"id": saved["id"], "name": "Dear first"}] if is_dear else [])
        told = sum(reason["contribution"] for reason in place["rankReasons"])
        assert told == pytest.approx(place["score"], abs=3e-4)
    even = await places(EVEN)
    assert texts(even["cheap"], "RELIABILITY") == ["50% of its deliveries went well"]
    assert len(stage.cheap.asked) == asked


def texts(place: dict[str, Any], factor: str) -> list[str]:
    """What a place says of one factor."""
    return [reason["text"] for reason in place["rankReasons"] if reason["factor"] == factor]
