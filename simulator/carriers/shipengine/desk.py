"""What ShipEngine's API decides: rates, purchases, voids, scans. No HTTP here."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from simulator.carriers.agenda import Agenda
from simulator.carriers.shipengine import tariff
from simulator.carriers.shipengine.asking import (
    an_object,
    consignment_of,
    destination_of,
    estimate_of,
    external_id_of,
    package_code_of,
    texts,
)
from simulator.carriers.shipengine.journey import Scan, plan_scans
from simulator.carriers.shipengine.ledger import (
    Json,
    LabelRecord,
    Ledger,
    RateRecord,
    ShipmentRecord,
)
from simulator.carriers.shipengine.problems import Problem, fate_of, magic_code

Announce = Callable[[LabelRecord], None]
Failures = list[tuple[tariff.Account, str]]

_VOIDABLE = timedelta(days=28)
_SILENCE = "The request to the carrier timed out, please try again."


class Desk:
    """Works for one key.

    Parameters
    ----------
    announce
        Called with every label that was scanned.
    transit_scale
        Shortens the way of every parcel bought from now on.
    """

    def __init__(
        self,
        ledger: Ledger,
        agenda: Agenda,
        rng: random.Random,
        announce: Announce,
        *,
        time_zone: str,
        transit_scale: float,
    ) -> None:
        self._ledger = ledger
        self._agenda = agenda
        self._rng = rng
        self._announce = announce
        self._zone = ZoneInfo(time_zone)
        self._transit_scale = transit_scale
        self._last_id = 100_000
        self.price_factor = Decimal(1)
        self.silent_carriers: set[str] = set()

    def rate(self, body: Json, now: datetime) -> tuple[ShipmentRecord, list[RateRecord], Failures]:
        """Keep a shipment and price it with every account that is asked for; each may fail by itself.

        Raises
        ------
        Problem
            If something is missing, or the external id belongs to another shipment.
        """
        shipment = an_object(body, "shipment")
        options = an_object(body, "rate_options")
        consignment = consignment_of(shipment)
        _fail_where_asked(shipment, "rate")
        accounts = _accounts(options)
        record = self._keep(shipment, now)
        wanted = texts(options, "package_types") or [package_code_of(shipment)]
        offers, failures = self._price(consignment, accounts, texts(options, "service_codes"))
        rates = [
            RateRecord(self._new_id(), offer, record, now)
            for offer in offers
            if wanted == [""] or offer.packaging in wanted
        ]
        self._ledger.rates |= {rate.id: rate for rate in rates}
        return record, rates, failures

    def estimate(self, body: Json) -> list[tariff.Offer]:
        """Price one parcel between postcodes, and keep nothing.

        Raises
        ------
        Problem
            If something is missing.
        """
        consignment = estimate_of(body)
        code = magic_code("", consignment.to_postcode, "rate")
        if code:
            raise Problem(code)
        named = texts(body, "carrier_ids") or [str(body.get("carrier_id") or "")]
        offers, _ = self._price(consignment, _accounts({"carrier_ids": named}), [])
        return [offer for offer in offers if not offer.obstacle]

    def buy_rate(self, rate_id: str, now: datetime) -> LabelRecord:
        """Sell the label of a rate.

        Raises
        ------
        Problem
            If there is no such rate, or it cannot be had.
        """
        rate = self._ledger.rates.get(rate_id)
        if rate is None:
            raise Problem("not_found")
        _fail_where_asked(rate.shipment.body, "label")
        if rate.offer.obstacle:
            raise Problem("confirmation_not_supported")
        return self._sell(rate.shipment, rate.offer, now, is_return=False, rate_id=rate_id)

    def buy(self, body: Json, now: datetime) -> LabelRecord:
        """Sell the label of a shipment that names its carrier and service.

        Raises
        ------
        Problem
            If it cannot be had, or its external id belongs to another shipment.
        """
        shipment = an_object(body, "shipment")
        consignment = consignment_of(shipment)
        _fail_where_asked(shipment, "label")
        account = tariff.account(str(shipment.get("carrier_id") or ""))
        if account is None:
            raise Problem("invalid_identifier", "shipment.carrier_id")
        service_code = str(shipment.get("service_code") or "")
        offers, failures = self._price(consignment, [account], [service_code])
        if failures:
            raise Problem("unspecified")
        packaging = package_code_of(shipment) or "package"
        offer = next((entry for entry in offers if entry.packaging == packaging), None)
        if offer is None:
            raise Problem("service_not_determined")
        if offer.obstacle:
            raise Problem("confirmation_not_supported")
        is_return = body.get("is_return_label") is True
        if is_return and not offer.service.takes_back:
            raise Problem("return_label_not_supported")
        if is_return and not body.get("charge_event"):
            raise Problem("field_value_required", "charge_event")
        label = self._sell(self._keep(shipment, now), offer, now, is_return=is_return)
        label.rma_number = str(body.get("rma_number") or "")
        label.charge_event = str(body.get("charge_event") or label.charge_event)
        return label

    def void(self, label: LabelRecord, now: datetime) -> str:
        """Take a label back; gives the reason why not, "" where it was done."""
        if label.voided_at is not None:
            return "label_already_voided"
        if label.is_scanned:
            return "label_already_used"
        if now - label.bought_at > _VOIDABLE:
            return "label_not_found_within_void_period"
        label.voided_at = now
        return ""

    def label(self, label_id: str) -> LabelRecord:
        """One label.

        Raises
        ------
        Problem
            If there is none of this id.
        """
        found = self._ledger.labels.get(label_id)
        if found is None:
            raise Problem("not_found")
        return found

    def failures(self, accounts: Sequence[tariff.Account]) -> Failures:
        """Which of the accounts do not answer."""
        return [(account, _SILENCE) for account in accounts if account.code in self.silent_carriers]

    def _price(
        self,
        consignment: tariff.Consignment,
        accounts: Sequence[tariff.Account],
        service_codes: Sequence[str],
    ) -> tuple[list[tariff.Offer], Failures]:
        silent = self.failures(accounts)
        speaking = [account for account in accounts if account.code not in self.silent_carriers]
        offers, obstacles = tariff.rate(consignment, speaking, service_codes, self.price_factor)
        failed = [(account, obstacles[account.id]) for account in speaking if account.id in obstacles]
        return offers, silent + failed

    def _keep(self, shipment: Json, now: datetime) -> ShipmentRecord:
        external_id = external_id_of(shipment)
        if external_id and self._ledger.is_taken(external_id):
            raise Problem("identifier_conflict", "shipment.external_shipment_id")
        new_id = self._new_id()
        record = ShipmentRecord(new_id, external_id or new_id, shipment, now)
        self._ledger.shipments[new_id] = record
        return record

    def _sell(
        self,
        shipment: ShipmentRecord,
        offer: tariff.Offer,
        now: datetime,
        *,
        is_return: bool,
        rate_id: str = "",
    ) -> LabelRecord:
        packages = len(consignment_of(shipment.body).weights_g)
        street, _ = destination_of(shipment.body)
        scans, expected_at = plan_scans(
            now, offer.service.days, self._zone, self._rng, fate_of(street), self._transit_scale
        )
        expected_on = expected_at.astimezone(self._zone).date()
        numbers = tuple(self._tracking_number(offer.account.code) for _ in range(packages))
        label = LabelRecord(
            self._new_id(), shipment, offer, now, numbers, is_return, expected_on, rate_id=rate_id
        )
        self._ledger.labels[label.id] = label
        for scan in scans:
            self._agenda.enter(scan.at, self._scanning(label, scan))
        return label

    def _scanning(self, label: LabelRecord, scan: Scan) -> Callable[[datetime], None]:
        def happen(_: datetime) -> None:
            if label.voided_at is None:
                label.scans.append(scan)
                self._announce(label)

        return happen

    def _new_id(self) -> str:
        self._last_id += 1
        return f"se-{self._last_id}"

    def _tracking_number(self, carrier_code: str) -> str:
        digits = f"{self._rng.randrange(10**18):018d}"
        return f"1Z{digits[:16]}" if carrier_code == "ups" else f"9400{digits}"


def _accounts(options: Json) -> list[tariff.Account]:
    ids = texts(options, "carrier_ids")
    if not ids:
        raise Problem("field_value_required", "rate_options.carrier_ids")
    accounts = [tariff.account(carrier_id) for carrier_id in ids]
    if None in accounts:
        raise Problem("carrier_not_connected", "rate_options.carrier_ids")
    return [account for account in accounts if account is not None]


def _fail_where_asked(shipment: Json, operation: str) -> None:
    code = magic_code(*destination_of(shipment), operation)
    if code:
        raise Problem(code)
