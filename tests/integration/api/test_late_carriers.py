"""A checkout goes without a slow carrier; when that one has answered, the same list shows its offer too."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from doorstep.quote import CarrierAnswer, QuoteRequest
from tests.integration.api.part_of_a_house import with_means
from tests.integration.api.test_rules import FIVE, save
from tests.integration.api.test_slots_chosen import CHOOSE, OPTIONS, Counter, counter
from tests.integration.flow.fakes import FakeCarrier

__all__ = ["counter"]

FIRST = OPTIONS.replace("{ id\n  groups", "{ id isComplete refreshAfterSeconds\n  groups")
AGAIN = """query($id: ID!) { deliveryOptionsById(id: $id) { isComplete refreshAfterSeconds
  groups { options { id code rank price { amount } } } } }"""


@dataclass
class SlowCarrier(FakeCarrier):
    """Answers when it is let."""

    let: asyncio.Event = field(default_factory=asyncio.Event)

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        answer = await super().quote(request, budget_s)
        await self.let.wait()
        return answer


async def _with_slow(counter: Counter) -> SlowCarrier:
    slow = SlowCarrier("slow", counter.stage.clock, 200)
    await counter.stage.link(slow)
    counter.commands = with_means(counter.commands, checkout_settles_s=0.02)
    return slow


async def test_a_late_offer_joins_what_was_shown_without_anybody_being_asked_again(counter: Counter) -> None:
    slow = await _with_slow(counter)
    first = await counter.ask(FIRST)
    assert (first["isComplete"], first["refreshAfterSeconds"]) == (False, 2)
    shown: dict[str, Any] = {one["id"]: one for one in first["groups"][0]["options"]}
    assert len(shown) == 3
    slow.let.set()
    await counter.commands.means.later.done()
    again = await counter.ask(AGAIN, id=first["id"])
    assert (again["isComplete"], again["refreshAfterSeconds"]) == (True, None)
    options = again["groups"][0]["options"]
    # At 2.00 it is the cheapest; those that were shown are the same options as before.
    assert (options[0]["code"], options[0]["price"]) == ("slow:standard", {"amount": "2.00"})
    assert {one["id"] for one in options[1:]} == set(shown)
    assert [one["rank"] for one in options] == [1, 2, 3, 4]
    assert len(slow.asked) == 1
    selection = {"groupId": first["id"], "optionId": options[0]["id"]}
    chosen = await counter.ask(CHOOSE, key="key-12345", set=first["id"], sel=selection)
    assert chosen["choice"]["total"] == {"amount": "2.00"}


async def test_rules_decide_about_late_offers_too_and_who_never_answers_is_not_waited_for(
    counter: Counter,
) -> None:
    await save(counter, FIVE)
    slow = await _with_slow(counter)
    never = SlowCarrier("never", counter.stage.clock, 100)
    await counter.stage.link(never)
    linked = counter.stage.links.linked
    impatient = replace(linked[-1].quoting, timeout_s=0.1)
    linked[-1] = replace(linked[-1], quoting=impatient)
    first = await counter.ask(FIRST)
    slow.let.set()
    await counter.commands.means.later.done()
    again = await counter.ask(AGAIN, id=first["id"])
    assert {one["code"]: one["price"]["amount"] for one in again["groups"][0]["options"]} == {
        "own_fleet:standard": "5.00",
        "cheap:standard": "5.00",
        "dear:standard": "5.00",
        "slow:standard": "5.00",
    }
    assert (again["isComplete"], again["refreshAfterSeconds"]) == (False, 2)
    counter.stage.clock.advance(seconds=30)
    assert (await counter.ask(AGAIN, id=first["id"]))["refreshAfterSeconds"] is None
