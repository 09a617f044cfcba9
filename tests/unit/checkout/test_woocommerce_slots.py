"""Slots are shown where they are known in time: they make no checkout wait, and fail none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from starlette.requests import Request

from doorstep.address import Address
from doorstep.clock import SystemClock
from doorstep.health import HealthCheck
from doorstep.money import Money
from doorstep.order import Store
from doorstep.quote import (
    CarrierQuote,
    Choice,
    DeliveryMode,
    PriceBasis,
    Quote,
    QuoteRequest,
    QuoteSet,
    VehicleKind,
)
from doorstep.slot import Slot
from doorstep.window import Promise, PromiseBasis, Window
from gateway.checkout.counter import Counter, Question, Shop, Shown
from gateway.checkout.woocommerce.answer import MOST_SLOTS
from gateway.checkout.woocommerce.routes import Wish, woocommerce_routes

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
SHOP = Shop("sto_1", "mer_1")
TODAY = Window(NOON + timedelta(hours=3), NOON + timedelta(hours=5))


def options() -> QuoteSet:
    """One of own vans."""
    door = Address("US", postal_code="10118")
    promise = Promise(TODAY, "America/New_York", PromiseBasis.SLOT)
    request = QuoteRequest("cart", door, door, (), Money(0, "USD"), NOON, NOON, "UTC", is_cart=True)
    offer = CarrierQuote(
        "own_fleet",
        "day",
        "Vans",
        DeliveryMode.OWN_FLEET,
        VehicleKind.VAN,
        Money(300, "USD"),
        PriceBasis.LIVE,
        promise,
        NOON + timedelta(hours=1),
    )
    quote = Quote("quo_1", "acc_1", offer, 1, 1.0, (), 5)
    return QuoteSet("qst_1", "mer_1", request, None, "loc_1", (quote,), (), 800, 5, is_complete=True)


def slots(number: int) -> list[Slot]:
    """One a day, the last of which costs nothing on top."""
    windows = [
        Window(TODAY.start + timedelta(days=day), TODAY.end + timedelta(days=day)) for day in range(number)
    ]
    return [
        Slot(
            f"slt_1.{day}",
            "slt_1",
            window,
            "America/New_York",
            Money(200 * (day < number - 1), "USD"),
            1,
            0,
            window.start,
        )
        for day, window in enumerate(windows)
    ]


class Shows(Counter):
    """A counter that shows the same to everybody."""

    def __init__(self) -> None: ...

    async def ask(self, shop: Shop, question: Question) -> Shown:
        return Shown(options())


@dataclass
class Teller:
    """A clerk of whom only slots are asked."""

    found: Sequence[Slot] | Exception
    takes_s: float = 0.0
    shop: Shop = SHOP

    async def slots(self, quote_set: QuoteSet) -> Mapping[str, Sequence[Slot]]:
        await asyncio.sleep(self.takes_s)
        if isinstance(self.found, Exception):
            raise self.found
        return {"quo_1": self.found}

    async def choose(self, wish: Wish) -> Choice:
        raise NotImplementedError

    async def test(self) -> tuple[str, Store, Sequence[HealthCheck]]:
        raise NotImplementedError


async def shown_by(teller: Teller, budget_ms: str = "1800") -> list[dict[str, object]]:
    """What the plugin is told of the only rate."""

    async def find(_site: str, _key: str) -> Teller:
        return teller

    cart = {"currency": "USD", "destination": {"country": "US"}, "items": [{"quantity": 1}]}
    headers = [(b"authorization", b"Bearer pk"), (b"x-doorstep-budget-ms", budget_ms.encode())]

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": json.dumps(cart).encode()}

    rates = woocommerce_routes(Shows(), find, SystemClock())[0].endpoint
    answer = await rates(Request({"type": "http", "method": "POST", "headers": headers}, receive))
    assert answer.status_code == 200
    (rate,) = json.loads(answer.body)["rates"]
    assert rate["option_id"] == "quo_1"
    told: list[dict[str, object]] = rate["slots"]
    return told


async def test_so_many_slots_are_shown_as_somebody_picks_from() -> None:
    assert len(await shown_by(Teller(slots(30)))) == MOST_SLOTS
    assert [slot["price_minor"] for slot in await shown_by(Teller(slots(2)))] == [200, None]


@pytest.mark.parametrize(
    ("teller", "budget_ms"),
    [
        (Teller(slots(2), takes_s=60), "1800"),
        (Teller(slots(2), takes_s=0.05), "90"),
        (Teller(ConnectionError("the database is away")), "1800"),
    ],
)
async def test_what_cannot_be_looked_up_in_time_is_left_out(teller: Teller, budget_ms: str) -> None:
    assert await shown_by(teller, budget_ms) == []
