"""What happened, as facts that other steps of the way follow from. Ids only: state is read anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events; every one belongs to a merchant."""

    merchant_id: str

    @property
    def turn(self) -> str:
        """Handlers of events with the same turn run one after the other: by default that of the first id."""
        own = [getattr(self, field.name) for field in fields(self) if field.name != "merchant_id"]
        return str(own[0]) if own else self.merchant_id


@dataclass(frozen=True, slots=True)
class StoreNotified(Event):
    """Webhooks of a store lie in the inbox."""

    store_id: str


@dataclass(frozen=True, slots=True)
class SyncRequested(Event):
    """Somebody wants a store to be read: what changed, or everything."""

    store_id: str
    is_full: bool = False

    @property
    def turn(self) -> str:
        """A walk takes long: webhooks of the same store do not wait for it."""
        return f"sync {self.store_id}"


@dataclass(frozen=True, slots=True)
class ArticlesWanted(Event):
    """A cart holds articles, by SKU, that nobody has read yet."""

    store_id: str
    skus: Sequence[str] = ()

    @property
    def turn(self) -> str:
        """Nothing else of the store waits for its catalogue."""
        return f"articles {self.store_id}"


@dataclass(frozen=True, slots=True)
class CarrierNotified(Event):
    """A carrier's webhook says something about a booking; the inbox row holds it."""

    inbox_id: str


@dataclass(frozen=True, slots=True)
class OrderReceived(Event):
    """An order is kept, new or changed, of which something is to be carried."""

    order_id: str


@dataclass(frozen=True, slots=True)
class UnitMoved(Event):
    """The store means a fulfillment order to leave from another place than the one it was dispatched from."""

    fulfillment_order_id: str


@dataclass(frozen=True, slots=True)
class OrderCancelled(Event):
    """The store cancelled an order, or a part of it."""

    order_id: str


@dataclass(frozen=True, slots=True)
class QuotesReady(Event):
    """Every carrier answered for a fulfillment order, or the time was up."""

    fulfillment_order_id: str
    quote_set_id: str


@dataclass(frozen=True, slots=True)
class WaitOver(Event):
    """A fulfillment order has waited long enough for others to go with."""

    fulfillment_order_id: str


@dataclass(frozen=True, slots=True)
class WaveDue(Event):
    """Orders have waited for one another: own vans, couriers and parcel carriers are compared for them."""

    wave_id: str


@dataclass(frozen=True, slots=True)
class ModeChosen(Event):
    """It is known who shall take an order of a wave."""

    fulfillment_order_id: str


@dataclass(frozen=True, slots=True)
class OptionChosen(Event):
    """A shopper chose at the checkout."""

    choice_id: str


@dataclass(frozen=True, slots=True)
class DeliveryBooked(Event):
    """A carrier said yes."""

    delivery_id: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class LabelGiven(Event):
    """A carrier said where the label of a booking lies."""

    delivery_id: str
    leg_id: str

    @property
    def turn(self) -> str:
        """The carrier's file server may be away: nothing else of the delivery waits for it."""
        return f"label {self.leg_id}"


@dataclass(frozen=True, slots=True)
class BookingInDoubt(Event):
    """A delivery was called off before its carrier had answered whether it is booked."""

    delivery_id: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class PlanRequested(Event):
    """Somebody wants the routes of a day."""

    plan_id: str


@dataclass(frozen=True, slots=True)
class RoutePlanned(Event):
    """A plan is ready."""

    plan_id: str


@dataclass(frozen=True, slots=True)
class RouteTold(Event):
    """A driver was told a tour, or that it goes on otherwise than they knew, or that it is off."""

    route_id: str

    @property
    def turn(self) -> str:
        """Those who mend tours do not wait for those who talk of them."""
        return f"told {self.route_id}"


@dataclass(frozen=True, slots=True)
class TourDisturbed(Event):
    """A stop fell out of a tour, or its driver did: what is left may go better otherwise."""

    route_id: str


@dataclass(frozen=True, slots=True)
class DeliveryAdvanced(Event):
    """A delivery's status, ETA or place changed."""

    delivery_id: str


@dataclass(frozen=True, slots=True)
class LegLost(Event):
    """A carrier dropped a booking before the pickup; somebody else must carry it."""

    delivery_id: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class CourierLate(Event):
    """Nobody comes in time for a booking, and a machine may still do something about it."""

    delivery_id: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class LegGivenUp(Event):
    """A carrier called a booking off because we asked it to; another is to be booked instead."""

    delivery_id: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class AttemptDecided(Event):
    """Somebody, or a rule, has chosen what follows a failed attempt."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class ReturnRequested(Event):
    """A shopper gives goods back, and somebody has to fetch them."""

    return_id: str


@dataclass(frozen=True, slots=True)
class ReturnMoved(Event):
    """A return was asked for, or stands otherwise than before."""

    return_id: str

    @property
    def turn(self) -> str:
        """Booking the way back takes long: nobody who talks of it waits for that."""
        return f"told {self.return_id}"


@dataclass(frozen=True, slots=True)
class IncidentRaised(Event):
    """An incident was opened, or opened again."""

    incident_id: str


@dataclass(frozen=True, slots=True)
class IncidentEscalated(Event):
    """An incident became worse, or nobody answered in time.

    Attributes
    ----------
    times
        The how manieth time it is.
    is_by_hand
        A person asked for others, or a driver for help.
    """

    incident_id: str
    times: int
    is_by_hand: bool = False


@dataclass(frozen=True, slots=True)
class IncidentResolved(Event):
    """An incident is over, by a person's hand or a machine's."""

    incident_id: str


@dataclass(frozen=True, slots=True)
class StepDue(Event):
    """The next step of an incident's playbook may be due."""

    incident_id: str

    @property
    def turn(self) -> str:
        """A step asks carriers: nothing else about the incident waits for them."""
        return f"mend {self.incident_id}"


@dataclass(frozen=True, slots=True)
class ReportDue(Event):
    """The store may not show how a fulfillment order stands."""

    fulfillment_order_id: str
