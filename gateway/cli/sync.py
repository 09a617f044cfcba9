"""`doorstep sync` and `quarantine`: bring orders in now, and see what could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from doorstep.errors import DoorstepError, InvalidInput
from gateway.cli.running import merchant_named, with_house

if TYPE_CHECKING:
    from doorstep.order import Store
    from gateway.bootstrap.house import House


@click.command()
@click.option("--merchant", help="Id or name; may be left out while there is only one.")
@click.option("--store", "store_id", help="Only this store.")
@click.option("--full", is_flag=True, help="Read everything again, not only what changed.")
def sync(merchant: str | None, store_id: str | None, *, full: bool) -> None:
    """Walk through stores and keep what is new or changed."""

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        async with house.means.begin(merchant_id) as work:
            stores = [store for store in await work.accounts.stores() if store_id in {None, store.id}]
        if not stores:
            raise InvalidInput(
                f"There is no store {store_id}." if store_id else "No store is linked yet.", path=("store",)
            )
        failed = 0
        for store in stores:
            try:
                await _sync_one(house, store, is_full=full)
            except DoorstepError as error:
                # One store that is down does not keep the others from being read.
                failed += 1
                click.echo(f"{store.name}: {error.message}", err=True)
        if failed:
            raise click.ClickException(f"{failed} of {len(stores)} could not be read to the end.")

    with_house(act)


async def _sync_one(house: House, store: Store, *, is_full: bool) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from gateway.flow.intake.keep import Intake
    from gateway.flow.intake.sync import sync_store

    connector = await house.links.store(store.merchant_id, store.id)
    async with house.means.begin(store.merchant_id) as work:
        sync = await work.syncs.get(store.id)
    total = await connector.count_orders(None if is_full else sync.orders_until)
    columns = (TextColumn(store.name), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("orders", total=total)
        report = await sync_store(
            house.means,
            store.merchant_id,
            store.id,
            on_progress=lambda _outcome: progress.advance(task),
            is_full=is_full,
        )
    if report.is_busy:
        click.echo("Another process is reading it just now; nothing was lost, look again in a moment.")
        return
    click.echo("  ".join(f"{outcome}: {report.counts[outcome]}" for outcome in Intake))


@click.group()
def quarantine() -> None:
    """Orders that could not be read: kept whole, with the reason."""


@quarantine.command("list")
@click.option("--merchant", help="Id or name; may be left out while there is only one.")
def list_quarantine(merchant: str | None) -> None:
    """Show what waits."""
    from gateway.store.queries import shapes as s
    from gateway.store.queries.reads import SqlReads

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        reads = SqlReads(house.database, merchant_id)
        page = await reads.find_quarantined(s.QuarantineFilter(), s.PageRequest(first=250))
        for message in page.items:
            where = ".".join(message.problem_path)
            click.echo(f"{message.id}  {message.external_id}  {where}  {message.problem_message}")
        if not page.items:
            click.echo("Nothing waits.", err=True)

    with_house(act)


@quarantine.command("replay")
@click.argument("ids", nargs=-1, required=True)
@click.option("--merchant", help="Id or name; may be left out while there is only one.")
def replay_quarantine(ids: tuple[str, ...], merchant: str | None) -> None:
    """Read them again after they were put right."""
    from gateway.flow.intake.replay import replay

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        failed = 0
        for id_ in ids:
            try:
                order = await replay(house.means, merchant_id, id_)
            except DoorstepError as error:
                failed += 1
                click.echo(f"{id_}  still wrong: {error.message}")
                continue
            click.echo(f"{id_}  kept as {order.id}" if order else f"{id_}  the store has it no longer")
        if failed:
            raise click.ClickException(f"{failed} of {len(ids)} still cannot be read.")

    with_house(act)
