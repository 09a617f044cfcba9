"""The four parts, one after the other."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager

from bench.figures import percentile
from bench.quote.carriers import BenchCarrier, PlainFanOut, Trouble, linked, serving
from bench.quote.checkouts import measure_checkouts
from bench.quote.question import questions
from doorstep.clock import SystemClock
from doorstep.deadline import Deadline
from doorstep.merchant import Merchant
from doorstep.quote import QuoteRequest, QuoteSet
from gateway.flow.ports import LinkedCarrier, Reuse
from gateway.flow.quoting.quote import Asking, ask
from gateway.flow.quoting.shopping import RateShopper
from gateway.flow.rules import Facts, compile_rules

MERCHANT = Merchant("mer_bench", "Bench", "USD", "America/New_York")
NO_RULES = compile_rules((), MERCHANT.currency)
AT_ONCE = 40
BUDGET_S = 0.2
LONG_S = 5.0


def main(arguments: Sequence[str]) -> dict[str, object]:
    """Run all parts; the keys are those of the module's description."""
    parser = argparse.ArgumentParser(prog="bench quote")
    parser.add_argument("--quotes", type=int, default=200, help="questions in each of the first two parts")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long as many as possible are asked")
    parser.add_argument("--checkouts", type=int, default=400, help="checkouts of the last part, each twice")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    return asyncio.run(_bench(options))


async def _bench(options: argparse.Namespace) -> dict[str, object]:
    async with serving(options.seed) as base_url:
        asked = questions(options.seed)
        result: dict[str, object] = {}
        result |= await _overhead(base_url, asked, options.quotes)
        result |= await _overrun(base_url, asked, options.quotes)
        result |= await _throughput(base_url, asked, options.seconds)
        result |= await measure_checkouts(base_url, options.checkouts, options.seed)
    return result


async def _overhead(base_url: str, asked: Iterator[QuoteRequest], count: int) -> Mapping[str, object]:
    """Ours and the floor's in turns, so that what else the machine does meets both."""
    ours_ms: list[float] = []
    floor_ms: list[float] = []
    plain = PlainFanOut(base_url)
    async with _shopper() as rates, _linked(base_url, Trouble()) as carriers:
        for number, request in enumerate(itertools.islice(asked, count + 5)):
            took_ms, _ = await _timed(rates, carriers, request, LONG_S)
            ours_ms.append(took_ms - _held_ms(carriers, request))
            began = time.perf_counter()
            held_ms = await plain.ask(request)
            floor_ms.append((time.perf_counter() - began) * 1000 - held_ms)
            _tell("overhead", number, count)
    await plain.close()
    # The first few open connections.
    ours, floor = ours_ms[5:], floor_ms[5:]
    return {
        "overhead_p50_ms": percentile(ours, 0.5),
        "overhead_p99_ms": percentile(ours, 0.99),
        "floor_p50_ms": percentile(floor, 0.5),
        "floor_p99_ms": percentile(floor, 0.99),
    }


async def _overrun(base_url: str, asked: Iterator[QuoteRequest], count: int) -> Mapping[str, object]:
    over_ms: list[float] = []
    answered: list[int] = []
    async with _linked(base_url, Trouble(hang="6,7")) as carriers:
        for number, request in enumerate(itertools.islice(asked, count)):
            # Each with a memory of its own: once a breaker is open nobody waits, and nothing can overrun.
            async with _shopper() as rates:
                took_ms, quote_set = await _timed(rates, carriers, request, BUDGET_S)
            over_ms.append(took_ms - BUDGET_S * 1000)
            answered.append(len({quote.account_id for quote in quote_set.quotes}))
            _tell("overrun", number, count)
    return {
        "overrun_p99_ms": percentile(over_ms, 0.99),
        "overrun_fewest_answered": min(answered),
    }


async def _throughput(base_url: str, asked: Iterator[QuoteRequest], seconds: float) -> Mapping[str, object]:
    done = 0
    async with _shopper() as rates, _linked(base_url, Trouble()) as carriers:
        began = time.perf_counter()

        async def keep_asking() -> None:
            nonlocal done
            while time.perf_counter() - began < seconds:
                _, quote_set = await _timed(rates, carriers, next(asked), LONG_S)
                assert len(quote_set.quotes) == 2 * len(carriers), "a carrier was lost on the way"
                done += 1

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(keep_asking())
        took_s = time.perf_counter() - began
    _tell("quotes/s", done, done)
    return {"quotes_per_s": round(done / took_s, 1)}


async def _timed(
    rates: RateShopper, carriers: Sequence[LinkedCarrier], request: QuoteRequest, budget_s: float
) -> tuple[float, QuoteSet]:
    began = time.perf_counter()
    asking = Asking(MERCHANT, request, "loc_bench", None, NO_RULES, Facts.of(request))
    quote_set = await ask(rates, asking, carriers, Deadline(budget_s), Reuse.ALL)
    return (time.perf_counter() - began) * 1000, quote_set


def _held_ms(carriers: Sequence[LinkedCarrier], request: QuoteRequest) -> float:
    held = [
        carrier.connector.held_ms.pop(request.reference)
        for carrier in carriers
        if isinstance(carrier.connector, BenchCarrier)
    ]
    return max(held)


@asynccontextmanager
async def _shopper() -> AsyncIterator[RateShopper]:
    rates = RateShopper(SystemClock())
    try:
        yield rates
    finally:
        await rates.close()


@asynccontextmanager
async def _linked(
    base_url: str, trouble: Trouble, timeout_s: float = LONG_S
) -> AsyncIterator[Sequence[LinkedCarrier]]:
    carriers = linked(base_url, trouble, timeout_s)
    try:
        yield carriers
    finally:
        for carrier in carriers:
            await carrier.connector.close()


def _tell(part: str, number: int, count: int) -> None:
    if number % 100 == 0 or number == count:
        print(f"  {part}: {number} of {count}", file=sys.stderr)
