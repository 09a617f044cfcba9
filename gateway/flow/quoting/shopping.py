"""Rate shopping: every carrier is asked at once, and an answer is there when the deadline is.

For each carrier, in this order: what it does not take at all is not asked. What it refused for the same way
lately is not asked again. Who failed again and again is left alone. The others are asked, by a second equal
request as well where the first is slow and the carrier allows it. Where no answer comes, a price of the last
minutes stands in, marked as such. Nobody waits for a carrier longer than the caller does; what comes later is
remembered for the next question.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from doorstep.clock import Clock
from doorstep.deadline import Deadline
from doorstep.errors import RemoteError
from doorstep.limits import why_not
from doorstep.quote import CarrierAnswer, Decline, DeclineReason, QuoteRequest
from doorstep.scorecard import CarrierCounts, note_answer, note_timeout, summed
from gateway.flow.ports import Heard, LinkedCarrier, Reuse
from gateway.flow.quoting.breaker import Breaker
from gateway.flow.quoting.hedging import ResponseTimes, hedged
from gateway.flow.quoting.memory import Key, RateMemory, way_of
from gateway.flow.quoting.refused import decline_for, left_alone, timed_out

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 64
"""Questions to one account that may be under way: a carrier that hangs does not fill the process."""

MOST_COUNTS = 500
"""Answers of one merchant that are kept before they are summed up."""


@dataclass(slots=True)
class _Account:
    """What is known of one account in this process."""

    breaker: Breaker = field(default_factory=Breaker)
    times: ResponseTimes = field(default_factory=ResponseTimes)
    under_way: dict[Key, asyncio.Task[CarrierAnswer]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Question:
    """What one carrier is asked.

    Attributes
    ----------
    key
        By which its answer is remembered.
    """

    carrier: LinkedCarrier
    request: QuoteRequest
    reuse: Reuse
    key: Key


class RateShopper:
    """Asks carriers, and remembers how they answered. One for a process.

    Parameters
    ----------
    now_s
        The machine's clock, which breakers and hedges go by; handed in by tests.
    """

    def __init__(self, clock: Clock, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._now_s = now_s
        self._memory = RateMemory()
        self._accounts: dict[str, _Account] = {}
        self._counts: dict[str, list[CarrierCounts]] = {}

    async def shop(
        self,
        carriers: Sequence[LinkedCarrier],
        request: QuoteRequest,
        deadline: Deadline,
        *,
        reuse: Reuse = Reuse.NOTHING,
        settle_s: float | None = None,
        is_counted: bool = True,
    ) -> Sequence[Heard]:
        """Ask all of them; one result for each, in their order, when the deadline is over at the latest.

        Parameters
        ----------
        settle_s
            After so long the caller goes with what there is, if there is anything; None waits for all.
        is_counted
            Whether it tells how carriers do; not, where they were asked before and counted then.
        """
        began_s = self._now_s()
        way = way_of(request)
        questions = [_Question(one, request, reuse, (one.account.id, way)) for one in carriers]
        heard: dict[int, Heard] = {}
        asked: dict[int, asyncio.Task[CarrierAnswer]] = {}
        for place, question in enumerate(questions):
            known = self._without_asking(question)
            if known is not None:
                heard[place] = known
            else:
                asked[place] = self._ask(question)
        if asked:
            is_repeat = any(one.is_remembered for one in heard.values())
            awaited = {
                place: task
                for place, task in asked.items()
                # Who did not answer the very same question a moment ago is asked, but not waited for, again.
                if not is_repeat or not carriers[place].quoting.cached_s
            }
            has_offers = any(one.answer.quotes for one in heard.values())
            done_ms = await self._wait(awaited, deadline, began_s, settle_s, has_offers=has_offers)
            for place, task in asked.items():
                heard[place] = self._outcome(questions[place], task, done_ms.get(place))
        if is_counted:
            self._count(heard.values())
        return [heard[place] for place in range(len(carriers))]

    def take_counts(self) -> Mapping[str, Sequence[CarrierCounts]]:
        """See `gateway.flow.ports.Rates`."""
        taken, self._counts = self._counts, {}
        return {merchant_id: summed(counts) for merchant_id, counts in taken.items()}

    def _count(self, heard: Iterable[Heard]) -> None:
        now = self._clock.now()
        for one in heard:
            account = one.carrier.account
            if one.was_asked and one.was_in_time:
                declined = not one.answer.quotes
                counts = note_answer(account.id, now, one.response_ms, declined=declined)
            elif one.was_asked:
                counts = note_timeout(account.id, now)
            else:
                continue
            kept = self._counts.setdefault(account.merchant_id, [])
            kept.append(counts)
            if len(kept) > MOST_COUNTS:
                kept[:] = summed(kept)

    def health(self, account_id: str) -> Breaker:
        """How an account does, as far as this process has seen."""
        return self._account(account_id).breaker

    async def close(self) -> None:
        """Let nobody be asked any more."""
        tasks = [task for account in self._accounts.values() for task in account.under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _without_asking(self, question: _Question) -> Heard | None:
        """What is known beforehand; None where the carrier has to be asked."""
        carrier, key = question.carrier, question.key
        account, now = carrier.account, self._clock.now()
        refusal = why_not(account.carrier, account.name, carrier.limits, question.request)
        if refusal is None and question.reuse is not Reuse.NOTHING:
            refusal = self._memory.refusal(key, now)
        if refusal is not None:
            return Heard(carrier, CarrierAnswer(declined=(refusal,)))
        if question.reuse.is_for_checkout and carrier.quoting.cached_s:
            fresh = self._memory.fresh(key, now)
            if fresh is not None:
                return Heard(carrier, fresh, is_remembered=True)
        if question.reuse is Reuse.ONLY:
            return self._stand_in(question, left_alone(carrier))
        return self._left_alone(question)

    def _left_alone(self, question: _Question) -> Heard | None:
        """What stands in for a carrier that is busy or unwell; None where it is to be asked."""
        carrier, key = question.carrier, question.key
        account = carrier.account
        state = self._account(account.id)
        if key in state.under_way:
            return None
        if len(state.under_way) >= MOST_AT_ONCE:
            text = f"{account.name} has {MOST_AT_ONCE} questions of ours to answer already."
            return self._stand_in(question, Decline(account.carrier, DeclineReason.CARRIER_DOWN, text))
        if not state.breaker.admit(self._now_s()):
            wait_s = state.breaker.wait_s(self._now_s())
            text = f"{account.name} is left alone for {wait_s:.0f} s more: {state.breaker.cause}"
            decline = Decline(account.carrier, DeclineReason.CARRIER_DOWN, text, retry_after_s=wait_s)
            return self._stand_in(question, decline)
        return None

    def _ask(self, question: _Question) -> asyncio.Task[CarrierAnswer]:
        """One call for all who ask the same at the same time."""
        state, key = self._account(question.carrier.account.id), question.key
        task = state.under_way.get(key)
        if task is None:
            task = asyncio.create_task(self._call(question), name="quote")
            state.under_way[key] = task
            task.add_done_callback(lambda _: state.under_way.pop(key, None))
            task.add_done_callback(_look_at)
        return task

    async def _call(self, question: _Question) -> CarrierAnswer:
        carrier = question.carrier
        state, began_s = self._account(carrier.account.id), self._now_s()
        # It may take longer than this caller waits: the next one finds its answer remembered.
        budget_s = max(carrier.quoting.timeout_s, 0.001)

        async def once() -> CarrierAnswer:
            return await carrier.connector.quote(question.request, budget_s)

        wait_s = state.times.hedge_after_s() if carrier.quoting.may_hedge else None
        try:
            async with asyncio.timeout(budget_s):
                answer = await hedged(once, wait_s)
        except TimeoutError:
            state.breaker.failed(self._now_s())
            raise
        except RemoteError as error:
            state.breaker.failed(self._now_s(), error)
            raise
        except BaseException:
            state.breaker.abandoned()
            raise
        state.breaker.succeeded(self._now_s())
        state.times.note(self._now_s() - began_s)
        if carrier.quoting.cached_s:
            self._memory.keep(question.key, answer, self._clock.now())
        return answer

    async def _wait(
        self,
        asked: Mapping[int, asyncio.Task[CarrierAnswer]],
        deadline: Deadline,
        began_s: float,
        settle_s: float | None,
        *,
        has_offers: bool,
    ) -> Mapping[int, int]:
        """Wait for answers; how long those that came took, milliseconds, by the carrier's place."""
        done_ms: dict[int, int] = {}

        def note(place: int, _: object) -> None:
            done_ms.setdefault(place, round((self._now_s() - began_s) * 1000))

        marks = {place: partial(note, place) for place in asked}
        for place, task in asked.items():
            task.add_done_callback(marks[place])
        await _all_or_settled(set(asked.values()), deadline, settle_s, has_offers=has_offers)
        for place, task in asked.items():
            task.remove_done_callback(marks[place])
            if task.done():
                note(place, task)
        return done_ms

    def _outcome(self, question: _Question, task: asyncio.Task[CarrierAnswer], took_ms: int | None) -> Heard:
        carrier = question.carrier
        if took_ms is None or not task.done():
            return self._stand_in(question, timed_out(carrier), was_asked=True)
        error = task.exception() if not task.cancelled() else TimeoutError()
        if error is None:
            return Heard(carrier, task.result(), took_ms, was_asked=True)
        decline = decline_for(carrier, error) if isinstance(error, RemoteError) else None
        if decline is None and not isinstance(error, TimeoutError):
            # A plug-in that breaks is that carrier's trouble and nobody else's.
            code = carrier.account.carrier
            log.error("a carrier's plug-in failed", carrier=code, error=type(error).__name__)
            text = f"{carrier.account.name}'s plug-in failed with {type(error).__name__}."
            decline = Decline(code, DeclineReason.OTHER, text)
        return self._stand_in(question, decline or timed_out(carrier), took_ms=took_ms, was_asked=True)

    def _stand_in(
        self, question: _Question, decline: Decline, *, took_ms: int = 0, was_asked: bool = False
    ) -> Heard:
        """Why a carrier did not answer; at a checkout with its prices of the last minutes, if any."""
        carrier = question.carrier
        stale = None
        if question.reuse.is_for_checkout:
            stale = self._memory.stale(question.key, carrier.quoting, self._clock.now())
        answer = CarrierAnswer(stale.quotes if stale is not None else (), (decline,))
        return Heard(carrier, answer, took_ms, was_asked=was_asked, was_in_time=not was_asked)

    def _account(self, account_id: str) -> _Account:
        return self._accounts.setdefault(account_id, _Account())


async def _all_or_settled(
    tasks: Collection[asyncio.Task[CarrierAnswer]],
    deadline: Deadline,
    settle_s: float | None,
    *,
    has_offers: bool,
) -> None:
    """Until all are done, or there is an offer and `settle_s` is over, or the deadline is."""
    left_s = deadline.left_s
    if not tasks:
        return
    done, pending = await asyncio.wait(tasks, timeout=left_s if settle_s is None else min(settle_s, left_s))
    while pending and not has_offers and not any(_offers(task) for task in done) and not deadline.is_over:
        done, pending = await asyncio.wait(
            pending, timeout=deadline.left_s, return_when=asyncio.FIRST_COMPLETED
        )


def _offers(task: asyncio.Task[CarrierAnswer]) -> bool:
    return not task.cancelled() and task.exception() is None and bool(task.result().quotes)


def _look_at(task: asyncio.Task[CarrierAnswer]) -> None:
    """Nobody may be waiting for it any more: its error is not a surprise."""
    if not task.cancelled():
        task.exception()
