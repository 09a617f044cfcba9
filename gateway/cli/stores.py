"""`doorstep store`: link shops, see how they stand, link them again, let go of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from doorstep.errors import InvalidInput
from gateway.cli.accounts import MERCHANT
from gateway.cli.running import merchant_named, with_house

if TYPE_CHECKING:
    from doorstep.health import HealthCheck
    from doorstep.order import Store
    from gateway.bootstrap.house import House

_CREDENTIALS = (
    click.option("--key", default="", help="WooCommerce: consumer key ck_…."),
    click.option(
        "--secret", default="", help="WooCommerce: consumer secret cs_…; Shopify: the app's client secret."
    ),
    click.option("--token", "access_token", default="", help="Shopify: Admin API access token."),
    click.option("--webhook-secret", default="", help="WooCommerce: made up where absent."),
    click.option("--api-endpoint", default="", help="Shopify: another address of the Admin API, for tests."),
)


def _takes_credentials[F: Callable[..., object]](command: F) -> F:
    for option in reversed(_CREDENTIALS):
        command = option(command)
    return command


@click.group()
def store() -> None:
    """Stores that orders come from; docs/install.md says how each platform is linked."""


@store.command("add")
@click.argument("platform", type=click.Choice(["shopify", "woocommerce"]))
@MERCHANT
@click.option("--url", required=True, help="https://shop.example/blog or https://NAME.myshopify.com.")
@click.option("--install", is_flag=True, help="Shopify: print the link that installs the gateway's app.")
@click.option("--authorize", is_flag=True, help="WooCommerce: print the link where the merchant agrees.")
@_takes_credentials
@click.option("--name", default="", help="With --install or --authorize: how it is shown.")
@click.option(
    "--ca-file", type=click.Path(exists=True, dir_okay=False), help="Certificates to trust beside the usual."
)
@click.option(
    "--location", "location_id", help="Where its orders leave from; may be left out while there is only one."
)
@click.option("--skip-check", is_flag=True, help="Link without trying it first.")
def add_store_command(
    platform: str,
    merchant: str | None,
    url: str,
    name: str,
    location_id: str | None,
    ca_file: str | None,
    *,
    install: bool,
    authorize: bool,
    skip_check: bool,
    **given: str,
) -> None:
    """Link a store with credentials, or print the link where its merchant says yes."""
    _refuse_mixed(platform, given, install=install, authorize=authorize)

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        if install or authorize:
            await _print_link(house, merchant_id, platform, url, name, ca_file or "")
            return
        from gateway.bootstrap.accounts import add_store

        made, checks = await add_store(
            house,
            merchant_id,
            platform=platform.upper(),
            url=url,
            credentials=_credentials(platform, given),
            location_id=location_id,
            ca_file=ca_file or "",
            check=not skip_check,
        )
        _show(checks)
        click.echo(made.id)

    with_house(act)


@store.command("list")
@MERCHANT
def list_stores(merchant: str | None) -> None:
    """Show the stores and how they stand."""

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        async with house.means.begin(merchant_id) as work:
            stores = await work.accounts.stores()
            syncs = [await work.syncs.get(store.id) for store in stores]
        for one, sync in zip(stores, syncs, strict=True):
            told = f"  {sync.problem_text}" if sync.problem_text else ""
            click.echo(f"{one.id}  {one.platform.lower()}  {one.status}  {one.name}  {one.url}{told}")
        if not stores:
            click.echo("No store is linked yet.", err=True)

    with_house(act)


@store.command("reconnect")
@click.argument("store_id")
@MERCHANT
@_takes_credentials
def reconnect(store_id: str, merchant: str | None, **given: str) -> None:
    """Link a store anew, with fresh credentials; without any, print the link where its merchant says yes.

    Its orders, places and deliveries stay as they are.
    """

    async def act(house: House) -> None:
        from gateway.bootstrap.relinking import relink_store

        merchant_id = await merchant_named(house, merchant)
        known = await _store(house, merchant_id, store_id)
        platform = known.platform.lower()
        if not any(given.values()):
            await _print_link(house, merchant_id, platform, known.url, known.name)
            return
        made, checks = await relink_store(house, known, _credentials(platform, given))
        _show(checks)
        click.echo(f"{made.id}  {made.status}")

    with_house(act)


@store.command("remove")
@click.argument("store_id")
@MERCHANT
@click.confirmation_option(prompt="Its orders are read no longer. Open deliveries go on. Go ahead?")
def remove(store_id: str, merchant: str | None) -> None:
    """Forget how to get into a store; its orders and deliveries stay."""

    async def act(house: House) -> None:
        from gateway.bootstrap.relinking import unlink_store

        merchant_id = await merchant_named(house, merchant)
        known = await _store(house, merchant_id, store_id)
        gone = await unlink_store(house, known)
        click.echo(f"{gone.id}  {gone.status}" if gone else f"{known.id}  taken back")
        if gone:
            click.echo("Remove the app, or the key, in the store's own admin as well.", err=True)

    with_house(act)


async def _print_link(
    house: House, merchant_id: str, platform: str, url: str, name: str, ca_file: str = ""
) -> None:
    from doorstep.order import StorePlatform
    from gateway.bootstrap.authorizing import claim_for_operator

    kind = StorePlatform(platform.upper())
    made, link = await claim_for_operator(house, merchant_id, kind, url, name, ca_file)
    click.echo(f"{made.id}  {made.status}; let the merchant open this link:", err=True)
    click.echo(link)


async def _store(house: House, merchant_id: str, store_id: str) -> Store:
    async with house.means.begin(merchant_id) as work:
        found = await work.accounts.store(store_id)
    if found is None:
        raise InvalidInput(f"There is no store {store_id}; see `doorstep store list`.", path=("store",))
    return found


def _refuse_mixed(platform: str, given: Mapping[str, str], *, install: bool, authorize: bool) -> None:
    wrong = ("--install", "shopify") if install and platform != "shopify" else None
    if authorize and platform != "woocommerce":
        wrong = ("--authorize", "woocommerce")
    if wrong is not None:
        raise InvalidInput(f"{wrong[0]} is for {wrong[1]} alone.", path=(wrong[0],))
    if (install or authorize) and any(given.values()):
        raise InvalidInput(
            "With --install or --authorize the store itself gives the credentials; leave them out.",
            path=("credentials",),
        )


def _show(checks: Sequence[HealthCheck]) -> None:
    for check in checks:
        click.echo(("  ok  " if check.passed else "  !!  ") + check.text, err=True)


def _credentials(platform: str, given: Mapping[str, str]) -> dict[str, str]:
    if platform == "shopify":
        found = {
            "access_token": given["access_token"],
            "client_secret": given["secret"],
            "api_endpoint": given["api_endpoint"],
        }
    else:
        found = {
            "consumer_key": given["key"],
            "consumer_secret": given["secret"],
            "webhook_secret": given["webhook_secret"],
        }
    return {name: value for name, value in found.items() if value}
