"""What the API must be handed for delivery slots; see `gateway.api.ports.session`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from doorstep.quote import Quote, QuoteSet
from doorstep.slot import Slot, SlotHold, SlotTemplate
from doorstep.window import Window


class SlotCommands(Protocol):
    """The use cases about delivery slots."""

    async def slots_of(
        self, *, options: Sequence[tuple[QuoteSet, Quote]], within: Window
    ) -> Sequence[Sequence[Slot]]:
        """What is offered to each option of own vans, by start; full and closed ones too."""
        ...

    async def slot(self, *, slot_id: str) -> Slot | None:
        """A slot as it stands."""
        ...

    async def hold_slot(
        self,
        *,
        idempotency_key: str,
        quote_set_id: str,
        quote_id: str,
        slot_id: str,
        replaces: str,
        held_by: str = "",
    ) -> SlotHold:
        """Keep a place, and release the hold that it `replaces` ("" for none); raises `SlotUnavailable`.

        Parameters
        ----------
        held_by
            Id of the publishable key that asks, which may hold so many; "" for a back end.
        """
        ...

    async def confirm_slot_hold(self, *, hold_id: str) -> SlotHold:
        """Keep a place for good; raises `SlotUnavailable` where it ran out and is gone."""
        ...

    async def release_slot_hold(self, *, hold_id: str, is_confirmed_too: bool) -> SlotHold:
        """Give a place back.

        Parameters
        ----------
        is_confirmed_too
            Even one that `confirm_slot_hold` confirmed; one that an order confirmed raises `StateConflict`.
        """
        ...

    async def save_slot_template(
        self, *, template: SlotTemplate, expected_version: int | None
    ) -> SlotTemplate:
        """Keep it whole; None is the version of what is not there yet."""
        ...

    async def archive_slot_template(self, *, template_id: str, expected_version: int) -> SlotTemplate: ...
