"""Values that cross the ports of the API; the questions of its lists are the store's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from doorstep.delivery import Delivery
from doorstep.dispatch_rules import DispatchStrategy
from doorstep.errors import DoorstepError
from doorstep.health import HealthCheck
from doorstep.money import Money
from doorstep.order import Store, StorePlatform
from doorstep.parcel import Parcel
from doorstep.position import Position
from doorstep.quote import Decline, DeliveryMode
from doorstep.secret import Secret
from gateway.auth.caller import Audience, Scope
from gateway.flow.records import Quarantined
from gateway.store.queries.shapes import (
    DeliveryFilter,
    DriverFilter,
    IncidentFilter,
    LeftOut,
    OrderFilter,
    Page,
    PageRequest,
    QuarantineFilter,
    RouteFilter,
    RoutePlanFilter,
    Sort,
    SortField,
)

__all__ = [
    "Audience",
    "CancelReason",
    "CarrierCard",
    "Cart",
    "CartItem",
    "DeliveryFilter",
    "DispatchOrder",
    "DispatchOutcome",
    "DriverFilter",
    "IncidentFilter",
    "KeyCard",
    "KeyOrder",
    "LeftOut",
    "LinkedStore",
    "LiveKind",
    "LiveMessage",
    "NewKey",
    "OrderFilter",
    "Page",
    "PageRequest",
    "QuarantineFilter",
    "ReplayOutcome",
    "RouteFilter",
    "RoutePlanFilter",
    "Scope",
    "Sort",
    "SortField",
    "StoreOrder",
    "TokenGrant",
    "TrackingLink",
]


@dataclass(frozen=True, slots=True)
class CarrierCard:
    """A carrier as people know it."""

    code: str
    name: str
    mode: DeliveryMode


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """What a good tracking token opens."""

    delivery_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CartItem:
    """One line of a cart; `parcel` is one piece of it, None where unknown."""

    quantity: int
    line_id: str = ""
    sku: str = ""
    unit_price: Money | None = None
    parcel: Parcel | None = None
    requires_shipping: bool = True


@dataclass(frozen=True, slots=True)
class Cart:
    """What is known of the cart beside its lines."""

    cart_id: str = ""
    store_id: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class DispatchOrder:
    """One fulfillment order to be booked; without `quote_id` the shopper's choice, else by `strategy`.

    Without a strategy the merchant's own counts.
    """

    fulfillment_order_id: str
    quote_id: str | None = None
    max_price: Money | None = None
    allow_fallback: bool = True
    strategy: DispatchStrategy | None = None


@dataclass(frozen=True, slots=True)
class DispatchOutcome:
    """What became of one fulfillment order: a delivery or an error, and who was tried before."""

    fulfillment_order_id: str
    delivery: Delivery | None = None
    error: DoorstepError | None = None
    attempts: tuple[Decline, ...] = ()
    left_out: tuple[Decline, ...] = ()

    @property
    def why(self) -> str:
        """Why the carrier that has it was asked; "" where nobody has it or nobody wrote it down."""
        leg = self.delivery.active_leg if self.delivery is not None else None
        return leg.why if leg is not None else ""


class CancelReason(StrEnum):
    """Why a delivery is called off."""

    CUSTOMER_REQUEST = "CUSTOMER_REQUEST"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    ADDRESS = "ADDRESS"
    CARRIER_FAILED = "CARRIER_FAILED"
    DUPLICATE = "DUPLICATE"
    FRAUD = "FRAUD"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class TrackingLink:
    """A tracking token and the page that it opens."""

    token: Secret
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """What a replay led to: an order, nothing to keep, or an error."""

    message: Quarantined
    order_id: str | None = None
    error: DoorstepError | None = None


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """A key to be made; publishable keys are bound to origins, secret ones to scopes."""

    name: str
    audience: Audience
    scopes: tuple[Scope, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    expires_at: datetime | None = None
    person_id: str | None = None


@dataclass(frozen=True, slots=True)
class KeyCard:
    """A key as it may be shown; `hint` is "pk_live_…4f2a"."""

    id: str
    name: str
    audience: Audience
    hint: str
    scopes: tuple[Scope, ...]
    allowed_origins: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    person_id: str | None = None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; its secret is shown once."""

    card: KeyCard
    secret: Secret


@dataclass(frozen=True, slots=True)
class NewDriverSession:
    """What a driver signs in with, just made; its token is shown once."""

    id: str
    hint: str
    created_at: datetime
    expires_at: datetime
    token: Secret


@dataclass(frozen=True, slots=True)
class DeviceKeyCard:
    """A key of a driver's phone without its secret; `ends_at` is None for never."""

    id: str
    hint: str
    created_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewDeviceKey:
    """A key of a driver's phone, just made; its secret is shown once."""

    card: DeviceKeyCard
    secret: Secret


@dataclass(frozen=True, slots=True)
class StoreOrder:
    """A store to be linked; without credentials its merchant is asked to say yes.

    Attributes
    ----------
    location_id
        Where its orders leave from; None takes the merchant's only place.
    """

    platform: StorePlatform
    url: str
    name: str = ""
    credentials: Mapping[str, Secret] = field(default_factory=dict)
    location_id: str | None = None


@dataclass(frozen=True, slots=True)
class LinkedStore:
    """A store with where its merchant says yes ("" where nobody needs to) and what linking found."""

    store: Store
    authorize_url: str = ""
    checks: tuple[HealthCheck, ...] = ()


class LiveKind(StrEnum):
    """CHANGED: read it anew. LOST: what lay before this cursor cannot be told any more."""

    CHANGED = "CHANGED"
    LOST = "LOST"


@dataclass(frozen=True, slots=True)
class LiveMessage:
    """Something changed: state is read anew, except for a place that is told along.

    Attributes
    ----------
    cursor
        Where the feed stands after this message.
    entity_id
        "" on LOST.
    position
        Where it is now, where nothing but that changed.
    """

    cursor: str
    topic: str
    entity_id: str
    kind: LiveKind = LiveKind.CHANGED
    position: Position | None = None
