"""A city asleep is no sight: the first orders come at once, and time runs fast until a van moves."""

from __future__ import annotations

import asyncio

import click

from gateway.cli.demo.world import SimulatedWorld

FIRST_ORDERS = 8
FAST = 60.0
PATIENCE_S = 60.0


async def wake_up(world: SimulatedWorld, rate: float) -> None:
    """Return when the first van moves, with the clock at `rate`."""
    for number in range(FIRST_ORDERS):
        await world.post("place-order", {"store": ("shopify", "woocommerce")[number % 2]})
    await world.post("rate", {"rate": max(FAST, rate)})
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await _is_van_moving(world):  # noqa: ASYNC110 - another process moves it
                await asyncio.sleep(0.2)
        click.echo("  The first van is on its way.", err=True)
    except TimeoutError:
        click.echo("  No van has left yet; the page shows the rest.", err=True)
    await world.post("rate", {"rate": rate})


async def _is_van_moving(world: SimulatedWorld) -> bool:
    state = await world.get("state")
    return any(driver["phase"] == "driving" for driver in state["drivers"])
