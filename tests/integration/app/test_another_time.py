"""The shopper's page and another time: its own documents, with a real link, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from doorstep.delivery_status import DeliveryStatus
from tests.browser.test_documents import documents
from tests.integration.app.premises import Premises
from tests.integration.app.test_keys import token
from tests.integration.app.van_shop import VanShop, meta_of, open_shop, vans_of

RECORD = """mutation($in: RecordFailedAttemptInput!) { done: recordFailedAttempt(input: $in) { __typename
  ... on Problem { code message } } }"""
LEFT = {"AVAILABLE", "FEW_LEFT"}
"""What the page lets a shopper choose."""


@pytest.fixture
async def shop(premises: Premises) -> VanShop:
    return await open_shop(premises)


async def test_a_shopper_whom_nobody_met_moves_the_promise_from_the_page(shop: VanShop) -> None:
    # Given a van that was to come today, and tomorrow's only place is somebody else's
    template, shown = await shop.template(), await shop.rates()
    today, tomorrow, later = (f"{template}.2026-11-{day}" for day in (23, 24, 25))
    _, chosen = await shop.choose(shown, today, "one")
    shop.order(meta_of(shown, vans_of(shown), slot=today, choice=chosen["choice"]))
    await shop.settle()
    (delivery,) = (await shop.seen())[0]["deliveries"]["nodes"]
    await shop.choose(await shop.rates(), tomorrow, "two", cart_id="wc-2")
    link = (await token(shop.premises, shop.tenant, delivery["id"]))["token"]

    async def page(document: str, **given: object) -> Any:
        (answer,) = (await shop.premises.ask(documents()[document], link, **given)).values()
        return answer

    async def choices() -> list[str]:
        slots = (await page("TRACKING_SLOTS"))["slots"]["nodes"]
        return [slot["id"] for slot in slots if slot["availability"] in LEFT]

    wish = {"idempotencyKey": "page-12345", "slotId": later}
    assert (await page("RESCHEDULE", input=wish))["code"] == "STATE_CONFLICT", "nobody has been there yet"

    # When the van has been at the door for nothing
    async with shop.premises.house.means.begin(shop.tenant.merchant_id) as work:
        booked = await work.deliveries.get(delivery["id"])
        assert booked is not None
        await work.deliveries.put(replace(booked, status=DeliveryStatus.OUT_FOR_DELIVERY))
    failed = {"idempotencyKey": "failed-123", "deliveryId": delivery["id"], "reason": "NOT_HOME"}
    done = (await shop.premises.ask(RECORD, shop.tenant.secret_key, **{"in": failed}))["done"]
    assert done["__typename"] == "RecordFailedAttemptSuccess", done
    offered = await choices()
    assert (later in offered, tomorrow in offered) == (True, False)

    # Then what is full is refused and says why, and what is free moves the promise, once
    full = await page("RESCHEDULE", input={"idempotencyKey": "page-23456", "slotId": tomorrow})
    assert (full["code"], bool(full["message"])) == ("SLOT_UNAVAILABLE", True)
    moved = await page("RESCHEDULE", input=wish | {"idempotencyKey": "page-34567"})
    assert moved["__typename"] == "RescheduleDeliverySuccess"
    await shop.settle(1)
    again = (await page("RESCHEDULE", input=wish | {"idempotencyKey": "page-34567"}))["tracking"]
    assert again["promise"]["window"]["start"] == "2026-11-25T20:00:00.000Z"
    assert "RESCHEDULE" not in again["actions"], "a van goes again; there is nothing left to choose"
    assert await shop.taken(tomorrow, later) == {tomorrow: 1, later: 1}
    (kept,) = (await shop.seen())[0]["deliveries"]["nodes"]
    assert (kept["id"], kept["promise"]["window"]["start"]) == (delivery["id"], "2026-11-25T20:00:00.000Z")
    assert [leg["carrier"]["code"] for leg in kept["legs"]] == ["own_fleet", "own_fleet"]
