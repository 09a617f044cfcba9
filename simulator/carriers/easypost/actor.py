"""The simulated EasyPost as the world sees it: an app, a tick, buttons and books."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import unicodedata
from datetime import datetime
from decimal import Decimal
from email.utils import format_datetime
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from doorstep.clock import Clock
from simulator.carriers.agenda import Agenda
from simulator.carriers.books import BookEntry
from simulator.carriers.easypost.app import Counter
from simulator.carriers.easypost.desk import Desk, way_of
from simulator.carriers.easypost.ledger import (
    Json,
    Ledger,
    ShipmentRecord,
    TrackerRecord,
    WebhookRecord,
)
from simulator.carriers.easypost.problems import natural_operation
from simulator.carriers.easypost.wire import event_json, refund_json, tracker_json
from simulator.carriers.mishaps import Mishaps
from simulator.postman import Habits, Postman

# EasyPost: at least once, seven seconds to answer, about six tries more (as several integrators report).
HABITS = Habits(
    retry_after_s=(60, 120, 300, 900, 1800, 3600),
    timeout_s=7.0,
    repeat_probability=0.05,
    delay_probability=0.1,
    delay_up_to_s=20.0,
)


class FakeEasyPost:
    """One account with EasyPost.

    Parameters
    ----------
    webhook_url, webhook_secret
        A webhook that exists from the start; more come by the API. "" makes none.
    time_zone
        Of the sender, for collections and delivery hours.
    transit_scale
        1 lets parcels take their one to three days; less shortens every step alike.
    """

    def __init__(
        self,
        clock: Clock,
        postman: Postman,
        rng: random.Random,
        *,
        api_key: str,
        webhook_url: str = "",
        webhook_secret: str = "",
        time_zone: str = "America/New_York",
        transit_scale: float = 1.0,
        habits: Habits = HABITS,
    ) -> None:
        self.suspended_with = ""
        self.mishaps = Mishaps()
        self._clock = clock
        self._postman = postman
        self._api_key = api_key
        self._habits = habits
        self._agenda = Agenda()
        self._ledger = Ledger()
        self.desk = Desk(
            self._ledger,
            self._agenda,
            rng,
            self._announce,
            time_zone=time_zone,
            transit_scale=transit_scale,
        )
        if webhook_url:
            self.add_webhook(webhook_url, webhook_secret)
        self._app = Counter(clock, self.desk, self._ledger, self, self.mishaps).app()

    @property
    def name(self) -> str:
        """Path segment."""
        return "easypost"

    @property
    def app(self) -> ASGIApp:
        """Stands for https://api.easypost.com."""
        return self._app

    async def tick(self, now: datetime) -> None:
        """Do all that is due, in order; its webhooks leave with the postman's next round."""
        self._agenda.run(now)

    async def close(self) -> None:
        """Let go of answers that are held back."""
        self.mishaps.slow(0)

    def books(self) -> list[BookEntry]:
        """Every label that was sold, oldest first."""
        return [
            BookEntry(entry.id, entry.reference, entry.book_state, entry.bought_at)
            for entry in self._ledger.shipments.values()
            if entry.bought_at is not None
        ]

    def printed_way(self, shipment_id: str) -> tuple[str, str]:
        """Whose name a label shows as the sender's, and whose as the recipient's."""
        sender, recipient = way_of(self._ledger.shipments[shipment_id].body)
        return str(sender.get("name") or ""), str(recipient.get("name") or "")

    def add_webhook(self, url: str, secret: str) -> None:
        """Register a webhook, as in the dashboard."""
        hook = WebhookRecord(self.desk.new_id("hook"), url, secret, self._clock.now())
        self._ledger.webhooks[hook.id] = hook

    def disable_webhooks(self) -> None:
        """Switch all webhooks off, as EasyPost does after lasting failures."""
        for hook in self._ledger.webhooks.values():
            hook.disabled_at = self._clock.now()

    def swallow_next_purchase(self) -> None:
        """Sell the next label and claim that the carrier did not answer."""
        self.desk.swallow_answers += 1

    def refuse_next(self, code: str, operation: str = "") -> None:
        """Refuse the next call once with this code; the operation is where the code would come up."""
        self.mishaps.refuse_next(code, operation or natural_operation(code))

    def silence(self, carrier: str, on: bool = True) -> None:
        """Let one carrier behind the key give no rates, or give them again."""
        (self.desk.silent_carriers.add if on else self.desk.silent_carriers.discard)(carrier)

    def set_price_factor(self, factor: Decimal) -> None:
        """Make everything dearer or cheaper from now on."""
        self.desk.price_factor = factor

    def outage(self, on: bool) -> None:
        """Be unreachable behind a proxy's 503, or well again."""
        self.mishaps.outage(on)

    def lose_next_booking(self) -> None:
        """Do the next booking and keep its answer back, so that nobody hears of it."""
        self.mishaps.lose_next_answer("/buy")

    def slow(self, seconds: float) -> None:
        """Do the work and answer that many machine seconds later; 0 is prompt again."""
        self.mishaps.slow(seconds)

    def is_key(self, key: str) -> bool:
        """Whether this is the account's key."""
        return key == self._api_key

    def _announce(
        self, description: str, about: TrackerRecord | ShipmentRecord, before: Json, at: datetime
    ) -> None:
        result = tracker_json(about) if isinstance(about, TrackerRecord) else refund_json(about)
        event_id = self.desk.new_id("evt")
        for hook in self._ledger.webhooks.values():
            if hook.disabled_at is None:
                event = event_json(event_id, description, result, before, hook.url, at)
                self._post(hook, event)

    def _post(self, hook: WebhookRecord, event: Json) -> None:
        body = json.dumps(event, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json"}
        if hook.secret:
            key = unicodedata.normalize("NFKD", hook.secret).encode()
            timestamp, path = format_datetime(self._clock.now()), urlsplit(hook.url).path
            signed = f"{timestamp}POST{path}".encode() + body
            headers |= {
                "X-Hmac-Signature": _signature(key, body),
                "X-Timestamp": timestamp,
                "X-Path": path,
                "X-Hmac-Signature-V2": _signature(key, signed),
            }
        self._postman.post(hook.url, body, headers, self._habits)


def _signature(key: bytes, message: bytes) -> str:
    return f"hmac-sha256-hex={hmac.new(key, message, hashlib.sha256).hexdigest()}"
