"""A small town for stories: the real gateway in the simulated world, moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from gateway.cli.demo.idle import until_idle
from gateway.cli.demo.start import Started

STEP_S = 15
CALM_S = 60
"""Steps while nothing else is waited for than time."""

LOOKS_EVERY_MIN = 5

PATIENCE_S = 60.0
"""For what a busy machine does a little later."""


@dataclass(frozen=True, slots=True)
class Town:
    """What a story does and sees; it sees through the API and the books of others alone."""

    started: Started
    session: aiohttp.ClientSession

    async def order_at(self, store: str, **wishes: object) -> str:
        """A shopper orders something; gives the order's id in the store."""
        receipt = await self.started.world.post("place-order", {"store": store, **wishes})
        return str(receipt["external_id"])

    async def front_door(self) -> dict[str, str]:
        """An address of this city, with a phone that couriers take."""
        door = (await self.started.world.get("world"))["addresses"][0]
        return {
            "countryCode": door["country"],
            "postalCode": door["postal_code"],
            "provinceCode": door["province"],
            "city": door["city"],
            "address1": door["line1"],
            "phone": "+12125550123",
        }

    async def choose_at_checkout(self, carrier: str) -> dict[str, object]:
        """A shopper picks this carrier at the checkout; gives what the order brings along."""
        described = await self.started.world.get("world")
        home = await self.front_door()
        items = [{"quantity": 1, "sku": described["products"][0]["sku"]}]
        key = self.started.account.publishable_key
        async with asyncio.timeout(PATIENCE_S):
            while True:
                options = (await self.ask(OPTIONS, key, to=home, items=items))["deliveryOptions"]
                (group,) = options["groups"]
                found = [one for one in group["options"] if one["carrier"]["code"] == carrier]
                if found:
                    break
                # On a busy machine it answers later than a checkout waits, and is in the next list.
                await asyncio.sleep(0.2)
        option = found[0]
        selections = [{"groupId": group["id"], "optionId": option["id"]}]
        wish = {
            "idempotencyKey": f"a-story-of-{options['id']}",
            "deliveryOptionsId": options["id"],
            "selections": selections,
        }
        answer = (await self.ask(CHOOSE, key, input=wish))["chooseDeliveryOption"]
        assert "choice" in answer, answer
        return {"choice": answer["choice"]["reference"], "destination": home, "items": items}

    async def live(self, minutes: float, *, step_s: float = STEP_S) -> None:
        """Let time pass; the gateway does all that is due at every step."""
        for _ in range(round(minutes * 60 / step_s)):
            await self.started.world.post("tick", {"seconds": step_s})
            await until_idle(self.started.house)
            await self.started.periodic.run_due()
            await until_idle(self.started.house)

    async def live_until(
        self, wished: Callable[[], Awaitable[bool]], *, within_minutes: float, step_s: float = CALM_S
    ) -> None:
        """Let time pass calmly until something is so."""
        for _ in range(round(within_minutes / LOOKS_EVERY_MIN)):
            if await wished():
                return
            await self.live(minutes=LOOKS_EVERY_MIN, step_s=step_s)
        assert await wished(), f"not within {within_minutes} minutes"

    async def ask(self, query: str, key: str = "", **variables: object) -> Any:
        """Ask the API, as the merchant's back end where no other key is given."""
        headers = {"Authorization": f"Bearer {key or self.started.account.secret_key}"}
        url = f"{self.started.house.settings.base_url}/graphql"
        body = {"query": query, "variables": variables}
        async with self.session.post(url, json=body, headers=headers) as response:
            answer = await response.json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def order(self, external_id: str) -> Mapping[str, Any] | None:
        """The order with this id in its store, as the API shows it."""
        data = await self.ask(ORDERS)
        found = [node for node in data["orders"]["nodes"] if node["externalId"] == external_id]
        return found[0] if found else None

    async def delivery(self, external_id: str) -> Mapping[str, Any]:
        """Its only delivery."""
        order = await self.order(external_id)
        assert order is not None
        (delivery,) = order["deliveries"]["nodes"]
        return dict(delivery)

    async def is_delivered(self, *external_ids: str) -> bool:
        """Whether all of these orders are at their doors."""
        statuses = [(await self.delivery(external_id))["status"] for external_id in external_ids]
        return set(statuses) == {"DELIVERED"}

    async def shown(self, external_id: str) -> Mapping[str, Any]:
        """What the store itself shows of an order's delivery."""
        (row,) = [row for row in (await self.books())["shown"] if row["external_id"] == external_id]
        return dict(row)

    async def writes(self) -> int:
        """How often we have written to any of the stores' orders."""
        return sum(row["times"] for row in (await self.books())["writes"])

    async def quarantined(self) -> list[Mapping[str, Any]]:
        """What could not be read, and why."""
        return list((await self.ask(QUARANTINE))["quarantine"]["nodes"])

    async def replay(self, message_id: str) -> Mapping[str, Any]:
        """Read a quarantined message again; gives what came of it."""
        data = await self.ask(REPLAY, input={"ids": [message_id]})
        (outcome,) = data["replayQuarantined"]["outcomes"]
        return dict(outcome)

    async def books(self) -> Mapping[str, Any]:
        """What stores, carriers and drivers wrote down themselves."""
        return dict(await self.started.world.get("books"))


ORDERS = """
query Orders {
  orders(first: 5) {
    nodes {
      externalId status
      fulfillmentOrders {
        id status
        quoteSets { quotes { rank carrier { code } } declined { carrier { code } } }
      }
      deliveries(first: 5) {
        nodes {
          id reference status
          promise { window { end } }
          legs { carrier { code } status labelUrl labels { kind contentType size } }
          events(first: 50) { nodes { status occurredAt } }
        }
      }
    }
  }
}
"""

QUARANTINE = "{ quarantine { nodes { id externalId status problem { code path } } } }"

REPLAY = """
mutation Replay($input: ReplayQuarantinedInput!) {
  replayQuarantined(input: $input) {
    ... on ReplayQuarantinedSuccess {
      outcomes { message { status } order { externalId } problem { code path } }
    }
    ... on Problem { code message }
  }
}
"""

OPTIONS = """
query Options($to: DestinationInput!, $items: [CartItemInput!]!) {
  deliveryOptions(destination: $to, items: $items) {
    ... on DeliveryOptions { id groups { id options { id carrier { code } } } }
    ... on Problem { code message }
  }
}
"""

CHOOSE = """
mutation Choose($input: ChooseDeliveryOptionInput!) {
  chooseDeliveryOption(input: $input) {
    ... on ChooseDeliveryOptionSuccess { choice { reference } }
    ... on Problem { code message }
  }
}
"""
