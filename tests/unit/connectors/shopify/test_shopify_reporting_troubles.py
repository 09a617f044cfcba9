"""A report against a shop that has holds, refuses, hides or loses: what is written, and what is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.stores.shopify.documents import Document
from connectors.stores.shopify.reporting import report
from doorstep.delivery_status import DeliveryStatus
from doorstep.errors import AccountProblem, RateLimited, RemoteRefused, RemoteUnavailable, UnknownOutcome
from doorstep.report import Hold, HoldReason
from tests.unit.connectors.shopify.test_shopify_reporting import (
    CALLED_OFF,
    HOLD,
    PART,
    SHIPPED,
    UNDER_WAY,
    statuses,
    tell,
)
from tests.unit.connectors.shopify.test_shopify_reporting_shop import TEA, Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.mark.parametrize("takes", [True, False], ids=["held in progress", "not held in progress"])
async def test_a_hold_is_placed_after_progress_was_taken_back(shop: Shop, takes: bool) -> None:
    shop.takes_holds_in_progress = takes
    told = await tell(shop, "", UNDER_WAY, replace(CALLED_OFF, hold=HOLD))
    (hold,) = shop.holds
    assert (hold["reason"], hold["reasonNotes"], hold["handle"]) == (
        "INCORRECT_ADDRESS",
        HOLD.text,
        "doorstep",
    )
    await report(shop, replace(CALLED_OFF, hold=HOLD), told, in_doubt=True)
    assert shop.writes == ["report_progress", "report_reopen", "report_hold"]


async def test_only_our_own_hold_is_released(shop: Shop) -> None:
    told = await tell(shop, "", replace(CALLED_OFF, hold=HOLD))
    theirs = shop.hold_by_hand()
    await tell(shop, told, UNDER_WAY)
    assert [hold["id"] for hold in shop.holds] == [theirs]
    assert shop.status == "ON_HOLD"


async def test_a_hold_for_another_reason_replaces_the_first(shop: Shop) -> None:
    other = Hold(HoldReason.NO_CARRIER, "Nobody delivers there today")
    await tell(shop, "", replace(CALLED_OFF, hold=HOLD), replace(CALLED_OFF, hold=other))
    assert [(hold["reason"], hold["reasonNotes"]) for hold in shop.holds] == [("OTHER", other.text)]


async def test_a_hold_that_is_there_already_is_no_trouble(shop: Shop) -> None:
    await tell(shop, "", replace(CALLED_OFF, hold=HOLD))
    told = await report(shop, replace(CALLED_OFF, hold=HOLD), "", in_doubt=False)
    assert len(shop.holds) == 1
    await tell(shop, told, CALLED_OFF)
    assert shop.holds == []


async def test_a_hold_on_goods_that_have_all_left_is_not_tried(shop: Shop) -> None:
    told = await tell(shop, "", SHIPPED, replace(SHIPPED, hold=HOLD))
    assert "report_hold" not in shop.asked
    await report(shop, replace(SHIPPED, hold=HOLD), told, in_doubt=True)
    assert "report_hold" not in shop.asked


async def test_our_hold_gives_way_to_goods_that_leave(shop: Shop) -> None:
    told = await tell(shop, "", replace(CALLED_OFF, hold=HOLD))
    await tell(shop, told, replace(PART, hold=HOLD))
    assert shop.writes[1:3] == ["report_release", "report_shipment"]
    assert shop.status == "ON_HOLD"


async def test_goods_held_by_the_merchant_are_refused_in_words_that_help(shop: Shop) -> None:
    shop.hold_by_hand()
    with pytest.raises(RemoteRefused, match="must be released first"):
        await tell(shop, "", SHIPPED)
    assert shop.writes == []


async def test_a_refusal_that_lasts_is_told_in_shopifys_words(shop: Shop) -> None:
    shop.status = "SCHEDULED"
    with pytest.raises(RemoteRefused, match="unfulfillable status= scheduled") as caught:
        await tell(shop, "", SHIPPED)
    assert caught.value.raw_message.startswith("Fulfillment order")
    assert shop.live == []


async def test_words_that_quote_are_kept_without_what_they_quote(shop: Shop) -> None:
    class Quoting(Shop):
        def fulfillmentCreate(self, _info: Any, fulfillment: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - GraphQL's name
            words = "Tracking 'Ana Lopez' of ana@example.test at https://x.test/ana is wrong"
            return {"userErrors": [{"field": None, "message": words}]}

    with pytest.raises(RemoteRefused) as caught:
        await tell(Quoting(), "", SHIPPED)
    assert caught.value.raw_message == "Tracking … of … at … is wrong"
    assert "ana" not in str(caught.value).lower()


async def test_progress_that_a_shop_cannot_show_is_no_trouble(shop: Shop) -> None:
    shop.status = "SCHEDULED"
    told = await tell(shop, "", UNDER_WAY)
    shop.status = "OPEN"
    await tell(shop, told, SHIPPED)
    assert len(shop.live) == 1


async def test_a_status_that_nobody_knows_changes_no_progress(shop: Shop) -> None:
    told = await tell(shop, "", UNDER_WAY)
    await tell(shop, told, replace(UNDER_WAY, status=DeliveryStatus.UNKNOWN))
    assert shop.asked == ["report_progress"]


async def test_nothing_under_way_costs_nothing(shop: Shop) -> None:
    await tell(shop, "", replace(UNDER_WAY, status=DeliveryStatus.DRAFT, lines=()))
    assert shop.asked == []


@pytest.mark.parametrize(
    ("operation", "scope"),
    [
        ("report_unit", "read_merchant_managed_fulfillment_orders"),
        ("report_shipment", "write_merchant_managed_fulfillment_orders"),
        ("report_event", "write_fulfillments"),
    ],
)
async def test_a_missing_scope_is_named(shop: Shop, operation: str, scope: str) -> None:
    shop.denied = operation
    with pytest.raises(AccountProblem, match=scope):
        await tell(shop, "", SHIPPED)


async def test_a_shop_that_hides_a_part_is_not_taken_for_one_without_it(shop: Shop) -> None:
    class Hiding(Shop):
        async def send(self, document: Document, variables: Any) -> Any:
            answer = await super().send(document, variables)
            return replace(answer, denied=(("fulfillmentOrder", "fulfillments"),))

    hiding = Hiding()
    with pytest.raises(AccountProblem, match="read_orders"):
        await tell(hiding, "", SHIPPED)
    assert hiding.writes == []


@pytest.mark.parametrize("fault", ["lost_before", "lost_after", "throttled"])
@pytest.mark.parametrize("call", range(4))
async def test_a_call_that_fails_anywhere_doubles_nothing(shop: Shop, call: int, fault: str) -> None:
    shop.faults.extend([""] * call + [fault])
    failure = UnknownOutcome if call > 0 else RemoteUnavailable
    with pytest.raises(RateLimited if fault == "throttled" else failure):
        await report(shop, SHIPPED, "", in_doubt=False)
    await report(shop, SHIPPED, "", in_doubt=True)
    assert len(shop.sent) == 1
    assert statuses(shop) == ["CONFIRMED", "CARRIER_PICKED_UP"]


async def test_a_lost_part_is_known_by_its_goods_when_the_courier_changed_meanwhile(shop: Shop) -> None:
    shop.faults.extend(["", "lost_after"])
    with pytest.raises(UnknownOutcome):
        await report(shop, PART, "", in_doubt=False)
    other = replace(PART, reference="DS-2", tracking_url="https://other.example.test/9", carrier="DHL")
    await report(shop, other, "", in_doubt=True)
    assert [dict(sent.pieces) for sent in shop.sent] == [{TEA: 2}]
    assert shop.live[0].tracking["url"] == other.tracking_url
