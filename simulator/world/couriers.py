"""The two carriers of this world, and one book over both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from doorstep.clock import Clock
from simulator.actor import Actor
from simulator.carriers.books import BookEntry, BookState
from simulator.carriers.easypost import FakeEasyPost
from simulator.carriers.uber_direct import FakeUberDirect
from simulator.carriers.uber_direct.rounds import Pace
from simulator.city import City
from simulator.postman import Postman


@dataclass(frozen=True, slots=True)
class BookingRow:
    """One booking as its carrier counts it.

    Attributes
    ----------
    delivered_at
        As closely as the world's steps are apart; None where it is not delivered.
    """

    carrier: str
    external_id: str
    reference: str
    live: bool
    cancelled: bool
    delivered: bool
    booked_at: datetime
    delivered_at: datetime | None


class Carriers:
    """Uber Direct and EasyPost."""

    def __init__(
        self,
        clock: Clock,
        postman: Postman,
        random: Random,
        city: City,
        *,
        parcel_pace: float,
        dropout_chance: float = 0.0,
    ) -> None:
        self._customer_id = f"cus_{random.getrandbits(64):016x}"
        self._client = f"client-{random.getrandbits(64):016x}", f"{random.getrandbits(160):040x}"
        self._signing_key = f"{random.getrandbits(128):032x}"
        self._api_key = f"EZTK{random.getrandbits(160):040x}"
        self._webhook_secret = f"{random.getrandbits(128):032x}"
        self.uber = FakeUberDirect(
            clock,
            postman,
            random,
            customer_id=self._customer_id,
            client_id=self._client[0],
            client_secret=self._client[1],
            signing_key=self._signing_key,
            centre=city.districts[0].centre,
            pace=Pace(dropout_chance=dropout_chance),
        )
        self.easypost = FakeEasyPost(
            clock,
            postman,
            random,
            api_key=self._api_key,
            time_zone=city.time_zone,
            transit_scale=parcel_pace,
        )
        self._delivered_at: dict[str, datetime] = {}

    @property
    def actors(self) -> tuple[Actor, ...]:
        """In the order of their ticks."""
        return self.uber, self.easypost

    def links(self, base_url: str) -> list[dict[str, object]]:
        """Address and credentials of each, by the names that an operator is asked for."""
        return [
            {
                "carrier": "uber_direct",
                "base_url": f"{base_url}/uber",
                "credentials": {
                    "customer_id": self._customer_id,
                    "client_id": self._client[0],
                    "client_secret": self._client[1],
                    "webhook_secret": self._signing_key,
                },
            },
            {
                "carrier": "easypost",
                "base_url": f"{base_url}/easypost",
                "credentials": {"api_key": self._api_key, "webhook_secret": self._webhook_secret},
            },
        ]

    def send_webhooks_to(self, urls: Mapping[str, str]) -> None:
        """Enter where events go, as in each carrier's dashboard; what was entered before ends."""
        self.uber.webhook_url = urls.get("uber_direct", "")
        self.easypost.disable_webhooks()
        if urls.get("easypost"):
            self.easypost.add_webhook(urls["easypost"], self._webhook_secret)

    def drop_courier(self) -> BookEntry | None:
        """Let Uber call off the oldest delivery that no courier has picked up; None where there is none."""
        live = [entry for entry in self.uber.books() if entry.state is BookState.LIVE]
        return next((entry for entry in live if self.uber.drop_courier(entry.external_id)), None)

    def note(self, now: datetime) -> None:
        """Write down what has been delivered since the last time."""
        for entry in (*self.uber.books(), *self.easypost.books()):
            if entry.state is BookState.DELIVERED:
                self._delivered_at.setdefault(entry.external_id, now)

    def books(self) -> list[BookingRow]:
        """Every booking, carrier by carrier, oldest first."""
        rows = [("uber_direct", entry) for entry in self.uber.books()]
        rows += [("easypost", entry) for entry in self.easypost.books()]
        return [self._row(carrier, entry) for carrier, entry in rows]

    def _row(self, carrier: str, entry: BookEntry) -> BookingRow:
        return BookingRow(
            carrier=carrier,
            external_id=entry.external_id,
            reference=entry.reference,
            live=entry.state is BookState.LIVE,
            cancelled=entry.state is BookState.CANCELLED,
            delivered=entry.state is BookState.DELIVERED,
            booked_at=entry.booked_at.astimezone(UTC),
            delivered_at=self._delivered_at.get(entry.external_id),
        )
