"""The account that everything belongs to, and its links to carriers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from doorstep.calendar import DaySpan, HandlingRules
from doorstep.dispatch_rules import DispatchRules, DispatchStrategy, Spending, StackRules
from doorstep.failed_attempt import AttemptChoice, PaidBy
from doorstep.goods import GoodsRules
from doorstep.mode_rules import ModeRules
from doorstep.money import Money
from doorstep.notice import NoticeRules
from doorstep.planning_rules import PlanningRules
from doorstep.quote import DeliveryMode, RankingWeights, VehicleKind
from doorstep.sourcing import SourcingRules
from doorstep.visibility import VisibilityRules
from doorstep.watch_rules import WatchRules


@dataclass(frozen=True, slots=True)
class AttemptRules:
    """What follows when nobody takes goods in, and what becomes of goods that come back.

    Attributes
    ----------
    max_attempts
        So often somebody goes to a door; what follows after that is the way back.
    default_action
        What follows if nobody chooses in time; where it is not open, the goods come back.
    answer_s
        How long the shopper may choose, seconds; 0 asks nobody.
    shopper_may
        What the shopper may choose with the tracking link.
    paid_by
        Who is meant to pay for another try; it is only written down, nobody is charged.
    return_due_s
        Goods that are not back after so long are looked for, seconds.
    claim_within_s
        A claim should be filed so soon after the loss, seconds.
    """

    max_attempts: int = 3
    default_action: AttemptChoice = AttemptChoice.TRY_AGAIN
    answer_s: int = 4 * 3600
    shopper_may: tuple[AttemptChoice, ...] = (AttemptChoice.TRY_AGAIN, AttemptChoice.SAFE_PLACE)
    paid_by: PaidBy = PaidBy.MERCHANT
    return_due_s: int = 7 * 86_400
    claim_within_s: int = 14 * 86_400

    def __post_init__(self) -> None:
        if self.max_attempts < 1:
            raise ValueError(f"max_attempts must be at least 1, got {self.max_attempts}")
        if min(self.answer_s, self.return_due_s, self.claim_within_s) < 0:
            raise ValueError("answer_s, return_due_s and claim_within_s must not be negative")


@dataclass(frozen=True, slots=True)
class FallbackRate:
    """A price of the merchant's own, for when a carrier cannot be asked.

    Attributes
    ----------
    carrier, service
        Whose service it stands for; that carrier is asked when it is booked.
    days
        From the day on which the goods are ready.
    max_weight_g
        Of all parcels together; None for any.
    countries
        That it goes to, ISO 3166-1 alpha-2; () for all.
    """

    carrier: str
    service: str
    title: str
    mode: DeliveryMode
    price: Money
    days: DaySpan
    max_weight_g: int | None = None
    countries: tuple[str, ...] = ()
    vehicle: VehicleKind = VehicleKind.OTHER


@dataclass(frozen=True, slots=True)
class DocumentRules:
    """What becomes of labels and other papers.

    Attributes
    ----------
    keep_days
        How long they can be printed again; they show who lives where.

    Raises
    ------
    ValueError
        If it is less than a day.
    """

    keep_days: int = 30

    def __post_init__(self) -> None:
        if self.keep_days < 1:
            raise ValueError(f"keep_days must be at least 1, got {self.keep_days}")


@dataclass(frozen=True, slots=True)
class HoldLimits:
    """How many places in slots may be held at once, without an order, by those whom anybody can be.

    Attributes
    ----------
    of_options
        From one list of delivery options, which is one shopper.
    of_key
        From one publishable key, which is all shoppers of a storefront.

    Raises
    ------
    ValueError
        If one is less than 1.
    """

    of_options: int = 3
    of_key: int = 2_000

    def __post_init__(self) -> None:
        if min(self.of_options, self.of_key) < 1:
            raise ValueError("of_options and of_key must be at least 1")


@dataclass(frozen=True, slots=True)
class Merchant:
    """A tenant.

    Attributes
    ----------
    time_zone
        IANA; its working day.
    auto_dispatch
        Book as soon as quotes are in; else, and where the strategy is MANUAL, a person calls `dispatch`.
    auto_plan_horizon_s
        Own-fleet deliveries due within this span are planned by themselves; 0 leaves it to people.
    price_lock_s
        How long a chosen price stays good.
    fallback_rates
        In the order in which they are tried; the first of a service that fits counts.
    spending
        What a machine may do and spend for a courier who comes too late.
    dispatch
        Who is booked, and what no machine books.
    stacking
        When orders wait for company.
    sourcing
        From which place orders ship.
    goods
        What the store's articles are, for whoever may not carry everything.
    handling, handling_at
        From an order to goods that can be fetched; by the place's id where a place has rules of its own.
    attempts
        What follows when nobody takes goods in.
    holds
        How many places in slots shoppers may hold.
    planning
        How tours of its own vans are planned.
    modes
        When own vans, couriers and parcel carriers compete for its orders.
    notices
        What shoppers are told, and how.
    visibility
        Who sees what of tracking, and how long places are kept exactly.
    """

    id: str
    name: str
    currency: str
    time_zone: str
    locale: str = "en"
    weights: RankingWeights = field(default_factory=RankingWeights)
    watch: WatchRules = field(default_factory=WatchRules)
    auto_dispatch: bool = True
    auto_plan_horizon_s: int = 3 * 3600
    price_lock_s: int = 1800
    support_url: str = ""
    fallback_rates: tuple[FallbackRate, ...] = ()
    documents: DocumentRules = field(default_factory=DocumentRules)
    spending: Spending = field(default_factory=Spending)
    dispatch: DispatchRules = field(default_factory=DispatchRules)
    stacking: StackRules = field(default_factory=StackRules)
    sourcing: SourcingRules = field(default_factory=SourcingRules)
    goods: GoodsRules = field(default_factory=GoodsRules)
    handling: HandlingRules = field(default_factory=HandlingRules)
    handling_at: Mapping[str, HandlingRules] = field(default_factory=dict)
    attempts: AttemptRules = field(default_factory=AttemptRules)
    holds: HoldLimits = field(default_factory=HoldLimits)
    planning: PlanningRules = field(default_factory=PlanningRules)
    modes: ModeRules = field(default_factory=ModeRules)
    notices: NoticeRules = field(default_factory=NoticeRules)
    visibility: VisibilityRules = field(default_factory=VisibilityRules)

    @property
    def books_by_itself(self) -> bool:
        """Whether a machine books as soon as quotes are in; else a person calls `dispatch`."""
        return self.auto_dispatch and self.dispatch.strategy is not DispatchStrategy.MANUAL

    @property
    def books_again(self) -> bool:
        """Whether a machine books anew what a carrier dropped."""
        return self.dispatch.reassign and self.dispatch.strategy is not DispatchStrategy.MANUAL

    def handling_of(self, location_id: str) -> HandlingRules:
        """How orders are handled at a place."""
        return self.handling_at.get(location_id, self.handling)


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """The merchant's account with a carrier; its credentials lie sealed beside it.

    Attributes
    ----------
    base_url
        Overrides the carrier's own address; "" otherwise.
    reliability
        Share of bookings that went well, 0 to 1; None as long as nobody has counted.
    """

    id: str
    merchant_id: str
    carrier: str
    name: str
    mode: DeliveryMode
    enabled: bool = True
    is_test: bool = False
    base_url: str = ""
    reliability: float | None = None
