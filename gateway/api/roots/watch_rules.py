"""Writes about what counts as wrong, and what a van's thermometer says; part of the root."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Annotated

from doorstep import watch_rules as ground
from gateway.api.admission.checks import root
from gateway.api.context import Info
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import Path, built, read_id, read_span, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.watch_rules import (
    CoolingLimitsInput,
    ExceptionRuleInput,
    RecordTemperatureInput,
    RecordTemperatureResult,
    RecordTemperatureSuccess,
    SaveWatchRulesInput,
    SaveWatchRulesResult,
    SaveWatchRulesSuccess,
    WatchRules,
)
from gateway.flow.watching.catalogue import TABLE, is_switchable

_AT = ("input",)
_DAY_S, _WEEK_S = 86_400, 7 * 86_400
_COLDEST_C, _WARMEST_C = -90.0, 90.0
_CLOCKS_DIFFER = timedelta(minutes=2)


@shape()
class WatchRulesMutations:
    """Writes about watching."""

    @root(scope=Scope.CONFIGURE)
    async def save_watch_rules(
        self, info: Info, given: Annotated[SaveWatchRulesInput, INPUT]
    ) -> SaveWatchRulesResult:
        """Says when something counts as wrong, and up to which price a machine mends it."""
        kept = await info.context.commands.save_merchant_rules(
            rules=_read_rules(given), expected_version=given.expected_version
        )
        return SaveWatchRulesSuccess(watch_rules=WatchRules.of(kept.watch))

    @root(scope=Scope.OPERATE)
    async def record_temperature(
        self, info: Info, given: Annotated[RecordTemperatureInput, INPUT]
    ) -> RecordTemperatureResult:
        """Takes a reading of an own van's thermometer; one that is older than the last changes nothing."""
        now = info.context.clock.now()
        at = given.recorded_at or now
        if at > now + _CLOCKS_DIFFER:
            raise wrong((*_AT, "recordedAt"), "recordedAt must not lie in the future")
        await info.context.commands.record_temperature(
            driver_id=read_id(given.driver_id, "drv", (*_AT, "driverId")),
            celsius=_read_celsius(given.celsius, (*_AT, "celsius")),
            recorded_at=at,
        )
        return RecordTemperatureSuccess(recorded_at=at)


def _read_rules(given: SaveWatchRulesInput) -> ground.WatchRules:
    before_s, unknown_s = given.no_courier_before_pickup_seconds, given.lost_unknown_seconds
    return built(
        ground.WatchRules,
        _AT,
        gps_silent_s=_read_span(given.gps_silent_seconds, "gpsSilentSeconds", 1, _DAY_S),
        no_courier_before_pickup_s=_read_span(before_s, "noCourierBeforePickupSeconds", 0, _DAY_S),
        late_grace_s=_read_span(given.late_grace_seconds, "lateGraceSeconds", 0, _WEEK_S),
        missed_pickup_s=_read_span(given.missed_pickup_seconds, "missedPickupSeconds", 0, _WEEK_S),
        redispatch_cap_percent=_read_span(given.redispatch_cap_percent, "redispatchCapPercent", 0, 10_000),
        late_risk_percent=_read_span(given.late_risk_percent, "lateRiskPercent", 1, 99),
        merchant_dwell_s=_read_span(given.merchant_dwell_seconds, "merchantDwellSeconds", 0, _DAY_S),
        stalled_s=_read_span(given.stalled_seconds, "stalledSeconds", 60, _DAY_S),
        stalled_m=_read_span(given.stalled_meters, "stalledMeters", 1, 10_000),
        implausible_fixes=_read_span(given.implausible_fixes, "implausibleFixes", 1, 1_000),
        lost_times_p95=_read_times(given.lost_times_usual_gap),
        lost_least_s=_read_span(given.lost_least_seconds, "lostLeastSeconds", 60, 60 * _DAY_S),
        lost_unknown_s=_read_span(unknown_s, "lostUnknownSeconds", 60, 60 * _DAY_S),
        off_route_m=_read_span(given.off_route_meters, "offRouteMeters", 20, 10_000),
        off_route_fixes=_read_span(given.off_route_fixes, "offRouteFixes", 2, 100),
        off_route_s=_read_span(given.off_route_seconds, "offRouteSeconds", 0, 3_600),
        proof_m=_read_span(given.proof_meters, "proofMeters", 1, 100_000),
        quiet_s=_read_span(given.quiet_seconds, "quietSeconds", 0, 30 * _DAY_S),
        reopen_s=_read_span(given.reopen_seconds, "reopenSeconds", 0, 30 * _DAY_S),
        cooling=_read_cooling(given.cooling or CoolingLimitsInput()),
        kinds=tuple(_read_kind(rule, place) for place, rule in enumerate(given.exceptions or ())),
    )


def _read_cooling(given: CoolingLimitsInput) -> ground.CoolingLimits:
    at = (*_AT, "cooling")
    return ground.CoolingLimits(
        chilled_least_c=_read_celsius(given.chilled_least_celsius, (*at, "chilledLeastCelsius")),
        chilled_most_c=_least_below_most(given),
        frozen_most_c=_read_celsius(given.frozen_most_celsius, (*at, "frozenMostCelsius")),
        out_of_range_s=read_span(given.out_of_range_seconds, (*at, "outOfRangeSeconds"), 0, _DAY_S),
    )


def _least_below_most(given: CoolingLimitsInput) -> float:
    path = (*_AT, "cooling", "chilledMostCelsius")
    if given.chilled_most_celsius < given.chilled_least_celsius:
        raise wrong(path, "chilledMostCelsius must not be below chilledLeastCelsius")
    return _read_celsius(given.chilled_most_celsius, path)


def _read_kind(given: ExceptionRuleInput, place: int) -> ground.KindRule:
    path = (*_AT, "exceptions", str(place), "kind")
    if given.kind not in TABLE:
        raise wrong(path, f"{given.kind} is not in the table of exceptions")
    if not given.enabled and not is_switchable(given.kind):
        raise wrong(path, f"{given.kind} is told by people and carriers: it cannot be switched off")
    return ground.KindRule(given.kind, given.enabled, given.severity)


def _read_celsius(given: float, path: Path) -> float:
    if not (math.isfinite(given) and _COLDEST_C <= given <= _WARMEST_C):
        raise wrong(path, f"{path[-1]} must be {_COLDEST_C:g} to {_WARMEST_C:g}, got {given}")
    return given


def _read_times(given: float) -> float:
    if not (math.isfinite(given) and 1 <= given <= 100):
        raise wrong((*_AT, "lostTimesUsualGap"), f"lostTimesUsualGap must be 1 to 100, got {given}")
    return given


def _read_span(given: int, name: str, least: int, most: int) -> int:
    return read_span(given, (*_AT, name), least, most)
