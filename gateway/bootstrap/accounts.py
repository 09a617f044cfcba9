"""Linking: merchants, places, stores, carriers, drivers and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.exc import IntegrityError

from connectors.fleet import FleetSettings
from doorstep.address import Address
from doorstep.driver import Driver
from doorstep.errors import InvalidInput, RemoteError
from doorstep.events import SyncRequested
from doorstep.health import HealthCheck
from doorstep.ids import new_id
from doorstep.merchant import CarrierAccount, Merchant
from doorstep.money import exponent_of
from doorstep.order import LinkStatus, Location, Store, StorePlatform
from doorstep.ports import StoreConnector
from doorstep.quote import DeliveryMode
from doorstep.secret import Secret
from gateway.api.ports import records as r
from gateway.api.reading import read_origins
from gateway.bootstrap.healing import after_healing, heal_store
from gateway.bootstrap.house import House
from gateway.bootstrap.keys import make_key
from gateway.bootstrap.linking import plugin_of, taken_credentials, tried
from gateway.bootstrap.links import OWN_FLEET


async def add_merchant(house: House, *, name: str, currency: str, time_zone: str) -> Merchant:
    """Make a merchant.

    Raises
    ------
    InvalidInput
        If the currency or the time zone does not exist.
    """
    try:
        exponent_of(currency)
    except ValueError as error:
        raise InvalidInput(str(error), path=("currency",)) from None
    _require_zone(time_zone)
    merchant = Merchant(id=new_id("mer"), name=name, currency=currency, time_zone=time_zone)
    async with house.means.begin(merchant.id) as work:
        await work.accounts.put_merchant(merchant)
    return merchant


async def add_location(
    house: House,
    merchant_id: str,
    *,
    name: str,
    address: Address,
    time_zone: str,
    external_ids: Sequence[str] = (),
) -> Location:
    """Add a place that orders leave from."""
    _require_zone(time_zone)
    place = Location(new_id("loc"), merchant_id, name, address, time_zone, tuple(external_ids))
    async with house.means.begin(merchant_id) as work:
        await work.accounts.put_location(place)
    return place


async def add_store(
    house: House,
    merchant_id: str,
    *,
    platform: str,
    url: str,
    credentials: Mapping[str, str],
    location_id: str | None,
    ca_file: str = "",
    check: bool = True,
) -> tuple[Store, Sequence[HealthCheck]]:
    """Link a store and register its webhooks; what the doctor found is returned, not raised.

    One that waits for its merchant, or was disconnected, becomes linked again as it was.

    Raises
    ------
    InvalidInput
        If the address or a credential cannot be right, the shop is linked already, or there are several
        locations and none was named.
    """
    kind = StorePlatform(platform)
    url = url.strip().rstrip("/")
    if "://" not in url:
        url = f"https://{url}"  # the Shopify admin shows its address without one
    host = urlsplit(url).hostname or ""
    # Judged before it is kept: a link that cannot be right is none.
    credentials = taken_credentials(plugin_of(house, kind), credentials)
    async with tried(house, kind, url, credentials, ca_file) as trial:
        leaves_from = await _location(house, merchant_id, location_id, trial)
    known = await _unlinked(house, merchant_id, kind, url)
    store_id = known.id if known else new_id("sto")
    store = Store(
        id=store_id,
        merchant_id=merchant_id,
        platform=kind,
        name=known.name if known else host,
        url=url,
        external_id=host if kind is StorePlatform.SHOPIFY else store_id,
        location_id=leaves_from,
        ca_file=ca_file,
    )
    try:
        async with house.means.begin(merchant_id) as work:
            await work.accounts.put_store(store, credentials)
            await work.emit(SyncRequested(merchant_id, store_id))
    except IntegrityError:
        text = f"{host} is linked already. `doorstep store reconnect` takes other credentials for it."
        raise InvalidInput(text, path=("url",)) from None
    connector = await house.links.store(merchant_id, store_id)
    checks = list(await connector.check()) if check else []
    return store, after_healing(checks, await heal_store(house, store))


async def _unlinked(house: House, merchant_id: str, platform: StorePlatform, url: str) -> Store | None:
    async with house.means.begin(merchant_id) as work:
        stores = await work.accounts.stores()
    idle = (LinkStatus.PENDING, LinkStatus.DISCONNECTED)
    same = [one for one in stores if one.platform is platform and one.url == url and one.status in idle]
    return same[0] if same else None


async def add_carrier(
    house: House,
    merchant_id: str,
    *,
    code: str,
    name: str = "",
    credentials: Mapping[str, str],
    base_url: str = "",
    settings: Mapping[str, object] | None = None,
) -> CarrierAccount:
    """Link a carrier account, or the own fleet (`own_fleet`, with settings).

    Raises
    ------
    InvalidInput
        If there is no such carrier, or a credential or setting is missing or wrong.
    """
    if code == OWN_FLEET:
        FleetSettings.from_json(settings or {})
        mode, shown = DeliveryMode.OWN_FLEET, name or "Own vans"
    else:
        plugin = house.plugins.carriers.get(code)
        if plugin is None:
            known = ", ".join([OWN_FLEET, *house.plugins.carriers])
            raise InvalidInput(f"There is no carrier {code!r}; known are {known}.", path=("code",))
        trial = plugin.connect({field: Secret(value) for field, value in credentials.items()}, base_url)
        await trial.close()
        if base_url:
            await house.links.require_callable(base_url)
        mode, shown = plugin.mode, name or plugin.name
    account = CarrierAccount(new_id("acc"), merchant_id, code, shown, mode, base_url=base_url)
    async with house.means.begin(merchant_id) as work:
        await work.accounts.put_carrier(account, credentials, dict(settings or {}))
    return account


async def add_driver(
    house: House,
    merchant_id: str,
    *,
    name: str,
    depot_id: str,
    device_id: str,
    shift_start: str,
    shift_end: str,
    capacity_g: int,
    vehicle_name: str,
) -> Driver:
    """Add a driver with a van.

    Raises
    ------
    InvalidInput
        If there is no such depot, or the shift is none.
    """
    shift = tuple(_wall_clock(text) for text in (shift_start, shift_end))
    if shift[0] >= shift[1]:
        raise InvalidInput("A shift ends after it began, on the same day: 09:00-18:00.", path=("shift",))
    await _location(house, merchant_id, depot_id)
    driver = Driver(
        id=new_id("drv"),
        merchant_id=merchant_id,
        name=name,
        depot_id=depot_id,
        device_id=device_id,
        shift_start=shift[0],
        shift_end=shift[1],
        capacity_g=capacity_g,
        vehicle_name=vehicle_name,
    )
    async with house.means.begin(merchant_id) as work:
        await work.fleet.put_driver(driver)
    return driver


async def add_key(
    house: House,
    merchant_id: str,
    *,
    kind: str,
    scopes: Sequence[str],
    origins: Sequence[str],
    name: str,
    person_id: str | None = None,
) -> str:
    """Make an API key and give its secret, which is shown once.

    Raises
    ------
    InvalidInput
        If an origin is none, or the key would open nothing.
    NotFound
        If it is to be of somebody who is not there.
    """
    audience = r.Audience(kind)
    wanted = tuple(r.Scope(scope) for scope in scopes)
    if audience is r.Audience.SECRET and not wanted:
        wanted = (r.Scope.READ,)
    if audience is r.Audience.PUBLISHABLE and wanted:
        raise InvalidInput("A publishable key takes no scopes; leave --scope out.", path=("scope",))
    places = read_origins(origins, ("origin",))
    order = r.KeyOrder(name, audience, wanted, places, person_id=person_id)
    made = await make_key(house, merchant_id, order)
    return made.secret.reveal()


async def _location(
    house: House, merchant_id: str, location_id: str | None, store: StoreConnector | None = None
) -> str:
    """A location of this merchant: the one that is named, else its only one, else what the store says."""
    async with house.means.begin(merchant_id) as work:
        places = [place.id for place in await work.accounts.locations()]
    if location_id in places or (location_id is None and len(places) == 1):
        return location_id or places[0]
    if not places and location_id is None and store is not None:
        told = await _told_locations(house, merchant_id, store)
        if told:
            return told[0]
    if not places:
        raise InvalidInput(
            "There is no location yet; make one with `doorstep merchant location`.", path=("location",)
        )
    listed = ", ".join(places)
    raise InvalidInput(f"Say which location its orders leave from: {listed}.", path=("location",))


async def _told_locations(house: House, merchant_id: str, store: StoreConnector) -> Sequence[str]:
    """Keep the places that a store ships from; () where it names none that a courier could find."""
    try:
        told = [place for place in await store.locations() if not place.address.missing]
    except RemoteError:
        return ()  # what is wrong with the link is told when it is checked
    kept = [replace(place, id=new_id("loc"), merchant_id=merchant_id) for place in told]
    async with house.means.begin(merchant_id) as work:
        for place in kept:
            await work.accounts.put_location(place)
    return [place.id for place in kept]


def _wall_clock(text: str) -> str:
    """ "9:00" as "09:00"."""
    try:
        return datetime.strptime(text.strip(), "%H:%M").strftime("%H:%M")  # noqa: DTZ007 - no day, no zone
    except ValueError:
        raise InvalidInput(f"A time of day looks like 09:00, not {text!r}.", path=("shift",)) from None


def _require_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidInput(
            f"{name!r} is no IANA time zone such as Europe/Madrid.", path=("timeZone",)
        ) from None
