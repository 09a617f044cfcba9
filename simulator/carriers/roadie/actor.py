"""The simulated Roadie as the world sees it: an app, a tick, buttons and books."""

from __future__ import annotations

import json
import random
from datetime import datetime

from starlette.types import ASGIApp

from doorstep.clock import Clock
from simulator.carriers.agenda import Agenda
from simulator.carriers.books import BookEntry
from simulator.carriers.mishaps import Mishaps
from simulator.carriers.roadie.app import Counter
from simulator.carriers.roadie.desk import Desk
from simulator.carriers.roadie.ledger import Event, Ledger, ShipmentRecord
from simulator.carriers.roadie.rounds import Pace, Rounds
from simulator.carriers.roadie.wire import event_json, shipment_json
from simulator.postman import Habits, Postman

# Assumed: Roadie publishes nothing about how often it tries, repeats or overtakes itself.
HABITS = Habits(
    retry_after_s=(30, 120, 600),
    repeat_probability=0.05,
    delay_probability=0.1,
    delay_up_to_s=20.0,
)


class FakeRoadie:
    """One account with Roadie.

    Parameters
    ----------
    webhook_url, webhook_secret
        Where messages go, and what their header `webhook_header` carries; "" sends none.
    drivers
        How many there are; what nobody has taken when its window ends expires.
    calls_a_second
        More are throttled (Roadie's API overview says ten); None for as many as come.
    """

    def __init__(
        self,
        clock: Clock,
        postman: Postman,
        rng: random.Random,
        *,
        token: str,
        webhook_url: str = "",
        webhook_secret: str = "",
        webhook_header: str = "X-Webhook-Secret",
        drivers: int = 12,
        calls_a_second: int | None = None,
        pace: Pace | None = None,
        habits: Habits = HABITS,
    ) -> None:
        self.webhook_url = webhook_url
        self.webhook_secret = webhook_secret
        self.mishaps = Mishaps()
        self._webhook_header = webhook_header
        self._clock = clock
        self._postman = postman
        self._habits = habits
        self._agenda = Agenda()
        self._ledger = Ledger()
        self._rounds = Rounds(self._agenda, rng, pace or Pace(), drivers, self._tell)
        self.desk = Desk(self._ledger, self._rounds, rng)
        self._app = Counter(clock, self.desk, token, self.mishaps, calls_a_second).app()

    @property
    def name(self) -> str:
        """Path segment."""
        return "roadie"

    @property
    def app(self) -> ASGIApp:
        """Stands for https://connect.roadie.com."""
        return self._app

    async def tick(self, now: datetime) -> None:
        """Do all that is due, in order; its webhooks leave with the postman's next round."""
        self._agenda.run(now)

    async def close(self) -> None:
        """Let go of answers that are held back."""
        self.mishaps.slow(0)

    def books(self) -> list[BookEntry]:
        """Every shipment, oldest first."""
        return [
            BookEntry(str(entry.id), entry.reference_id, entry.book_state, entry.created_at)
            for entry in self._ledger.shipments.values()
        ]

    def call_off(self, external_id: str, code: str = "driver_unavailable") -> bool:
        """Call a shipment off as Roadie would; False if its driver has the goods or it is over."""
        shipment = self._ledger.shipments.get(int(external_id))
        if shipment is None or not shipment.is_cancelable:
            return False
        self._rounds.call_off(shipment, self._clock.now(), code)
        return True

    def refuse_next(self, name: str, operation: str = "estimate") -> None:
        """Refuse the next call of an operation once: estimate, create, list, get, cancel, tip, image."""
        self.mishaps.refuse_next(name, operation)

    def set_booking_factor(self, factor: float) -> None:
        """Make shipments dearer or cheaper than their estimates from now on."""
        self.desk.booking_factor = factor

    def outage(self, on: bool) -> None:
        """Be unreachable behind a proxy's 503, or well again."""
        self.mishaps.outage(on)

    def lose_next_booking(self) -> None:
        """Do the next booking and keep its answer back, so that nobody hears of it."""
        self.mishaps.lose_next_answer("/shipments")

    def slow(self, seconds: float) -> None:
        """Do the work and answer that many machine seconds later; 0 is prompt again."""
        self.mishaps.slow(seconds)

    def _tell(self, shipment: ShipmentRecord, event: Event) -> None:
        if not self.webhook_url:
            return
        message = {"event": event_json(event), "shipment": shipment_json(shipment)}
        body = json.dumps(message, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", self._webhook_header: self.webhook_secret}
        self._postman.post(self.webhook_url, body, headers, self._habits)
