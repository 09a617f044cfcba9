"""Writes about delivery slots; part of the root of writes."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated

from doorstep import slot as ground
from doorstep.ids import new_id, prefix_of
from gateway.api.admission.checks import root
from gateway.api.context import Context, Info
from gateway.api.marks import SHOP, shape
from gateway.api.ports.records import Audience, Scope
from gateway.api.reading import Path, read_id, read_key, read_money, read_text, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.slots import (
    ArchiveSlotTemplateInput,
    ArchiveSlotTemplateResult,
    ArchiveSlotTemplateSuccess,
    ConfirmSlotHoldInput,
    ConfirmSlotHoldResult,
    ConfirmSlotHoldSuccess,
    HoldSlotInput,
    HoldSlotResult,
    HoldSlotSuccess,
    ReleaseSlotHoldInput,
    ReleaseSlotHoldResult,
    ReleaseSlotHoldSuccess,
    SaveSlotTemplateInput,
    SaveSlotTemplateResult,
    SaveSlotTemplateSuccess,
    SlotHold,
    SlotTemplate,
)

_AT = ("input",)


@shape()
class SlotMutations:
    """Writes about delivery slots."""

    @root(to=SHOP, scope=Scope.OPERATE)
    async def hold_slot(self, info: Info, given: Annotated[HoldSlotInput, INPUT]) -> HoldSlotResult:
        """Keeps a place for as long as the shopper thinks."""
        replaces = given.replaces_hold_id
        held = await info.context.commands.hold_slot(
            idempotency_key=read_key(given.idempotency_key),
            quote_set_id=read_id(given.delivery_options_id, "qst", (*_AT, "deliveryOptionsId")),
            quote_id=read_id(given.option_id, "quo", (*_AT, "optionId")),
            slot_id=read_slot_id(given.slot_id, (*_AT, "slotId")),
            replaces="" if replaces is None else read_id(replaces, "hld", (*_AT, "replacesHoldId")),
            held_by=limited_key(info),
        )
        info.context.renew()
        return HoldSlotSuccess(hold=SlotHold.of(held))

    @root(scope=Scope.OPERATE)
    async def confirm_slot_hold(
        self, info: Info, given: Annotated[ConfirmSlotHoldInput, INPUT]
    ) -> ConfirmSlotHoldResult:
        """Keeps a place for good. Happens by itself when the order arrives with its choice; this is for back
        ends without a store.
        """
        hold_id = read_id(given.hold_id, "hld", (*_AT, "holdId"))
        held = await info.context.commands.confirm_slot_hold(hold_id=hold_id)
        info.context.renew()
        return ConfirmSlotHoldSuccess(hold=SlotHold.of(held))

    @root(to=SHOP, scope=Scope.OPERATE)
    async def release_slot_hold(
        self, info: Info, given: Annotated[ReleaseSlotHoldInput, INPUT]
    ) -> ReleaseSlotHoldResult:
        """Gives a place back. What confirmSlotHold confirmed is given back to a secret key alone, and what an
        order confirmed ends with the order.
        """
        held = await info.context.commands.release_slot_hold(
            hold_id=read_id(given.hold_id, "hld", (*_AT, "holdId")),
            is_confirmed_too=info.context.caller.audience is Audience.SECRET,
        )
        info.context.renew()
        return ReleaseSlotHoldSuccess(hold=SlotHold.of(held))

    @root(scope=Scope.CONFIGURE)
    async def save_slot_template(
        self, info: Info, given: Annotated[SaveSlotTemplateInput, INPUT]
    ) -> SaveSlotTemplateResult:
        """Keeps a template whole; places that are taken stay as they were shown."""
        if given.id is not None and given.expected_version is None:
            raise wrong((*_AT, "expectedVersion"), "expectedVersion is needed with an id", "REQUIRED")
        if given.id is None and given.expected_version is not None:
            raise wrong((*_AT, "expectedVersion"), "a template that is made anew has no version yet")
        template = _read_template(given, info.context)
        saved = await info.context.commands.save_slot_template(
            template=template, expected_version=given.expected_version
        )
        return SaveSlotTemplateSuccess(slot_template=SlotTemplate.of(saved))

    @root(scope=Scope.CONFIGURE)
    async def archive_slot_template(
        self, info: Info, given: Annotated[ArchiveSlotTemplateInput, INPUT]
    ) -> ArchiveSlotTemplateResult:
        """Puts a template away for good: its slots are offered no more, and places that are taken stay."""
        archived = await info.context.commands.archive_slot_template(
            template_id=read_id(given.id, "slt", (*_AT, "id")), expected_version=given.expected_version
        )
        return ArchiveSlotTemplateSuccess(slot_template=SlotTemplate.of(archived))


def limited_key(info: Info) -> str:
    """Id of the key that may hold so many places and no more: a storefront's; "" for a back end's."""
    caller = info.context.caller
    return "" if caller.audience is Audience.SECRET else caller.key_id


def read_slot_id(given: str, path: Path) -> str:
    """The id of a slot: that of its template, a dot and the day.

    Raises
    ------
    InvalidInput
        If it is none.
    """
    if prefix_of(given.partition(".")[0]) != "slt":
        raise wrong(path, f"{'.'.join(path)} is no id of a slot; they look like slt_01jdm3y5….2026-11-23")
    return given


def _read_template(given: SaveSlotTemplateInput, context: Context) -> ground.SlotTemplate:
    zones = [
        read_text(zone_id, (*_AT, "zoneIds", str(index)), 100)
        for index, zone_id in enumerate(given.zone_ids or ())
    ]
    return ground.SlotTemplate(
        id=new_id("slt") if given.id is None else read_id(given.id, "slt", (*_AT, "id")),
        merchant_id=context.caller.merchant_id,
        name=read_text(given.name, (*_AT, "name"), 100),
        location_id=read_id(given.location_id, "loc", (*_AT, "locationId")),
        starts_at=_read_clock(given.starts_at, (*_AT, "startsAt")),
        ends_at=_read_clock(given.ends_at, (*_AT, "endsAt")),
        time_zone=str(given.time_zone),
        capacity=given.capacity,
        price=read_money(given.price, (*_AT, "price")),
        updated_at=context.clock.now(),
        zone_ids=tuple(dict.fromkeys(zones)),
        weekdays=tuple(given.weekdays),
        cut_off_s=given.cutoff_seconds,
        hold_s=given.hold_seconds,
        closed_on=frozenset(given.closed_on or ()),
        enabled=given.enabled,
    )


def _read_clock(given: str, path: Path) -> time:
    try:
        return datetime.strptime(given, "%H:%M").time()  # noqa: DTZ007  # a wall clock has no zone of its own
    except ValueError:
        raise wrong(path, f"{path[-1]} must be a time of day such as 15:30") from None
