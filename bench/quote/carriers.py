"""What asks the eight carriers: connectors as the gateway has them, and the plainest fan-out as the floor."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from bench.quote.serving import CARRIERS
from connectors.calling import Caller, Request
from doorstep.booking import Booking, BookingRequest, CarrierUpdate
from doorstep.deadline import Deadline
from doorstep.health import HealthCheck
from doorstep.json_reading import children, integer, number, text
from doorstep.merchant import CarrierAccount
from doorstep.money import Money
from doorstep.ports import QuotePolicy
from doorstep.quote import (
    CarrierAnswer,
    CarrierQuote,
    DeliveryMode,
    PriceBasis,
    QuoteRequest,
    VehicleKind,
)
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.ports import LinkedCarrier


@dataclass(slots=True)
class Trouble:
    """What goes wrong with the carriers at the moment.

    Attributes
    ----------
    hang, fail
        Numbers of those that never answer, and of those that answer with an error, "6,7".
    share
        Of all other calls, half hanging and half failing.
    """

    hang: str = ""
    fail: str = ""
    share: float = 0.0

    @property
    def query(self) -> str:
        """As the carriers take it."""
        return f"hang={self.hang}&fail={self.fail}&trouble={self.share}"


class BenchCarrier:
    """A connector over `connectors.calling`, as small as one can be.

    Attributes
    ----------
    held_ms
        How long the carrier held its last answer back, by question.
    """

    mode = DeliveryMode.COURIER

    def __init__(self, base_url: str, place: int, trouble: Trouble) -> None:
        self.carrier = f"carrier_{place}"
        self.held_ms: dict[str, float] = {}
        self._url = f"{base_url}/{place}/rates"
        self._trouble = trouble
        self._caller = Caller(self.carrier, f"Carrier {place}")

    async def quote(self, request: QuoteRequest, budget_s: float) -> CarrierAnswer:
        """Two offers."""
        deadline = Deadline(budget_s)
        asked = Request("POST", f"{self._url}?{self._trouble.query}", json_body=question_body(request))
        answer = await self._caller.send(asked, deadline)
        if not answer.is_yes:
            raise self._caller.unavailable("It failed.", str(answer.status))
        self.held_ms[request.reference] = number(answer.body, "held_ms") or 0.0
        return CarrierAnswer(
            tuple(
                self._offer(request, text(rate, "service"), integer(rate, "cents"), integer(rate, "minutes"))
                for rate in children(answer.body, "rates")
            )
        )

    def _offer(
        self, request: QuoteRequest, service: str, cents: int | None, minutes: int | None
    ) -> CarrierQuote:
        end = request.asked_at + timedelta(minutes=minutes or 0)
        return CarrierQuote(
            carrier=self.carrier,
            service=service,
            title=service,
            mode=self.mode,
            vehicle=VehicleKind.CAR,
            price=Money(cents or 0, "USD"),
            price_basis=PriceBasis.LIVE,
            promise=Promise(
                Window(request.asked_at, end), request.time_zone, PromiseBasis.CARRIER_COMMITMENT
            ),
            expires_at=request.asked_at + timedelta(minutes=15),
        )

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        """Nobody books here."""
        raise NotImplementedError

    async def cancel(self, external_id: str, reason: str, budget_s: float) -> CarrierUpdate:
        """Nobody books here."""
        raise NotImplementedError

    async def fetch(self, external_id: str, budget_s: float) -> CarrierUpdate:
        """Nobody books here."""
        raise NotImplementedError

    async def check(self) -> tuple[HealthCheck, ...]:
        """Nothing to check."""
        return ()

    async def close(self) -> None:
        """Let go of connections."""
        await self._caller.close()


def question_body(request: QuoteRequest) -> dict[str, object]:
    """What carriers are sent."""
    parcel = request.parcels[0]
    return {
        "reference": request.reference,
        "from": request.pickup.postal_code,
        "to": request.dropoff.postal_code,
        "grams": parcel.weight_g,
    }


def linked(base_url: str, trouble: Trouble, timeout_s: float = 5.0) -> Sequence[LinkedCarrier]:
    """Eight accounts."""
    carriers = [BenchCarrier(base_url, place, trouble) for place in range(CARRIERS)]
    return [
        LinkedCarrier(
            CarrierAccount(f"acc_{one.carrier}", "mer_bench", one.carrier, one.carrier, one.mode),
            one,
            quoting=QuotePolicy(timeout_s=timeout_s, may_hedge=False),
        )
        for one in carriers
    ]


class PlainFanOut:
    """The same questions written plainly: one session, one gather, the JSON read, nothing else."""

    def __init__(self, base_url: str) -> None:
        self._urls = [f"{base_url}/{place}/rates?hang=&trouble=0" for place in range(CARRIERS)]
        self._session = aiohttp.ClientSession()

    async def ask(self, request: QuoteRequest) -> float:
        """The longest time for which a carrier held its answer back, milliseconds."""
        body = question_body(request)

        async def one(url: str) -> float:
            async with self._session.post(url, json=body) as response:
                return float((await response.json())["held_ms"])

        return max(await asyncio.gather(*(one(url) for url in self._urls)))

    async def close(self) -> None:
        """Let go of connections."""
        await self._session.close()


@asynccontextmanager
async def serving(seed: int) -> AsyncIterator[str]:
    """The carriers in a process of their own; gives their base URL."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from bench.quote.serving import main; main()",
        str(seed),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    port = int(json.loads(await process.stdout.readline()))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stdin.close()
        await process.wait()
