"""`doorstep device` and `doorstep positions`: keys of drivers' phones, and where those were."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.accounts import MERCHANT
from gateway.cli.running import merchant_named, with_house

if TYPE_CHECKING:
    from gateway.bootstrap.house import House


@click.group()
def device() -> None:
    """Device keys: what drivers' tracking apps call themselves, or send as their password."""


@device.command("add")
@click.argument("driver_id")
@MERCHANT
@click.option(
    "--old-last",
    type=click.IntRange(0, 10080),
    help="Minutes that the driver's other keys still open something; without it they stay.",
)
def add_device_key(driver_id: str, merchant: str | None, old_last: int | None) -> None:
    """Make a key for a driver's phone; it is shown once."""
    from gateway.bootstrap.keys import make_device_key

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        lasts_s = None if old_last is None else old_last * 60
        row, key = await make_device_key(house, merchant_id, driver_id, lasts_s)
        click.echo(f"{row.id}  {key.reveal()}")

    with_house(act)


@device.command("list")
@click.argument("driver_id")
@MERCHANT
def list_device_keys(driver_id: str, merchant: str | None) -> None:
    """Show the keys of a driver."""
    from gateway.bootstrap.keys import device_keys_of

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        for row in await device_keys_of(house, merchant_id, driver_id):
            ends = "stays" if row.ends_at is None else f"until {row.ends_at:%Y-%m-%d %H:%M} UTC"
            click.echo(f"{row.id}  {row.hint}  made {row.created_at:%Y-%m-%d}  {ends}")

    with_house(act)


@device.command("revoke")
@click.argument("driver_id")
@MERCHANT
@click.option("--key", "key_id", default="", help="Only this one; all of the driver where absent.")
def revoke_device_keys(driver_id: str, merchant: str | None, key_id: str) -> None:
    """Let keys of a driver open nothing from now on."""
    from gateway.bootstrap.keys import end_device_keys

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        click.echo(f"{await end_device_keys(house, merchant_id, driver_id, key_id)} revoked")

    with_house(act)


@click.group()
def positions() -> None:
    """Where drivers were."""


@positions.command("import")
@click.argument("driver_id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@MERCHANT
def import_positions(driver_id: str, file: Path, merchant: str | None) -> None:
    """Take the track of a GPX file for a driver."""
    from connectors.fleet.gpx import decode_gpx
    from gateway.bootstrap.tracks import import_track

    found = decode_gpx(file.read_bytes())

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        counts = await import_track(house, merchant_id, driver_id, found.positions)
        said = "".join(f", {count} {name}" for name, count in sorted(counts.items()))
        click.echo(f"{len(found.positions)} read, {found.without_time} without a time{said}")

    with_house(act)


@positions.command("forget")
@click.argument("driver_id")
@MERCHANT
def forget_positions(driver_id: str, merchant: str | None) -> None:
    """Erase where a driver was and is."""

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        async with house.means.begin(merchant_id) as work:
            gone = await work.positions.erase(driver_id)
        await house.live.positions.forget(merchant_id, driver_id)
        click.echo(f"{gone} positions erased")

    with_house(act)
