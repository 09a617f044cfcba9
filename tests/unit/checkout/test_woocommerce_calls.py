"""A call of the plugin that cannot be answered is told so: no checkout breaks or waits for it."""

from __future__ import annotations

import json

import pytest
from starlette.requests import Request

from doorstep.clock import SystemClock
from doorstep.errors import InvalidInput
from gateway.checkout.counter import Counter, Question, Shop, Shown
from gateway.checkout.woocommerce.reading import read_cart
from gateway.checkout.woocommerce.routes import USUAL_BUDGET_S, Clerk, woocommerce_routes
from tests.unit.checkout.test_woocommerce_slots import Teller


class Notes(Counter):
    """Notes how long the store waits, and breaks."""

    def __init__(self) -> None:
        self.budget_s = 0.0

    async def ask(self, shop: Shop, question: Question) -> Shown:
        self.budget_s = question.budget_s
        raise ValueError("a shopper's street")


def _cart(**item: object) -> bytes:
    items = [{"quantity": 1, **item}]
    return json.dumps({"currency": "USD", "destination": {"country": "US"}, "items": items}).encode()


async def _asked(counter: Counter, budget_ms: str) -> tuple[int, str]:
    async def find(_site: str, _key: str) -> Clerk:
        return Teller(())

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": _cart()}

    headers = [(b"authorization", b"Bearer pk"), (b"x-doorstep-budget-ms", budget_ms.encode())]
    rates = woocommerce_routes(counter, find, SystemClock())[0].endpoint
    answer = await rates(Request({"type": "http", "method": "POST", "headers": headers}, receive))
    return answer.status_code, bytes(answer.body).decode()


@pytest.mark.parametrize(
    ("budget_ms", "budget_s"),
    [("900", 0.9), ("9" * 400, USUAL_BUDGET_S), ("9" * 5_000, USUAL_BUDGET_S), ("-1", USUAL_BUDGET_S)],
)
async def test_what_breaks_is_told_without_what_it_broke_at(budget_ms: str, budget_s: float) -> None:
    counter = Notes()
    status, text = await _asked(counter, budget_ms)
    assert (status, json.loads(text)["retryable"], "street" in text) == (503, True, False)
    assert counter.budget_s == pytest.approx(budget_s, abs=0.1)


@pytest.mark.parametrize(
    "item",
    [{"weight_g": "nan"}, {"weight_g": "inf"}, {"length_mm": "nan"}, {"quantity": 10**12}, {"weight_g": -1}],
)
def test_an_article_of_impossible_size_is_named(item: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(item))):
        read_cart(_cart(**item), 1.0)
