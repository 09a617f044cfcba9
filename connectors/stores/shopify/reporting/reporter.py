"""A report, step by step: compare what the shop shows with the report, and write the difference.

What a typical delivery takes, in calls and points of Shopify's throttle: booked 1 call (progress, 10); picked
up 4 (a look of 32, the fulfillment and the milestones "booked" and "picked up", 10 each); every milestone
after that 1 (10). A report that says nothing new takes none; one in doubt begins with a look of 164.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.stores.shopify.answers import SYSTEM
from connectors.stores.shopify.reporting import writes
from connectors.stores.shopify.reporting.access import Sender
from connectors.stores.shopify.reporting.compare import (
    events_to_tell,
    is_everything,
    is_held_by_others,
    needs_closer_look,
    observe,
    pieces_to_send,
    without_our_hold,
)
from connectors.stores.shopify.reporting.notes import Notes, read_notes, write_notes
from connectors.stores.shopify.reporting.unit import Unit, look
from connectors.stores.shopify.reporting.wish import Wish, read_wish
from connectors.stores.shopify.reporting.writes import Refused
from doorstep.errors import RemoteRefused
from doorstep.report import DeliveryReport

# Others work in the shop at the same time: what is refused is compared anew, but not for ever.
_TRIES = 3
# Refusals of a progress report that no later one will overcome.
_NO_PROGRESS_EVER = frozenset(
    {
        "FULFILLMENT_ORDER_INVALID_DELIVERY_METHOD",
        "FULFILLMENT_ORDER_INVALID_FULFILLMENT_SERVICE_OWNERSHIP",
        "FULFILLMENT_ORDER_UNSUPPORTED_ACTION",
        "MARKETPLACE_APP_NOT_ELIGIBLE",
    }
)


async def report(client: Sender, report: DeliveryReport, told: str, *, in_doubt: bool) -> str:
    """Let the shop show how a delivery stands; see `StoreConnector.report`.

    Nothing is written that the shop shows already. Without doubt the notes say what that is, and an unchanged
    report costs no call; in doubt the shop is read first. The notes of a call that failed are lost, which the
    look of the next one makes good. A fulfillment order that was closed, cancelled, moved or merged away is
    left in peace: its goods have another one.

    Raises
    ------
    UnknownOutcome
        If the answer to a write was lost.
    RemoteRefused
        With Shopify's words, if it does not take a write however often it is told.
    AccountProblem
        With the name of the access scope that is missing, or as `ShopifyClient.send` says.
    RateLimited, RemoteUnavailable
        If Shopify did nothing.
    """
    known = read_notes(told)
    wish = read_wish(report)
    if known is not None and not in_doubt and known.wish == wish.digest:
        return told
    return await _Comparison(client, wish, known or Notes(), in_doubt or known is None).settle()


class _Comparison:
    """One report against one shop; the notes move on with every write."""

    def __init__(self, client: Sender, wish: Wish, notes: Notes, in_doubt: bool) -> None:
        self._client = client
        self._wish = wish
        self._notes = notes
        self._in_doubt = in_doubt
        self._unit: Unit | None = None

    async def settle(self) -> str:
        """Write until nothing is missing; gives the notes."""
        refusal: Refused | None = None
        for _ in range(_TRIES):
            if self._in_doubt or refusal or self._needs_goods():
                await self._look()
            try:
                await self._write_difference()
            except Refused as refused:
                refusal = refused
            else:
                return write_notes(replace(self._notes, wish=self._wish.digest))
        assert refusal is not None  # noqa: S101 - every try has ended in one
        raise refusal.error()

    def _needs_goods(self) -> bool:
        """What remains to be sent is read right before it is sent."""
        return self._wish.is_shipped and not self._notes.fulfillment_id and not self._notes.is_spent

    async def _look(self) -> None:
        unit = await look(self._client, self._wish.unit_id, closely=self._in_doubt)
        if not self._in_doubt and needs_closer_look(self._notes, unit):
            unit = await look(self._client, self._wish.unit_id, closely=True)
        self._unit = unit
        self._notes = observe(self._notes, unit, self._wish, in_doubt=self._in_doubt)

    async def _write_difference(self) -> None:
        await self._release_hold()
        if self._wish.is_shipped:
            await self._ship()
            await self._change_tracking()
            await self._tell_events()
        else:
            await self._call_back()
            await self._show_progress()
        await self._place_hold()

    async def _release_hold(self) -> None:
        notes, wanted = self._notes, self._wish.hold
        is_wanted = wanted is not None and wanted.digest == notes.hold
        if not notes.hold_id or (is_wanted and not self._pieces()):
            return
        await writes.release_hold(self._client, self._wish.unit_id, notes.hold_id)
        self._notes = replace(notes, hold_id="", hold="")
        self._unit = self._unit and without_our_hold(self._unit)

    async def _ship(self) -> None:
        pieces = self._pieces()
        if not pieces or self._unit is None:
            return
        if is_held_by_others(self._unit):
            text = (
                "Shopify ships nothing that is on hold: the hold that somebody else placed on this "
                "fulfillment order must be released first"
            )
            raise RemoteRefused(text, system=SYSTEM, raw_code="on_hold")
        fulfillment_id = await writes.ship(self._client, self._unit, pieces, self._wish)
        tracking = self._wish.tracking.digest if self._wish.tracking else ""
        self._notes = replace(
            self._notes,
            is_over=self._is_everything(pieces),
            fulfillment_id=fulfillment_id,
            is_by_hand=False,
            tracking=tracking,
            milestones={},
        )

    async def _change_tracking(self) -> None:
        notes, tracking = self._notes, self._wish.tracking
        if not notes.fulfillment_id or notes.is_by_hand or tracking is None:
            return
        if notes.tracking != tracking.digest:
            notifies = self._wish.notifies
            await writes.change_tracking(self._client, notes.fulfillment_id, tracking, notifies=notifies)
            self._notes = replace(notes, tracking=tracking.digest)

    async def _tell_events(self) -> None:
        if not self._notes.fulfillment_id:
            return
        for event in events_to_tell(self._notes, self._wish):
            fulfillment_id, expected_at = self._notes.fulfillment_id, self._wish.expected_at
            event_id = await writes.tell_event(self._client, fulfillment_id, event, expected_at)
            self._notes = replace(self._notes, milestones={**self._notes.milestones, event.id: event_id})

    async def _call_back(self) -> None:
        notes = self._notes
        if not notes.fulfillment_id:
            return
        if not notes.is_by_hand:
            await writes.call_back(self._client, notes.fulfillment_id)
            self._unit = None  # its status is another one after that
        self._notes = replace(
            notes,
            is_spent=notes.is_over and not notes.is_by_hand,
            is_in_progress=False,
            is_progress_ours=False,
            fulfillment_id="",
            is_by_hand=False,
            tracking="",
            milestones={},
        )

    async def _show_progress(self) -> None:
        notes, is_wanted = self._notes, self._wish.is_under_way
        if notes.is_over or is_wanted is None:
            return
        if is_wanted and not notes.is_in_progress:
            await self._report_progress()
        elif not is_wanted and notes.is_progress_ours:
            try:
                await writes.take_progress_back(self._client, self._wish.unit_id)
            except Refused:
                pass  # it is a courtesy: goods in progress can be sent and held all the same
            self._notes = replace(notes, is_in_progress=False, is_progress_ours=False)

    async def _report_progress(self) -> None:
        if self._unit is not None and self._unit.status != "OPEN":
            return
        try:
            await writes.report_progress(self._client, self._wish.unit_id)
        except Refused as refused:
            # Not every shop and fulfillment order can show it, and nothing rests on it.
            is_final = refused.code in _NO_PROGRESS_EVER
            self._notes = replace(self._notes, is_in_progress=is_final)
        else:
            self._notes = replace(self._notes, is_in_progress=True, is_progress_ours=True)

    async def _place_hold(self) -> None:
        wanted, notes = self._wish.hold, self._notes
        if wanted is None or notes.hold_id or notes.is_over:
            return
        try:
            hold_id = await writes.place_hold(self._client, self._wish.unit_id, wanted)
        except Refused:
            if self._unit is None or self._unit.status != "IN_PROGRESS":
                raise
            # Goods in progress cannot always be held, be it that our own report of it was in doubt.
            await writes.take_progress_back(self._client, self._wish.unit_id)
            hold_id = await writes.place_hold(self._client, self._wish.unit_id, wanted)
        # What is on hold shows no progress.
        self._notes = replace(
            notes, hold_id=hold_id, hold=wanted.digest, is_in_progress=False, is_progress_ours=False
        )

    def _pieces(self) -> dict[str, int]:
        """What a fulfillment has yet to be made for, by gid of the fulfillment order's line."""
        if self._unit is None or self._notes.is_over or not self._needs_goods():
            return {}
        return pieces_to_send(self._unit, self._wish)

    def _is_everything(self, pieces: dict[str, int]) -> bool:
        return self._unit is not None and is_everything(self._unit, pieces)
