"""The simulated Uber Direct as the world sees it: an app, a tick, buttons and books."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from datetime import datetime

from starlette.types import ASGIApp

from doorstep.clock import Clock
from doorstep.geo import LatLng
from simulator.carriers.agenda import Agenda
from simulator.carriers.books import BookEntry
from simulator.carriers.mishaps import Mishaps
from simulator.carriers.uber_direct.app import Counter
from simulator.carriers.uber_direct.desk import Desk
from simulator.carriers.uber_direct.ledger import DeliveryRecord, Ledger
from simulator.carriers.uber_direct.problems import natural_operation
from simulator.carriers.uber_direct.rounds import Pace, Rounds
from simulator.carriers.uber_direct.wire import delivery_json, rfc3339
from simulator.postman import Habits, Postman

# Uber: at least once, not ordered, seven tries over about an hour with a multiplier of 30 seconds.
HABITS = Habits(
    retry_after_s=(30, 60, 120, 240, 480, 960, 1920),
    repeat_probability=0.05,
    delay_probability=0.1,
    delay_up_to_s=20.0,
)

_CENTRE = LatLng(40.7306, -73.9866)


class FakeUberDirect:
    """One customer's account with Uber Direct.

    Parameters
    ----------
    webhook_url, signing_key
        Where events go and what signs them; "" sends none. Both may be set later, as in the dashboard.
    couriers
        How many there are; quotes are refused while all are busy.
    centre, reach_m
        Where addresses without coordinates lie, and the longest delivery in metres.
    """

    def __init__(
        self,
        clock: Clock,
        postman: Postman,
        rng: random.Random,
        *,
        customer_id: str,
        client_id: str,
        client_secret: str,
        webhook_url: str = "",
        signing_key: str = "",
        couriers: int = 12,
        pace: Pace | None = None,
        habits: Habits = HABITS,
        centre: LatLng = _CENTRE,
        reach_m: float = 20_000.0,
    ) -> None:
        self.customer_id = customer_id
        self.webhook_url = webhook_url
        self.signing_key = signing_key
        self.suspended_with = ""
        self.mishaps = Mishaps()
        self._clock = clock
        self._postman = postman
        self._rng = rng
        self._client = (client_id, client_secret)
        self._habits = habits
        self._tokens: dict[str, datetime] = {}
        self._agenda = Agenda()
        self._ledger = Ledger()
        self._rounds = Rounds(
            self._ledger, self._agenda, rng, pace or Pace(), couriers, self._announce, self._locate
        )
        self.desk = Desk(self._ledger, self._rounds, rng, centre, reach_m)
        self._app = Counter(clock, self.desk, self, self.mishaps).app()

    @property
    def name(self) -> str:
        """Path segment."""
        return "uber"

    @property
    def app(self) -> ASGIApp:
        """Stands for https://api.uber.com and for the token endpoint."""
        return self._app

    async def tick(self, now: datetime) -> None:
        """Do all that is due, in order; its webhooks leave with the postman's next round."""
        self._agenda.run(now)

    async def close(self) -> None:
        """Let go of answers that are held back."""
        self.mishaps.slow(0)

    def books(self) -> list[BookEntry]:
        """Every booking, oldest first; legs back to the store are not bookings."""
        return [
            BookEntry(entry.id, entry.reference, entry.book_state, entry.created_at)
            for entry in self._ledger.deliveries.values()
            if not entry.is_return
        ]

    def notes_of(self, delivery_id: str) -> str:
        """What the courier reads at the door."""
        return str(self._ledger.deliveries[delivery_id].body.get("dropoff_notes", ""))

    def drop_next_courier(self) -> str:
        """Let a courier give up before the pickup; gives the delivery's id.

        Takes the oldest delivery that has a courier on the way to the store. Where there is none, the next
        courier who sets out gives up on the way, and the answer is "".
        """
        for delivery in self._ledger.deliveries.values():
            if delivery.status == "pickup" and self.drop_courier(delivery.id):
                return delivery.id
        self._rounds.arm_dropout()
        return ""

    def drop_courier(self, delivery_id: str) -> bool:
        """Call one delivery off as Uber would; False if its courier has the goods or it is over."""
        delivery = self._ledger.deliveries.get(delivery_id)
        return delivery is not None and self._rounds.drop(delivery, self._clock.now())

    def refuse_next(self, code: str, operation: str = "") -> None:
        """Refuse the next call once with this code; the operation is where the code would come up."""
        self.mishaps.refuse_next(code, operation or natural_operation(code))

    def set_price_factor(self, factor: float) -> None:
        """Make everything dearer or cheaper from now on."""
        self.desk.price_factor = factor

    def outage(self, on: bool) -> None:
        """Be unreachable behind a proxy's 503, or well again."""
        self.mishaps.outage(on)

    def lose_next_booking(self) -> None:
        """Do the next booking and keep its answer back, so that nobody hears of it."""
        self.mishaps.lose_next_answer("/deliveries")

    def slow(self, seconds: float) -> None:
        """Do the work and answer that many machine seconds later; 0 is prompt again."""
        self.mishaps.slow(seconds)

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
        token = f"KA.{self._rng.getrandbits(128):032x}"
        self._tokens[token] = ends_at
        return token

    def is_token(self, token: str, now: datetime) -> bool:
        """Whether a bearer token is good."""
        return token in self._tokens and now < self._tokens[token]

    def _announce(self, delivery: DeliveryRecord, at: datetime) -> None:
        self._post(
            {
                "id": f"evt_{self._rng.getrandbits(88):022x}",
                "kind": "event.delivery_status",
                "status": delivery.status,
                "created": rfc3339(at),
                "delivery_id": delivery.id,
                "customer_id": self.customer_id,
                "developer_id": "",
                "account_id": "acc_simulated",
                "route_id": "",
                "batch_id": "",
                "live_mode": False,
                "data": delivery_json(delivery, at),
            }
        )

    def _locate(self, delivery: DeliveryRecord, at: datetime) -> None:
        here = delivery.position(at)
        if here is None:
            return
        self._post(
            {
                "kind": "event.courier_update",
                "location": {"lat": round(here.lat, 6), "lng": round(here.lng, 6)},
                "delivery_id": delivery.id,
                "job_id": delivery.uuid,
                "live_mode": False,
                "data": {**delivery_json(delivery, at), "updated": rfc3339(at)},
            }
        )

    def _post(self, message: dict[str, object]) -> None:
        if not self.webhook_url:
            return
        body = json.dumps(message, separators=(",", ":")).encode()
        signature = hmac.new(self.signing_key.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "x-uber-signature": signature,
            "x-postmates-signature": signature,
        }
        self._postman.post(self.webhook_url, body, headers, self._habits)
