"""The account: merchant, keys, and who is asking."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from doorstep import merchant as ground
from gateway.api.context import Info
from gateway.api.marks import ANYONE, BY_DRIVER, entry, part, resolved, shape
from gateway.api.ports.records import Audience, KeyCard, NewKey, Scope
from gateway.api.problems import InvalidInput, NotFound, StateConflict
from gateway.api.scalars import CurrencyCode, TimeZone, Url
from gateway.api.types.account_settings import BookingRules, HoldLimits, Profile
from gateway.api.types.dispatch_rules import DispatchRules
from gateway.api.types.fallback_rates import FallbackRates
from gateway.api.types.merchant_rules import (
    AttemptRules,
    DocumentRules,
    SpendingRules,
    StackRules,
)
from gateway.api.types.modes import ModeRules
from gateway.api.types.notices import NoticeRules
from gateway.api.types.planning_rules import PlanningRules
from gateway.api.types.visibility_rules import VisibilityRules
from gateway.api.types.watch_rules import WatchRules

if TYPE_CHECKING:
    from gateway.api.types.drivers import Driver
    from gateway.api.types.people import Person

PersonRef = Annotated["Person", strawberry.lazy("gateway.api.types.people")]
DriverRef = Annotated["Driver", strawberry.lazy("gateway.api.types.drivers")]


@shape(to=ANYONE)
class Merchant:
    """The account."""

    id: strawberry.ID
    name: str
    currency_code: CurrencyCode
    time_zone: TimeZone
    locale: str
    support_url: Url | None
    kept: strawberry.Private[ground.Merchant]

    @staticmethod
    def of(kept: ground.Merchant) -> Merchant:
        return Merchant(
            id=strawberry.ID(kept.id),
            name=kept.name,
            currency_code=CurrencyCode(kept.currency),
            time_zone=TimeZone(kept.time_zone),
            locale=kept.locale,
            support_url=Url(kept.support_url) if kept.support_url else None,
            kept=kept,
        )

    @resolved(to=(), scope=Scope.CONFIGURE)
    def dispatch_rules(self) -> DispatchRules:
        """How its orders are booked."""
        return DispatchRules.of(self.kept)

    @resolved(to=(), scope=Scope.CONFIGURE)
    def spending_rules(self) -> SpendingRules:
        """What a machine may do and spend for a courier who comes too late."""
        return SpendingRules.of(self.kept.spending)

    @resolved(to=(), scope=Scope.CONFIGURE)
    def stack_rules(self) -> StackRules:
        """When its orders wait for company."""
        return StackRules.of(self.kept.stacking)

    @resolved(to=(), scope=Scope.CONFIGURE)
    def watch_rules(self) -> WatchRules:
        """When something counts as wrong."""
        return WatchRules.of(self.kept.watch)

    @resolved(to=(), scope=Scope.CONFIGURE)
    def attempt_rules(self) -> AttemptRules:
        """What follows when nobody takes goods in."""
        return AttemptRules.of(self.kept.attempts)

    @resolved(to=(), scope=Scope.CONFIGURE)
    def document_rules(self) -> DocumentRules:
        """How long labels and other papers are kept."""
        return DocumentRules.of(self.kept.documents)

    @resolved(to=(), scope=Scope.CONFIGURE)
    def hold_limits(self) -> HoldLimits:
        """How many places in slots shoppers may hold without an order."""
        return HoldLimits.of(self.kept.holds)

    @resolved(to=(), scope=Scope.CONFIGURE)
    def booking_rules(self) -> BookingRules:
        """What is booked and planned without anybody, and how long a chosen price stands."""
        return BookingRules.of(self.kept)

    @resolved(to=(), scope=Scope.CONFIGURE)
    def profile(self) -> Profile:
        """What shoppers are shown of it, with its version."""
        return Profile.of(self.kept)

    @resolved(to=(), scope=Scope.CONFIGURE)
    def planning_rules(self) -> PlanningRules:
        """How tours of its own vans are planned."""
        return PlanningRules.of(self.kept.planning)

    @resolved(to=(), scope=Scope.CONFIGURE)
    def mode_rules(self) -> ModeRules:
        """When own vans, couriers and parcel carriers compete for its orders."""
        return ModeRules.of(self.kept.modes)

    @resolved(to=(), scope=Scope.CONFIGURE)
    def notice_rules(self) -> NoticeRules:
        """What shoppers are told, and how."""
        return NoticeRules.of(self.kept.notices)

    @resolved(to=(), scope=Scope.CONFIGURE)
    def visibility_rules(self) -> VisibilityRules:
        """Who sees what of tracking, and how long places are kept exactly."""
        return VisibilityRules.of(self.kept.visibility)

    @resolved(to=(), scope=Scope.CONFIGURE)
    def fallback_rates(self) -> FallbackRates:
        """Its own prices, for when carriers cannot be asked."""
        return FallbackRates.of(self.kept)


@shape(to=ANYONE)
class Viewer:
    """Who is asking."""

    audience: Audience
    scopes: list[Scope] = part(most=4)
    expires_at: datetime | None = part("When the credential ends.")

    @resolved()
    async def merchant(self, info: Info) -> Merchant:
        """Whose data this is."""
        return Merchant.of(await info.context.loaders.merchant.load(""))

    @resolved(to=())
    async def person(self, info: Info) -> PersonRef | None:
        """Whose key it is; null where it is nobody's."""
        from gateway.api.types.exceptions import load_person

        return await load_person(info, info.context.caller.person_id)

    @resolved(to=BY_DRIVER)
    async def driver(self, info: Info) -> DriverRef | None:
        """Whose session it is; null for keys."""
        from gateway.api.types.drivers import Driver

        driver_id = info.context.caller.driver_id
        found = await info.context.loaders.driver.load(driver_id) if driver_id else None
        return None if found is None else Driver.of(found)


@shape()
class ApiKey:
    """A key; only its hash is kept."""

    id: strawberry.ID
    name: str
    audience: Audience
    hint: str = part("pk_live_…4f2a.")
    scopes: list[Scope] = part(most=4)
    allowed_origins: list[Url] = part(most=20)
    created_at: datetime
    expires_at: datetime | None
    person_id: strawberry.ID | None = part("Whose it is; null where it is nobody's.")

    @staticmethod
    def of(card: KeyCard) -> ApiKey:
        return ApiKey(
            id=strawberry.ID(card.id),
            name=card.name,
            audience=card.audience,
            hint=card.hint,
            scopes=list(card.scopes),
            allowed_origins=[Url(origin) for origin in card.allowed_origins[:20]],
            created_at=card.created_at,
            expires_at=card.expires_at,
            person_id=None if card.person_id is None else strawberry.ID(card.person_id),
        )


@entry
class CreateApiKeyInput:
    """A publishable key bound to origins, or a secret key bound to scopes."""

    name: str
    audience: Audience
    scopes: list[Scope] | None = part(most=4, default=None)
    allowed_origins: list[Url] | None = part(most=20, default=None)
    expires_at: datetime | None = None
    person_id: strawberry.ID | None = part(
        "Whose it is: what it does is theirs in histories, and it ends with them.", default=None
    )


@shape()
class CreateApiKeySuccess:
    """The key."""

    api_key: ApiKey
    secret: str = part("Shown once.")

    @staticmethod
    def of(made: NewKey) -> CreateApiKeySuccess:
        return CreateApiKeySuccess(api_key=ApiKey.of(made.card), secret=made.secret.reveal())


CreateApiKeyResult = Annotated[
    CreateApiKeySuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("CreateApiKeyResult", description="What making a key led to."),
]
