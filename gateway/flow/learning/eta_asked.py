"""Foretold: what is reckoned of an arrival, corrected by what was learned, and kept to learn from."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from doorstep.delivery import Delivery, as_it_was
from doorstep.delivery_status import DeliveryStatus
from doorstep.eta import Eta, EtaBasis, late_risk
from doorstep.eta_learning import CONFIDENCE, EtaTrip, EtaVersion, Spans, horizon_of
from doorstep.window import Window
from gateway.flow.ports import Means, UnitOfWork

log = structlog.get_logger(__name__)


AT_THE_DOOR = (DeliveryStatus.AT_DROPOFF, DeliveryStatus.ATTEMPT_FAILED, DeliveryStatus.DELIVERED)


@dataclass(frozen=True, slots=True)
class Asked:
    """A delivery, and what is reckoned of its arrival."""

    delivery: Delivery
    eta: Eta


async def foretell(work: UnitOfWork, means: Means, asked: Sequence[Asked]) -> Sequence[Delivery]:
    """The deliveries with what is to be said of their arrivals, and how likely each is late.

    Stops of one tour are handed in in their order, and are said to be reached in it.
    """
    if not asked:
        return ()
    version = await work.etas.current()
    trips = [_trip(one, version) for one in asked]
    spans = await _spans(work, means, version, trips)
    said = [one.eta for one in asked]
    if version is not None and spans is not None:
        said = _in_order([_eta(one.eta, each, version) for one, each in zip(asked, spans, strict=True)])
    await work.etas.ask(
        [_told(trip, one.delivery, eta) for trip, one, eta in zip(trips, asked, said, strict=True)]
    )
    return [with_next_eta(one.delivery, eta) for one, eta in zip(asked, said, strict=True)]


def with_next_eta(delivery: Delivery, eta: Eta) -> Delivery:
    """Told of an arrival once more: what was thought before counts for half of what is thought of its risk.

    One word of a carrier may be wrong, two in a row seldom are.
    """
    changed, before = with_eta(delivery, eta), delivery.lasting_risk
    # Whoever replaces a courier takes the risk away: what was thought of that one says nothing of the next.
    if before is None or delivery.late_risk is None or changed.lasting_risk is None:
        return changed
    return replace(changed, lasting_risk=round((before + changed.lasting_risk) / 2, 4))


def with_eta(delivery: Delivery, eta: Eta) -> Delivery:
    """Told of an arrival, and how likely that is too late for what was promised."""
    if delivery.promise is None:
        return replace(delivery, eta=eta, late_risk=None, lasting_risk=None)
    risk = round(late_risk(eta, delivery.promise.window.end), 4)
    return replace(delivery, eta=eta, late_risk=risk, lasting_risk=risk)


async def turned_out(work: UnitOfWork, delivery: Delivery, now: datetime) -> None:
    """A delivery was handed over: what was said of its arrival can be learned from."""
    if delivery.status is not DeliveryStatus.DELIVERED:
        return
    leg = delivery.active_leg
    if leg is None:
        return
    events = as_it_was(await work.deliveries.events(delivery.id))
    # A door at which nobody opened was reached all the same, and when it was is what was asked.
    moments = [event.occurred_at for event in events if event.status in AT_THE_DOOR]
    await work.etas.arrived(delivery.id, leg.carrier, moments or [leg.ended_at or now])


async def _spans(
    work: UnitOfWork, means: Means, version: EtaVersion | None, trips: Sequence[EtaTrip]
) -> Sequence[Spans] | None:
    if version is None or means.models is None:
        return None
    if not version.has_model:
        return [version.ratios_of(trip.carrier).spans(trip.reckoned_s) for trip in trips]
    key = f"{work.merchant_id} {version.number}"
    if not means.models.has(key):
        body = await work.etas.body(version.number)
        try:
            # LightGBM takes a second to load the first time.
            await asyncio.to_thread(means.models.take, key, body or b"")
        except ValueError as error:
            log.warning("a model of arrivals cannot be read", version=version.number, error=str(error))
            return [version.ratios_of(trip.carrier).spans(trip.reckoned_s) for trip in trips]
    return means.models.spans(key, trips)


def _trip(one: Asked, version: EtaVersion | None) -> EtaTrip:
    delivery, eta = one.delivery, one.eta
    leg = delivery.active_leg
    reckoned_s = (eta.at - eta.computed_at).total_seconds()
    return EtaTrip(
        delivery_id=delivery.id,
        horizon=horizon_of(reckoned_s),
        asked_at=eta.computed_at,
        carrier=leg.carrier if leg is not None else "",
        service=leg.service if leg is not None else "",
        mode=leg.mode.value if leg is not None else "",
        driver_id=delivery.driver_id or "",
        basis=eta.basis,
        reckoned_s=reckoned_s,
        stops_before=eta.stops_before or 0,
        parcels=len(delivery.parcels),
        ahead_of_utc_s=_ahead_of_utc_s(delivery, eta.computed_at),
        said=_said(eta, eta.computed_at),
        version=0 if version is None else version.number,
    )


def _told(trip: EtaTrip, delivery: Delivery, eta: Eta) -> EtaTrip:
    """With what people are told, and how likely that is too late."""
    told = replace(trip, said=_said(eta, trip.asked_at))
    if delivery.promise is None:
        return told
    ends = delivery.promise.window.end
    promised_s = (ends - trip.asked_at).total_seconds()
    return replace(told, promised_s=promised_s, late_risk=round(late_risk(eta, ends), 4))


def _ahead_of_utc_s(delivery: Delivery, at: datetime) -> int:
    if delivery.promise is None:
        return 0
    offset = at.astimezone(ZoneInfo(delivery.promise.time_zone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _said(eta: Eta, asked_at: datetime) -> Spans:
    low, middle, high = (
        (moment - asked_at).total_seconds() for moment in (eta.interval.start, eta.at, eta.interval.end)
    )
    return Spans(low, middle, high)


def _eta(reckoned: Eta, spans: Spans, version: EtaVersion) -> Eta:
    at = reckoned.computed_at
    low, middle, high = (
        at + timedelta(seconds=round(each)) for each in (spans.low_s, spans.middle_s, spans.high_s)
    )
    return replace(
        reckoned,
        at=middle,
        # A window holds a moment at least.
        interval=Window(low, max(high, low + timedelta(seconds=1))),
        confidence=CONFIDENCE,
        basis=EtaBasis.MODEL if version.has_model else reckoned.basis,
    )


def _in_order(etas: Sequence[Eta]) -> list[Eta]:
    """No stop is reached before the one that comes before it."""
    found: list[Eta] = []
    for eta in etas:
        if found:
            before = found[-1]
            window = Window(
                max(before.interval.start, eta.interval.start), max(before.interval.end, eta.interval.end)
            )
            eta = replace(eta, at=max(before.at, eta.at), interval=window)  # noqa: PLW2901 - the same, later
        found.append(eta)
    return found
