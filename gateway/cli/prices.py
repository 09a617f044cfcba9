"""`doorstep prices`: what it costs to keep what checkouts showed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from gateway.cli.running import merchant_named, with_house

if TYPE_CHECKING:
    from gateway.bootstrap.house import House
    from gateway.flow.quoting.price_lock import LockedDay

MOST_LINES = 1000


@click.group()
def prices() -> None:
    """Prices that checkouts showed, and what bookings then cost."""


@prices.command("losses")
@click.option("--merchant", help="Id or name; needed where there are several.")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True)
@click.option("--by-day", is_flag=True, help="Every day by itself.")
def show_losses(merchant: str | None, days: int, *, by_day: bool) -> None:
    """Show what held prices cost or saved, by carrier account."""
    from doorstep.window import Window
    from gateway.store.queries.reads import SqlReads

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        reads, now = SqlReads(house.database, merchant_id), house.clock.now()
        span = Window(now - timedelta(days=days), now)
        found = await reads.locked_days(span, (), MOST_LINES, by_day=by_day)
        accounts = await reads.carrier_accounts(sorted({one.account_id for one in found}))
        names = {id_: account.name for id_, account in accounts.items()}
        for line in lines_of(found, names, by_day=by_day):
            click.echo(line)
        if not found:
            click.echo(f"Nothing was booked at a held price in the last {days} days.", err=True)

    with_house(act)


def lines_of(found: Sequence[LockedDay], names: Mapping[str, str], *, by_day: bool) -> list[str]:
    """One for each, with the account's name where it is known."""
    return [
        (f"{one.day}  " if by_day else "") + f"{names.get(one.account_id, one.account_id)}  "
        f"{one.bookings} booked, {one.dearer} dearer  shown {one.quoted}  booked {one.booked}  {_words(one)}"
        for one in found
    ]


def _words(one: LockedDay) -> str:
    loss = one.loss
    return f"saved {one.quoted - one.booked}" if loss.minor < 0 else f"cost {loss}"
