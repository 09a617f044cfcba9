"""Enums: the ground floor's, shown, and those that only the API has."""

from __future__ import annotations

from enum import StrEnum

from doorstep.audit import Actor
from doorstep.delivery import DeliveryFlag, EventSource, LegDirection
from doorstep.delivery_status import DeliveryStage, DeliveryStatus
from doorstep.dispatch_rules import DispatchStrategy
from doorstep.driver import DriverStatus
from doorstep.eta import EtaBasis
from doorstep.failed_attempt import AttemptChoice, AttemptFailure, AttemptState, PaidBy
from doorstep.incident import IncidentKind, IncidentStatus, Resolution, Severity, StepAction, StepStatus
from doorstep.loss_claim import ClaimReason, ClaimStatus
from doorstep.mode_wave import WaveStatus
from doorstep.order import (
    FulfillmentMethod,
    FulfillmentOrderStatus,
    HandoverRequirement,
    LinkStatus,
    OrderStatus,
    StorePlatform,
)
from doorstep.person import Role
from doorstep.proof import ProofKind
from doorstep.quote import DeclineReason, DeliveryMode, PriceBasis, RankFactor, VehicleKind
from doorstep.return_request import ReturnMethod, ReturnReason, ReturnStatus
from doorstep.route import PlanScope, RoutePlanStatus, RouteStatus, StopStatus
from doorstep.route_problem import BalanceMeasure
from doorstep.route_solution import StopKind, UnassignedCode, ViolationKind
from doorstep.slot import SlotAvailability, SlotHoldStatus
from doorstep.stack import WaitReason
from doorstep.visibility import Shown, TrackingAudience, TrackingField
from doorstep.visit import PinnedPlace
from doorstep.wave import TierKind
from doorstep.wave_plan import ModeReason
from doorstep.window import PromiseBasis
from gateway.api.marks import asked_enum, closed_enum, open_enum
from gateway.api.ports.records import CancelReason, SortField
from gateway.flow.documents.document import DocumentKind
from gateway.flow.records import QuarantineStatus
from gateway.flow.watching.catalogue import Told


class CountPrecision(StrEnum):
    """Whether a count is the whole truth."""

    EXACT = "EXACT"
    AT_LEAST = "AT_LEAST"


class SortDirection(StrEnum):
    """Up or down."""

    ASC = "ASC"
    DESC = "DESC"


class DestinationPrecision(StrEnum):
    """How much of an address is known."""

    COUNTRY = "COUNTRY"
    REGION = "REGION"
    POSTAL_CODE = "POSTAL_CODE"
    STREET = "STREET"
    ROOFTOP = "ROOFTOP"
    OTHER = "OTHER"


class OptionHighlight(StrEnum):
    """What stands out in a list of options."""

    RECOMMENDED = "RECOMMENDED"
    CHEAPEST = "CHEAPEST"
    FASTEST = "FASTEST"
    GREENEST = "GREENEST"
    OTHER = "OTHER"


class PositionHidden(StrEnum):
    """Why a shopper sees no place on the map."""

    NOT_STARTED = "NOT_STARTED"
    TOO_MANY_STOPS_BEFORE = "TOO_MANY_STOPS_BEFORE"
    TOO_EARLY = "TOO_EARLY"
    FINISHED = "FINISHED"
    NOT_SHARED = "NOT_SHARED"
    SILENT = "SILENT"
    OTHER = "OTHER"


class TrackingAction(StrEnum):
    """What a shopper may do with the tracking link."""

    RESCHEDULE = "RESCHEDULE"
    CHOOSE_SAFE_PLACE = "CHOOSE_SAFE_PLACE"
    CORRECT_PIN = "CORRECT_PIN"
    SEND_MESSAGE = "SEND_MESSAGE"
    OTHER = "OTHER"


class UpdateKind(StrEnum):
    """What a live message is: the state now, its end, a change, or the call to forget everything."""

    SNAPSHOT = "SNAPSHOT"
    CHECKPOINT = "CHECKPOINT"
    CHANGE = "CHANGE"
    RESET = "RESET"


class OrderSortField(StrEnum):
    """What orders are sorted by."""

    PLACED_AT = SortField.PLACED_AT.value
    UPDATED_AT = SortField.UPDATED_AT.value


class DeliverySortField(StrEnum):
    """What deliveries are sorted by."""

    PROMISED_BY = SortField.PROMISED_BY.value
    CREATED_AT = SortField.CREATED_AT.value
    UPDATED_AT = SortField.UPDATED_AT.value
    LATE_RISK = SortField.LATE_RISK.value


class ExceptionSortField(StrEnum):
    """What exceptions are sorted by."""

    DUE_AT = SortField.DUE_AT.value
    RAISED_AT = SortField.RAISED_AT.value
    SEVERITY = SortField.SEVERITY.value
    BREACH = SortField.BREACH.value


for _closed in (
    CountPrecision,
    SortDirection,
    UpdateKind,
    DeliveryStage,
    Severity,
    BalanceMeasure,
    TierKind,
    Shown,
):
    closed_enum(_closed)

for _open in (
    Actor,
    AttemptChoice,
    AttemptFailure,
    AttemptState,
    CancelReason,
    ClaimReason,
    ClaimStatus,
    DeclineReason,
    DeliveryFlag,
    DeliveryMode,
    DeliveryStatus,
    DestinationPrecision,
    DispatchStrategy,
    DriverStatus,
    EtaBasis,
    EventSource,
    FulfillmentMethod,
    FulfillmentOrderStatus,
    HandoverRequirement,
    LegDirection,
    LinkStatus,
    ModeReason,
    OptionHighlight,
    OrderStatus,
    PositionHidden,
    PriceBasis,
    PromiseBasis,
    QuarantineStatus,
    PaidBy,
    PinnedPlace,
    PlanScope,
    ProofKind,
    RankFactor,
    Resolution,
    ReturnMethod,
    ReturnReason,
    ReturnStatus,
    Role,
    RoutePlanStatus,
    RouteStatus,
    SlotAvailability,
    SlotHoldStatus,
    StepStatus,
    StopKind,
    StopStatus,
    StorePlatform,
    TrackingAction,
    TrackingAudience,
    TrackingField,
    UnassignedCode,
    VehicleKind,
    ViolationKind,
    WaitReason,
    WaveStatus,
):
    open_enum(_open)

for _asked in (OrderSortField, DeliverySortField, ExceptionSortField):
    asked_enum(_asked)

open_enum(DocumentKind, "AttachmentKind")
open_enum(IncidentKind, "ExceptionKind")
open_enum(IncidentStatus, "ExceptionStatus")
open_enum(Told, "ToldParty")
open_enum(StepAction, "PlaybookAction")
