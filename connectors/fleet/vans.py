"""Whose van can carry the goods and do what is asked for at the door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from connectors.fleet.declined import Declined
from connectors.fleet.settings import Equipment, FleetSettings
from doorstep.driver import Driver
from doorstep.goods import all_needs
from doorstep.limits import is_at_least, refusal_of
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel, total_weight_g
from doorstep.quote import DeclineReason, QuoteRequest

_AGE = frozenset({HandoverRequirement.ID_CHECK, HandoverRequirement.ADULT_SIGNATURE})


@dataclass(frozen=True, slots=True)
class _Candidate:
    driver: Driver
    equipment: Equipment


@dataclass(frozen=True, slots=True)
class _Constraint:
    """What a van must be able to do.

    Attributes
    ----------
    text
        Who was left before it -> the sentence for when nobody is after it.
    """

    allows: Callable[[_Candidate], bool]
    reason: DeclineReason
    text: Callable[[list[_Candidate]], str]


def can_carry(settings: FleetSettings, depot_id: str, request: QuoteRequest) -> tuple[Driver, ...]:
    """Drivers of a depot who can take a request, each by the own van and skills, whenever they drive.

    Raises
    ------
    Declined
        If nobody can, with the constraint that ruled out the last of them. The order is weight, size,
        vehicle, goods, handover, access.
    """
    drivers = settings.drivers_of(depot_id)
    if not drivers:
        raise Declined(DeclineReason.CLOSED, "No van drives from this depot.")
    left = [_Candidate(driver, settings.equipment_of(driver)) for driver in drivers]
    for constraint in _constraints(settings, request, len(drivers)):
        able = [candidate for candidate in left if constraint.allows(candidate)]
        if not able:
            raise Declined(constraint.reason, constraint.text(left))
        left = able
    return tuple(candidate.driver for candidate in left)


def _constraints(settings: FleetSettings, request: QuoteRequest, vans: int) -> Iterator[_Constraint]:
    yield from _about_size(request)
    if (wanted := request.vehicle) is not None:
        yield _Constraint(
            lambda one: is_at_least(one.equipment.vehicle, wanted),
            DeclineReason.VEHICLE_MISMATCH,
            lambda left: _nobody(left, vans, f"is a {_words(wanted)} or larger"),
        )
    for trait in sorted(request.goods.traits.intersection(settings.refuses)):
        yield _skill(trait, refusal_of(trait), f"carries {_words(trait)} goods", vans)
    for need in all_needs(request.goods, request.requirements):
        if need in settings.cannot:
            reason = DeclineReason.AGE_RESTRICTED if need in _AGE else DeclineReason.HANDOVER
            yield _skill(need, reason, f"does {_words(need)}", vans)
    for limit in request.access:
        if limit in settings.avoids:
            what = f"goes to doors with {_words(limit)}"
            yield _skill(limit, DeclineReason.LIMITED_ACCESS, what, vans)


def _about_size(request: QuoteRequest) -> Iterator[_Constraint]:
    weight_g = total_weight_g(request.parcels)
    volume_ml = sum(parcel.volume_ml or 0 for parcel in request.parcels)
    longest_mm = max((_longest_mm(parcel) for parcel in request.parcels), default=0)
    yield _Constraint(
        lambda one: one.driver.capacity_g >= weight_g,
        DeclineReason.TOO_HEAVY,
        lambda left: (
            f"Weighs {weight_g / 1000:.10g} kg; the largest van of the depot takes "
            f"{max(one.driver.capacity_g for one in left) / 1000:.10g} kg."
        ),
    )
    yield _Constraint(
        lambda one: one.driver.capacity_ml is None or one.driver.capacity_ml >= volume_ml,
        DeclineReason.TOO_LARGE,
        lambda _left: "The parcels are larger than what any van of the depot takes.",
    )
    yield _Constraint(
        lambda one: one.equipment.longest_mm is None or one.equipment.longest_mm >= longest_mm,
        DeclineReason.TOO_LARGE,
        lambda left: (
            f"{longest_mm / 10:.10g} cm long; the longest van that could take it otherwise has room for "
            f"{max(one.equipment.longest_mm or 0 for one in left) / 10:.10g} cm."
        ),
    )


def _skill(skill: StrEnum, reason: DeclineReason, what: str, vans: int) -> _Constraint:
    return _Constraint(
        lambda one: skill.value in one.equipment.skills,
        reason,
        lambda left: _nobody(left, vans, what),
    )


def _nobody(left: list[_Candidate], vans: int, what: str) -> str:
    if len(left) == vans:
        return f"No van of the depot {what}."
    return f"No van of the depot that could take it otherwise {what}."


def _longest_mm(parcel: Parcel) -> int:
    """0 where the sides are unknown, which fits everywhere."""
    return max(parcel.length_mm or 0, parcel.width_mm or 0, parcel.height_mm or 0)


def _words(name: StrEnum) -> str:
    return name.value.replace("_", " ").lower()
