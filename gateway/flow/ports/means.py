"""Everything that a step of the flow may use beside its transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from doorstep.address import Address
from doorstep.booking import CarrierUpdate
from doorstep.clock import Clock
from doorstep.delivery import Delivery
from doorstep.errors import RemoteRefused
from doorstep.geo import LatLng
from doorstep.order import StorePlatform
from doorstep.ports import (
    ModeChooser,
    RoadEngine,
    RouteDesk,
    RoutePlanner,
    Sourcer,
    StoreConnector,
    StoreNotice,
)
from doorstep.position import Position
from doorstep.privacy import PrivacyNotice
from gateway.flow.packing import PackingTable, WantedArticles
from gateway.flow.ports.documents import Files
from gateway.flow.ports.eta import EtaModels
from gateway.flow.ports.later import Later
from gateway.flow.ports.notices import NoNotifiers, Notifiers
from gateway.flow.ports.operators import NoOperators, Operators
from gateway.flow.ports.rates import LinkedCarrier, Rates
from gateway.flow.ports.webhooks import NoSystems, Systems
from gateway.flow.ports.work import Begin
from gateway.flow.quoting.breaker import Breaker
from gateway.flow.quoting.promising import Promiser
from gateway.flow.rules import RuleShelf
from gateway.flow.watching.scan_gaps import ScanGaps


class Links(Protocol):
    """Connectors of a merchant's stores and carriers, made once and kept."""

    async def store(self, merchant_id: str, store_id: str) -> StoreConnector: ...
    async def forget(self, merchant_id: str, id_: str) -> None:
        """Let go of the connector of a store or account; it is made anew if it is needed again."""
        ...

    def read_store_notice(
        self, platform: StorePlatform, headers: Mapping[str, str], body: bytes
    ) -> StoreNotice:
        """What a verified webhook of a store asks for; raises `UnreadablePayload`."""
        ...

    def read_privacy_notice(
        self, platform: StorePlatform, headers: Mapping[str, str], body: bytes
    ) -> PrivacyNotice:
        """Whom a privacy webhook is about; raises `UnreadablePayload`."""
        ...

    async def carriers(self, merchant_id: str) -> Sequence[LinkedCarrier]: ...
    async def carrier(self, merchant_id: str, account_id: str) -> LinkedCarrier | None: ...
    def read_carrier_notice(
        self, carrier: str, headers: Mapping[str, str], body: bytes
    ) -> Sequence[CarrierUpdate]:
        """What a verified webhook of a carrier says; () where it is about nothing of ours."""
        ...


class Geocoder(Protocol):
    """Finds a place on the map for an address."""

    async def locate(self, address: Address) -> LatLng | None:
        """None where the address is unknown; raises `RemoteUnavailable` where nobody could be asked."""
        ...


class LivePositions(Protocol):
    """Where drivers are now; may be lost, never decides anything."""

    async def moved(self, merchant_id: str, places: Mapping[str, Position]) -> None:
        """Drivers were seen, by their ids; what is told is kept already."""
        ...

    async def seen(
        self, merchant_id: str, places: Mapping[str, Position], watched: Mapping[str, Sequence[str]]
    ) -> None:
        """Which deliveries' shoppers may see these drivers' vans, from now on and where they are now."""
        ...


class NoFiles:
    """A house that fetches nothing."""

    async def fetch(self, url: str, largest: int, budget_s: float) -> bytes:  # noqa: ARG002 - the port's
        """Refused always."""
        raise RemoteRefused("Nothing is fetched here.", system="files")


def no_link(delivery: Delivery) -> str:  # noqa: ARG001 - what a house without pages says of any
    """There is no page to see it on."""
    return ""


def no_stop_link(merchant_id: str, recipient_key: str) -> str:  # noqa: ARG001 - as above
    """There is no page to say it on."""
    return ""


def untried(account_id: str) -> Breaker:  # noqa: ARG001 - what a house that asks nobody says of any
    """Nobody has failed yet."""
    return Breaker()


def never(error: Exception) -> bool:  # noqa: ARG001 - what a house without a database says of any
    """Nothing passes by itself."""
    return False


@dataclass(frozen=True, slots=True)
class Means:
    """Everything that a step of the flow may use.

    Attributes
    ----------
    geocoder
        None where the operator runs none: who needs a place on the map then declines.
    tracking_link
        The page on which a shopper follows a delivery; the same for the same delivery at any time.
    stop_link
        Where a recipient, known by a key, says that they want no more mails of a merchant.
    shelf
        Compiled rules of merchants.
    table
        Packs what is to be carried; estimates where there is no packer.
    wanted
        Articles in carts that stores were asked about.
    promiser
        Knows when goods are ready and parcels arrive.
    scan_gaps
        Knows how long carriers are usually silent.
    files
        Fetches labels; nobody does where there is no house around.
    systems
        Calls merchants' systems; nobody is called where there is no house around.
    notifiers
        Write to shoppers; nobody is written to where there is no house around.
    operators
        Who runs this installation, on channels of their own.
    sourcer
        Decides where orders leave from; None leaves that to the stores.
    desk
        Works on tours that drivers were told, stop by stop; without one they change by plans alone.
    usual_roads
        Roads without what is measured at the moment, for tours of later; None where `roads` measures nothing.
    models
        Learn from arrivals and foretell them; without them ETAs are what roads and carriers say.
    modes
        Chooses between own vans, couriers and parcel carriers; without one each order goes by the strategy.
    breaker_of
        How an account does, by its id, as far as this process has seen.
    now_s
        The clock that breakers go by, seconds.
    later
        Does what nobody waits for.
    passes_by_itself
        Whether an error is the database's for the moment, and says nothing of what it was to keep.
    quote_budget_s
        How long carriers have to answer, seconds.
    checkout_settles_s
        After so long a checkout goes with the options that there are, seconds; one without any waits on.
    booking_budget_s
        How long one booking may take, seconds.
    """

    clock: Clock
    begin: Begin
    links: Links
    roads: RoadEngine
    planner: RoutePlanner
    geocoder: Geocoder | None
    positions: LivePositions
    rates: Rates
    tracking_link: Callable[[Delivery], str] = no_link
    stop_link: Callable[[str, str], str] = no_stop_link
    passes_by_itself: Callable[[Exception], bool] = never
    shelf: RuleShelf = field(default_factory=RuleShelf)
    table: PackingTable = field(default_factory=PackingTable)
    wanted: WantedArticles = field(default_factory=WantedArticles)
    promiser: Promiser = field(default_factory=Promiser)
    scan_gaps: ScanGaps = field(default_factory=ScanGaps)
    sourcer: Sourcer | None = None
    desk: RouteDesk | None = None
    usual_roads: RoadEngine | None = None
    modes: ModeChooser | None = None
    models: EtaModels | None = None
    files: Files = field(default_factory=NoFiles)
    systems: Systems = field(default_factory=NoSystems)
    notifiers: Notifiers = field(default_factory=NoNotifiers)
    operators: Operators = field(default_factory=NoOperators)
    breaker_of: Callable[[str], Breaker] = untried
    now_s: Callable[[], float] = time.monotonic
    later: Later = field(default_factory=Later)
    quote_budget_s: float = 2.0
    checkout_settles_s: float = 0.4
    booking_budget_s: float = 15.0
