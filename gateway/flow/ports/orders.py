"""Orders, quotes, deliveries and what is wrong with them, as the flow keeps them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from doorstep.delivery import Delivery, DeliveryEvent
from doorstep.incident import Incident, IncidentKind
from doorstep.order import FulfillmentOrder, Order
from doorstep.playbook import WantedStep
from doorstep.quote import Choice, QuoteSet
from doorstep.window import Window


class Orders(Protocol):
    """Orders and their fulfillment orders."""

    async def get(self, order_id: str, *, lock: bool = False) -> Order | None: ...
    async def by_external_id(
        self, store_id: str, external_id: str, *, lock: bool = False
    ) -> Order | None: ...
    async def by_choice(self, choice_id: str) -> Order | None: ...
    async def numbered(self, store_id: str, numbers: Sequence[str]) -> Sequence[Order]:
        """Those whose number is one of these, in either case, newest first; of many the newest."""
        ...

    async def lock_all(self, store_id: str, external_ids: Sequence[str]) -> Mapping[str, Order]:
        """Those that we know, by the store's id; nobody else changes or adds any of them until the commit."""
        ...

    async def put(self, order: Order) -> None:
        """Keep the order and all its fulfillment orders."""
        ...

    async def put_all(self, orders: Sequence[Order]) -> None: ...

    async def of_unit(self, unit_id: str) -> Order | None:
        """The order that a fulfillment order is a part of, with all of them."""
        ...

    async def fulfillment_order(
        self, fulfillment_order_id: str, *, lock: bool = False
    ) -> FulfillmentOrder | None: ...
    async def put_fulfillment_order(self, fulfillment_order: FulfillmentOrder) -> None: ...
    async def hold(self, unit_id: str) -> None:
        """Until the commit nobody else begins with this fulfillment order."""
        ...

    async def count_placed(self, store_id: str, window: Window) -> int:
        """Orders placed in a window that the store still had when it was last asked."""
        ...

    async def placed_ids(self, store_id: str, window: Window) -> frozenset[str]:
        """The store's ids of these."""
        ...

    async def read_times(self, store_id: str, external_ids: Sequence[str]) -> Mapping[str, datetime]:
        """When the orders among the given ids that we know were last asked for."""
        ...

    async def part_times(self, store_id: str, external_ids: Sequence[str]) -> Mapping[str, datetime]:
        """The store's time of the newest change of a part that we know, by the order's id in the store."""
        ...

    async def undispatched(self, limit: int) -> Sequence[FulfillmentOrder]:
        """Fulfillment orders that are open, dispatchable and without a delivery, and that a machine may book:
        none of test orders, of orders without an address, called off, or waiting for company.
        """
        ...


class Quotes(Protocol):
    """Quote sets, and what shoppers chose of them."""

    async def get(self, quote_set_id: str) -> QuoteSet | None: ...
    async def latest_for(self, fulfillment_order_id: str) -> QuoteSet | None: ...
    async def shown(self, cart_key: str, since: datetime) -> Sequence[QuoteSet]:
        """What checkouts were shown for carts with this key, newest first; of many the newest."""
        ...

    async def put(self, quote_set: QuoteSet) -> None: ...
    async def choice(self, choice_id: str) -> Choice | None: ...
    async def put_choice(self, choice: Choice) -> None: ...
    async def choices_of_cart(self, cart_id: str, cart_part: str) -> Sequence[Choice]:
        """What was chosen for a part of a cart and has become no order, newest first; of many the newest.

        Until the commit nobody else chooses for it.
        """
        ...


class Deliveries(Protocol):
    """Deliveries with their legs and events."""

    async def get(self, delivery_id: str, *, lock: bool = False) -> Delivery | None: ...
    async def several(self, ids: Sequence[str], *, lock: bool = False) -> Mapping[str, Delivery]:
        """Those that there are, by id; `lock` takes them in the order of the ids."""
        ...

    async def live_of(self, fulfillment_order_id: str, *, lock: bool = False) -> Delivery | None:
        """The one that is not over, or was delivered."""
        ...

    async def latest_of(self, fulfillment_order_id: str) -> Delivery | None:
        """The newest one, in whatever state."""
        ...

    async def id_by_booking(self, carrier: str, external_id: str) -> str | None: ...
    async def id_by_key(self, carrier: str, booking_key: str) -> str | None:
        """The delivery with a leg that a carrier was asked for with this key."""
        ...

    async def put(self, delivery: Delivery) -> None: ...
    async def put_foretold(self, deliveries: Sequence[Delivery]) -> None:
        """The same for many of which nothing is new but when they arrive: bookings and promises stay."""
        ...

    async def add_event(self, event: DeliveryEvent) -> bool:
        """False if the source has reported this very event before."""
        ...

    async def events(self, delivery_id: str) -> Sequence[DeliveryEvent]:
        """All of one delivery, as they happened."""
        ...

    async def last_events(self, legs: Mapping[str, str]) -> Mapping[str, datetime]:
        """When something last happened to legs, by their ids; without those of which nothing is known.

        Parameters
        ----------
        legs
            Ids of their deliveries by theirs.
        """
        ...

    async def scan_gap_s(self, carrier: str, since: datetime, least: int) -> float | None:
        """The 95th percentile of seconds between two scans of a carrier after the pickup.

        Parameters
        ----------
        least
            With fewer gaps than this since then nothing is said: None.
        """
        ...

    async def unfinished(self, limit: int) -> Sequence[Delivery]: ...
    async def doubted(self, before: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """(delivery, leg) by id of what has been in doubt since before that, oldest first."""
        ...

    async def promised(self, depot_id: str, window: Window) -> int:
        """Own-fleet deliveries of a depot that are promised for a window and not over."""
        ...

    async def unrouted(self, limit: int, *, without_driver: bool = False) -> Sequence[Delivery]:
        """Own-fleet deliveries that are booked and not yet on their way; those promised soonest first.

        Parameters
        ----------
        without_driver
            Only those that no driver was told.
        """
        ...


class Incidents(Protocol):
    """The exception queue."""

    async def get(self, incident_id: str, *, lock: bool = False) -> Incident | None: ...
    async def of_step(self, step_id: str) -> Incident | None:
        """The one that has a step with this id."""
        ...

    async def live(self, kind: IncidentKind, subject: str) -> Incident | None: ...
    async def live_of(self, subject: str) -> Sequence[Incident]: ...
    async def live_kinds(self, subjects: Collection[str]) -> Mapping[str, frozenset[IncidentKind]]:
        """What is wrong with each of many subjects; those with which nothing is are left out."""
        ...

    async def past(self, kind: IncidentKind, subject: str, limit: int) -> Sequence[Incident]:
        """Those of a kind about a subject that are over, newest first."""
        ...

    async def since(self, raised_at: datetime) -> Sequence[Incident]:
        """All that were raised from then on, live or over, oldest first."""
        ...

    async def over_since(
        self, raised_at: datetime, kinds: Collection[IncidentKind], limit: int
    ) -> Sequence[Incident]:
        """Those of some kinds that were raised from then on and are over, newest first."""
        ...

    async def all_live(self, kinds: Collection[IncidentKind] | None = None) -> Sequence[Incident]:
        """Those that are not over, of some kinds or (None) of all; those due soonest first."""
        ...

    async def with_due_steps(
        self, wanted: Sequence[WantedStep], now: datetime, limit: int, behind: Incident | None = None
    ) -> Sequence[Incident]:
        """Those that are not over and whose playbook may have something to do by now, due soonest first.

        Nobody has them and a step that is wanted was not taken, or a step is running, or one of a playbook
        failed and nothing was escalated. Nothing else is read, however many wait for people.

        Parameters
        ----------
        behind
            The last of those that were given before; None begins anew.
        """
        ...

    async def unanswered(self, now: datetime, limit: int) -> Sequence[str]:
        """Ids of those that nobody answered when it was due, not LOW ones and not where that was noted at
        their severity; those due longest first.
        """
        ...

    async def waited_out(self, now: datetime, limit: int) -> Sequence[str]:
        """Ids of those that wait no longer."""
        ...

    async def left_behind(self, limit: int) -> Sequence[str]:
        """Ids of those that are not over and that somebody has who is here no more."""
        ...

    async def put(self, incident: Incident) -> None: ...
