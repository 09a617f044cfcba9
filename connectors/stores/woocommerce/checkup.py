"""The doctor's round through one store: each test in turn, each finding a sentence."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from connectors.stores.woocommerce.diagnosis import Fault, failed, failed_with, fault_of, passed
from connectors.stores.woocommerce.registration import is_made_by, our_webhooks, receiver_check
from connectors.stores.woocommerce.store_api import StoreApi
from doorstep.errors import RemoteError, RemoteRefused
from doorstep.health import HealthCheck

OLDEST_VERSION = (8, 0)
CLOCK_TOLERANCE_S = 300.0
"""WooCommerce refuses signatures that are 15 minutes off; well before that, somebody should know."""


# With plain links WordPress forwards /wp-json/ to itself or shows the front page, where the web server hands
# it over at all (measured on WooCommerce 8.9 and 10.0).
_MAY_BE_LINKS = {Fault.API_NOT_FOUND, Fault.REDIRECTED, Fault.HTML_INSTEAD_OF_JSON}
_LONGEST_ADDRESS = 200
_ORPHANS = "webhooks made with another key: where its user lost rights they bring errors instead of orders"


async def check_up(api: StoreApi) -> tuple[HealthCheck, ...]:
    """Test the link; never raises. Changes nothing in the store."""
    findings: list[HealthCheck] = []
    try:
        link = await _link(api)
        findings += link
        findings += _clock(api)
        if all(finding.passed for finding in link if finding.name == "credentials"):
            for name, test in _TESTS:
                findings += await _guarded(name, test, api)
    except Exception:  # a doctor that dies says nothing
        findings.append(failed("check", Fault.UNEXPECTED))
    return tuple(findings)


async def _link(api: StoreApi) -> list[HealthCheck]:
    try:
        (await api.read("orders", {"per_page": "1", "_fields": "id"})).rows()
    except RemoteError as error:
        if fault_of(error) is Fault.RIGHTS_MISSING:
            # Webhooks show what the user sees who made them, and sign that error like any order.
            detail = "its webhooks bring errors instead of orders"
            return [failed(name, Fault.RIGHTS_MISSING, detail) for name in ("credentials", "scopes")]
        return [await _narrowed(api, error)]
    findings = [passed("credentials", "The store answers and takes the key.")]
    if api.header_is_stripped:
        findings.append(failed("authorization_header", Fault.AUTHORIZATION_HEADER_STRIPPED))
    if not api.is_https:
        findings.append(passed("transport", "Plain http: requests are signed, addresses travel readable."))
    return findings


async def _narrowed(api: StoreApi, error: RemoteError) -> HealthCheck:
    """Find out what a missing interface or a refused signature means, by what anybody may ask WordPress."""
    fault = fault_of(error)
    if fault in _MAY_BE_LINKS and await api.site_index() is None:
        index = await api.site_index(by_query=True)
        if index is not None:
            has_plugin = any(str(space).startswith("wc/v3") for space in index.get("namespaces") or ())
            return failed("credentials", Fault.PERMALINKS_OFF if has_plugin else Fault.PLUGIN_MISSING)
    if fault is Fault.SIGNATURE_REJECTED:
        home = str((await api.site_index() or {}).get("home") or "").rstrip("/")
        if home and home != api.url:
            return failed("credentials", fault, f"the store calls itself {home[:_LONGEST_ADDRESS]}")
    return failed_with("credentials", error)


def _clock(api: StoreApi) -> list[HealthCheck]:
    offset_s = api.clock_offset_s
    if offset_s is None:
        return []
    if abs(offset_s) > CLOCK_TOLERANCE_S:
        side = "ahead" if offset_s > 0 else "behind"
        return [failed("clock", Fault.CLOCK_OFF, f"the store is {abs(offset_s) / 60:.0f} minutes {side}")]
    return [passed("clock", "The store's clock agrees with ours.")]


async def _permissions(api: StoreApi) -> list[HealthCheck]:
    # There is no webhook 0: WooCommerce looks at the key's permission first and then finds nothing to
    # change (WC_REST_Authentication::check_permissions, WC_REST_Webhooks_V1_Controller::update_item).
    try:
        await api.write("PUT", "webhooks/0", {})
    except RemoteRefused:
        pass
    return [passed("permissions", "The key may read and write.")]


async def _version(api: StoreApi) -> list[HealthCheck]:
    # Named fields only: the whole report makes the store call out to other sites.
    report = (await api.read("system_status", {"_fields": "environment.version"})).fields()
    environment = report.get("environment")
    given = str(environment.get("version", "")) if isinstance(environment, dict) else ""
    numbers = re.match(r"(\d{1,4})\.(\d{1,4})", given)
    if numbers is None:
        return []
    if (int(numbers[1]), int(numbers[2])) < OLDEST_VERSION:
        return [failed("version", Fault.VERSION_TOO_OLD, f"it is {numbers[0]}")]
    return [passed("version", f"WooCommerce {numbers[0]}.")]


async def _webhooks(api: StoreApi) -> list[HealthCheck]:
    ours = await our_webhooks(api)
    if not ours:
        return [failed("webhooks", Fault.WEBHOOKS_MISSING)]
    silent = sorted(str(row.get("topic")) for row in ours if row.get("status") != "active")
    # Another Doorstep may be linked to the same store by a key of its own, and has its own webhooks.
    is_orphaned = not any(is_made_by(row, api.key_tail) for row in ours)
    receivers = sorted({str(row.get("delivery_url")) for row in ours})
    return [
        failed("webhooks", Fault.WEBHOOK_DISABLED, ", ".join(silent))
        if silent
        else passed("webhooks", f"{len(ours)} webhooks are active."),
        *([failed("scopes", Fault.RIGHTS_MISSING, _ORPHANS)] if is_orphaned else []),
        *[await receiver_check(api, receiver) for receiver in receivers],
    ]


async def _guarded(
    name: str, test: Callable[[StoreApi], Awaitable[list[HealthCheck]]], api: StoreApi
) -> list[HealthCheck]:
    try:
        return await test(api)
    except RemoteError as error:
        return [failed_with(name, error)]


_TESTS = (("permissions", _permissions), ("version", _version), ("webhooks", _webhooks))
