"""The simulated DoorDash, spoken to as its documents say and without the connector."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from doorstep.geo import LatLng
from simulator.carriers.doordash import FakeDoorDash
from simulator.clock import WorldClock
from simulator.postman import Postman

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


KEY = b"not-a-real-signing-secret-123456"


STORE, DOOR = LatLng(40.7306, -73.9866), LatLng(40.7411, -73.9897)


QUOTE: dict[str, object] = {
    "external_delivery_id": "D-1",
    "pickup_address": "1 Main St, Port Meridian, NY 10001, US",
    "pickup_phone_number": "+15550100000",
    "dropoff_address": "2 Side St, Port Meridian, NY 10002, US",
    "dropoff_location": {"lat": DOOR.lat, "lng": DOOR.lng},
    "dropoff_phone_number": "+15550100009",
    "order_value": 4200,
}


def at(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


def span(start: float, end: float) -> dict[str, str]:
    return {"start_time": at(start), "end_time": at(end)}


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def token(key: bytes = KEY, header: dict[str, object] | None = None, **claims: object) -> str:
    now_s = int(time.time())
    head = {"alg": "HS256", "typ": "JWT", "dd-ver": "DD-JWT-V1", **(header or {})}
    payload = {
        "aud": "doordash",
        "iss": "dev_42",
        "kid": "key_42",
        "iat": now_s,
        "exp": now_s + 300,
        **claims,
    }
    signed = f"{encoded(json.dumps(head).encode())}.{encoded(json.dumps(payload).encode())}"
    return f"{signed}.{encoded(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


@dataclass(slots=True)
class Rig:
    clock: WorldClock
    postman: Postman
    fake: FakeDoorDash
    session: aiohttp.ClientSession
    messages: list[dict[str, Any]]
    answers: list[int]

    async def call(
        self, method: str, path: str, body: dict[str, object] | None = None, bearer: str = ""
    ) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {bearer or token()}"}
        async with self.session.request(method, f"/drive/v2{path}", json=body, headers=headers) as response:
            return response.status, await response.json()

    async def create(self, external_id: str = "D-1", **changes: object) -> dict[str, Any]:
        body = {**QUOTE, "external_delivery_id": external_id, **changes}
        status, answer = await self.call("POST", "/deliveries", body)
        assert status == 200, answer
        return answer

    async def live(self, seconds: float, step_s: float) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            await self.fake.tick(self.clock.now())
            await self.postman.tick(self.clock.now())

    def events(self, external_id: str = "D-1") -> list[str]:
        told = [m for m in self.messages if m["external_delivery_id"] == external_id]
        return [str(m["event_name"]) for m in sorted(told, key=lambda m: str(m["created_at"]))]
