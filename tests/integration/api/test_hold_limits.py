"""How many places a storefront may hold, which anybody could be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from doorstep.merchant import HoldLimits
from gateway.auth.caller import Audience
from tests.integration.api.test_slots_chosen import CHOOSE, HOLD, RELEASE, Counter, counter
from tests.integration.flow.fakes import MERCHANT_ID

__all__ = ["counter"]

ISSUES = HOLD.replace("... on Problem", "... on InvalidInput { issues { path code } } ... on Problem")


async def _holder(counter: Counter) -> Callable[..., Awaitable[Any]]:
    """Holds a place of a slot with room for many, from one list of options."""
    template = await counter.template(capacity=20)
    options_id, option = await counter.options()

    async def hold(number: int, audience: Audience = Audience.PUBLISHABLE, **other: Any) -> Any:
        wish = {
            "idempotencyKey": f"hold-{number:05}", "deliveryOptionsId": options_id, "optionId": option["id"],
            "slotId": f"{template['id']}.2026-11-23", **other,
        }  # fmt: skip
        return await counter.ask(ISSUES, audience, **{"in": wish})

    return hold


async def test_a_shopper_holds_few_places_at_once(counter: Counter) -> None:
    hold = await _holder(counter)
    held = [(await hold(number))["hold"] for number in range(3)]
    refused = await hold(3)
    assert refused["issues"] == [{"path": ["input", "slotId"], "code": "TOO_MANY"}]
    # The same call again is no place more, and neither is one in the place of another.
    assert (await hold(2))["hold"]["id"] == held[2]["id"]
    assert (await hold(4, replacesHoldId=held[0]["id"]))["hold"]["status"] == "HELD"
    assert (await counter.ask(RELEASE, id=held[1]["id"]))["hold"] == {"status": "RELEASED"}
    assert (await hold(5))["hold"]["status"] == "HELD"
    # A back end may hold any number.
    assert (await hold(6, Audience.SECRET))["hold"]["status"] == "HELD"
    counter.stage.clock.advance(minutes=15)
    assert (await hold(7))["hold"]["status"] == "HELD"


async def test_choosing_with_slots_again_and_again_counts_as_well(counter: Counter) -> None:
    template = await counter.template(capacity=20)
    options_id, option = await counter.options()
    chosen = {"groupId": options_id, "optionId": option["id"], "slotId": f"{template['id']}.2026-11-23"}
    answers = [
        await counter.ask(CHOOSE, key=f"key-{number:05}", set=options_id, sel=chosen) for number in range(4)
    ]
    names = [answer["__typename"] for answer in answers]
    assert names == ["ChooseDeliveryOptionSuccess"] * 3 + ["InvalidInput"]


async def test_a_storefront_holds_so_many_places_in_all(counter: Counter) -> None:
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        merchant = await work.accounts.merchant()
        await work.accounts.put_merchant(replace(merchant, holds=HoldLimits(of_options=9, of_key=2)))
    hold, other = await _holder(counter), await _holder(counter)
    assert [(await one(number))["hold"]["status"] for number, one in enumerate((hold, other))] == ["HELD"] * 2
    assert (await hold(2))["issues"][0]["code"] == "TOO_MANY"
