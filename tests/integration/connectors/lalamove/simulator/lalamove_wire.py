"""The simulated Lalamove, spoken to as its documents say and without the connector."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from simulator.carriers.lalamove import FakeLalamove, Pace
from simulator.clock import WorldClock
from simulator.postman import Habits, Postman

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


SECRET = b"sk_test_1"


PICKUP = {"coordinates": {"lat": "22.3354000", "lng": "114.1761000"}, "address": "1 Main St, Hong Kong"}


DROPOFF = {"coordinates": {"lat": "22.3193000", "lng": "114.1694000"}, "address": "2 Side St, Hong Kong"}


QUOTE: dict[str, Any] = {"serviceType": "CAR", "language": "en_HK", "stops": [PICKUP, DROPOFF]}


REASON = {"reason": "DRIVER_LATE"}


def there(address: str) -> dict[str, Any]:
    return {**QUOTE, "stops": [PICKUP, {**DROPOFF, "address": address}]}


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    postman: Postman
    lalamove: FakeLalamove
    session: aiohttp.ClientSession
    hook: str
    hook_status: list[int] = field(default_factory=lambda: [200])
    letters: list[tuple[datetime, bytes]] = field(default_factory=list)

    async def call(
        self,
        method: str,
        path: str,
        data: object = None,
        *,
        secret: bytes = SECRET,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        body = b"" if data is None else json.dumps({"data": data}).encode()
        signed = f"1700000000000\r\n{method}\r\n{path}\r\n\r\n".encode() + body
        signature = hmac.new(secret, signed, hashlib.sha256).hexdigest()
        usual = {
            "Authorization": f"hmac pk_test_1:1700000000000:{signature}",
            "Market": "HK",
            "Request-ID": "cd8c5259",
        }
        sent = {name: value for name, value in {**usual, **(headers or {})}.items() if value}
        async with self.session.request(method, path, data=body or None, headers=sent) as answer:
            content = await answer.read()
            return answer.status, json.loads(content) if content else None

    async def quoted(self, quote: dict[str, Any] | None = None) -> dict[str, Any]:
        status, answer = await self.call("POST", "/v3/quotations", quote or QUOTE)
        assert status == 201
        quotation: dict[str, Any] = answer["data"]
        return quotation

    async def placed(self, quote: dict[str, Any] | None = None, **changes: object) -> str:
        status, answer = await self.call("POST", "/v3/orders", order(await self.quoted(quote), **changes))
        assert status == 201
        return str(answer["data"]["orderId"])

    async def read(self, order_id: str) -> dict[str, Any]:
        _, answer = await self.call("GET", f"/v3/orders/{order_id}")
        read: dict[str, Any] = answer["data"]
        return read

    async def live(self, seconds: float, step_s: float = 20.0) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            await self.lalamove.tick(self.clock.now())
            await self.postman.tick(self.clock.now())

    async def until(self, status: str, order_id: str) -> None:
        for _ in range(600):
            if (await self.read(order_id))["status"] == status:
                return
            await self.live(20)
        raise AssertionError(f"never {status}")

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.letters]


def order(quotation: dict[str, Any], **changes: object) -> dict[str, object]:
    first, last = (stop["stopId"] for stop in quotation["stops"])
    return {
        "quotationId": quotation["quotationId"],
        "sender": {"stopId": first, "name": "Till", "phone": "+85255550100"},
        "recipients": [
            {"stopId": last, "name": "A. Shopper", "phone": "+85255550109", "remarks": "Ref: 1\r\nRing"}
        ],
        "isPODEnabled": True,
        "metadata": {"reference": "1001"},
        **changes,
    }


def code_of(answer: Any) -> str:
    return str(answer["errors"][0]["id"])


@dataclass(frozen=True, slots=True)
class Wish:
    """What a test wants to be otherwise."""

    pace: Pace = field(default_factory=Pace)
    habits: Habits = field(default_factory=Habits)
    orders_a_second: int = 0
    sandbox: bool = False
