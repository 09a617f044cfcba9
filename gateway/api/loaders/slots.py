"""What is offered to many options at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from strawberry.dataloader import DataLoader

from doorstep.money import Money
from doorstep.quote import DeliveryMode, Quote, QuoteSet
from doorstep.slot import Slot
from doorstep.window import Window
from gateway.api.ports.routes import RouteCommands
from gateway.api.ports.slots import SlotCommands

SHOWN_AHEAD = timedelta(days=14)
"""Slots are shown so far ahead where nobody asks for others."""


@dataclass(frozen=True, slots=True)
class SlotKey:
    """Of which option somebody wants to see slots, and when; None for the next days."""

    quote_set_id: str
    quote_id: str
    within: Window | None = None


async def load_slots(
    commands: SlotCommands,
    quote_sets: DataLoader[str, QuoteSet | None],
    now: datetime,
    keys: Sequence[SlotKey],
) -> list[Sequence[Slot]]:
    """For each key what is offered, by start; nothing to other options than those of own vans."""
    read = await quote_sets.load_many([key.quote_set_id for key in keys])
    by_span: dict[Window, dict[SlotKey, tuple[QuoteSet, Quote]]] = {}
    for key, quote_set in zip(keys, read, strict=True):
        quote = quote_set.quote(key.quote_id) if quote_set else None
        if quote_set is not None and quote is not None and quote.offer.mode is DeliveryMode.OWN_FLEET:
            span = key.within or Window(now, now + SHOWN_AHEAD)
            by_span.setdefault(span, {})[key] = (quote_set, quote)
    found: dict[SlotKey, Sequence[Slot]] = {}
    for span, options in by_span.items():
        offered = await commands.slots_of(options=list(options.values()), within=span)
        found |= zip(options, offered, strict=True)
    return [found.get(key, ()) for key in keys]


async def load_window_costs(
    commands: RouteCommands,
    quote_sets: DataLoader[str, QuoteSet | None],
    keys: Sequence[tuple[str, datetime, datetime]],
) -> list[Money | None]:
    """For each (quote set, start, end) what a stop at its door would cost then; all of a door at once."""
    windows: dict[str, list[Window]] = {}
    for quote_set_id, start, end in keys:
        windows.setdefault(quote_set_id, []).append(Window(start, end))
    found: dict[tuple[str, datetime, datetime], Money | None] = {}
    for quote_set_id, asked in windows.items():
        quote_set = await quote_sets.load(quote_set_id)
        if quote_set is not None:
            costs = await commands.window_costs(quote_set=quote_set, windows=asked)
            found |= {
                (quote_set_id, one.start, one.end): cost for one, cost in zip(asked, costs, strict=True)
            }
    return [found.get(key) for key in keys]
