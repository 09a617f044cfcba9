"""The simulated DoorDash Drive as the world sees it: an app, a tick, buttons and books."""

from __future__ import annotations

import json
import random
from datetime import datetime

from starlette.types import ASGIApp

from doorstep.clock import Clock
from doorstep.geo import LatLng
from simulator.carriers.agenda import Agenda
from simulator.carriers.books import BookEntry
from simulator.carriers.doordash.app import Counter
from simulator.carriers.doordash.desk import Desk
from simulator.carriers.doordash.ledger import DeliveryRecord, Ledger, Turnstile
from simulator.carriers.doordash.mishaps import BookingMishaps
from simulator.carriers.doordash.places import Geocode
from simulator.carriers.doordash.problems import natural_operation
from simulator.carriers.doordash.rounds import Pace, Rounds
from simulator.carriers.doordash.tokens import AccessKey
from simulator.carriers.doordash.wire import event_json
from simulator.postman import Habits, Postman

# Three tries in all, as published; the pauses between them and the disorder are assumed.
HABITS = Habits(retry_after_s=(30, 120), repeat_probability=0.05, delay_probability=0.1, delay_up_to_s=20.0)

_CENTRE = LatLng(40.7306, -73.9866)


class FakeDoorDash:
    """One access key of DoorDash Drive.

    Parameters
    ----------
    webhook_url, webhook_authorization
        Where events go and what their Authorization header says; "" sends none. Both may be set later, as in
        the developer portal.
    dashers
        How many there are; a delivery that none takes within half an hour is called off.
    centre, coverage_m, reach_m
        The middle and the radius of the area that is served, and the longest delivery, metres.
    geocode
        Where an address lies; None lets it lie somewhere near the centre.
    event_field
        "event_name" as live messages have it, or "event_type" as the published description has.
    """

    def __init__(
        self,
        clock: Clock,
        postman: Postman,
        rng: random.Random,
        *,
        developer_id: str,
        key_id: str,
        signing_secret: str,
        webhook_url: str = "",
        webhook_authorization: str = "",
        dashers: int = 12,
        pace: Pace | None = None,
        habits: Habits = HABITS,
        centre: LatLng = _CENTRE,
        coverage_m: float = 30_000.0,
        reach_m: float = 20_000.0,
        geocode: Geocode | None = None,
        event_field: str = "event_name",
        calls_a_minute: int = 300,
    ) -> None:
        self.key = AccessKey(developer_id, key_id, signing_secret)
        self.webhook_url = webhook_url
        self.webhook_authorization = webhook_authorization
        self.is_forbidden = False
        self.mishaps = BookingMishaps()
        self._clock = clock
        self._postman = postman
        self._rng = rng
        self._habits = habits
        self._event_field = event_field
        self._agenda = Agenda()
        self._ledger = Ledger()
        self._rounds = Rounds(self._agenda, rng, pace or Pace(), dashers, self._announce)
        self.desk = Desk(
            self._ledger, self._rounds, rng, centre, coverage_m, reach_m, geocode or (lambda _: None)
        )
        turnstile = Turnstile(calls_a_minute, 60.0)
        self._app = Counter(clock, self.desk, self, self.mishaps, turnstile).app()

    @property
    def name(self) -> str:
        """Path segment."""
        return "doordash"

    @property
    def app(self) -> ASGIApp:
        """Stands for https://openapi.doordash.com."""
        return self._app

    async def tick(self, now: datetime) -> None:
        """Do all that is due, in order; its webhooks leave with the postman's next round."""
        self._agenda.run(now)

    async def close(self) -> None:
        """Let go of answers that are held back."""
        self.mishaps.slow(0)

    def books(self) -> list[BookEntry]:
        """Every delivery, oldest first; quotes are none."""
        entries = [
            BookEntry(record.external_id, record.reference, record.book_state, record.booked_at)
            for record in self._ledger.records.values()
            if record.booked_at is not None
        ]
        return sorted(entries, key=lambda entry: entry.booked_at)

    def drop_dasher(self, external_id: str) -> bool:
        """Let the Dasher give a job back; False if nobody has it yet or the goods are on their way."""
        record = self._ledger.records.get(external_id)
        return record is not None and self._rounds.drop(record, self._clock.now())

    def batch(self, *external_ids: str) -> str:
        """Put deliveries on one route and tell of it for each; gives the batch's id."""
        batch_id = f"batch-{self._rng.getrandbits(48):012x}"
        for external_id in external_ids:
            record = self._ledger.records[external_id]
            record.batch_id = batch_id
            self._announce(record, "DELIVERY_BATCHED", self._clock.now())
        return batch_id

    def refuse_next(self, code: str, operation: str = "") -> None:
        """Refuse the next call once with this key of `ERRORS`.

        The operation is where the code would come up; or "quote", "accept", "create", "get", "update" or
        "cancel".
        """
        self.mishaps.refuse_next(code, operation or natural_operation(code))

    def set_price_factor(self, factor: float) -> None:
        """Make everything dearer or cheaper from now on."""
        self.desk.price_factor = factor

    def outage(self, on: bool) -> None:
        """Be unreachable behind a proxy's 503, or well again."""
        self.mishaps.outage(on)

    def lose_next_booking(self) -> None:
        """Do the next booking and keep its answer back, so that nobody hears of it."""
        self.mishaps.lose_next_booking()

    def slow(self, seconds: float) -> None:
        """Do the work and answer that many machine seconds later; 0 is prompt again."""
        self.mishaps.slow(seconds)

    def _announce(self, record: DeliveryRecord, event: str, at: datetime) -> None:
        if not self.webhook_url:
            return
        message = event_json(record, event, at, self._event_field)
        headers = {"Content-Type": "application/json", "Authorization": self.webhook_authorization}
        body = json.dumps(message, separators=(",", ":")).encode()
        self._postman.post(self.webhook_url, body, headers, self._habits)
