"""When something counts as wrong, merchant by merchant."""

from __future__ import annotations

from dataclasses import dataclass, field

from doorstep.incident import IncidentKind, Severity


@dataclass(frozen=True, slots=True)
class KindRule:
    """What a merchant wants otherwise about one kind of incident.

    Attributes
    ----------
    is_on
        Whether a machine that measures it raises it; what people and carriers report is always shown.
    severity
        None for the usual one.
    """

    kind: IncidentKind
    is_on: bool = True
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class CoolingLimits:
    """How warm and how cold cooled goods may be, degrees Celsius, and for how long otherwise.

    Attributes
    ----------
    out_of_range_s
        A van may be outside of the range for so long.

    Raises
    ------
    ValueError
        If the least is above the most, or the span is negative.
    """

    chilled_least_c: float = 0.0
    chilled_most_c: float = 8.0
    frozen_most_c: float = -15.0
    out_of_range_s: int = 600

    def __post_init__(self) -> None:
        if self.chilled_least_c > self.chilled_most_c:
            raise ValueError("chilled_least_c must not be above chilled_most_c")
        if self.out_of_range_s < 0:
            raise ValueError(f"out_of_range_s must not be negative, got {self.out_of_range_s}")


@dataclass(frozen=True, slots=True)
class WatchRules:
    """When something counts as wrong. Starting values; each merchant sets its own.

    Attributes
    ----------
    gps_silent_s
        A moving van that sends nothing for so long is silent.
    no_courier_before_pickup_s
        A courier must be assigned this long before the pickup.
    late_grace_s
        An ETA may pass the promise by so much.
    missed_pickup_s
        How long after the agreed pickup a parcel may wait.
    redispatch_cap_percent
        A machine may book again for up to this share of the first price; above it a person decides.
    late_risk_percent
        A delivery that is late with a higher probability is at risk, 1 to 99.
    merchant_dwell_s
        A courier may stand in the shop for so long.
    stalled_s, stalled_m
        A van that has moved less than so many metres for so long, and is at no door, is stalled.
    implausible_fixes
        So many fixes that were faked or jump, since the last good ones, are no slip of a receiver.
    lost_times_p95
        A delivery without a scan for so many times the carrier's 95th percentile between two is lost.
    lost_least_s, lost_unknown_s
        No sooner than this; and after this with a parcel carrier whose scans nobody has counted.
    off_route_m, off_route_fixes, off_route_s
        A van is off its route when so many fixes in a row, over so long, are farther from its way than this.
    proof_m
        A proof may be made so far from the door, metres.
    quiet_s
        How long a false alarm about a van, a carrier or a shop is remembered; about a delivery it always is.
    reopen_s
        What a person called mended and is still wrong is shown again after so long.
    kinds
        What is otherwise about single kinds.

    Raises
    ------
    ValueError
        If a number is out of its range, or a kind is named twice.
    """

    gps_silent_s: int = 300
    no_courier_before_pickup_s: int = 600
    late_grace_s: int = 0
    missed_pickup_s: int = 900
    redispatch_cap_percent: int = 300
    late_risk_percent: int = 50
    merchant_dwell_s: int = 600
    stalled_s: int = 600
    stalled_m: int = 100
    implausible_fixes: int = 3
    lost_times_p95: float = 3.0
    lost_least_s: int = 3 * 3600
    lost_unknown_s: int = 5 * 86_400
    off_route_m: int = 75
    off_route_fixes: int = 4
    off_route_s: int = 15
    proof_m: int = 150
    quiet_s: int = 4 * 3600
    reopen_s: int = 1800
    cooling: CoolingLimits = field(default_factory=CoolingLimits)
    kinds: tuple[KindRule, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.late_risk_percent <= 99:
            raise ValueError(f"late_risk_percent must be from 1 to 99, got {self.late_risk_percent}")
        if min(self.stalled_m, self.implausible_fixes, self.proof_m) < 1 or self.lost_times_p95 < 1:
            raise ValueError("stalled_m, implausible_fixes, proof_m and lost_times_p95 must be at least 1")
        if self.off_route_m < 1 or self.off_route_fixes < 2 or self.off_route_s < 0:
            raise ValueError("off_route_m must be at least 1, off_route_fixes 2, off_route_s 0")
        if len({rule.kind for rule in self.kinds}) < len(self.kinds):
            raise ValueError("each kind may be named once")

    def of(self, kind: IncidentKind) -> KindRule:
        """What the merchant wants of a kind."""
        return next((rule for rule in self.kinds if rule.kind is kind), KindRule(kind))
