"""The simulated ShipEngine as the world sees it: an app, a tick, buttons and books."""

from __future__ import annotations

import json
import random
from datetime import datetime
from decimal import Decimal

from starlette.types import ASGIApp

from doorstep.clock import Clock
from simulator.carriers.agenda import Agenda
from simulator.carriers.books import BookEntry
from simulator.carriers.mishaps import Mishaps
from simulator.carriers.shipengine.app import Counter
from simulator.carriers.shipengine.asking import objects
from simulator.carriers.shipengine.desk import Desk
from simulator.carriers.shipengine.keyring import Keyring
from simulator.carriers.shipengine.ledger import LabelRecord, Ledger, WebhookRecord
from simulator.carriers.shipengine.problems import natural_operation
from simulator.carriers.shipengine.wire import track_event_json
from simulator.postman import Habits, Postman

# ShipEngine: three tries, two hours apart; at least once, in any order.
HABITS = Habits(
    retry_after_s=(7200, 7200),
    timeout_s=10.0,
    repeat_probability=0.05,
    delay_probability=0.1,
    delay_up_to_s=20.0,
)
_TRACKING_EVENTS = ("track", "track_event_v2")


class FakeShipEngine:
    """One account with ShipEngine.

    Parameters
    ----------
    webhook_url, webhook_headers
        A webhook for tracking that exists from the start, and the headers that it carries; more come by the
        API. "" makes none.
    time_zone
        Of the sender, for collections and delivery hours.
    transit_scale
        1 lets parcels take their one to three days; less shortens every step alike.
    calls_a_minute
        Of the world's clock; 200 in production and 20 in the sandbox. None for no limit.
    """

    def __init__(
        self,
        clock: Clock,
        postman: Postman,
        rng: random.Random,
        *,
        api_key: str,
        webhook_url: str = "",
        webhook_headers: dict[str, str] | None = None,
        time_zone: str = "America/New_York",
        transit_scale: float = 1.0,
        calls_a_minute: int | None = 200,
        habits: Habits = HABITS,
    ) -> None:
        self.suspended_with = ""
        self.calls_a_minute = calls_a_minute
        self.mishaps = Mishaps()
        self.keyring = Keyring()
        self._clock = clock
        self._postman = postman
        self._api_key = api_key
        self._habits = habits
        self._agenda = Agenda()
        self._ledger = Ledger()
        self._webhooks_made = 0
        self._desk = Desk(
            self._ledger,
            self._agenda,
            rng,
            self._announce,
            time_zone=time_zone,
            transit_scale=transit_scale,
        )
        if webhook_url:
            self.add_webhook("track", webhook_url, "tracking", webhook_headers or {})
        counter = Counter(clock, self._desk, self._ledger, self, self.keyring, self.mishaps)
        self._app = counter.app()

    @property
    def name(self) -> str:
        """Path segment."""
        return "shipengine"

    @property
    def app(self) -> ASGIApp:
        """Stands for https://api.shipengine.com."""
        return self._app

    async def tick(self, now: datetime) -> None:
        """Do all that is due, in order; its webhooks leave with the postman's next round."""
        self._agenda.run(now)

    async def close(self) -> None:
        """Let go of answers that are held back."""
        self.mishaps.slow(0)

    def books(self) -> list[BookEntry]:
        """Every label that was sold, oldest first, under its tracking number."""
        return [
            BookEntry(label.tracking_number, label.shipment.external_id, label.book_state, label.bought_at)
            for label in self._ledger.labels.values()
        ]

    def printed_on(self, tracking_number: str) -> str:
        """The customer's reference as the label of a parcel shows it, "" where it shows none."""
        label = self._ledger.tracked(tracking_number)
        packages = objects(label.shipment.body, "packages") if label is not None else []
        messages = packages[0].get("label_messages") if packages else None
        return str(messages.get("reference1") or "") if isinstance(messages, dict) else ""

    def add_webhook(self, event: str, url: str, name: str, headers: dict[str, str]) -> WebhookRecord:
        """Register a webhook, as in the dashboard."""
        self._webhooks_made += 1
        record = WebhookRecord(f"se-{self._webhooks_made}", event, url, name, tuple(sorted(headers.items())))
        self._ledger.webhooks[record.id] = record
        return record

    def remove_webhooks(self) -> None:
        """Take all webhooks away."""
        self._ledger.webhooks.clear()

    def refuse_next(self, code: str, operation: str = "") -> None:
        """Refuse the next call once with this code; the operation is where the code would come up."""
        self.mishaps.refuse_next(code, operation or natural_operation(code))

    def silence(self, carrier_code: str, on: bool = True) -> None:
        """Let one carrier behind the key fail beside the others, or speak again."""
        (self._desk.silent_carriers.add if on else self._desk.silent_carriers.discard)(carrier_code)

    def set_price_factor(self, factor: Decimal) -> None:
        """Make everything dearer or cheaper from now on."""
        self._desk.price_factor = factor

    def outage(self, on: bool) -> None:
        """Be unreachable behind a proxy's 503, or well again."""
        self.mishaps.outage(on)

    def lose_next_booking(self) -> None:
        """Sell the next label and keep the answer back, so that nobody hears of it."""
        self.mishaps.lose_next_answer("/labels")

    def slow(self, seconds: float) -> None:
        """Do the work and answer that many machine seconds later; 0 is prompt again."""
        self.mishaps.slow(seconds)

    def is_key(self, key: str) -> bool:
        """Whether this is the account's key."""
        return key == self._api_key

    def _announce(self, label: LabelRecord) -> None:
        """Every package is tracked by itself."""
        for hook in self._ledger.webhooks.values():
            if hook.event in _TRACKING_EVENTS:
                for number in label.tracking_numbers:
                    self._post(hook, track_event_json(label, number, hook.event))

    def _post(self, hook: WebhookRecord, event: dict[str, object]) -> None:
        body = json.dumps(event, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "ShipEngine/v1",
            **dict(hook.headers),
            **self.keyring.sign(body),
        }
        self._postman.post(hook.url, body, headers, self._habits)
