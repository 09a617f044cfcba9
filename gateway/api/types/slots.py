"""Delivery slots: windows with room, the places held in them, and the templates that they come from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import strawberry

from doorstep import slot as ground
from doorstep.slot import SlotAvailability, SlotHoldStatus
from gateway.api.context import Info
from gateway.api.marks import SHOP, SHOPPER, entry, part, resolved, shape
from gateway.api.paging import MOST_ITEMS, PageInfo
from gateway.api.problems import IdempotencyConflict, InvalidInput, NotFound, SlotUnavailable, StateConflict
from gateway.api.scalars import LocalTime, TimeZone
from gateway.api.types.money import Money, MoneyInput
from gateway.api.types.node import Node
from gateway.api.types.times import TimeWindow


@shape(to=SHOPPER)
class Slot:
    """A delivery window with room for so many."""

    id: strawberry.ID
    window: TimeWindow
    time_zone: TimeZone = part("For wording the window: the zone of the place that it is delivered from.")
    price: Money = part("Comes on top of the option's price.")
    availability: SlotAvailability
    cutoff_at: datetime = part("The last order is taken before this.")
    capacity: int = part("How many deliveries it takes.", to=())
    remaining: int = part("Places that are left.", to=())
    quote_set_id: strawberry.Private[str]

    @staticmethod
    def of(slot: ground.Slot, now: datetime, quote_set_id: str = "") -> Slot:
        return Slot(
            id=strawberry.ID(slot.id),
            window=TimeWindow.of(slot.window),
            time_zone=TimeZone(slot.time_zone),
            price=Money.of(slot.price),
            availability=slot.availability(now),
            cutoff_at=slot.cut_off_at,
            capacity=slot.capacity,
            remaining=slot.remaining,
            quote_set_id=quote_set_id,
        )

    @resolved(to=(), points=5)
    async def marginal_cost(self, info: Info) -> Money | None:
        """What one more stop here adds to the tours as they are planned so far; null where no van could make
        it, where nobody knows in time, and of a slot that is offered to no door.
        """
        if not self.quote_set_id:
            return None
        key = (self.quote_set_id, self.window.start, self.window.end)
        return Money.maybe(await info.context.loaders.window_cost.load(key))


@shape(to=SHOPPER)
class SlotEdge:
    """One slot of a page with its place in the list."""

    cursor: str
    node: Slot


@shape(to=SHOPPER)
class SlotConnection:
    """A page of slots, by start."""

    edges: list[SlotEdge] = part(most=MOST_ITEMS)
    nodes: list[Slot] = part(most=MOST_ITEMS)
    page_info: PageInfo


@shape(to=SHOPPER)
class SlotHold(Node):
    """A place kept for one shopper until it expires, is confirmed or released."""

    window: TimeWindow = part("As it was when the place was taken: what was shown holds.")
    price: Money = part("As it was when the place was taken.")
    expires_at: datetime = part("When it ends unless it is confirmed.")
    held: strawberry.Private[ground.SlotHold]

    @staticmethod
    def of(hold: ground.SlotHold) -> SlotHold:
        return SlotHold(
            id=strawberry.ID(hold.id),
            window=TimeWindow.of(hold.window),
            price=Money.of(hold.price),
            expires_at=hold.expires_at,
            held=hold,
        )

    @resolved()
    async def status(self, info: Info) -> SlotHoldStatus:
        """What it is worth at this moment."""
        return self.held.status_at(info.context.clock.now())

    @resolved()
    async def slot(self, info: Info) -> Slot | None:
        """The slot as it stands; null once it is offered no more."""
        found = await info.context.commands.slot(slot_id=self.held.slot_id)
        return None if found is None else Slot.of(found, info.context.clock.now())


@shape()
class SlotTemplate(Node):
    """A window that repeats, with room for so many."""

    name: str
    enabled: bool
    version: int
    updated_at: datetime
    location_id: strawberry.ID = part("The place that its deliveries leave from.")
    zone_ids: list[strawberry.ID] = part("Zones of the own fleet; empty for all.", most=100, usual=5)
    weekdays: list[int] = part("1 for Monday to 7 for Sunday.", most=7)
    starts_at: LocalTime
    ends_at: LocalTime = part("One that is no later than startsAt is of the next day.")
    time_zone: TimeZone
    capacity: int
    price: Money = part("Comes on top of the option's price.")
    cutoff_seconds: int = part("How long before its start the last order is taken.")
    hold_seconds: int = part("How long a shopper may think.")
    closed_on: list[date] = part("Days without it.", most=366, usual=10)

    @staticmethod
    def of(template: ground.SlotTemplate) -> SlotTemplate:
        return SlotTemplate(
            id=strawberry.ID(template.id),
            name=template.name,
            enabled=template.enabled,
            version=template.version,
            updated_at=template.updated_at,
            location_id=strawberry.ID(template.location_id),
            zone_ids=[strawberry.ID(zone_id) for zone_id in template.zone_ids[:100]],
            weekdays=list(template.weekdays),
            starts_at=LocalTime(template.starts_at.isoformat(timespec="minutes")),
            ends_at=LocalTime(template.ends_at.isoformat(timespec="minutes")),
            time_zone=TimeZone(template.time_zone),
            capacity=template.capacity,
            price=Money.of(template.price),
            cutoff_seconds=template.cut_off_s,
            hold_seconds=template.hold_s,
            closed_on=sorted(template.closed_on)[:366],
        )


@entry
class HoldSlotInput:
    """Keep a place for as long as the shopper thinks."""

    idempotency_key: str = part("Same key, same hold, whatever became of it.")
    delivery_options_id: strawberry.ID
    option_id: strawberry.ID
    slot_id: strawberry.ID
    replaces_hold_id: strawberry.ID | None = part("Released by the same call.", default=None)


@entry
class ConfirmSlotHoldInput:
    """Keep a place for good."""

    hold_id: strawberry.ID


@entry
class ReleaseSlotHoldInput:
    """Give a place back."""

    hold_id: strawberry.ID


@entry
class SaveSlotTemplateInput:
    """A template, whole; without an id a new one."""

    id: strawberry.ID | None = None
    expected_version: int | None = part("The one that was read; needed with an id.", default=None)
    name: str
    enabled: bool = True
    location_id: strawberry.ID
    zone_ids: list[strawberry.ID] | None = part("None or empty for all.", most=100, default=None)
    weekdays: list[int] = part("1 for Monday to 7 for Sunday.", most=7)
    starts_at: LocalTime
    ends_at: LocalTime
    time_zone: TimeZone
    capacity: int
    price: MoneyInput
    cutoff_seconds: int
    hold_seconds: int = 900
    closed_on: list[date] | None = part(most=366, default=None)


@entry
class ArchiveSlotTemplateInput:
    """Offer it no more; places that are taken stay."""

    id: strawberry.ID
    expected_version: int


@shape(to=SHOP)
class HoldSlotSuccess:
    """A place is kept."""

    hold: SlotHold


@shape()
class ConfirmSlotHoldSuccess:
    """The place is kept for good."""

    hold: SlotHold


@shape(to=SHOP)
class ReleaseSlotHoldSuccess:
    """Others can have the place."""

    hold: SlotHold


@shape()
class SaveSlotTemplateSuccess:
    """The template as it is kept."""

    slot_template: SlotTemplate


@shape()
class ArchiveSlotTemplateSuccess:
    """The template as it was put away."""

    slot_template: SlotTemplate


HoldSlotResult = Annotated[
    HoldSlotSuccess | InvalidInput | NotFound | SlotUnavailable | StateConflict | IdempotencyConflict,
    strawberry.union("HoldSlotResult", description="What asking for a place led to."),
]
ConfirmSlotHoldResult = Annotated[
    ConfirmSlotHoldSuccess | InvalidInput | NotFound | SlotUnavailable | StateConflict,
    strawberry.union("ConfirmSlotHoldResult", description="What confirming a place led to."),
]
ReleaseSlotHoldResult = Annotated[
    ReleaseSlotHoldSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("ReleaseSlotHoldResult", description="What giving a place back led to."),
]
SaveSlotTemplateResult = Annotated[
    SaveSlotTemplateSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("SaveSlotTemplateResult", description="What saving a template led to."),
]
ArchiveSlotTemplateResult = Annotated[
    ArchiveSlotTemplateSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("ArchiveSlotTemplateResult", description="What putting a template away led to."),
]
