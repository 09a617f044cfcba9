"""Spans of time, promises and predictions."""

from __future__ import annotations

from datetime import datetime

from doorstep import eta as ground
from doorstep import window as spans
from doorstep.eta import EtaBasis
from doorstep.window import PromiseBasis
from gateway.api.marks import ANYONE, entry, part, shape
from gateway.api.scalars import TimeZone


@shape(to=ANYONE)
class TimeWindow:
    """Half-open span of time."""

    start: datetime
    end: datetime

    @staticmethod
    def of(span: spans.Window) -> TimeWindow:
        return TimeWindow(start=span.start, end=span.end)


@entry
class TimeWindowInput:
    """Half-open span of time; end must not lie before start."""

    start: datetime
    end: datetime


@shape(to=ANYONE)
class Promise:
    """When it will arrive."""

    window: TimeWindow
    time_zone: TimeZone = part("For wording days: the destination's zone.")
    confidence: float | None = part(
        "Probability that it arrives before window.end, 0 to 1; null if unmeasured."
    )
    basis: PromiseBasis

    @staticmethod
    def of(promise: spans.Promise) -> Promise:
        return Promise(
            window=TimeWindow.of(promise.window),
            time_zone=TimeZone(promise.time_zone),
            confidence=promise.confidence,
            basis=promise.basis,
        )

    @staticmethod
    def maybe(promise: spans.Promise | None) -> Promise | None:
        return None if promise is None else Promise.of(promise)


@shape(to=ANYONE)
class Eta:
    """Predicted arrival; the interval holds with the given probability."""

    at: datetime
    interval: TimeWindow
    confidence: float
    basis: EtaBasis
    computed_at: datetime
    stops_before: int | None

    @staticmethod
    def maybe(eta: ground.Eta | None) -> Eta | None:
        if eta is None:
            return None
        return Eta(
            at=eta.at,
            interval=TimeWindow.of(eta.interval),
            confidence=eta.confidence,
            basis=eta.basis,
            computed_at=eta.computed_at,
            stops_before=eta.stops_before,
        )
