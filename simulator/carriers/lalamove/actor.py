"""The simulated Lalamove as the world sees it: an app, a tick, buttons and books."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import uuid
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp
from starlette.types import ASGIApp

from doorstep.clock import Clock
from simulator.carriers.agenda import Agenda
from simulator.carriers.books import BookEntry
from simulator.carriers.lalamove.allowance import PRODUCTION, Allowance
from simulator.carriers.lalamove.app import Counter
from simulator.carriers.lalamove.desk import Desk
from simulator.carriers.lalamove.ledger import Ledger, OrderRecord
from simulator.carriers.lalamove.markets import MARKETS, Market
from simulator.carriers.lalamove.problems import Problem, natural_operation
from simulator.carriers.lalamove.rounds import Pace, Rounds
from simulator.carriers.lalamove.wire import amount, event_data, odd_instant
from simulator.carriers.mishaps import Mishaps
from simulator.postman import Habits, Postman

# Ten more tries within about a day, each after twice as long; in no order (webhook deck of May 2023).
HABITS = Habits(
    retry_after_s=tuple(84.0 * 2**step for step in range(10)),
    repeat_probability=0.05,
    delay_probability=0.1,
    delay_up_to_s=60.0,
)

FAILURES_UNTIL_OFF = 10
"""Tries that fail one after another before Lalamove sends nothing more to a URL."""

_HELLO_S = 5.0


class FakeLalamove:
    """One account with Lalamove in one market.

    Parameters
    ----------
    webhook_url
        Where events go, signed with the account's secret; "" sends none. It may also be set by the API.
    tells_of_wallet
        Also send WALLET_BALANCE_CHANGED, as the real one does; it is about no order.
    orders_a_second
        The real one takes two; 0 counts none, for worlds whose clock stands still.
    """

    def __init__(
        self,
        clock: Clock,
        postman: Postman,
        rng: random.Random,
        *,
        api_key: str,
        api_secret: str,
        market: Market = MARKETS["HK"],
        webhook_url: str = "",
        pace: Pace | None = None,
        habits: Habits = HABITS,
        calls_a_minute: Mapping[str, int] = PRODUCTION,
        orders_a_second: int = 0,
        tells_of_wallet: bool = False,
    ) -> None:
        self.webhook_url = webhook_url
        self.mishaps = Mishaps()
        self._clock = clock
        self._postman = postman
        self._rng = rng
        self._key = api_key
        self._secret = api_secret
        self._market = market
        self._habits = habits
        self._tells_of_wallet = tells_of_wallet
        self._failures = 0
        self._agenda = Agenda()
        self._ledger = Ledger()
        self._rounds = Rounds(self._agenda, rng, pace or Pace(), self._tell)
        self.desk = Desk(self._ledger, self._rounds, rng, market, self._tell)
        allowance = Allowance(calls_a_minute, orders_a_second)
        self._app = Counter(clock, self.desk, market, self, allowance, self.mishaps).app()

    @property
    def name(self) -> str:
        """Path segment."""
        return "lalamove"

    @property
    def app(self) -> ASGIApp:
        """Stands for https://rest.lalamove.com."""
        return self._app

    async def tick(self, now: datetime) -> None:
        """Do all that is due, in order; its webhooks leave with the postman's next round."""
        self._agenda.run(now)

    async def close(self) -> None:
        """Let go of answers that are held back."""
        self.mishaps.slow(0)

    def books(self) -> list[BookEntry]:
        """Every order, oldest first."""
        return [
            BookEntry(order.id, str(order.metadata.get("reference", "")), order.book_state, order.created_at)
            for order in self._ledger.orders.values()
        ]

    def drop_next_driver(self) -> str:
        """Let a driver give up before the pickup; gives the order's id.

        Takes the oldest order that has a driver on the way to the store. Where there is none, the next driver
        who takes a job gives up on the way, and the answer is "".
        """
        for order in self._ledger.orders.values():
            if order.status == "ON_GOING" and self._rounds.bail(order, self._clock.now()):
                return order.id
        self._rounds.arm_bail()
        return ""

    def drop_driver(self, order_id: str) -> bool:
        """Let the driver of one order give it back, even with the goods; False if it has none."""
        order = self._ledger.orders.get(order_id)
        return order is not None and self._rounds.bail(order, self._clock.now())

    def replace_order(self, order_id: str) -> str:
        """Let customer service put another order in the place of one; gives the other's id."""
        return self.desk.replace(order_id, self._clock.now()).id

    def refuse_next(self, code: str, operation: str = "") -> None:
        """Refuse the next call once with this code; the operation is where the code would come up."""
        self.mishaps.refuse_next(code, operation or natural_operation(code))

    def set_price_factor(self, factor: float) -> None:
        """Make everything dearer or cheaper from now on."""
        self.desk.price_factor = factor

    def fill_wallet(self, minor: int | None) -> None:
        """Set what is left to spend, in minor units; None without end."""
        self.desk.wallet_minor = minor

    def outage(self, on: bool) -> None:
        """Be unreachable behind a proxy's 503, or well again."""
        self.mishaps.outage(on)

    def lose_next_booking(self) -> None:
        """Do the next booking and keep its answer back, so that nobody hears of it."""
        self.mishaps.lose_next_answer("/v3/orders")

    def slow(self, seconds: float) -> None:
        """Do the work and answer that many machine seconds later; 0 is prompt again."""
        self.mishaps.slow(seconds)

    def secret_of(self, api_key: str) -> str | None:
        """The secret of a key, None where nobody has it."""
        return self._secret if api_key == self._key else None

    async def register(self, url: str) -> None:
        """Say hello to a URL without a body, and post there from now on.

        Raises
        ------
        Problem
            If it does not answer with 200.
        """
        timeout = aiohttp.ClientTimeout(total=_HELLO_S)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session, session.post(url) as hello:
                is_well = hello.status == 200
        except (aiohttp.ClientError, ValueError, TimeoutError):
            is_well = False
        if not is_well:
            raise Problem("ERR_INVALID_RESPONSE", "'url' validation failed")
        self.webhook_url, self._failures = url, 0

    def _tell(self, kind: str, order: OrderRecord, at: datetime) -> None:
        self._post(kind, event_data(kind, order, self._market, at), at)
        is_money = kind in {"ORDER_CREATED", "ORDER_AMOUNT_CHANGED"}
        if is_money and self._tells_of_wallet:
            left = amount(self.desk.wallet_minor or 0, self._market.currency)
            balance = {"amount": left, "currency": self._market.currency}
            data: dict[str, object] = {"balance": balance, "updatedAt": odd_instant(at)}
            self._post("WALLET_BALANCE_CHANGED", data, at)

    def _post(self, kind: str, data: dict[str, object], at: datetime) -> None:
        if not self.webhook_url:
            return
        timestamp = int(at.timestamp())
        signed = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
        path = urlsplit(self.webhook_url).path
        message = f"{timestamp}\r\nPOST\r\n{path}\r\n\r\n{signed}".encode()
        letter = {
            "apiKey": self._key,
            "timestamp": timestamp,
            "signature": hmac.new(self._secret.encode(), message, hashlib.sha256).hexdigest(),
            "eventId": str(uuid.UUID(int=self._rng.getrandbits(128), version=4)).upper(),
            "eventType": kind,
            "eventVersion": "v3",
            "data": data,
        }
        body = json.dumps(letter, separators=(",", ":"), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        self._postman.post(self.webhook_url, body, headers, self._habits, self._count)

    def _count(self, status: int | None) -> None:
        """Switch the URL off after ten failures in a row; what waits is tried all the same."""
        self._failures = 0 if status == 200 else self._failures + 1
        if self._failures >= FAILURES_UNTIL_OFF:
            self.webhook_url = ""
