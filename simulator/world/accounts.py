"""The merchant's accounts with the carriers of this world: who they are, and how one signs in there.

Lalamove and Stuart do not ride in the United States, where the city lies, so they have no account here.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Protocol

from doorstep.clock import Clock
from doorstep.geo import LatLng
from simulator.actor import Actor
from simulator.carriers.books import BookEntry
from simulator.carriers.doordash import FakeDoorDash
from simulator.carriers.doordash.rounds import Pace as DasherPace
from simulator.carriers.easypost import FakeEasyPost
from simulator.carriers.roadie import FakeRoadie
from simulator.carriers.shipengine import FakeShipEngine
from simulator.carriers.uber_direct import FakeUberDirect
from simulator.carriers.uber_direct.rounds import Pace as CourierPace
from simulator.city import City
from simulator.geocoder import Gazetteer
from simulator.postman import Postman


class Carrying(Actor, Protocol):
    """A carrier of any kind."""

    def books(self) -> list[BookEntry]:
        """Every booking, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """One carrier and the merchant's account there.

    Attributes
    ----------
    credentials
        By the names that an operator is asked for.
    listen
        Enters where events go, as in the carrier's dashboard; "" sends none.
    drop
        Calls a booking off as the carrier would; False where it does not. None where nobody rides.
    reference_of
        The customer's reference of a booking.
    """

    carrier: str
    name: str
    actor: Carrying
    credentials: Mapping[str, str]
    listen: Callable[[str], None]
    drop: Callable[[str], bool] | None = None
    reference_of: Callable[[BookEntry], str] = lambda entry: entry.reference


@dataclass(frozen=True, slots=True)
class _Surroundings:
    clock: Clock
    postman: Postman
    random: Random
    city: City
    parcel_pace: float
    dropout_chance: float

    def secret(self, bits: int) -> str:
        return f"{self.random.getrandbits(bits):0{bits // 4}x}"


def open_accounts(
    clock: Clock,
    postman: Postman,
    random: Random,
    city: City,
    *,
    parcel_pace: float,
    dropout_chance: float,
) -> tuple[CarrierAccount, ...]:
    """Couriers first, in the order of their turns."""
    around = _Surroundings(clock, postman, random, city, parcel_pace, dropout_chance)
    return _uber(around), _doordash(around), _roadie(around), _easypost(around), _shipengine(around)


def _uber(around: _Surroundings) -> CarrierAccount:
    credentials = {
        "customer_id": f"cus_{around.secret(64)}",
        "client_id": f"client-{around.secret(64)}",
        "client_secret": around.secret(160),
        "webhook_secret": around.secret(128),
    }
    uber = FakeUberDirect(
        around.clock,
        around.postman,
        around.random,
        customer_id=credentials["customer_id"],
        client_id=credentials["client_id"],
        client_secret=credentials["client_secret"],
        signing_key=credentials["webhook_secret"],
        centre=around.city.districts[0].centre,
        pace=CourierPace(dropout_chance=around.dropout_chance),
    )

    def listen(url: str) -> None:
        uber.webhook_url = url

    return CarrierAccount("uber_direct", "Uber Direct", uber, credentials, listen, uber.drop_courier)


def _doordash(around: _Surroundings) -> CarrierAccount:
    credentials = {
        "developer_id": f"dev-{around.secret(64)}",
        "key_id": f"key-{around.secret(64)}",
        "signing_secret": base64.urlsafe_b64encode(around.random.randbytes(32)).decode().rstrip("="),
        "webhook_authorization": around.secret(128),
    }
    gazetteer = Gazetteer(around.city)

    def place(address: str) -> LatLng | None:
        found = gazetteer.find_text(address)
        return found[0].at if found else None

    doordash = FakeDoorDash(
        around.clock,
        around.postman,
        around.random,
        developer_id=credentials["developer_id"],
        key_id=credentials["key_id"],
        signing_secret=credentials["signing_secret"],
        webhook_authorization=credentials["webhook_authorization"],
        centre=around.city.districts[0].centre,
        pace=DasherPace(dropout_chance=around.dropout_chance),
        geocode=place,
    )

    def listen(url: str) -> None:
        doordash.webhook_url = url

    return CarrierAccount("doordash", "DoorDash Drive", doordash, credentials, listen, doordash.drop_dasher)


def _roadie(around: _Surroundings) -> CarrierAccount:
    credentials = {"token": around.secret(160), "webhook_secret": around.secret(128)}
    roadie = FakeRoadie(
        around.clock,
        around.postman,
        around.random,
        token=credentials["token"],
        webhook_secret=credentials["webhook_secret"],
    )

    def listen(url: str) -> None:
        roadie.webhook_url = url

    return CarrierAccount("roadie", "Roadie", roadie, credentials, listen, roadie.call_off)


def _easypost(around: _Surroundings) -> CarrierAccount:
    credentials = {"api_key": f"EZTK{around.secret(160)}", "webhook_secret": around.secret(128)}
    easypost = FakeEasyPost(
        around.clock,
        around.postman,
        around.random,
        api_key=credentials["api_key"],
        time_zone=around.city.time_zone,
        transit_scale=around.parcel_pace,
    )

    def listen(url: str) -> None:
        easypost.disable_webhooks()
        if url:
            easypost.add_webhook(url, credentials["webhook_secret"])

    return CarrierAccount("easypost", "EasyPost", easypost, credentials, listen)


def _shipengine(around: _Surroundings) -> CarrierAccount:
    credentials = {"api_key": f"live_{around.secret(160)}", "webhook_secret": around.secret(128)}
    shipengine = FakeShipEngine(
        around.clock,
        around.postman,
        around.random,
        api_key=credentials["api_key"],
        time_zone=around.city.time_zone,
        transit_scale=around.parcel_pace,
    )

    def listen(url: str) -> None:
        shipengine.remove_webhooks()
        if url:
            headers = {"X-Doorstep-Secret": credentials["webhook_secret"]}
            shipengine.add_webhook("track", url, "tracking", headers)

    return CarrierAccount(
        "shipengine",
        "ShipEngine",
        shipengine,
        credentials,
        listen,
        # Its books know a label by the shipment's own id; the reference of the goods is printed on it.
        reference_of=lambda entry: shipengine.printed_on(entry.external_id),
    )
