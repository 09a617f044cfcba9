"""Occasions: what there is to tell of a delivery as it stands, and what is no longer worth telling. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from doorstep.delivery import Delivery, DeliveryFlag, LegDirection
from doorstep.delivery_status import RANK, DeliveryStatus
from doorstep.notice import Notice, NoticeEvent, NoticeRules

_ON_THE_ROAD = (DeliveryStatus.OUT_FOR_DELIVERY, DeliveryStatus.AT_DROPOFF)
_NOT_NEWS_AFTER = {
    NoticeEvent.BOOKED: timedelta(hours=24),
    NoticeEvent.OUT_FOR_DELIVERY: timedelta(hours=6),
    NoticeEvent.NEARBY: timedelta(minutes=30),
    NoticeEvent.DELIVERED: timedelta(hours=24),
    NoticeEvent.ATTEMPT_FAILED: timedelta(hours=24),
    NoticeEvent.DELAYED: timedelta(hours=6),
    NoticeEvent.RESCHEDULED: timedelta(hours=24),
    NoticeEvent.MESSAGE: timedelta(hours=24),
}


def occasions(
    delivery: Delivery, rules: NoticeRules, attempts: int, now: datetime, *, is_new: bool
) -> Iterator[tuple[NoticeEvent, str]]:
    """What to tell, with what tells one time from the next; only what the merchant wants told.

    Parameters
    ----------
    attempts
        How often somebody was at the door and could not hand over.
    """
    leg = delivery.active_leg
    if leg is not None and leg.direction is LegDirection.RETURN:
        return  # it goes back: that is told by whoever takes it back
    for event in rules.events:
        if event is NoticeEvent.BOOKED and is_new and not delivery.is_over:
            yield event, ""
        elif event is NoticeEvent.NEARBY and _is_near(delivery, rules, now):
            yield event, str(attempts)
        elif event in _BY_STATUS and delivery.status is _BY_STATUS[event]:
            yield event, "" if event is NoticeEvent.DELIVERED else str(attempts)


_BY_STATUS = {
    NoticeEvent.OUT_FOR_DELIVERY: DeliveryStatus.OUT_FOR_DELIVERY,
    NoticeEvent.DELIVERED: DeliveryStatus.DELIVERED,
    NoticeEvent.ATTEMPT_FAILED: DeliveryStatus.ATTEMPT_FAILED,
}


_STILL_AT_THE_SHOP = (NoticeEvent.BOOKED, NoticeEvent.RESCHEDULED)
_ON_ITS_WAY = (NoticeEvent.OUT_FOR_DELIVERY, NoticeEvent.NEARBY)


def is_stale(notice: Notice, delivery: Delivery, now: datetime) -> bool:
    """Whether a notice that waited would say what is no longer so."""
    if now - notice.created_at > _NOT_NEWS_AFTER[notice.event]:
        return True
    if notice.event in _STILL_AT_THE_SHOP:
        return delivery.is_over or RANK.get(delivery.status, 0) >= RANK[DeliveryStatus.OUT_FOR_DELIVERY]
    if notice.event in _ON_ITS_WAY:
        return delivery.status not in _ON_THE_ROAD
    if notice.event is NoticeEvent.DELAYED:
        return delivery.is_over
    status = _BY_STATUS.get(notice.event)
    return status is not None and delivery.status is not status


def valid_s(event: NoticeEvent) -> int:
    """How long a provider may keep trying, seconds."""
    return int(min(_NOT_NEWS_AFTER[event], timedelta(hours=4)).total_seconds())


def _is_near(delivery: Delivery, rules: NoticeRules, now: datetime) -> bool:
    if delivery.status not in _ON_THE_ROAD:
        return False
    if DeliveryFlag.COURIER_IMMINENT in delivery.flags or delivery.status is DeliveryStatus.AT_DROPOFF:
        return True
    eta = delivery.eta
    return eta is not None and eta.at - now <= timedelta(minutes=rules.nearby_minutes)
