"""Who is booked by which strategy, and what is kept of why: the real flow and database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.dispatch_rules import DispatchRules, DispatchStrategy
from doorstep.errors import InvalidInput, NotServiceable, RemoteRefused
from doorstep.incident import IncidentKind, StepStatus
from doorstep.money import Money
from gateway.flow.dispatching.dispatch import Wish, dispatch_unit
from gateway.flow.quoting.cart import Cart, CartItem
from gateway.flow.quoting.choose import choose_option
from gateway.flow.quoting.options import delivery_options
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.watch import sweep
from tests.integration.api.test_slots_chosen import Counter, counter
from tests.integration.flow.fakes import HOME, MERCHANT_ID, FakeCarrier
from tests.integration.flow.stage import Stage

__all__ = ["counter"]

Strategy = DispatchStrategy
SAVE = """mutation($in: SaveDispatchRulesInput!) { saveDispatchRules(input: $in) { __typename
  ... on SaveDispatchRulesSuccess { dispatchRules { strategy preferred reassign missCost { amount }
    minReliability latestPromiseSeconds maxPremium { amount } weights { price reliability } } }
  ... on InvalidInput { issues { path } } } }"""
READ = "{ viewer { merchant { dispatchRules { strategy preferred weights { price reliability } } } } }"
DISPATCH = """mutation($id: ID!, $key: String!, $strategy: DispatchStrategy) { dispatch(input: {
  idempotencyKey: $key, fulfillmentOrders: [{fulfillmentOrderId: $id, strategy: $strategy}]}) {
  ... on DispatchSuccess { outcomes { why attempts { carrier { code } } leftOut { carrier { code } text }
    delivery { activeLeg { carrier { code } why } } } } ... on InvalidInput { issues { path } } } }"""


async def _set(stage: Stage, strategy: Strategy = Strategy.BEST_VALUE, **rules: Any) -> None:
    async with stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
        await work.accounts.put_merchant(replace(merchant, dispatch=DispatchRules(strategy, **rules)))


async def _drop(stage: Stage, carrier: FakeCarrier, external_id: str) -> None:
    lost = carrier.update(external_id, DeliveryStatus.CANCELLED, "canceled")
    await apply_update(stage.means, MERCHANT_ID, carrier.carrier, lost)
    await stage.settle()


async def test_the_strategy_books_and_the_leg_says_why_beside_whom(stage: Stage) -> None:
    # 5.00 within 60 minutes and 9.00 within 55.
    await _set(stage, Strategy.FASTEST)
    (leg,) = (await stage.booked("1001")).legs
    end = "2026-11-23 17:55 UTC"
    assert leg.carrier == "dear"
    assert leg.why.startswith(f"Fastest: dear:standard promises by {end}; the next, cheap:standard, ")
    await _set(stage, Strategy.CHEAPEST)
    (leg,) = (await stage.booked("1002")).legs
    assert leg.why == "Cheapest: cheap:standard costs 5.00 USD; the next, dear:standard, costs 9.00 USD."


async def test_on_refusal_the_next_by_the_strategy_is_booked_with_a_reason_of_its_own(stage: Stage) -> None:
    vans = FakeCarrier("vans", stage.clock, 700)
    account = await stage.link(vans)
    await _set(stage, Strategy.PREFERRED_ORDER, preferred=("dear", account.id))
    stage.dear.book_errors = [RemoteRefused("no couriers", system="dear")]
    legs = (await stage.booked()).legs
    assert [(leg.carrier, leg.status) for leg in legs] == [
        ("dear", DeliveryStatus.FAILED),
        ("vans", DeliveryStatus.BOOKED),
    ]
    assert [leg.why.partition(";")[0] for leg in legs] == [
        "Preferred order: dear:standard is preferred at place 1",
        "Preferred order: vans:standard is preferred at place 2",
    ]


async def test_the_shoppers_choice_goes_first_and_its_stand_in_keeps_the_promise(stage: Stage) -> None:
    slow = FakeCarrier("slow", stage.clock, 100, minutes=300)
    await stage.link(slow)
    cart = Cart([CartItem(quantity=1)], currency="USD")
    options = await delivery_options(stage.means, MERCHANT_ID, HOME, cart, budget_s=10)
    wanted = next(quote for quote in options.quotes if quote.offer.carrier == "cheap")
    choice = await choose_option(stage.means, MERCHANT_ID, "key-1", options.id, wanted.id, "cart-1")
    await _set(stage, Strategy.CHEAPEST)
    stage.cheap.book_errors = [RemoteRefused("no couriers", system="cheap")]
    stage.shop.put("1001", choice=choice.id)
    await stage.take_in()
    await stage.settle()
    first, second = (await stage.delivery_of("1001")).legs
    assert (first.carrier, second.carrier) == ("cheap", "dear"), "the slow one would come four hours late"
    assert first.why == "Cheapest did not decide: the shopper chose this service."
    assert "slow:standard, would break the shopper's promise by 240 min" in second.why


async def test_manual_books_nobody_until_a_person_does_and_leaves_a_dropped_one_to_people(
    stage: Stage,
) -> None:
    await _set(stage, Strategy.MANUAL)
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    stage.clock.advance(hours=1)
    await sweep(stage.means, MERCHANT_ID)
    await stage.settle()
    assert stage.cheap.booked == {}
    unit_id = (await stage.order()).fulfillment_orders[0].id
    done = await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, Wish())
    assert done.delivery is not None
    (leg,) = done.delivery.legs
    assert (leg.carrier, done.why) == ("cheap", leg.why)
    await _drop(stage, stage.cheap, leg.external_id)
    for _ in range(2):
        stage.clock.advance(hours=1)
        await sweep(stage.means, MERCHANT_ID)
        await stage.settle()
    assert stage.dear.booked == {}
    dropped = next(one for one in await stage.incidents() if one.kind is IncidentKind.COURIER_CANCELLED)
    assert [step.status for step in dropped.steps].count(StepStatus.SKIPPED) == 1


async def test_who_does_not_want_machines_to_book_again_decides_alone(stage: Stage) -> None:
    await _set(stage, reassign=False)
    delivery = await stage.booked()
    await _drop(stage, stage.cheap, delivery.legs[0].external_id)
    assert (await stage.kept(delivery.id)).status is DeliveryStatus.SEARCHING
    assert stage.dear.booked == {}
    done = await dispatch_unit(stage.means, MERCHANT_ID, delivery.fulfillment_order_id, None, Wish())
    assert done.delivery is not None, "a person may"


async def test_what_the_limits_leave_out_is_told_to_whoever_must_decide(stage: Stage) -> None:
    await _set(stage, latest_promise_s=57 * 60)
    stage.dear.book_errors = [RemoteRefused("no couriers", system="dear")] * 2
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    assert stage.cheap.booked == {}
    (incident,) = await stage.incidents()
    assert incident.kind is IncidentKind.NO_COURIER
    text = "Left out by the merchant's limits: cheap: Its promise ends 3 min after the latest"
    assert text in incident.history[0].text or text in incident.evidence
    unit_id = (await stage.order()).fulfillment_orders[0].id
    done = await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, Wish())
    assert isinstance(done.problem, NotServiceable)
    assert [no.carrier for no in done.left_out] == ["cheap"]


async def test_a_strategy_that_would_book_nobody_is_no_wish(stage: Stage) -> None:
    await _set(stage, Strategy.MANUAL)
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    unit_id = (await stage.order()).fulfillment_orders[0].id
    texts = {"MANUAL": "books nobody", "OTHER": "books nobody", "SEQUENTIAL": "settings name none"}
    for strategy, text in texts.items():
        with pytest.raises(InvalidInput, match=text):
            await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, Wish(strategy=Strategy(strategy)))


async def test_the_api_saves_the_rules_and_dispatches_by_another_strategy(counter: Counter) -> None:
    stage = counter.stage
    given = {
        "strategy": "MANUAL",
        "preferred": ["dear"],
        "reassign": False,
        "missCost": {"amount": "12.00", "currencyCode": "USD"},
        "minReliability": 0.5,
        "latestPromiseSeconds": 57 * 60,
        "maxPremium": {"amount": "20.00", "currencyCode": "USD"},
        "weights": {"price": 2, "speed": 1, "reliability": 3, "emissions": 0},
    }
    saved = await counter.by_merchant(SAVE, **{"in": given})
    assert saved["dispatchRules"] == {
        **given,
        "missCost": {"amount": "12.00"},
        "maxPremium": {"amount": "20.00"},
        "weights": {"price": 2.0, "reliability": 3.0},
    }
    del given["weights"], given["latestPromiseSeconds"]
    again = await counter.by_merchant(SAVE, **{"in": given})
    assert again["dispatchRules"]["weights"] == {"price": 2.0, "reliability": 3.0}, "they stay"
    read = await counter.by_merchant(READ)
    assert read["merchant"]["dispatchRules"] == {
        "strategy": "MANUAL",
        "preferred": ["dear"],
        "weights": {"price": 2.0, "reliability": 3.0},
    }
    stage.shop.put("1001")
    await stage.take_in()
    await stage.settle()
    unit_id = (await stage.order()).fulfillment_orders[0].id
    stage.dear.book_errors = [RemoteRefused("no couriers", system="dear")]
    refused = await counter.by_merchant(DISPATCH, id=unit_id, key="key-12345", strategy="MANUAL")
    assert refused["issues"][0]["path"][-1] == "strategy"
    (outcome,) = (
        await counter.by_merchant(DISPATCH, id=unit_id, key="key-12346", strategy="PREFERRED_ORDER")
    )["outcomes"]
    assert [no["carrier"]["code"] for no in outcome["attempts"]] == ["dear"]
    assert outcome["delivery"]["activeLeg"]["carrier"]["code"] == "own_fleet"
    assert outcome["why"] == outcome["delivery"]["activeLeg"]["why"]
    assert outcome["why"].startswith(
        "Preferred order: own_fleet:standard is not preferred and costs 3.00 USD"
    )


async def test_rules_that_make_no_sense_name_their_field(counter: Counter) -> None:
    nothing = {"price": 0, "speed": 0, "reliability": 0, "emissions": 0}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"strategy": "SEQUENTIAL"}, "preferred"),
        ({"strategy": "OTHER"}, "strategy"),
        ({"preferred": ["a", "a"]}, "preferred"),
        ({"minReliability": 1.5}, "minReliability"),
        ({"latestPromiseSeconds": 1}, "latestPromiseSeconds"),
        ({"weights": nothing}, "weights"),
        ({"missCost": {"amount": "-1", "currencyCode": "USD"}}, "amount"),
        ({"missCost": {"amount": "1", "currencyCode": "EUR"}}, "missCost"),
        ({"maxPremium": {"amount": "1", "currencyCode": "EUR"}}, "maxPremium"),
    ]
    for changes, field in wrong:
        answer = await counter.by_merchant(SAVE, **{"in": {"strategy": "CHEAPEST", **changes}})
        assert answer["issues"][0]["path"][-1] == field
    foreign = {name: {"amount": "1", "currencyCode": "EUR"} for name in ("maxPremium", "missCost")}
    answer = await counter.by_merchant(SAVE, **{"in": {"strategy": "CHEAPEST", **foreign}})
    assert [issue["path"] for issue in answer["issues"]] == [["input", "missCost"], ["input", "maxPremium"]]


async def test_a_premium_above_what_was_paid_is_measured_from_the_choice(stage: Stage) -> None:
    cart = Cart([CartItem(quantity=1)], currency="USD")
    options = await delivery_options(stage.means, MERCHANT_ID, HOME, cart, budget_s=10)
    wanted = next(quote for quote in options.quotes if quote.offer.carrier == "cheap")
    choice = await choose_option(stage.means, MERCHANT_ID, "key-1", options.id, wanted.id, "cart-1")
    # The shopper paid 5.00; 9.00 is 4.00 more.
    await _set(stage, max_premium=Money(399, "USD"))
    stage.cheap.book_errors = [RemoteRefused("no couriers", system="cheap")]
    stage.shop.put("1001", choice=choice.id)
    await stage.take_in()
    await stage.settle()
    assert stage.dear.booked == {}
    stage.cheap.book_errors = []
    stage.cheap.quote_error = RemoteRefused("no couriers", system="cheap")
    await _set(stage, max_premium=Money(400, "USD"))
    unit_id = (await stage.order()).fulfillment_orders[0].id
    stage.clock.advance(hours=1)
    done = await dispatch_unit(stage.means, MERCHANT_ID, unit_id, None, Wish())
    assert done.delivery is not None
    assert [leg.carrier for leg in done.delivery.legs if leg.is_live] == ["dear"]
