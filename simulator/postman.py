"""Delivers the webhooks of simulated systems, with the retries, repeats and disorder of the real ones."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiohttp

from doorstep.clock import Clock

Reaction = Callable[[int | None], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Habits:
    """How one platform posts.

    Attributes
    ----------
    retry_after_s
        World seconds before each further try; () never retries.
    timeout_s
        Machine seconds that a receiver has.
    repeat_probability, delay_probability, delay_up_to_s
        How often a message is sent twice, or late (world seconds), so that later ones overtake it.
    redirect_is_success
        WooCommerce takes 302 for a yes (measured on 10.5).
    """

    retry_after_s: Sequence[float] = ()
    timeout_s: float = 5.0
    repeat_probability: float = 0.0
    delay_probability: float = 0.0
    delay_up_to_s: float = 20.0
    redirect_is_success: bool = False


@dataclass(order=True, slots=True)
class _Letter:
    due: datetime
    order: int
    url: str = field(compare=False)
    body: bytes = field(compare=False)
    headers: Mapping[str, str] = field(compare=False)
    habits: Habits = field(compare=False)
    tries: int = field(compare=False, default=0)
    on_result: Reaction | None = field(compare=False, default=None)


class Postman:
    """Posts letters when their time has come in the world.

    Call `tick` as the world's time goes on; it returns when everything due has been tried once.
    `on_result` hears the HTTP status of every try, None where there was no answer.
    """

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng
        self._letters: list[_Letter] = []
        self._order = itertools.count()
        self._session: aiohttp.ClientSession | None = None

    @property
    def waiting(self) -> int:
        """Letters not yet delivered nor given up."""
        return len(self._letters)

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        habits: Habits,
        on_result: Reaction | None = None,
    ) -> None:
        """Hand in a letter; it leaves at the next tick, or later if `habits` say so."""
        due = self._clock.now()
        if self._rng.random() < habits.delay_probability:
            due += timedelta(seconds=self._rng.uniform(0, habits.delay_up_to_s))
        copies = 2 if self._rng.random() < habits.repeat_probability else 1
        for _ in range(copies):
            heapq.heappush(
                self._letters,
                _Letter(due, next(self._order), url, body, headers, habits, on_result=on_result),
            )

    async def tick(self, now: datetime) -> None:
        """Try everything that is due, ten at a time."""
        due: list[_Letter] = []
        while self._letters and self._letters[0].due <= now:
            due.append(heapq.heappop(self._letters))
        for batch in itertools.batched(due, 10):
            await asyncio.gather(*(self._try(letter, now) for letter in batch))

    async def close(self) -> None:
        """Let go of connections; letters that wait are lost."""
        if self._session is not None:
            await self._session.close()

    async def _try(self, letter: _Letter, now: datetime) -> None:
        status = await self._send(letter)
        if letter.on_result is not None:
            reaction = letter.on_result(status)
            if reaction is not None:
                await reaction
        good_below = 400 if letter.habits.redirect_is_success else 300
        if status is not None and 200 <= status < good_below:
            return
        if letter.tries < len(letter.habits.retry_after_s):
            letter.due = now + timedelta(seconds=letter.habits.retry_after_s[letter.tries])
            letter.tries += 1
            heapq.heappush(self._letters, letter)

    async def _send(self, letter: _Letter) -> int | None:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        timeout = aiohttp.ClientTimeout(total=letter.habits.timeout_s)
        try:
            async with self._session.post(
                letter.url,
                data=letter.body,
                headers=dict(letter.headers),
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return None
