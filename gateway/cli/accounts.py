"""`doorstep merchant`, `carrier`, `driver` and `token`: what an operator links and hands out."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from doorstep.address import Address
from doorstep.errors import InvalidInput
from doorstep.geo import LatLng
from gateway.cli.running import merchant_named, with_house

if TYPE_CHECKING:
    from gateway.bootstrap.house import House

MERCHANT = click.option("--merchant", help="Id or name; may be left out while there is only one.")


@click.group()
def merchant() -> None:
    """Merchants: everything else belongs to one."""


@merchant.command("create")
@click.argument("name")
@click.option("--currency", default="USD", show_default=True, help="ISO 4217 code.")
@click.option("--time-zone", default="UTC", show_default=True, help="IANA time zone of its working day.")
def create_merchant(name: str, currency: str, time_zone: str) -> None:
    """Make a merchant."""
    from gateway.bootstrap.accounts import add_merchant

    async def act(house: House) -> None:
        made = await add_merchant(house, name=name, currency=currency, time_zone=time_zone)
        click.echo(made.id)

    with_house(act)


@merchant.command("list")
def list_merchants() -> None:
    """Show all merchants."""
    from gateway.store.accounts import all_merchants

    async def act(house: House) -> None:
        async with house.database.doors() as connection:
            ids = await all_merchants(connection)
        for id_ in ids:
            async with house.means.begin(id_) as work:
                found = await work.accounts.merchant()
            click.echo(f"{found.id}  {found.name}  {found.currency}  {found.time_zone}")

    with_house(act)


@merchant.command("location")
@MERCHANT
@click.option("--name", required=True)
@click.option("--address", required=True, help='"12 Mill Street, Port Meridian, NY 00412, US".')
@click.option("--at", required=True, help="Latitude and longitude: 39.9,-71.5.")
@click.option("--phone", default="", help="E.164; couriers call it.")
@click.option("--time-zone", default="UTC", show_default=True)
def add_location_command(
    merchant: str | None, name: str, address: str, at: str, phone: str, time_zone: str
) -> None:
    """Add a place that orders leave from."""
    from gateway.bootstrap.accounts import add_location

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        place = _address(name, address, at, phone)
        made = await add_location(house, merchant_id, name=name, address=place, time_zone=time_zone)
        click.echo(made.id)

    with_house(act)


@click.group()
def carrier() -> None:
    """Carrier accounts, and the own fleet."""


@carrier.command("add")
@click.argument("code")
@MERCHANT
@click.option("--name", default="", help="How it is shown; the carrier's own name where absent.")
@click.option("--credential", "pairs", multiple=True, help="name=value, as often as needed.")
@click.option("--base-url", default="", help="Another address of its API, for sandboxes.")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(exists=True, dir_okay=False),
    help="own_fleet: JSON with zones, rate sheet and windows.",
)
def add_carrier_command(
    code: str,
    merchant: str | None,
    name: str,
    pairs: tuple[str, ...],
    base_url: str,
    settings_file: str | None,
) -> None:
    """Link a carrier account; CODE is one of `doorstep carrier kinds`."""
    from gateway.bootstrap.accounts import add_carrier

    credentials = dict(_pair(pair) for pair in pairs)
    fleet = _json_object(Path(settings_file)) if settings_file else None

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        made = await add_carrier(
            house,
            merchant_id,
            code=code,
            name=name,
            credentials=credentials,
            base_url=base_url,
            settings=fleet,
        )
        click.echo(f"{made.id}  webhooks: {house.settings.base_url}/webhooks/carriers/{made.id}")

    with_house(act)


@carrier.command("kinds")
def carrier_kinds() -> None:
    """Show the carriers that can be linked and what each needs."""
    from gateway.plugins import load_plugins

    for plugin in load_plugins().carriers.values():
        click.echo(f"{plugin.carrier}  {plugin.name}")
        for field in plugin.credentials:
            click.echo(f"    {field.name}  {field.label}")


@click.group()
def driver() -> None:
    """Drivers of the own vans."""


@driver.command("add")
@click.argument("name")
@MERCHANT
@click.option("--depot", "depot_id", required=True, help="Id of a location.")
@click.option("--shift", default="09:00-18:00", show_default=True)
@click.option("--capacity-kg", type=int, default=400, show_default=True)
@click.option("--vehicle", default="Van", show_default=True)
def add_driver_command(
    name: str, merchant: str | None, depot_id: str, shift: str, capacity_kg: int, vehicle: str
) -> None:
    """Add a driver; prints the device id for the phone's tracking app."""
    from gateway.bootstrap.accounts import add_driver

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        start, _, end = shift.partition("-")
        made = await add_driver(
            house,
            merchant_id,
            name=name,
            depot_id=depot_id,
            device_id=secrets.token_urlsafe(16),
            shift_start=start,
            shift_end=end,
            capacity_g=capacity_kg * 1000,
            vehicle_name=vehicle,
        )
        click.echo(
            f"{made.id}  device id: {made.device_id}  positions: {house.settings.base_url}/positions/osmand"
        )

    with_house(act)


@click.group()
def token() -> None:
    """Keys for the API and tokens for shoppers."""


@token.command("key")
@MERCHANT
@click.option("--publishable", "kind", flag_value="PUBLISHABLE", help="For storefronts; bound to --origin.")
@click.option(
    "--secret", "kind", flag_value="SECRET", default="SECRET", help="For back ends; limited by --scope."
)
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(["READ", "OPERATE", "CONFIGURE", "ADMINISTER"])
)
@click.option("--origin", "origins", multiple=True, help="https://shop.example, as often as needed.")
@click.option("--name", default="made on the command line", show_default=True)
@click.option("--person", "person_id", help="Whose it is: an id of `doorstep person list`.")
def make_key(
    merchant: str | None,
    kind: str,
    scopes: tuple[str, ...],
    origins: tuple[str, ...],
    name: str,
    person_id: str | None,
) -> None:
    """Make an API key; it is shown once."""
    from gateway.bootstrap.accounts import add_key

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        made = await add_key(
            house, merchant_id, kind=kind, scopes=scopes, origins=origins, name=name, person_id=person_id
        )
        click.echo(made)

    with_house(act)


@token.command("tracking")
@click.argument("delivery_id")
@MERCHANT
@click.option("--hours", type=int, default=48, show_default=True)
def make_tracking(delivery_id: str, merchant: str | None, hours: int) -> None:
    """Make a tracking link for a delivery."""
    from gateway.bootstrap.commands import FlowCommands

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        commands = FlowCommands(house, merchant_id)
        link = await commands.create_tracking_token(delivery_id=delivery_id, lifetime_s=hours * 3600)
        click.echo(link.url)

    with_house(act)


@token.command("driver")
@click.argument("driver_id")
@MERCHANT
@click.option("--hours", type=click.IntRange(1, 168), default=16, show_default=True)
def make_driver_session(driver_id: str, merchant: str | None, hours: int) -> None:
    """Let a driver sign in; the token is shown once."""
    from gateway.bootstrap.keys import make_driver_session as make_session

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        made = await make_session(house, merchant_id, driver_id, hours * 3600)
        click.echo(made.token.reveal())

    with_house(act)


def _json_object(file: Path) -> dict[str, object]:
    try:
        found = json.loads(file.read_text())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InvalidInput(f"{file} must hold one JSON object.", path=("settings",))
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InvalidInput(f"--credential takes name=value, not {text[:20]!r}.", path=("credential",))
    return name, value


def _address(name: str, text: str, at: str, phone: str) -> Address:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4:
        raise InvalidInput("--address takes street, city, state and postcode, country.", path=("address",))
    province, _, postal_code = parts[2].partition(" ")
    try:
        lat, lng = (float(number) for number in at.split(","))
        location = LatLng(lat, lng)
    except ValueError:
        raise InvalidInput(f"--at takes latitude,longitude in degrees, not {at!r}.", path=("at",)) from None
    return Address(
        country=parts[3],
        name=name,
        line1=parts[0],
        city=parts[1],
        province=province,
        postal_code=postal_code,
        phone=phone or None,
        phone_raw=phone,
        location=location,
    )
