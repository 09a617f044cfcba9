"""What is wrong with the link to a shop, in sentences for merchants. Pure.

Faults, each stable: token_rejected, shop_frozen, access_forbidden, shop_unknown, shop_locked, scope_missing,
unreachable, too_slow, certificate_untrusted, ca_file_unreadable, not_shopify, redirected, rate_limited,
store_unwell, question_refused, api_version_retired, clock_off, personal_data_withheld,
plan_without_carrier_rates, rates_missing, rates_inactive, rates_scope_missing, rates_refused,
rates_callback_not_https, webhooks_missing, webhook_callback_not_https, webhook_secret_mismatch,
webhook_refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from connectors.stores.shopify.answers import Answer
from connectors.stores.shopify.documents import API_VERSION
from connectors.stores.shopify.payload import Field
from connectors.stores.shopify.scopes import READ_ALL_ORDERS, missing_scopes
from doorstep.errors import AccountProblem, RateLimited, RemoteError
from doorstep.health import HealthCheck

CLOCK_TOLERANCE_S = 120.0

# (name of the check, fault, sentence), by status or code of the error.
_FAULTS = {
    "401": (
        "credentials",
        "token_rejected",
        "Shopify does not accept the access token: it is wrong, was revoked or has expired. "
        "Install the app again and enter the new token.",
    ),
    "invalid_grant": (
        "credentials",
        "token_rejected",
        "Shopify no longer renews the app's access to this shop. Open the app in the Shopify admin once.",
    ),
    "application_cannot_be_found": (
        "credentials",
        "access_forbidden",
        "The app is not installed in this shop. Install it from Shopify, and open it there once.",
    ),
    "invalid_client": (
        "credentials",
        "token_rejected",
        "Shopify does not accept the app's client id and secret. Copy both again from the Dev Dashboard.",
    ),
    "402": (
        "shop",
        "shop_frozen",
        "Shopify has frozen this shop because of an unpaid bill. Pay it in the Shopify admin under Billing.",
    ),
    "403": (
        "credentials",
        "access_forbidden",
        "Shopify forbids this app to use the shop. See in its admin whether the app is still installed.",
    ),
    "404": (
        "shop",
        "shop_unknown",
        "Shopify knows no shop of this name. Use the permanent address that ends in .myshopify.com.",
    ),
    "423": (
        "shop",
        "shop_locked",
        "Shopify has locked this shop. Only Shopify's support can say why and open it again.",
    ),
    "ACCESS_DENIED": (
        "scopes",
        "scope_missing",
        "Shopify denies the app a part of the shop. Give the app its access scopes and install it again.",
    ),
    "unreachable": (
        "reachable",
        "unreachable",
        "The shop cannot be reached from here. Check the address, the network and any proxy.",
    ),
    "timeout": (
        "reachable",
        "too_slow",
        "The shop did not answer in time. If this lasts, see www.shopifystatus.com and the network here.",
    ),
    "connection_lost": (
        "reachable",
        "unreachable",
        "The connection to the shop breaks before an answer is complete. Check the network and any proxy.",
    ),
    "certificate": (
        "certificate",
        "certificate_untrusted",
        "The shop's certificate is not trusted here. If a proxy inspects traffic, name its certificate "
        "as the store's CA file.",
    ),
    "ca_file": (
        "certificate",
        "ca_file_unreadable",
        "The CA file of this store cannot be read. Correct its path, or leave it empty.",
    ),
    "redirect": (
        "reachable",
        "redirected",
        "The shop's address sends us elsewhere, where we do not carry the token. Use its permanent address.",
    ),
    "not_json": (
        "reachable",
        "not_shopify",
        "Something that is not Shopify's API answers at this address, perhaps a proxy's page.",
    ),
}


def of_error(error: RemoteError) -> HealthCheck:
    """The check that an error fails."""
    known = _FAULTS.get(error.raw_code)
    if known is not None:
        name, fault, text = known
    elif isinstance(error, RateLimited):
        name, fault = "reachable", "rate_limited"
        text = (
            "Shopify keeps asking us to wait: other apps, or another copy of this one, use up the allowance."
        )
    elif isinstance(error, AccountProblem) or not error.retryable:
        name, fault = "reachable", "question_refused"
        text = f"Shopify refuses what we ask ({error.raw_code or 'no code'}). Please report this."
    else:
        name, fault = "reachable", "store_unwell"
        text = "Shopify is unwell and answers with errors. Orders are read as soon as it is well again."
    return HealthCheck(name, False, text, fault)


def scopes(granted: Collection[str]) -> HealthCheck:
    """Whether the app may do what it needs to."""
    missing = missing_scopes(granted)
    if missing:
        text = f"The app lacks the access scope {', '.join(missing)}. Add it to the app and install it again."
        return HealthCheck("scopes", False, text, "scope_missing")
    if READ_ALL_ORDERS in granted:
        return HealthCheck("scopes", True, "The app may read all orders.")
    text = (
        "The app may read orders of the last 60 days; older ones need Shopify's approval of read_all_orders."
    )
    return HealthCheck("scopes", True, text)


def version(answer: Answer) -> HealthCheck:
    """Whether Shopify still serves the version that we speak; it falls forward silently when it does not."""
    if answer.api_version in {"", API_VERSION}:
        return HealthCheck("api_version", True, f"Shopify serves API version {API_VERSION}.")
    text = (
        f"Shopify answers with API version {answer.api_version} instead of {API_VERSION}, which has ended. "
        "Update Doorstep before a field that it needs disappears."
    )
    return HealthCheck("api_version", False, text, "api_version_retired")


def clock(answer: Answer, now: datetime) -> HealthCheck:
    """Whether our clock and Shopify's agree: what changed since when is asked by the clock."""
    if answer.date is None:
        return HealthCheck("clock", True, "Shopify did not say what time it is.")
    off_s = (now - answer.date).total_seconds()
    if abs(off_s) <= CLOCK_TOLERANCE_S:
        return HealthCheck("clock", True, "The clock here agrees with Shopify's.")
    way = "ahead of" if off_s > 0 else "behind"
    text = f"The clock here is {abs(off_s):.0f} seconds {way} Shopify's. Set it right, with NTP for good."
    return HealthCheck("clock", False, text, "clock_off")


_WITHOUT_RATES = frozenset({"Basic", "Lite", "Starter", "Retail", "Shop Component"})
_WITH_RATES = frozenset({"Advanced", "Plus", "Plus Trial", "Development"})


def plan(of_shop: Field) -> HealthCheck:
    """Whether the shop's plan lets an app show rates at its checkout."""
    name = of_shop["publicDisplayName"].text_or_empty()
    always = of_shop["shopifyPlus"].flag(False) or of_shop["partnerDevelopment"].flag(False)
    if always or name in _WITH_RATES:
        return HealthCheck("plan", True, f"The plan {name} includes carrier-calculated rates at checkout.")
    if name in _WITHOUT_RATES:
        text = (
            f"The plan {name} has no carrier-calculated rates, so the checkout cannot show delivery options. "
            "Orders are still dispatched. Advanced has them, and Grow with yearly billing or as an add-on."
        )
        return HealthCheck("plan", False, text, "plan_without_carrier_rates")
    text = f"Whether the plan {name or 'of this shop'} has carrier-calculated rates, Shopify does not say."
    return HealthCheck("plan", True, text)


def rates(fault: str, words: str = "") -> HealthCheck:
    """Whether the checkout asks us for delivery options; "" where it does, `words` are Shopify's."""
    # What is wrong with the plan is said once, by whoever notices.
    name = "plan" if fault == "plan_without_carrier_rates" else "rates"
    return HealthCheck(name, not fault, _RATES[fault].format(words=words), fault)


_RATES = {
    "": "The checkout asks Doorstep for delivery options.",
    "rates_missing": (
        "The checkout does not ask Doorstep for delivery options. Open the app in the Shopify admin, which "
        "registers them; otherwise it happens within the hour."
    ),
    "rates_inactive": (
        "Shopify has switched Doorstep's delivery options off, as it does when a plan changes. Open the app "
        "in the Shopify admin, which switches them on where the plan has them."
    ),
    "rates_scope_missing": (
        "The app may not show delivery options at checkout: it lacks the access scope write_shipping. Open "
        "the app in the Shopify admin and agree to it; an app of the shop's own needs it added. Orders are "
        "dispatched all the same."
    ),
    "plan_without_carrier_rates": (
        "The shop's plan has no carrier-calculated rates, so the checkout cannot show delivery options "
        "({words}). Orders are still dispatched. Advanced has them, and Grow with yearly billing or as an "
        "add-on."
    ),
    "rates_refused": "Shopify refuses to ask Doorstep for delivery options: {words}",
    "rates_callback_not_https": (
        "Shopify asks https:// addresses alone for delivery options. Give the gateway a public https:// "
        "address."
    ),
}


def personal_data(answer: Answer) -> HealthCheck:
    """Whether Shopify shows addresses to this app."""
    if answer.denied:
        text = (
            "Shopify withholds customers' addresses from this app, so nothing can be dispatched. "
            "Request access to customers' name, address, phone and email in the Partner Dashboard."
        )
        return HealthCheck("personal_data", False, text, "personal_data_withheld")
    return HealthCheck("personal_data", True, "Shopify shows the app customers' addresses.")


def webhooks(missing: Iterable[str]) -> HealthCheck:
    """Whether Shopify tells us of changes."""
    topics = sorted(missing)
    if not topics:
        return HealthCheck("webhooks", True, "Shopify tells us of every change.")
    text = (
        f"Shopify does not tell us of {len(topics)} kinds of changes, such as {topics[0]}. They are found by "
        "polling, only later. Register the webhooks again."
    )
    return HealthCheck("webhooks", False, text, "webhooks_missing")
