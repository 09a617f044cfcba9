"""The simulated day without a browser: step the world, let the gateway follow, count what came of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from doorstep.audit import Actor
from doorstep.order import Order
from gateway.bootstrap.house import House
from gateway.cli.demo.idle import until_idle
from gateway.cli.demo.provision import DemoAccount
from gateway.cli.demo.world import SimulatedWorld
from gateway.store.queries import shapes as s
from gateway.store.queries.reads import SqlReads
from gateway.workers.periodic import Periodic

STEP_S = 15

_SHOWN_AS_DELIVERED = frozenset({"DELIVERED", "completed"})
"""In the words of Shopify and of WooCommerce."""


@dataclass(frozen=True, slots=True)
class DayOutcome:
    """What the day came to: the line for machines, and the table for people."""

    summary: dict[str, Any]
    report: dict[str, Any]
    rows: list[tuple[str, str]]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or left unfinished."""
        return not (self.summary["lost"] or self.summary["doubled"] or self.summary["unfinished"])


async def live_through(
    house: House, world: SimulatedWorld, periodic: Periodic, account: DemoAccount, until: time, zone: str
) -> DayOutcome:
    """Step the world until its wall clock shows `until`; the gateway does all that is due at each step."""
    await world.post("start")
    now = datetime.fromisoformat((await world.get("state"))["now"])
    end = now.astimezone(ZoneInfo(zone)).replace(hour=until.hour, minute=until.minute, second=0)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[at]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Living through the day", total=(end - now).total_seconds(), at="")
        while now < end:
            seconds = min(STEP_S, (end - now).total_seconds())
            await world.post("tick", {"seconds": seconds})
            await until_idle(house)
            await periodic.run_due()
            await until_idle(house)
            now += timedelta(seconds=seconds)
            progress.update(task, advance=seconds, at=f"{now.astimezone(ZoneInfo(zone)):%H:%M}")
    return await _count(house, world, account)


def show(outcome: DayOutcome) -> None:
    """A table for people on standard error, one JSON object for machines on standard output."""
    table = Table(title="The day", show_header=False)
    for name, value in outcome.rows:
        table.add_row(name, value)
    console = Console(stderr=True)
    console.print(table)
    for kind in ("lost", "doubled", "unfinished"):
        for finding in outcome.report[kind]:
            console.print(f"{kind}: {finding['store']} {finding['number']}: {finding['why']}")
    click.echo(json.dumps(outcome.summary))


async def _count(house: House, world: SimulatedWorld, account: DemoAccount) -> DayOutcome:
    reads = SqlReads(house.database, account.merchant_id)
    stores = {store_id: platform for platform, store_id in account.stores.items()}
    orders = await _all_orders(reads)
    ids = [order.id for order in orders]
    deliveries = await reads.deliveries_of_orders(ids)
    everything = s.IncidentFilter(statuses=())
    page = await reads.find_incidents(everything, s.Sort(s.SortField.RAISED_AT), s.PageRequest(first=10_000))
    open_about = {incident.delivery_id for incident in page.items if incident.is_live}
    gateway_orders = [
        {
            "store": stores[order.store_id],
            "external_id": order.external_id,
            "fulfillment_orders": len(order.fulfillment_orders),
            "deliveries": [
                {"reference": d.reference, "status": d.status} for d in deliveries.get(order.id, ())
            ],
            "open_exceptions": sum(d.id in open_about for d in deliveries.get(order.id, ())),
        }
        for order in orders
    ]
    report = await world.post("count", {"orders": gateway_orders})
    all_deliveries = [delivery for group in deliveries.values() for delivery in group]
    delivered = [d for d in all_deliveries if d.status == "DELIVERED"]
    on_time = [
        d
        for d in delivered
        if d.promise
        and d.active_leg
        and d.active_leg.ended_at
        and d.active_leg.ended_at <= d.promise.window.end
    ]
    by_itself = [i for i in page.items if i.resolved_by is Actor.PLAYBOOK]
    by_carrier: dict[str, int] = {}
    for delivery in all_deliveries:
        for leg in delivery.legs:
            if leg.external_id:
                by_carrier[leg.carrier] = by_carrier.get(leg.carrier, 0) + 1
    chosen = await _chosen(reads, orders)
    books = await world.get("books")
    summary = {
        "orders": report["orders"],
        "lost": len(report["lost"]),
        "doubled": len(report["doubled"]),
        "unfinished": len(report["unfinished"]),
        "delivered": len(delivered),
        "on_time": len(on_time),
        "exceptions_opened": len(page.items),
        "exceptions_closed": len(by_itself),
        "booked_by_carrier": dict(sorted(by_carrier.items())),
        "chosen_by_wave": sum(chosen.values()),
    }
    per_store = {
        platform: sum(row["store"] == platform for row in gateway_orders) for platform in account.stores
    }
    rows = [
        *((f"Orders in from {platform}", str(count)) for platform, count in per_store.items()),
        ("To be delivered", str(report["to_deliver"])),
        ("Quoted", str(len({d.fulfillment_order_id for d in all_deliveries}))),
        *((f"Booked with {carrier}", str(count)) for carrier, count in sorted(by_carrier.items())),
        *((f"Chosen by wave for {mode}", str(count)) for mode, count in sorted(chosen.items())),
        ("Delivered", str(len(delivered))),
        ("On time", str(len(on_time))),
        *((f"Shipments shown in {platform}", _shipments_shown(books, platform)) for platform in per_store),
        ("Exceptions opened", str(len(page.items))),
        ("Exceptions mended by themselves", str(len(by_itself))),
        (
            "Lost / doubled / unfinished",
            f"{summary['lost']} / {summary['doubled']} / {summary['unfinished']}",
        ),
    ]
    return DayOutcome(summary, report, rows)


async def _chosen(reads: SqlReads, orders: Sequence[Order]) -> Counter[str]:
    """How many orders were chosen for together with others, by what was chosen."""
    units = [unit.id for order in orders for unit in order.fulfillment_orders]
    choices = (await reads.mode_choices(units)).values()
    return Counter(kept.choice.mode.value if kept.choice.mode else "nobody" for kept in choices)


def _shipments_shown(books: Mapping[str, Any], platform: str) -> str:
    """What a store counts itself: shipments, of how many orders, and how many of them as delivered."""
    shown = [row for row in books["shown"] if row["store"] == platform and row["shipments"]]
    shipments = sum(len(row["shipments"]) for row in shown)
    delivered = sum(row["status"] in _SHOWN_AS_DELIVERED for row in shown)
    return f"{shipments} of {len(shown)} orders, {delivered} as delivered"


async def _all_orders(reads: SqlReads) -> list[Order]:
    found: list[Order] = []
    after: str | None = None
    while True:
        page = await reads.find_orders(
            s.OrderFilter(), s.Sort(s.SortField.PLACED_AT), s.PageRequest(250, after)
        )
        found += page.items
        if not page.has_next:
            return found
        after = page.positions[-1]
