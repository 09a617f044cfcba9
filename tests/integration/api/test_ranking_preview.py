"""A past decision with other weights, from what was kept with it."""

from __future__ import annotations

from tests.integration.api.test_slots_chosen import CHOOSE, OPTIONS, Counter, counter
from tests.integration.flow.fakes import FakeCarrier

__all__ = ["counter"]

PREVIEW = """query($id: ID!, $weights: RankingWeightsInput!) {
  previewRanking(quoteSetId: $id, weights: $weights) { quotes { rank service carrier { code } }
    wouldChoose { carrier { code } rank price { amount } } didChoose { carrier { code } rank }
    priceDifference { amount } } }"""
CHEAP = {"price": 1, "speed": 0, "reliability": 0, "emissions": 0}
FAST = {"price": 0, "speed": 1, "reliability": 0, "emissions": 0}


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
