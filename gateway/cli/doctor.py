"""`doorstep doctor`: says what is wrong in words a merchant understands. docs/doctor.md has the table."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import distributions

import click

from doorstep.health import HealthCheck
from gateway.bootstrap.house import House
from gateway.cli.running import with_house

OUR_PACKAGES = ("connectors", "doorstep", "gateway", "optimizer", "simulator", "webhooks")
"""Top-level names that must belong to the distribution `doorstep` alone."""


@click.command()
@click.option("--store", "store_id", help="Look at this store only.")
def doctor(store_id: str | None) -> None:
    """Look at the database, the plug-ins, every store and carrier; exit code 1 if something is wrong."""

    async def act(house: House) -> int:
        failed = _show("This installation", [*_names(), house.live.health(), *_plugins(house)])
        for merchant_id in await _merchants(house):
            failed += await _look_at(house, merchant_id, store_id)
        return failed

    failed = with_house(act)
    if failed:
        raise click.ClickException(
            f"{failed} thing{'s' if failed > 1 else ''} to mend; docs/doctor.md has the table."
        )


async def _look_at(house: House, merchant_id: str, store_id: str | None) -> int:
    async with house.means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        stores = [store for store in await work.accounts.stores() if store_id in {None, store.id}]
    failed = 0
    for store in stores:
        connector = await house.links.store(merchant_id, store.id)
        failed += _show(f"{merchant.name}: {store.name}", await connector.check())
    if store_id is None:
        for linked in await house.links.carriers(merchant_id):
            failed += _show(f"{merchant.name}: {linked.account.name}", await linked.connector.check())
    return failed


async def _merchants(house: House) -> Sequence[str]:
    from gateway.store.accounts import all_merchants

    async with house.database.doors() as connection:
        return await all_merchants(connection)


def _names() -> list[HealthCheck]:
    """Another distribution that installs a package of one of our names would shadow it."""
    strangers = sorted(
        {
            f"{dist.name} ({file.parts[0]})"
            for dist in distributions()
            if dist.name != "doorstep"
            for file in dist.files or ()
            if file.parts and file.parts[0] in OUR_PACKAGES
        }
    )
    if strangers:
        listed = ", ".join(strangers)
        return [
            HealthCheck(
                "names",
                False,
                f"These share a package name with Doorstep: {listed}. Uninstall them.",
                "name_taken",
            )
        ]
    return [HealthCheck("names", True, "No other distribution uses our package names.")]


def _plugins(house: House) -> list[HealthCheck]:
    return [
        HealthCheck("plugin", False, f"The plug-in {name} could not be loaded: {reason}.", "plugin_broken")
        for name, reason in house.plugins.broken.items()
    ]


def _show(title: str, checks: Sequence[HealthCheck]) -> int:
    click.secho(title, bold=True)
    for check in checks:
        mark = click.style("ok", fg="green") if check.passed else click.style("!!", fg="red")
        click.echo(f"  {mark}  {check.text}")
    return sum(not check.passed for check in checks)
