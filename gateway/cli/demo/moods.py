"""Which of the demo's carriers are slow, failing or away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gateway.cli.demo.world import SimulatedWorld

CARRIERS = ("uber_direct", "doordash", "roadie", "easypost", "shipengine")
"""Those of the simulated world, by their codes; the vans have no servers."""

MOODS: Mapping[str, str] = {
    "slow": "Answers seconds late.",
    "failing": "Answers every call with an error.",
    "away": "Answers nobody.",
}


def read_moods(chosen: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Carrier -> mood, from mood -> carriers as the options name them.

    Raises
    ------
    click.UsageError
        If a carrier is named in two moods.
    """
    moods: dict[str, str] = {}
    for mood, carriers in chosen.items():
        for carrier in carriers:
            other = moods.setdefault(carrier, mood)
            if other != mood:
                raise click.UsageError(f"{carrier} cannot be both {other} and {mood}; name it once.")
    return moods


async def set_moods(world: SimulatedWorld, moods: Mapping[str, str]) -> None:
    """Tell the world."""
    for carrier, mood in moods.items():
        await world.post("carrier", {"carrier": carrier, "mood": mood})
