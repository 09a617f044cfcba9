"""Save: what a merchant sets for slots, checked field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from doorstep.errors import InvalidInput, Issue
from doorstep.slot import SlotTemplate
from gateway.flow.ports import UnitOfWork

LONGEST_NAME = 100
MOST_PLACES = 10_000
LONGEST_CUT_OFF_S = 14 * 24 * 3600
SHORTEST_HOLD_S, LONGEST_HOLD_S = 60, 24 * 3600
MOST_ZONES, MOST_CLOSED_DAYS = 100, 366


async def save_template(
    work: UnitOfWork, template: SlotTemplate, expected_version: int | None, now: datetime
) -> SlotTemplate:
    """Keep a template whole; whoever holds a place in a slot of it keeps what they were shown.

    Parameters
    ----------
    expected_version
        The one that was seen before; None for one that is not there yet.

    Raises
    ------
    InvalidInput
        With an issue for each field that is wrong.
    NotFound
        If a version was seen of what is not there.
    StateConflict
        If somebody saved in between, or it is archived.
    """
    issues = list(wrong_fields(template))
    if all(place.id != template.location_id for place in await work.accounts.locations()):
        issues.append(_issue("locationId", "is no location of this merchant"))
    if issues:
        raise InvalidInput(f"{issues[0].path[-1]} {issues[0].message}.", path=issues[0].path, issues=issues)
    return await work.slots.save_template(replace(template, updated_at=now), expected_version)


def wrong_fields(template: SlotTemplate) -> Iterator[Issue]:
    """What is wrong with a template by itself, field by field, in the words of the API."""
    if not 0 < len(template.name.strip()) <= LONGEST_NAME:
        yield _issue("name", f"must have 1 to {LONGEST_NAME} letters")
    days = template.weekdays
    if not days or len(set(days)) < len(days) or not set(days) <= set(range(1, 8)):
        yield _issue("weekdays", "must be some of 1 (Monday) to 7, each once")
    if not _is_zone(template.time_zone):
        yield _issue("timeZone", "must be an IANA zone such as Europe/Malta")
    if template.starts_at == template.ends_at:
        yield _issue("endsAt", "must not be the same as startsAt; an earlier one is of the next day")
    if template.starts_at.tzinfo is not None or template.ends_at.tzinfo is not None:
        yield _issue("startsAt", "must be a wall clock time without an offset")
    if not 1 <= template.capacity <= MOST_PLACES:
        yield _issue("capacity", f"must be 1 to {MOST_PLACES}; disable what shall not be had")
    if template.price.minor < 0:
        yield _issue("price", "must not be negative")
    if not 0 <= template.cut_off_s <= LONGEST_CUT_OFF_S:
        yield _issue("cutoffSeconds", f"must be 0 to {LONGEST_CUT_OFF_S}")
    if not SHORTEST_HOLD_S <= template.hold_s <= LONGEST_HOLD_S:
        yield _issue("holdSeconds", f"must be {SHORTEST_HOLD_S} to {LONGEST_HOLD_S}")
    if len(template.zone_ids) > MOST_ZONES:
        yield _issue("zoneIds", f"must be at most {MOST_ZONES}")
    if len(template.closed_on) > MOST_CLOSED_DAYS:
        yield _issue("closedOn", f"must be at most {MOST_CLOSED_DAYS} days")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # not there, no path at all, a folder such as "Europe"
        return False
    return True


def _issue(field: str, message: str) -> Issue:
    return Issue(("input", field), message)
