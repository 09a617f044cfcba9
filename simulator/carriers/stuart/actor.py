"""The simulated Stuart as the world sees it: an app, a tick, buttons and books."""

from __future__ import annotations

import json
import random
from datetime import datetime

from starlette.types import ASGIApp

from doorstep.clock import Clock
from simulator.carriers.agenda import Agenda
from simulator.carriers.books import BookEntry
from simulator.carriers.mishaps import Mishaps
from simulator.carriers.stuart.app import Counter
from simulator.carriers.stuart.desk import Desk
from simulator.carriers.stuart.ledger import DeliveryRecord, JobRecord, Ledger
from simulator.carriers.stuart.markets import MARKETS, Market
from simulator.carriers.stuart.rounds import Pace, Rounds
from simulator.carriers.stuart.wire import delivery_notice, driver_notice, job_notice
from simulator.postman import Habits, Postman

# Assumed: Stuart publishes nothing about how often it tries, repeats or overtakes itself.
HABITS = Habits(
    retry_after_s=(30, 120, 600),
    repeat_probability=0.05,
    delay_probability=0.1,
    delay_up_to_s=20.0,
)


class FakeStuart:
    """One client's account with Stuart.

    Parameters
    ----------
    webhook_url, webhook_secret
        Where messages go, and what their header `webhook_header` carries; "" sends none.
    markets
        The cities that are served, and their money.
    couriers
        How many there are; where all are busy for long, jobs are called off with "no_supply".
    """

    def __init__(
        self,
        clock: Clock,
        postman: Postman,
        rng: random.Random,
        *,
        client_id: str,
        client_secret: str,
        webhook_url: str = "",
        webhook_secret: str = "",
        webhook_header: str = "Authorization",
        markets: tuple[Market, ...] = MARKETS,
        couriers: int = 12,
        pace: Pace | None = None,
        habits: Habits = HABITS,
    ) -> None:
        self.webhook_url = webhook_url
        self.webhook_secret = webhook_secret
        self.mishaps = Mishaps()
        self._webhook_header = webhook_header
        self._clock = clock
        self._postman = postman
        self._rng = rng
        self._client = (client_id, client_secret)
        self._habits = habits
        self._tokens: dict[str, datetime] = {}
        self._agenda = Agenda()
        self._ledger = Ledger()
        self._rounds = Rounds(
            self._agenda,
            rng,
            pace or Pace(),
            couriers,
            self._tell_job,
            self._tell_delivery,
            self._tell_driver,
        )
        self.desk = Desk(self._ledger, self._rounds, markets)
        self._app = Counter(clock, self.desk, self, self.mishaps).app()

    @property
    def name(self) -> str:
        """Path segment."""
        return "stuart"

    @property
    def app(self) -> ASGIApp:
        """Stands for https://api.stuart.com."""
        return self._app

    async def tick(self, now: datetime) -> None:
        """Do all that is due, in order; its webhooks leave with the postman's next round."""
        self._agenda.run(now)

    async def close(self) -> None:
        """Let go of answers that are held back."""
        self.mishaps.slow(0)

    def books(self) -> list[BookEntry]:
        """Every delivery, oldest first, by the reference that its customer gave it and knows it by.

        Those of one job come one after the other, as its courier rides.
        """
        return [
            BookEntry(
                delivery.dropoff.client_reference,
                job.order.assignment_code,
                delivery.book_state,
                job.created_at,
            )
            for job in self._ledger.jobs.values()
            for delivery in job.deliveries
        ]

    def drop_next_courier(self) -> str:
        """Let the oldest courier on the way to a store give up; "" for nobody.

        Gives the reference of the delivery at hand; all of its job are looked for anew.
        """
        for job in self._ledger.jobs.values():
            if self._rounds.drop(job, self._clock.now()):
                return job.current.dropoff.client_reference
        return ""

    def call_off(self, reference: str, reason: str, by: str = "stuart") -> bool:
        """Call the whole job of a delivery off as Stuart would; False if the goods have left."""
        job = self._ledger.by_reference(reference)
        if job is None or not job.is_cancelable:
            return False
        self._rounds.call_off(job, self._clock.now(), by=by, reason=reason)
        return True

    def stack_by_hand(self, *references: str) -> None:
        """Call the jobs with these references off and go on with one job that has all of their deliveries.

        Raises
        ------
        Problem
            If one of them is unknown, over, or with its courier already.
        """
        self.desk.stack_by_hand(references, self._clock.now())

    def refuse_next(self, code: str, operation: str = "pricing") -> None:
        """Refuse the next call of an operation once: pricing, eta, create, list, get, update, cancel and
        cancel_delivery.

        An invalid record may name its field: "RECORD_INVALID:job.pickup_at".
        """
        self.mishaps.refuse_next(code, operation)

    def set_price_factor(self, factor: float) -> None:
        """Make everything dearer or cheaper from now on."""
        self.desk.price_factor = factor

    def outage(self, on: bool) -> None:
        """Be unreachable behind a proxy's 503, or well again."""
        self.mishaps.outage(on)

    def lose_next_booking(self) -> None:
        """Do the next booking and keep its answer back, so that nobody hears of it."""
        self.mishaps.lose_next_answer("/v2/jobs")

    def slow(self, seconds: float) -> None:
        """Do the work and answer that many machine seconds later; 0 is prompt again."""
        self.mishaps.slow(seconds)

    def slow_eta(self) -> None:
        """Keep the next ETA back for a minute, or until `slow(0)`."""
        self.mishaps.lose_next_answer("/v2/jobs/eta")

    def revoke_tokens(self) -> None:
        """Make every bearer token that was given out worthless."""
        self._tokens.clear()

    @property
    def tokens_given(self) -> int:
        """How many bearer tokens are good."""
        return len(self._tokens)

    def is_client(self, client_id: str, client_secret: str) -> bool:
        """Whether these credentials are right."""
        return (client_id, client_secret) == self._client

    def new_token(self, ends_at: datetime) -> str:
        """A bearer token that lasts until then."""
        token = f"{self._rng.getrandbits(256):064x}"
        self._tokens[token] = ends_at
        return token

    def is_token(self, token: str, now: datetime) -> bool:
        """Whether a bearer token is good."""
        return token in self._tokens and now < self._tokens[token]

    def _tell_job(self, job: JobRecord, at: datetime) -> None:
        kind = "create" if at == job.created_at else "update"
        self._post({"event": "job", "type": kind, "data": job_notice(job, at)})

    def _tell_delivery(self, job: JobRecord, delivery: DeliveryRecord, at: datetime) -> None:
        self._post({"event": "delivery", "type": "update", "data": delivery_notice(job, delivery, at)})

    def _tell_driver(self, job: JobRecord, at: datetime) -> None:
        if job.courier is not None:
            data = driver_notice(job.courier, job, at) | {"job": job_notice(job, at)}
            self._post({"event": "driver", "type": "update", "data": data})

    def _post(self, message: dict[str, object]) -> None:
        if not self.webhook_url:
            return
        body = json.dumps(message, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", self._webhook_header: self.webhook_secret}
        self._postman.post(self.webhook_url, body, headers, self._habits)
