"""The table of what is watched: how bad it is, what a machine does about it, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from doorstep.incident import IncidentKind as Kind
from doorstep.incident import Severity, StepAction
from doorstep.watch_rules import WatchRules


class Told(StrEnum):
    """Who hears of it."""

    CUSTOMER = "CUSTOMER"
    OPERATIONS = "OPERATIONS"
    MERCHANT = "MERCHANT"
    DRIVER = "DRIVER"


class Seen(StrEnum):
    """How it comes to be known."""

    MEASURED = "MEASURED"
    """A machine looks again and again: it can be switched off, and remembers what a person has closed."""

    REPORTED = "REPORTED"
    """Somebody says so, and each word is news: it is always shown."""

    BOTH = "BOTH"
    """Either way; a report is shown even where the measuring is switched off."""


@dataclass(frozen=True, slots=True)
class Row:
    """One exception of the table.

    Attributes
    ----------
    rule
        When it is raised, in words.
    remedy
        What a machine does first; OTHER where only people do something.
    told
        Nobody where it is empty.
    """

    rule: str
    severity: Severity
    remedy: StepAction
    told: frozenset[Told]
    seen: Seen


C, O, M, D = Told.CUSTOMER, Told.OPERATIONS, Told.MERCHANT, Told.DRIVER  # noqa: E741 - the letters of the table
ONE, TWO, THREE, FOUR = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
_BOTH, _MEASURED, _REPORTED = Seen.BOTH, Seen.MEASURED, Seen.REPORTED
_Do = StepAction


def _row(rule: str, severity: Severity, remedy: StepAction, seen: Seen, *told: Told) -> Row:
    return Row(rule, severity, remedy, frozenset(told), seen)


TABLE: Mapping[Kind, Row] = {
    Kind.LATE_RISK: _row("it is more likely late than not", THREE, _Do.REROUTE, _MEASURED, O),
    Kind.ETA_PAST_PROMISE: _row("even the early end of its ETA is late", TWO, _Do.REROUTE, _MEASURED, C, O),
    Kind.NO_COURIER: _row("nobody is assigned shortly before the pickup", TWO, _Do.REDISPATCH, _BOTH, O),
    Kind.COURIER_CANCELLED: _row("the carrier dropped it", TWO, _Do.REDISPATCH, _REPORTED, O),
    Kind.QUOTE_EXPIRED: _row("every price for it has run out", FOUR, _Do.RETRY, _MEASURED),
    Kind.CARRIER_DOWN: _row("a carrier is left alone for its failures", ONE, _Do.NEXT_QUOTE, _MEASURED, O),
    Kind.MISSED_PICKUP: _row("the pickup was due and nobody came", TWO, _Do.REDISPATCH, _BOTH, M, O),
    Kind.MERCHANT_NOT_READY: _row("a courier waits in the shop", THREE, _Do.WAIT, _BOTH, M),
    Kind.STALLED: _row("a van stands still, and at no door", THREE, _Do.PING_DRIVER, _BOTH, D, O),
    Kind.OFF_ROUTE: _row("fixes in a row are beside the planned way", THREE, _Do.REROUTE, _MEASURED, D),
    Kind.GPS_SILENT: _row("a van on tour says nothing", THREE, _Do.WAIT, _MEASURED, D, O),
    Kind.GPS_IMPLAUSIBLE: _row("fixes are faked or jump", THREE, _Do.WAIT, _MEASURED, O),
    Kind.ADDRESS_PROBLEM: _row("the map or a courier does not find it", TWO, _Do.ASK_SHOPPER, _BOTH, C),
    Kind.RECIPIENT_UNAVAILABLE: _row("nobody was at home", TWO, _Do.RESCHEDULE, _REPORTED, C),
    Kind.SECOND_FAILED_ATTEMPT: _row("nobody took it in again", TWO, _Do.WAIT, _REPORTED, C, M),
    Kind.REFUSED: _row("it was not taken in", THREE, _Do.RETURN, _REPORTED, M),
    Kind.DAMAGED: _row("a carrier or driver says that it broke", ONE, _Do.CLAIM, _REPORTED, C, M),
    Kind.LOST: _row("no scan for long, or the carrier says so", ONE, _Do.CLAIM, _BOTH, M, O),
    Kind.TEMPERATURE: _row("cooled goods are too warm or too cold", ONE, _Do.OTHER, _BOTH, M, O),
    Kind.PROOF_MISMATCH: _row("it was handed over far from its door", TWO, _Do.OTHER, _BOTH, O),
    Kind.RETURN_OVERDUE: _row("goods are not back by their day", THREE, _Do.NOTIFY_OPERATOR, _MEASURED, M),
}
"""The 21 exceptions that every merchant has watched from the first day on."""

_BESIDE: Mapping[Kind, Severity] = {
    Kind.WEATHER: Severity.MEDIUM,
    Kind.SHOPPER_UNREACHABLE: Severity.MEDIUM,
}
"""Of kinds that are reported beside the table; what is not named is HIGH."""

OUTLIVE_HANDOVER = frozenset({Kind.DAMAGED, Kind.ITEM_MISMATCH, Kind.TEMPERATURE, Kind.PROOF_MISMATCH})
"""What is not well again because the goods were handed over: somebody still has to make it good."""

ENDED_BY_HANDOVER = frozenset(Kind) - OUTLIVE_HANDOVER


def severity_of(kind: Kind, rules: WatchRules) -> Severity:
    """How bad it is: as the merchant says, else as the table does."""
    own = rules.of(kind).severity
    if own is not None:
        return own
    row = TABLE.get(kind)
    return row.severity if row is not None else _BESIDE.get(kind, Severity.HIGH)


def is_switchable(kind: Kind) -> bool:
    """Whether a merchant may switch the machine off that measures it."""
    row = TABLE.get(kind)
    return row is not None and row.seen is not Seen.REPORTED
