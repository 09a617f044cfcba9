"""The carriers of this world, and one book over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from starlette.types import ASGIApp

from doorstep.clock import Clock
from simulator.actor import Actor
from simulator.carriers.books import BookEntry, BookState
from simulator.city import City
from simulator.postman import Postman
from simulator.world.accounts import CarrierAccount, open_accounts
from simulator.world.moods import Mood, MoodLayer


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


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """How a carrier stands."""

    carrier: str
    name: str
    mood: Mood
    bookings_live: int


class Carriers:
    """Couriers and parcel carriers."""

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
        accounts = open_accounts(
            clock, postman, random, city, parcel_pace=parcel_pace, dropout_chance=dropout_chance
        )
        self._accounts = {account.carrier: account for account in accounts}
        self._doors = {account.actor.name: MoodLayer(_app_of(account.actor)) for account in accounts}
        self._delivered_at: dict[str, datetime] = {}

    @property
    def codes(self) -> tuple[str, ...]:
        """What each is called, couriers first."""
        return tuple(self._accounts)

    @property
    def actors(self) -> tuple[Actor, ...]:
        """In the order of their ticks."""
        return tuple(account.actor for account in self._accounts.values())

    def door(self, actor_name: str) -> ASGIApp | None:
        """What answers for a carrier over HTTP, None where the actor is none."""
        return self._doors.get(actor_name)

    def links(self, base_url: str) -> list[dict[str, object]]:
        """Address and credentials of each, by the names that an operator is asked for."""
        return [
            {
                "carrier": account.carrier,
                "name": account.name,
                "base_url": f"{base_url}/{account.actor.name}",
                "credentials": dict(account.credentials),
            }
            for account in self._accounts.values()
        ]

    def send_webhooks_to(self, urls: Mapping[str, str]) -> None:
        """Enter where events go, as in each carrier's dashboard; what was entered before ends."""
        for account in self._accounts.values():
            account.listen(urls.get(account.carrier, ""))

    def feel(self, carrier: str, mood: Mood) -> None:
        """Let a carrier's servers be slow, failing, away, or well again."""
        self._doors[self._accounts[carrier].actor.name].feel(mood)

    def drop_courier(self) -> BookingRow | None:
        """Let a carrier call off the oldest delivery that nobody has picked up; None where there is none."""
        waiting = [
            (entry.booked_at, account, entry)
            for account in self._accounts.values()
            if account.drop is not None
            for entry in account.actor.books()
            if entry.state is BookState.LIVE
        ]
        for _, account, entry in sorted(waiting, key=lambda row: row[0]):
            if account.drop is not None and account.drop(entry.external_id):
                return self._row(account, entry)
        return None

    def note(self, now: datetime) -> None:
        """Write down what has been delivered since the last time."""
        for account in self._accounts.values():
            for entry in account.actor.books():
                if entry.state is BookState.DELIVERED:
                    self._delivered_at.setdefault(entry.external_id, now)

    def rows(self) -> list[CarrierRow]:
        """How each stands, couriers first."""
        return [
            CarrierRow(
                account.carrier,
                account.name,
                self._doors[account.actor.name].mood,
                sum(entry.state is BookState.LIVE for entry in account.actor.books()),
            )
            for account in self._accounts.values()
        ]

    def books(self) -> list[BookingRow]:
        """Every booking, carrier by carrier, oldest first."""
        return [
            self._row(account, entry)
            for account in self._accounts.values()
            for entry in account.actor.books()
        ]

    def close(self) -> None:
        """Let go of calls that are held back."""
        for door in self._doors.values():
            door.feel(Mood.WELL)

    def _row(self, account: CarrierAccount, entry: BookEntry) -> BookingRow:
        return BookingRow(
            carrier=account.carrier,
            external_id=entry.external_id,
            reference=account.reference_of(entry),
            live=entry.state is BookState.LIVE,
            cancelled=entry.state is BookState.CANCELLED,
            delivered=entry.state is BookState.DELIVERED,
            booked_at=entry.booked_at.astimezone(UTC),
            delivered_at=self._delivered_at.get(entry.external_id),
        )


def _app_of(actor: Actor) -> ASGIApp:
    if actor.app is None:
        raise ValueError(f"the carrier {actor.name!r} has no door")
    return actor.app
