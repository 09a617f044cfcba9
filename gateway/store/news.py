"""News for live readers that outlive whoever commits them.

Readers of this process are told after the commit. Where several processes share live updates the news are a
notification of the same transaction besides: PostgreSQL hands it to whoever listens once that is committed,
even if the process that committed has been killed meanwhile and told nobody.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
from psycopg import AsyncConnection as PsycopgConnection
from psycopg import Error
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.kept import Kept

CHANNEL = "doorstep_news"

MOST_BYTES = 7_500
"""Of one notification; PostgreSQL takes less than 8,000."""

_NOTIFY = Kept(text("SELECT pg_notify(:channel, payload) FROM unnest(CAST(:payloads AS text[])) payload"))
_KEEP_ALIVE = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}
"""A listener says nothing: only so it finds out that nobody is there any more."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """Something that live readers want to know, told after the commit.

    Attributes
    ----------
    driver_ids
        Of a tour: who has it, and who had it before.
    token
        Names the notification that it is in; "" where nobody else is told.
    """

    merchant_id: str
    topic: str
    entity_id: str
    driver_ids: tuple[str, ...] = ()
    token: str = ""


class _Item(msgspec.Struct, array_like=True):
    merchant_id: str
    topic: str
    entity_id: str
    driver_ids: tuple[str, ...]


class _Notification(msgspec.Struct, array_like=True):
    token: str
    items: list[_Item]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Notification).decode


class Herald:
    """Puts news into the transaction that they are about."""

    def __init__(self) -> None:
        self._name = secrets.token_hex(6)
        self._numbers = itertools.count(1)

    async def announce(self, connection: AsyncConnection, news: Sequence[News]) -> Sequence[News]:
        """Notify of them when the transaction commits; gives them with their tokens."""
        told: list[News] = []
        payloads: list[str] = []
        for items in _portions(news):
            token = f"{self._name}-{next(self._numbers)}"
            payloads.append(_encode(_Notification(token, items)).decode())
            told += _read(token, items)
        await _NOTIFY.send(connection, {"channel": CHANNEL, "payloads": payloads})
        return told

    def is_own(self, token: str) -> bool:
        """Whether this process announced it, and tells it itself."""
        return token.partition("-")[0] == self._name


class Hearing:
    """Listens to what other processes commit.

    Parameters
    ----------
    dsn
        libpq URL.
    heard
        Called with the news of one notification, which have one token.
    missed
        Called when notifications may have passed unheard.
    """

    def __init__(
        self,
        dsn: str,
        herald: Herald,
        heard: Callable[[Sequence[News]], None],
        missed: Callable[[], None],
    ) -> None:
        url = make_url(dsn).set(drivername="postgresql").update_query_dict(_KEEP_ALIVE)
        self._dsn = url.render_as_string(hide_password=False)
        self._herald = herald
        self._heard = heard
        self._missed = missed
        self.listens = asyncio.Event()

    @asynccontextmanager
    async def listening(self, budget_s: float = 2.0) -> AsyncIterator[None]:
        """Listen for as long as the block lasts; it begins when that has begun, or after `budget_s`."""
        running = asyncio.create_task(self._run(), name="news")
        try:
            await asyncio.wait_for(self.listens.wait(), budget_s)
        except TimeoutError:
            pass  # it goes on trying, and whoever watches is then told to read anew
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def _run(self) -> None:
        """Listen, again and again where the database goes away."""
        pause_s, is_first = 0.05, True
        while True:
            try:
                await self._listen(is_first=is_first)
            except (Error, OSError) as error:
                _log.warning("news of other processes cannot be heard: %s", type(error).__name__)
            except Exception as error:  # a listener that ended would leave its watchers waiting in silence
                _log.error("hearing news of other processes broke: %s", type(error).__name__)
            pause_s = 0.05 if self.listens.is_set() else min(5.0, pause_s * 2)
            self.listens.clear()
            is_first = False
            # Processes that lost the same server must not all come back at the same moment.
            await asyncio.sleep(pause_s * random.uniform(0.75, 1.25))  # noqa: S311 - guards nothing

    async def _listen(self, *, is_first: bool) -> None:
        connecting = PsycopgConnection.connect(self._dsn, autocommit=True)
        async with await connecting as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self.listens.set()
            if not is_first:
                self._missed()
            async for notification in connection.notifies():
                self._take(notification.payload)

    def _take(self, payload: str) -> None:
        try:
            notification = _decode(payload)
        except ValueError:
            # Another version's words.
            self._missed()
            return
        if not self._herald.is_own(notification.token):
            self._heard(_read(notification.token, notification.items))


def _portions(news: Sequence[News]) -> Iterator[list[_Item]]:
    portion: list[_Item] = []
    size = 0
    for one in news:
        item = _Item(one.merchant_id, one.topic, one.entity_id, one.driver_ids)
        item_size = len(_encode(item)) + 1
        if portion and size + item_size > MOST_BYTES:
            yield portion
            portion, size = [], 0
        portion.append(item)
        size += item_size
    if portion:
        yield portion


def _read(token: str, items: Sequence[_Item]) -> list[News]:
    return [News(item.merchant_id, item.topic, item.entity_id, item.driver_ids, token) for item in items]
