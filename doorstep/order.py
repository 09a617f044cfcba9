"""Orders of a store, and the fulfillment orders that are dispatched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorstep.address import Address
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.product import Dimensions
from doorstep.sourcing import SourcingDecision
from doorstep.window import Window


class StorePlatform(StrEnum):
    """Where orders come from."""

    SHOPIFY = "SHOPIFY"
    WOOCOMMERCE = "WOOCOMMERCE"
    TRYTON = "TRYTON"
    ODOO = "ODOO"
    OTHER = "OTHER"


class LinkStatus(StrEnum):
    """Whether a store or a carrier account can be used."""

    PENDING = "PENDING"
    """The merchant has not said yes yet."""
    CONNECTED = "CONNECTED"
    DEGRADED = "DEGRADED"
    """Something is wrong that a person has to mend; what still works is used."""
    DISCONNECTED = "DISCONNECTED"
    """The merchant took our access away."""
    OTHER = "OTHER"


class ShippedWhen(StrEnum):
    """From when on a store counts goods as sent."""

    PICKED_UP = "PICKED_UP"
    """They have left, or have a parcel carrier's label."""
    BOOKED = "BOOKED"
    """A carrier has said yes: shoppers get the link to follow it earlier."""


class OrderStatus(StrEnum):
    """Where an order stands as a whole."""

    OPEN = "OPEN"
    ON_HOLD = "ON_HOLD"
    PARTIALLY_DELIVERED = "PARTIALLY_DELIVERED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"
    RETURNED = "RETURNED"
    OTHER = "OTHER"


class FulfillmentOrderStatus(StrEnum):
    """Where a fulfillment order stands."""

    OPEN = "OPEN"
    ON_HOLD = "ON_HOLD"
    QUOTED = "QUOTED"
    DISPATCHED = "DISPATCHED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"
    RETURNED = "RETURNED"
    OTHER = "OTHER"


class FulfillmentMethod(StrEnum):
    """How the store means the goods to reach the shopper; only SHIP and LOCAL are dispatched."""

    SHIP = "SHIP"
    LOCAL = "LOCAL"
    PICKUP = "PICKUP"
    NONE = "NONE"
    OTHER = "OTHER"


DISPATCHED_METHODS = (FulfillmentMethod.SHIP, FulfillmentMethod.LOCAL)


DELETED = "deleted"
"""`raw_status` of an order that its store does not have any more."""


class HandoverRequirement(StrEnum):
    """What the courier must do at the door."""

    SIGNATURE = "SIGNATURE"
    ADULT_SIGNATURE = "ADULT_SIGNATURE"
    ID_CHECK = "ID_CHECK"
    PIN = "PIN"
    PHOTO = "PHOTO"
    PHONE_NUMBER = "PHONE_NUMBER"
    TWO_PERSON = "TWO_PERSON"
    COLD_CHAIN = "COLD_CHAIN"
    NO_SAFE_PLACE = "NO_SAFE_PLACE"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One article of an order.

    Attributes
    ----------
    quantity
        What is still ordered, after edits and refunds.
    weight_g, dimensions
        Of one piece; None where the store does not say.
    product_external_id
        The article, as `StoreConnector.products` takes it; "" where it was deleted or never was one.
    is_gift_card
        Nothing to carry, whatever the store says of shipping.
    """

    external_id: str
    title: str
    quantity: int
    requires_shipping: bool = True
    sku: str = ""
    unit_price: Money | None = None
    weight_g: int | None = None
    dimensions: Dimensions | None = None
    product_external_id: str = ""
    is_gift_card: bool = False

    def __post_init__(self) -> None:
        if self.quantity < 0:
            raise ValueError(f"quantity must not be negative, got {self.quantity}")
        if self.weight_g is not None and self.weight_g < 0:
            raise ValueError(f"weight_g must not be negative, got {self.weight_g}")


@dataclass(frozen=True, slots=True)
class TakenRate:
    """The rate of ours that a shopper took in a store's own checkout, as the order tells it.

    Attributes
    ----------
    code
        The stable name that the rate was shown under, `<carrier>.<service>`.
    option
        The very option, `<quote set>/<quote>`; "" where the store carries the code alone.
    slot_id
        The slot that was picked with it; "" for none.
    choice_reference
        What was locked for it (`cho_…`); "" where nothing was, or nobody has looked yet.
    line_ids
        Lines of the order that it brings, by `OrderLine.external_id`, where the store split the cart and says
        so; () where it does not.
    is_pickup
        The shopper comes for it: nobody is sent.
    """

    code: str
    option: str = ""
    slot_id: str = ""
    choice_reference: str = ""
    line_ids: tuple[str, ...] = ()
    is_pickup: bool = False


@dataclass(frozen=True, slots=True)
class FulfillmentLine:
    """How much of an order line a fulfillment order still has to ship."""

    line_external_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class FulfillmentOrder:
    """What is dispatched: lines of one order from one location.

    Attributes
    ----------
    id
        Ours; "" until it is kept.
    external_id
        The store's; WooCommerce has no such thing, there it is `<order id>`.
    location_external_id
        Where the store means it to leave from; "" where it has only one place.
    changed_at
        The store's time of its last change; None where only the order has one.
    destination
        Overrides the order's where the store gives one.
    part_of
        `external_id` of the store's fulfillment order that we cut it from; "" where the store knows it.
    sourcing
        Why it leaves from where it does; None where that was left to the store.
    choice_reference
        What the shopper chose for this part (`cho_…`), where the parts of an order were chosen one by one;
        see `Order.choice_for`.
    """

    external_id: str
    status: FulfillmentOrderStatus
    method: FulfillmentMethod
    lines: tuple[FulfillmentLine, ...]
    destination: Address | None = None
    parcels: tuple[Parcel, ...] = ()
    location_external_id: str = ""
    service_code: str = ""
    ready_at: datetime | None = None
    delivery_window: Window | None = None
    hold_reason: str = ""
    changed_at: datetime | None = None
    id: str = ""
    order_id: str = ""
    location_id: str = ""
    part_of: str = ""
    sourcing: SourcingDecision | None = None
    choice_reference: str = ""

    @property
    def is_dispatchable(self) -> bool:
        """Whether somebody should carry it."""
        live = self.status in {FulfillmentOrderStatus.OPEN, FulfillmentOrderStatus.QUOTED}
        return live and self.method in DISPATCHED_METHODS and any(line.quantity > 0 for line in self.lines)


@dataclass(frozen=True, slots=True)
class Order:
    """A shopper's order in a store, as a connector maps it.

    Attributes
    ----------
    id, store_id
        Ours; "" until it is kept.
    external_id
        The store's own id: Shopify's gid, WooCommerce's number.
    updated_at
        The store's; newer wins.
    read_at
        Our time when this state had been read: of two states with one `updated_at` the one that was asked
        for later wins.
    total, shipping_paid
        In the currency of the shop.
    total_presented
        In the shopper's currency, where that is another one.
    company
        Who buys, where a company does (B2B); "" for a person.
    confirmation_number
        What only the shopper and the store know of the order beside its number; "" where the store has none.
    choice_reference
        What the shopper chose at our checkout (`cho_…`), "" where nothing came along.
    taken_rate
        What the shopper took of the rates that we answered the store with; None where it was none of ours, or
        the store does not say.
    more_rates
        Further rates of ours that were taken with it, where the store split the cart into several packages.
    needs_personal_data
        The store held the address back; nothing can be dispatched until it is given.
    """

    external_id: str
    number: str
    platform: StorePlatform
    status: OrderStatus
    placed_at: datetime
    updated_at: datetime
    total: Money
    lines: tuple[OrderLine, ...]
    fulfillment_orders: tuple[FulfillmentOrder, ...]
    destination: Address | None = None
    shipping_paid: Money | None = None
    choice_reference: str = ""
    taken_rate: TakenRate | None = None
    more_rates: tuple[TakenRate, ...] = ()
    needs_personal_data: bool = False
    tags: tuple[str, ...] = ()
    is_test: bool = False
    raw_status: str = ""
    total_presented: Money | None = None
    company: str = ""
    confirmation_number: str = ""
    read_at: datetime | None = None
    id: str = ""
    store_id: str = ""
    merchant_id: str = ""

    @property
    def rates(self) -> tuple[TakenRate, ...]:
        """All rates of ours that were taken, in the order of the store's packages."""
        return (() if self.taken_rate is None else (self.taken_rate,)) + self.more_rates

    @property
    def choices(self) -> tuple[str, ...]:
        """All that the shopper chose for it (`cho_…`), each once, but for parts that were called off."""
        every = [
            self.choice_reference,
            *(rate.choice_reference for rate in self.rates),
            *(
                unit.choice_reference
                for unit in self.fulfillment_orders
                if unit.status is not FulfillmentOrderStatus.CANCELLED
            ),
        ]
        return tuple(dict.fromkeys(reference for reference in every if reference))

    def choice_for(self, unit: FulfillmentOrder) -> str:
        """What the shopper chose for one part: its own choice, or the order's where no part has its own."""
        has_own = any(one.choice_reference for one in self.fulfillment_orders)
        return unit.choice_reference if has_own else self.choice_reference


@dataclass(frozen=True, slots=True)
class Location:
    """A place that orders leave from."""

    id: str
    merchant_id: str
    name: str
    address: Address
    time_zone: str
    external_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """A shop that orders come from.

    Attributes
    ----------
    external_id
        What webhooks name it by: `<shop>.myshopify.com`, or our own id for WooCommerce.
    location_id
        Where its orders leave from when the store names no place.
    scopes
        What the store lets us do, in its own words; () where it does not say.
    notifies_shoppers
        Whether the store writes to shoppers about what we tell it.
    """

    id: str
    merchant_id: str
    platform: StorePlatform
    name: str
    url: str
    external_id: str
    location_id: str
    ca_file: str = ""
    status: LinkStatus = LinkStatus.CONNECTED
    scopes: tuple[str, ...] = ()
    shipped_when: ShippedWhen = ShippedWhen.PICKED_UP
    notifies_shoppers: bool = True
