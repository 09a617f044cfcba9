"""The carriers that a merchant has connected at ShipEngine, read once an hour."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.calling import Answer
from connectors.parcel.shipengine.client import ShipEngineClient
from connectors.parcel.shipengine.refusals import decline_of
from doorstep.deadline import Deadline
from doorstep.json_reading import Json, children, text
from doorstep.quote import Decline, QuoteRequest

_KEPT_S = 3600.0
_KEPT_WHERE_SOME_FAILED_S = 60.0


@dataclass(frozen=True, slots=True)
class Accounts:
    """Who is behind the key.

    Attributes
    ----------
    ids
        `carrier_id` of each account -> its carrier's code.
    single_only
        Services, "usps.usps_priority_mail", that take one parcel for each label.
    outbound_only
        Services that are sold for no return.
    failed
        Carriers that could not be listed; the others can be used (HTTP 207).
    """

    ids: dict[str, str]
    single_only: frozenset[str]
    outbound_only: frozenset[str] = frozenset()
    failed: tuple[Decline, ...] = ()

    def unfit_for(self, request: QuoteRequest) -> dict[str, str]:
        """Services that cannot be had for these goods -> why, as the end of a sentence."""
        unfit: dict[str, str] = {}
        if len(request.parcels) > 1:
            unfit |= dict.fromkeys(self.single_only, "takes one parcel for each label; this order has more")
        if request.is_return:
            unfit |= dict.fromkeys(self.outbound_only, "is sold for no return")
        return unfit

    def of_carrier(self, carrier_code: str) -> list[str]:
        """The accounts with one carrier."""
        return [carrier_id for carrier_id, code in self.ids.items() if code == carrier_code]


class AccountBook:
    """Asks for them, and remembers for an hour; for a minute where some failed."""

    def __init__(self, client: ShipEngineClient) -> None:
        self._client = client
        self._known: Accounts | None = None
        self._until_s = 0.0

    async def read(self, deadline: Deadline) -> Accounts | Answer:
        """Who is behind the key; ShipEngine's answer where it was a no."""
        if self._known is not None and time.monotonic() < self._until_s:
            return self._known
        answer = await self._client.read("/carriers", deadline)
        if not answer.is_yes:
            return answer
        self._known = read_accounts(answer.body)
        kept_s = _KEPT_WHERE_SOME_FAILED_S if self._known.failed else _KEPT_S
        self._until_s = time.monotonic() + kept_s
        return self._known

    def forget(self) -> None:
        """Ask again next time: what is remembered may have led to a refusal."""
        self._known = None


def read_accounts(body: Json) -> Accounts:
    """The answer to GET /carriers; carriers that keep no rates are left out."""
    carriers = [
        carrier
        for carrier in children(body, "carriers")
        if text(carrier, "carrier_id") and carrier.get("send_rates") is not False
    ]
    return Accounts(
        ids={text(carrier, "carrier_id"): text(carrier, "carrier_code") for carrier in carriers},
        single_only=_without(carriers, "is_multi_package_supported"),
        outbound_only=_without(carriers, "is_return_supported"),
        failed=tuple(dict.fromkeys(decline_of(error) for error in children(body, "errors"))),
    )


def _without(carriers: Iterable[Json], ability: str) -> frozenset[str]:
    """The services that are said to lack an ability; of the others nothing is known, or they have it."""
    return frozenset(
        f"{text(carrier, 'carrier_code')}.{text(service, 'service_code')}"
        for carrier in carriers
        for service in children(carrier, "services")
        if service.get(ability) is False
    )
