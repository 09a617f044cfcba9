"""What counts as wrong: the table of exceptions with a merchant's settings; a van's thermometer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from doorstep import watch_rules as ground
from doorstep.incident import IncidentKind, Severity, StepAction
from gateway.api.marks import entry, part, shape
from gateway.api.problems import InvalidInput, NotFound, StateConflict
from gateway.api.types.versions import EXPECTED, VERSION
from gateway.flow.settings_version import version_of
from gateway.flow.watching.catalogue import TABLE, Told, is_switchable, severity_of

MOST_KINDS = 30

_GPS = "A moving van that sends nothing for so long is silent."
_NO_COURIER = "A courier must be assigned this long before the pickup."
_GRACE = "An ETA may pass the promise by so much."
_MISSED = "How long after the agreed pickup a parcel may wait."
_CAP = "A machine books again for up to this share of the first price; above it a person decides."
_RISK = "A delivery that is late with a higher probability is at risk."
_DWELL = "A courier may stand in the shop for so long."
_STALLED = "A van that has hardly moved for so long, and is at no door, is stalled."
_STALLED_M = "Less than this is hardly moving."
_FIXES = "So many fixes that were faked or jump within ten minutes are no slip of a receiver."
_TIMES = "Without a scan for so many times what 19 of 20 of a carrier's scans take it is lost."
_LEAST = "Nothing is lost sooner."
_UNKNOWN = "The same with a parcel carrier whose scans nobody has counted yet."
_OFF_M = "A fix farther from the planned way, less what it is unsure of, is off it."
_OFF_FIXES = "So many of them in a row are a van off its route; one fewer if it gets farther with each."
_OFF_S = "Over so long at least: fixes of one moment share their error."
_PROOF = "It may be handed over so far from its door."
_QUIET = "So long a false alarm about a van or a carrier is remembered; about a delivery it always is."
_REOPEN = "What a person called mended and is still wrong is shown again after so long."
_CHILLED_LEAST = "Chilled goods may be so cold."
_CHILLED_MOST = "Chilled goods may be so warm."
_FROZEN_MOST = "Frozen goods may be so warm."
_OUT = "A van may be outside of that range for so long."
_IS_ON = "Whether a machine that measures it raises it; what people and carriers report is always shown."
_KINDS = "What is otherwise about single kinds."
_TABLE = "The table, with what this merchant wants otherwise."


@shape()
class ExceptionRule:
    """One exception of the table."""

    kind: IncidentKind
    rule: str = part("When it is raised, in words.")
    enabled: bool = part(_IS_ON)
    can_be_disabled: bool = part("Not where only people and carriers tell of it.")
    severity: Severity
    response_seconds: int = part("A person answers within so long.")
    remedy: StepAction = part("What a machine does first; OTHER where only people do something.")
    told: list[Told] = part("Who is to hear of it.", most=4, usual=2)

    @staticmethod
    def of(kind: IncidentKind, rules: ground.WatchRules) -> ExceptionRule:
        row, severity = TABLE[kind], severity_of(kind, rules)
        return ExceptionRule(
            kind=kind,
            rule=row.rule,
            enabled=rules.of(kind).is_on,
            can_be_disabled=is_switchable(kind),
            severity=severity,
            response_seconds=int(severity.response_time.total_seconds()),
            remedy=row.remedy,
            told=sorted(row.told),
        )


@shape()
class CoolingLimits:
    """How warm and how cold cooled goods may be, degrees Celsius."""

    chilled_least_celsius: float = part(_CHILLED_LEAST)
    chilled_most_celsius: float = part(_CHILLED_MOST)
    frozen_most_celsius: float = part(_FROZEN_MOST)
    out_of_range_seconds: int = part(_OUT)

    @staticmethod
    def of(limits: ground.CoolingLimits) -> CoolingLimits:
        return CoolingLimits(
            chilled_least_celsius=limits.chilled_least_c,
            chilled_most_celsius=limits.chilled_most_c,
            frozen_most_celsius=limits.frozen_most_c,
            out_of_range_seconds=limits.out_of_range_s,
        )


@shape()
class WatchRules:
    """When something counts as wrong."""

    gps_silent_seconds: int = part(_GPS)
    no_courier_before_pickup_seconds: int = part(_NO_COURIER)
    late_grace_seconds: int = part(_GRACE)
    missed_pickup_seconds: int = part(_MISSED)
    redispatch_cap_percent: int = part(_CAP)
    late_risk_percent: int = part(_RISK)
    merchant_dwell_seconds: int = part(_DWELL)
    stalled_seconds: int = part(_STALLED)
    stalled_meters: int = part(_STALLED_M)
    implausible_fixes: int = part(_FIXES)
    lost_times_usual_gap: float = part(_TIMES)
    lost_least_seconds: int = part(_LEAST)
    lost_unknown_seconds: int = part(_UNKNOWN)
    off_route_meters: int = part(_OFF_M)
    off_route_fixes: int = part(_OFF_FIXES)
    off_route_seconds: int = part(_OFF_S)
    proof_meters: int = part(_PROOF)
    quiet_seconds: int = part(_QUIET)
    reopen_seconds: int = part(_REOPEN)
    cooling: CoolingLimits
    exceptions: list[ExceptionRule] = part(_TABLE, most=MOST_KINDS, usual=21)
    version: int = part(VERSION)

    @staticmethod
    def of(rules: ground.WatchRules) -> WatchRules:
        return WatchRules(
            gps_silent_seconds=rules.gps_silent_s,
            no_courier_before_pickup_seconds=rules.no_courier_before_pickup_s,
            late_grace_seconds=rules.late_grace_s,
            missed_pickup_seconds=rules.missed_pickup_s,
            redispatch_cap_percent=rules.redispatch_cap_percent,
            late_risk_percent=rules.late_risk_percent,
            merchant_dwell_seconds=rules.merchant_dwell_s,
            stalled_seconds=rules.stalled_s,
            stalled_meters=rules.stalled_m,
            implausible_fixes=rules.implausible_fixes,
            lost_times_usual_gap=rules.lost_times_p95,
            lost_least_seconds=rules.lost_least_s,
            lost_unknown_seconds=rules.lost_unknown_s,
            off_route_meters=rules.off_route_m,
            off_route_fixes=rules.off_route_fixes,
            off_route_seconds=rules.off_route_s,
            proof_meters=rules.proof_m,
            quiet_seconds=rules.quiet_s,
            reopen_seconds=rules.reopen_s,
            cooling=CoolingLimits.of(rules.cooling),
            exceptions=[ExceptionRule.of(kind, rules) for kind in TABLE],
            version=version_of(rules),
        )


@entry
class ExceptionRuleInput:
    """What is otherwise about one kind of exception."""

    kind: IncidentKind
    enabled: bool = part(_IS_ON, default=True)
    severity: Severity | None = part("Null for the usual one.", default=None)


@entry
class CoolingLimitsInput:
    """How warm and how cold cooled goods may be, degrees Celsius."""

    chilled_least_celsius: float = part(_CHILLED_LEAST, default=0.0)
    chilled_most_celsius: float = part(_CHILLED_MOST, default=8.0)
    frozen_most_celsius: float = part(_FROZEN_MOST, default=-15.0)
    out_of_range_seconds: int = part(_OUT, default=600)


@entry
class SaveWatchRulesInput:
    """The rules whole: what is left out is as it usually is."""

    gps_silent_seconds: int = part(_GPS, default=300)
    no_courier_before_pickup_seconds: int = part(_NO_COURIER, default=600)
    late_grace_seconds: int = part(_GRACE, default=0)
    missed_pickup_seconds: int = part(_MISSED, default=900)
    redispatch_cap_percent: int = part(_CAP, default=300)
    late_risk_percent: int = part(_RISK, default=50)
    merchant_dwell_seconds: int = part(_DWELL, default=600)
    stalled_seconds: int = part(_STALLED, default=600)
    stalled_meters: int = part(_STALLED_M, default=100)
    implausible_fixes: int = part(_FIXES, default=3)
    lost_times_usual_gap: float = part(_TIMES, default=3.0)
    lost_least_seconds: int = part(_LEAST, default=3 * 3600)
    lost_unknown_seconds: int = part(_UNKNOWN, default=5 * 86_400)
    off_route_meters: int = part(_OFF_M, default=75)
    off_route_fixes: int = part(_OFF_FIXES, default=4)
    off_route_seconds: int = part(_OFF_S, default=15)
    proof_meters: int = part(_PROOF, default=150)
    quiet_seconds: int = part(_QUIET, default=4 * 3600)
    reopen_seconds: int = part(_REOPEN, default=1800)
    cooling: CoolingLimitsInput | None = part("The usual ones where absent.", default=None)
    exceptions: list[ExceptionRuleInput] | None = part(_KINDS, most=MOST_KINDS, default=None)
    expected_version: int | None = part(EXPECTED, default=None)


@entry
class RecordTemperatureInput:
    """What the thermometer of an own van says."""

    driver_id: strawberry.ID
    celsius: float
    recorded_at: datetime | None = part("Now where absent.", default=None)


@shape()
class SaveWatchRulesSuccess:
    """They are kept."""

    watch_rules: WatchRules


@shape()
class RecordTemperatureSuccess:
    """It is written down; the next look at the van goes by it."""

    recorded_at: datetime


SaveWatchRulesResult = Annotated[
    SaveWatchRulesSuccess | InvalidInput | StateConflict,
    strawberry.union("SaveWatchRulesResult", description="What saving the rules of watching led to."),
]
RecordTemperatureResult = Annotated[
    RecordTemperatureSuccess | InvalidInput | NotFound | StateConflict,
    strawberry.union("RecordTemperatureResult", description="What a reading led to."),
]
