"""The pacer against a bucket that behaves as Shopify's does, in virtual time."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from connectors.stores.shopify.cost import Cost
from connectors.stores.shopify.documents import Document
from connectors.stores.shopify.pace import Pacer, shared_pacer
from doorstep.errors import RateLimited
from tests.unit.connectors.shopify.virtual_time import run_virtually

# 2 + floor(2 ln 250) * (1 + 80) and 1 + 79, as documents with as many objects have it.
PAGE_COST, ORDER_COST = 893.0, 80.0
PARTS = [f"part{number} {{ id }}" for number in range(80)]
PAGE = Document("page", "{ orders(first: 250) { nodes { " + " ".join(PARTS) + " } } }")
ORDER = Document("order", "{ order(id: 1) { " + " ".join(PARTS[:79]) + " } }")


def now_s() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class Bucket:
    """Reserves the requested points, gives back what was not used, and refuses what it does not hold."""

    maximum: float = 2000.0
    restore_per_s: float = 100.0
    used_fraction: float = 0.7
    latency_s: float = 0.4
    level: float = -1.0
    at_s: float = 0.0
    spent: float = 0.0
    calls: int = 0
    throttled: int = 0
    order: list[str] = field(default_factory=list)
    rng: random.Random | None = None

    def flow(self) -> None:
        if self.level < 0:
            self.level = self.maximum
        self.level = min(self.maximum, self.level + (now_s() - self.at_s) * self.restore_per_s)
        self.at_s = now_s()

    def drink(self, points: float) -> bool:
        self.flow()
        if self.level < points:
            return False
        self.level -= points
        self.spent += points
        return True

    async def pass_on(self, part: float) -> None:
        """A part of the way of a call; where there is chance, some take fifty times as long."""
        slowness = self.rng.choice([1.0, 1.0, 1.0, 50.0]) if self.rng else 1.0
        await asyncio.sleep(self.latency_s * part * slowness)

    async def answer(self, requested: float) -> Cost:
        """One call of a client, with a way there and a way back."""
        await self.pass_on(1 / 4)
        self.calls += 1
        if not self.drink(requested):
            self.throttled += 1
            return Cost(requested, None, int(self.level), self.maximum, self.restore_per_s)
        await self.pass_on(1 / 2)
        self.flow()
        actual = round(requested * self.used_fraction)
        self.level = min(self.maximum, self.level + requested - actual)
        self.spent -= requested - actual
        told = int(self.level)
        await self.pass_on(1 / 4)
        return Cost(requested, actual, told, self.maximum, self.restore_per_s)


def make_pacer() -> Pacer:
    return Pacer(seconds=now_s)


async def ask(
    pacer: Pacer, bucket: Bucket, document: Document = PAGE, *, is_walk: bool = True, longest_s: float = 600.0
) -> bool:
    """Send one call; whether it was served."""
    requested = PAGE_COST if document is PAGE else ORDER_COST
    with await pacer.turn(document, {}, is_walk=is_walk, longest_s=longest_s) as turn:
        bucket.order.append(document.name)
        cost = await bucket.answer(requested)
        turn.answered(cost)
    return cost.actual is not None


async def walk(pacer: Pacer, bucket: Bucket, until_s: float, pause_s: float = 0.25) -> None:
    """Keep asking, as a client does: what was throttled is asked again after a moment."""
    while now_s() < until_s:
        if not await ask(pacer, bucket):
            await asyncio.sleep(pause_s)


@pytest.mark.parametrize("walkers", [1, 4, 12])
@pytest.mark.parametrize(("maximum", "restore_per_s"), [(2000.0, 100.0), (20_000.0, 1000.0)])
def test_at_the_limit_of_the_plan_nine_tenths_are_used_and_no_call_in_a_hundred_is_throttled(
    walkers: int, maximum: float, restore_per_s: float
) -> None:
    # On Plus one walker alone waits for its answers and not for points.
    bucket = Bucket(maximum, restore_per_s, latency_s=0.4 if walkers > 1 else 0.2)
    until_s = 1800.0

    async def main() -> None:
        pacer = make_pacer()
        await asyncio.gather(*(walk(pacer, bucket, until_s) for _ in range(walkers)))

    run_virtually(main())
    assert bucket.spent >= 0.9 * restore_per_s * until_s
    assert bucket.throttled < 0.01 * bucket.calls


def test_what_another_process_drinks_is_noticed_and_left_to_it() -> None:
    bucket = Bucket()

    async def thirst() -> None:
        while now_s() < 1800.0:
            await asyncio.sleep(2.0)
            bucket.drink(60.0)

    async def main() -> None:
        pacer = make_pacer()
        await asyncio.gather(thirst(), *(walk(pacer, bucket, 1800.0) for _ in range(3)))

    run_virtually(main())
    assert bucket.spent >= 0.9 * 100.0 * 1800.0
    assert bucket.throttled < 0.03 * bucket.calls


def test_two_processes_share_one_bucket_without_running_into_each_other_all_the_time() -> None:
    bucket = Bucket()

    async def main() -> None:
        one, two = make_pacer(), make_pacer()
        await asyncio.gather(walk(one, bucket, 3600.0, 0.3), walk(two, bucket, 3600.0, 0.7))

    run_virtually(main())
    assert bucket.spent >= 0.9 * 100.0 * 3600.0
    assert bucket.throttled < 0.02 * bucket.calls


def test_a_call_that_somebody_waits_for_goes_before_pages_that_came_earlier() -> None:
    bucket = Bucket()

    async def main() -> None:
        pacer = make_pacer()
        await ask(pacer, bucket, ORDER, is_walk=False)
        pages = [asyncio.create_task(ask(pacer, bucket)) for _ in range(5)]
        await asyncio.sleep(1.0)
        await ask(pacer, bucket, ORDER, is_walk=False)
        assert now_s() < 2.0, "the tenth that pages leave in the bucket is enough for it"
        await asyncio.gather(*pages)

    run_virtually(main())
    assert bucket.order[0] == "order"
    assert bucket.order.index("order", 1) < 4
    assert bucket.throttled == 0


def test_a_page_that_has_waited_long_is_not_kept_back_for_ever() -> None:
    bucket = Bucket(used_fraction=1.0)

    async def many() -> None:
        while now_s() < 200.0:
            await ask(pacer_of[0], bucket, ORDER, is_walk=False)

    pacer_of: list[Pacer] = []

    async def main() -> float:
        pacer_of.append(make_pacer())
        busy = [asyncio.create_task(many()) for _ in range(8)]
        await asyncio.sleep(10.0)
        await ask(pacer_of[0], bucket)
        reached_s = now_s()
        await asyncio.gather(*busy)
        return reached_s

    # Thirty seconds of courtesy, and its own 893 points at 100 a second.
    assert run_virtually(main()) < 60.0


def test_a_turn_that_would_come_too_late_is_refused_with_the_wait_that_is_left() -> None:
    bucket = Bucket(used_fraction=1.0)

    async def main() -> None:
        pacer = make_pacer()
        await asyncio.gather(ask(pacer, bucket), ask(pacer, bucket))
        # Some 250 of 2,000 are left, and a page that leaves a tenth wants 1,094.
        with pytest.raises(RateLimited) as failure:
            await ask(pacer, bucket, longest_s=5.0)
        assert 8.0 < failure.value.retry_after_s < 9.0
        assert now_s() < 2.0, "it is known at once"

    run_virtually(main())


def test_one_who_waits_behind_others_is_let_go_when_the_time_is_over() -> None:
    bucket = Bucket(used_fraction=1.0)

    async def main() -> None:
        pacer = make_pacer()
        calls = [ask(pacer, bucket, longest_s=30.0) for _ in range(8)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(result is True for result in results) in {4, 5}
        assert all(result is True or isinstance(result, RateLimited) for result in results)
        assert now_s() < 45.0

    run_virtually(main())


def test_a_silence_that_shopify_asks_for_holds_every_call() -> None:
    async def main() -> None:
        pacer, bucket = make_pacer(), Bucket()
        await ask(pacer, bucket, ORDER, is_walk=False)
        began_s = now_s()
        pacer.hold(7.0)
        await asyncio.gather(ask(pacer, bucket), ask(pacer, bucket, ORDER, is_walk=False))
        assert now_s() - began_s >= 7.0

    run_virtually(main())


@pytest.mark.parametrize("seed", range(8))
def test_an_answer_that_others_overtook_is_not_taken_for_news(seed: int) -> None:
    bucket = Bucket(used_fraction=1.0, latency_s=0.1, rng=random.Random(seed))

    async def main() -> None:
        pacer = make_pacer()
        await ask(pacer, bucket, ORDER, is_walk=False)
        await asyncio.gather(*(ask(pacer, bucket, ORDER, is_walk=False) for _ in range(200)))

    run_virtually(main())
    assert bucket.throttled == 0


@pytest.mark.parametrize("walkers", [2, 30])
def test_before_anything_is_known_no_burst_is_sent(walkers: int) -> None:
    bucket = Bucket(level=1000.0)

    async def main() -> None:
        pacer = make_pacer()
        await asyncio.gather(*(ask(pacer, bucket) for _ in range(walkers)))

    run_virtually(main())
    assert bucket.throttled == 0


def test_a_shop_that_says_nothing_of_its_cost_is_asked_one_dear_call_at_a_time() -> None:
    async def main() -> None:
        pacer = make_pacer()
        most = here = 0

        async def mute() -> None:
            nonlocal most, here
            with await pacer.turn(PAGE, {}, is_walk=True, longest_s=600.0):
                here += 1
                most = max(most, here)
                await asyncio.sleep(0.1)
                here -= 1

        await asyncio.gather(*(mute() for _ in range(100)))
        assert most == 1

    run_virtually(main())


@pytest.mark.parametrize("ends", ["fails", "is cancelled"])
def test_a_call_without_an_answer_lets_go_of_its_place(ends: str) -> None:
    async def lost(pacer: Pacer) -> None:
        with await pacer.turn(ORDER, {}, is_walk=False, longest_s=10.0):
            if ends == "fails":
                raise ConnectionError
            await asyncio.sleep(1e6)

    async def main() -> None:
        pacer, bucket = make_pacer(), Bucket()
        await ask(pacer, bucket)
        for _ in range(200):
            call = asyncio.create_task(lost(pacer))
            await asyncio.sleep(0.01)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            assert await ask(pacer, bucket, ORDER, is_walk=False)

    run_virtually(main())


def test_one_who_waits_and_is_cancelled_does_not_hold_up_the_next() -> None:
    async def main() -> None:
        pacer, bucket = make_pacer(), Bucket(used_fraction=1.0)
        await asyncio.gather(ask(pacer, bucket), ask(pacer, bucket))
        waiting = [asyncio.create_task(ask(pacer, bucket)) for _ in range(3)]
        await asyncio.sleep(1.0)
        waiting[0].cancel()
        assert await waiting[1]
        assert now_s() < 12.0
        assert await waiting[2]

    run_virtually(main())


def test_connectors_of_one_shop_share_a_pacer_and_those_of_another_do_not() -> None:
    one = shared_pacer("https://one.myshopify.com", "one.myshopify.com")
    assert shared_pacer("https://one.myshopify.com", "one.myshopify.com") is one
    assert shared_pacer("https://two.myshopify.com", "two.myshopify.com") is not one
