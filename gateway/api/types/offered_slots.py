"""What an option of delivery offers of slots, page by page."""

from __future__ import annotations

from doorstep import slot as ground
from gateway.api.context import Context
from gateway.api.loaders.slots import SlotKey
from gateway.api.paging import connection, page_request
from gateway.api.ports.records import Page
from gateway.api.reading import read_window
from gateway.api.types.slots import Slot, SlotConnection, SlotEdge
from gateway.api.types.times import TimeWindowInput


async def show_slots(
    context: Context,
    option: tuple[str, str],
    first: int,
    after: str | None,
    within: TimeWindowInput | None,
) -> SlotConnection:
    """A page of what is offered to an option, (id of the options, id of the option)."""
    now = context.clock.now()
    page = page_request(first, after, "slots")
    found = await context.loaders.slots.load(SlotKey(*option, read_window(within, ("within",))))
    # By what it starts with and not by its number: meanwhile others may have begun, and pages must not skip.
    left = [slot for slot in found if page.after is None or _position(slot) > page.after]
    taken = tuple(left[: page.first])

    async def counter(up_to: int) -> int:
        return min(up_to, len(found))

    listed = Page(taken, tuple(_position(slot) for slot in taken), len(left) > len(taken))
    shown = connection(listed, page, "slots", lambda slot: Slot.of(slot, now, option[0]), counter)
    return SlotConnection(
        edges=[SlotEdge(cursor=edge.cursor, node=edge.node) for edge in shown.edges],
        nodes=shown.nodes,
        page_info=shown.page_info,
    )


def _position(slot: ground.Slot) -> str:
    """Sorts as slots are listed: by start, end and id."""
    return f"{slot.window.start:%Y-%m-%dT%H:%M:%S} {slot.window.end:%Y-%m-%dT%H:%M:%S} {slot.id}"
