"""The carrier services of the simulated shop: who is asked for rates at its checkout (Admin API 2026-10).

The code and the wording about https are Shopify's; the other wordings are as apps have reported them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from simulator.stores.shopify.ledger import number_of
from simulator.stores.shopify.listing import connection
from simulator.stores.shopify.plain import View

if TYPE_CHECKING:
    from simulator.stores.shopify.shop import FakeShopify

WITH_RATES = frozenset({"Advanced", "Plus", "Plus Trial", "Enterprise", "Development"})
"""Plans that include rates of carriers; "Grow" has them as an add-on."""

_KIND = "DeliveryCarrierService"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PLAN = "Carrier Calculated Shipping must be enabled for your store to add carrier services"
_UNKNOWN = "The carrier or app could not be found."


@dataclass(slots=True, eq=False)
class CarrierServiceRecord:
    """One of them. `is_foreign`: of another app, which this one sees and cannot change."""

    number: int
    name: str
    callback_url: str
    is_active: bool
    is_discovered: bool
    is_foreign: bool = False

    @property
    def gid(self) -> str:
        """Its global id."""
        return f"gid://shopify/{_KIND}/{self.number}"


class CarrierServices:
    """What is registered, and the resolvers that change it.

    Attributes
    ----------
    has_add_on
        Whether the merchant pays for the feature on a plan that does not include it.
    """

    def __init__(self, shop: FakeShopify) -> None:
        self._shop = shop
        self.records: list[CarrierServiceRecord] = []
        self.has_add_on = False

    @property
    def are_allowed(self) -> bool:
        """Whether the shop's plan has rates of carriers."""
        return self._shop.plan in WITH_RATES or self.has_add_on

    def plan_changed(self) -> None:
        """A plan without them switches all of them off."""
        for record in self.records if not self.are_allowed else ():
            record.is_active = False

    def end(self) -> None:
        """The app was removed, and with it what it registered."""
        self.records[:] = [record for record in self.records if record.is_foreign]

    def queries(self) -> Mapping[str, Callable[..., Any]]:
        """Their resolvers by field of QueryRoot."""
        return {"carrierServices": self._list, "carrierService": self._one}

    def mutations(self) -> Mapping[str, Callable[..., View]]:
        """Their resolvers by the name of their mutation."""
        return {
            "carrierServiceCreate": self._create,
            "carrierServiceUpdate": self._update,
            "carrierServiceDelete": self._delete,
        }

    def _list(self, info: Any, query: str | None = None, sortKey: str | None = None, **page: Any) -> View:  # noqa: N803 - GraphQL's name
        if query or sortKey not in {None, "ID"}:
            raise NotImplementedError(
                "the simulated shop lists all carrier services in the order of their ids"
            )
        return connection(self.records, _view, lambda record: record.number)(info, **page)

    def _one(self, _info: Any, id: str) -> View | None:  # noqa: A002 - GraphQL's name
        record = self._find(id)
        return _view(record) if record is not None else None

    def _create(self, _info: Any, input: View) -> View:  # noqa: A002 - GraphQL's name
        trouble = self._refusal(str(input["callbackUrl"]), str(input["name"]))
        if trouble:
            return _refused("CREATE", trouble)
        record = CarrierServiceRecord(self._shop.next_number(), "", "", is_active=True, is_discovered=True)
        _apply(record, input)
        self.records.append(record)
        self._shop.writes["carrierServiceCreate", record.name] += 1
        return {"carrierService": _view(record), "userErrors": []}

    def _update(self, _info: Any, input: View) -> View:  # noqa: A002 - GraphQL's name
        record = self._find(input["id"])
        if record is None or record.is_foreign:
            return _refused("UPDATE", _UNKNOWN)
        url, name = (
            str(input.get("callbackUrl") or record.callback_url),
            str(input.get("name") or record.name),
        )
        trouble = self._refusal(url, "" if name == record.name else name)
        if trouble:
            return _refused("UPDATE", trouble)
        _apply(record, input)
        self._shop.writes["carrierServiceUpdate", record.name] += 1
        return {"carrierService": _view(record), "userErrors": []}

    def _delete(self, _info: Any, id: str) -> View:  # noqa: A002 - GraphQL's name
        record = self._find(id)
        if record is None or record.is_foreign:
            return {"deletedId": None, "userErrors": [_error("DELETE", _UNKNOWN)]}
        self.records.remove(record)
        return {"deletedId": id, "userErrors": []}

    def _find(self, gid: str) -> CarrierServiceRecord | None:
        number = number_of(gid, _KIND)
        return next((record for record in self.records if record.number == number), None)

    def _refusal(self, url: str, name: str) -> str:
        parts = urlsplit(url)
        if not self.are_allowed:
            return _PLAN
        # The real Shopify refuses http everywhere; a simulated one must reach a gateway on this machine.
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            return "Shipping rate provider callback url must use HTTPS"
        if (parts.hostname or "").endswith(".myshopify.com"):
            return "Shipping rate provider callback url has an invalid host"
        if any(record.name == name for record in self.records):
            return f"{name} is already configured"
        return ""


def _apply(record: CarrierServiceRecord, given: View) -> None:
    record.name = str(given.get("name") or record.name)
    record.callback_url = str(given.get("callbackUrl") or record.callback_url)
    record.is_active = bool(given.get("active", record.is_active))
    record.is_discovered = bool(given.get("supportsServiceDiscovery", record.is_discovered))


def _view(record: CarrierServiceRecord) -> View:
    return {
        "__typename": _KIND,
        "id": record.gid,
        "name": record.name,
        "formattedName": f"{record.name} (Rates provided by app)",
        "callbackUrl": record.callback_url or None,
        "active": record.is_active,
        "supportsServiceDiscovery": record.is_discovered,
    }


def _refused(what: str, message: str) -> View:
    return {"carrierService": None, "userErrors": [_error(what, message)]}


def _error(what: str, message: str) -> View:
    return {"code": f"CARRIER_SERVICE_{what}_FAILED", "field": None, "message": message}
