"""Settings that stand among the merchant's own fields, gathered as they are saved: whole, and by version."""

from __future__ import annotations

from dataclasses import dataclass, replace

from doorstep.merchant import FallbackRate, Merchant
from doorstep.quote import PRICE_STANDS

LEAST_PRICE_LOCK_S = int(PRICE_STANDS.total_seconds())
"""A choice holds its price for no less time than the list that it was taken from."""


@dataclass(frozen=True, slots=True)
class BookingRules:
    """What is booked and planned without anybody, and how long a chosen price stands; see `Merchant`."""

    auto_dispatch: bool = True
    auto_plan_horizon_s: int = 3 * 3600
    price_lock_s: int = 1800

    @staticmethod
    def of(merchant: Merchant) -> BookingRules:
        """Those that a merchant has."""
        return BookingRules(merchant.auto_dispatch, merchant.auto_plan_horizon_s, merchant.price_lock_s)

    def onto(self, merchant: Merchant) -> Merchant:
        """The merchant with these."""
        return replace(
            merchant,
            auto_dispatch=self.auto_dispatch,
            auto_plan_horizon_s=self.auto_plan_horizon_s,
            price_lock_s=self.price_lock_s,
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """What shoppers are shown of a merchant.

    Attributes
    ----------
    locale
        A language tag, BCP 47.
    support_url
        "" for none; it is shown and never opened by us.
    """

    locale: str = "en"
    support_url: str = ""

    @staticmethod
    def of(merchant: Merchant) -> Profile:
        """That of a merchant."""
        return Profile(merchant.locale, merchant.support_url)

    def onto(self, merchant: Merchant) -> Merchant:
        """The merchant with this one."""
        return replace(merchant, locale=self.locale, support_url=self.support_url)


@dataclass(frozen=True, slots=True)
class FallbackTable:
    """The merchant's own prices, in the order in which they are tried."""

    rates: tuple[FallbackRate, ...] = ()

    @staticmethod
    def of(merchant: Merchant) -> FallbackTable:
        """That of a merchant."""
        return FallbackTable(merchant.fallback_rates)

    def onto(self, merchant: Merchant) -> Merchant:
        """The merchant with this one."""
        return replace(merchant, fallback_rates=self.rates)
