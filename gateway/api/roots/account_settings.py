"""Writes about holds, what is booked without anybody, and what shoppers are shown; part of the root."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from doorstep.merchant import HoldLimits as Limits
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import read_span, read_text, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.account_settings import (
    BookingRules,
    HoldLimits,
    Profile,
    SaveBookingRulesInput,
    SaveBookingRulesResult,
    SaveBookingRulesSuccess,
    SaveHoldLimitsInput,
    SaveHoldLimitsResult,
    SaveHoldLimitsSuccess,
    SaveProfileInput,
    SaveProfileResult,
    SaveProfileSuccess,
)
from gateway.flow.dispatching import plain_settings as plain

_AT = ("input",)
_DAY_S = 86_400
_MOST_OF_OPTIONS, _MOST_OF_KEY = 1_000, 1_000_000
# RFC 5646: language, script and region; what shops use of it.
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?")
# RFC 3986: what may stand in an address, with no white space and nothing that ends an attribute.
_ADDRESS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")


@shape()
class AccountSettingsMutations:
    """Writes about settings of the account itself."""

    @root(scope=Scope.CONFIGURE)
    async def save_hold_limits(
        self, info: Info, given: Annotated[SaveHoldLimitsInput, INPUT]
    ) -> SaveHoldLimitsResult:
        """Says how many places in slots shoppers may hold without an order."""
        limits = Limits(
            of_options=read_span(given.of_options, (*_AT, "ofOptions"), 1, _MOST_OF_OPTIONS),
            of_key=read_span(given.of_key, (*_AT, "ofKey"), 1, _MOST_OF_KEY),
        )
        kept = await info.context.commands.save_merchant_rules(
            rules=limits, expected_version=given.expected_version
        )
        return SaveHoldLimitsSuccess(hold_limits=HoldLimits.of(kept.holds))

    @root(scope=Scope.CONFIGURE)
    async def save_booking_rules(
        self, info: Info, given: Annotated[SaveBookingRulesInput, INPUT]
    ) -> SaveBookingRulesResult:
        """Says what is booked and planned without anybody, and how long a chosen price stands."""
        horizon = (*_AT, "autoPlanHorizonSeconds")
        rules = plain.BookingRules(
            auto_dispatch=given.auto_dispatch,
            auto_plan_horizon_s=read_span(given.auto_plan_horizon_seconds, horizon, 0, 30 * _DAY_S),
            price_lock_s=_read_lock(given.price_lock_seconds),
        )
        kept = await info.context.commands.save_merchant_rules(
            rules=rules, expected_version=given.expected_version
        )
        return SaveBookingRulesSuccess(booking_rules=BookingRules.of(kept))

    @root(scope=Scope.CONFIGURE)
    async def save_profile(self, info: Info, given: Annotated[SaveProfileInput, INPUT]) -> SaveProfileResult:
        """Says what shoppers are shown of the merchant."""
        if not _LOCALE.fullmatch(given.locale):
            raise wrong((*_AT, "locale"), "locale must be a language tag such as en or pt-BR")
        profile = plain.Profile(given.locale, _read_support(given.support_url))
        kept = await info.context.commands.save_merchant_rules(
            rules=profile, expected_version=given.expected_version
        )
        return SaveProfileSuccess(profile=Profile.of(kept))


def _read_lock(given: int) -> int:
    path, least = (*_AT, "priceLockSeconds"), plain.LEAST_PRICE_LOCK_S
    if given < least:
        text = f"{path[-1]} must be at least {least}: what a checkout shows stays bookable for so long"
        raise wrong(path, text)
    return read_span(given, path, least, _DAY_S)


def _read_support(given: str | None) -> str:
    """An address that a shopper's browser may be sent to; "" for none."""
    path = (*_AT, "supportUrl")
    text = read_text(given, path)
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        is_good = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
        # Reading the port is what finds a wrong one.
        is_good = is_good and parts.port != 0 and _ADDRESS.fullmatch(text) is not None
    except ValueError:
        is_good = False
    if not is_good:
        raise wrong(path, "supportUrl must be an https address such as https://shop.example/help")
    return text
