"""Limits of holds, what is booked without anybody, and what shoppers are shown of a merchant."""

from __future__ import annotations

from typing import Annotated

import strawberry

from doorstep import merchant as ground
from gateway.api.marks import entry, part, shape
from gateway.api.problems import InvalidInput, StateConflict
from gateway.api.scalars import Url
from gateway.api.types.versions import EXPECTED, VERSION
from gateway.flow.dispatching import plain_settings as plain
from gateway.flow.settings_version import version_of

_OF_OPTIONS = "From one list of delivery options, which is one shopper."
_OF_KEY = "From one publishable key, which is all shoppers of a storefront."
_AUTO = "Book as soon as quotes are in; else, and where the strategy is MANUAL, a person calls dispatch."
_HORIZON = "Own-fleet deliveries due within this span are planned by themselves; 0 leaves it to people."
_LOCK = "How long a chosen price stands, at least the twenty minutes that a checkout shows it for."
_LOCALE = "A language tag (BCP 47), en or pt-BR."
_SUPPORT = "Where shoppers find help, https; it is shown and never opened by us."


@shape()
class HoldLimits:
    """How many places in slots may be held at once, without an order, by those whom anybody can be."""

    of_options: int = part(_OF_OPTIONS)
    of_key: int = part(_OF_KEY)
    version: int = part(VERSION)

    @staticmethod
    def of(limits: ground.HoldLimits) -> HoldLimits:
        return HoldLimits(of_options=limits.of_options, of_key=limits.of_key, version=version_of(limits))


@shape()
class BookingRules:
    """What is booked and planned without anybody, and how long a chosen price stands."""

    auto_dispatch: bool = part(_AUTO)
    auto_plan_horizon_seconds: int = part(_HORIZON)
    price_lock_seconds: int = part(_LOCK)
    version: int = part(VERSION)

    @staticmethod
    def of(merchant: ground.Merchant) -> BookingRules:
        rules = plain.BookingRules.of(merchant)
        return BookingRules(
            auto_dispatch=rules.auto_dispatch,
            auto_plan_horizon_seconds=rules.auto_plan_horizon_s,
            price_lock_seconds=rules.price_lock_s,
            version=version_of(rules),
        )


@shape()
class Profile:
    """What shoppers are shown of a merchant."""

    locale: str = part(_LOCALE)
    support_url: Url | None = part(_SUPPORT)
    version: int = part(VERSION)

    @staticmethod
    def of(merchant: ground.Merchant) -> Profile:
        profile = plain.Profile.of(merchant)
        return Profile(
            locale=profile.locale,
            support_url=Url(profile.support_url) if profile.support_url else None,
            version=version_of(profile),
        )


@entry
class SaveHoldLimitsInput:
    """The limits whole: what is left out is as it usually is."""

    of_options: int = part(_OF_OPTIONS, default=3)
    of_key: int = part(_OF_KEY, default=2000)
    expected_version: int | None = part(EXPECTED, default=None)


@entry
class SaveBookingRulesInput:
    """The rules whole: what is left out is as it usually is."""

    auto_dispatch: bool = part(_AUTO, default=True)
    auto_plan_horizon_seconds: int = part(_HORIZON, default=3 * 3600)
    price_lock_seconds: int = part(_LOCK, default=1800)
    expected_version: int | None = part(EXPECTED, default=None)


@entry
class SaveProfileInput:
    """The profile whole: what is left out is taken away."""

    locale: str = part(_LOCALE)
    support_url: Url | None = part(_SUPPORT, default=None)
    expected_version: int | None = part(EXPECTED, default=None)


@shape()
class SaveHoldLimitsSuccess:
    """They are kept; places that are held already stay held."""

    hold_limits: HoldLimits


@shape()
class SaveBookingRulesSuccess:
    """They are kept."""

    booking_rules: BookingRules


@shape()
class SaveProfileSuccess:
    """It is kept."""

    profile: Profile


SaveHoldLimitsResult = Annotated[
    SaveHoldLimitsSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveHoldLimitsResult", description="What saving the limits of holds led to."),
]
SaveBookingRulesResult = Annotated[
    SaveBookingRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveBookingRulesResult", description="What saving the rules of booking led to."),
]
SaveProfileResult = Annotated[
    SaveProfileSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveProfileResult", description="What saving the profile led to."),
]
