"""Terms in few words, and local times of June 2026, when no clock is changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from doorstep.calendar import MONDAY_TO_SATURDAY, DayCalendar, DaySpan, PromiseTerms

NEW_YORK = "America/New_York"


@pytest.fixture(scope="session")
def terms() -> Callable[..., PromiseTerms]:
    """Cut-off at 15:00, handling 0-1 from Monday to Friday, transit 3-5 from Monday to Saturday, New York."""

    def make(**changes: object) -> PromiseTerms:
        usual: dict[str, object] = {
            "cut_off": time(15),
            "handling": DaySpan(0, 1),
            "transit": DaySpan(3, 5),
            "origin_zone": NEW_YORK,
            "destination_zone": NEW_YORK,
            "transit_days": DayCalendar(MONDAY_TO_SATURDAY),
        }
        return PromiseTerms(**(usual | changes))  # type: ignore[arg-type]  # the caller names fields of it

    return make


@pytest.fixture(scope="session")
def june() -> Callable[..., datetime]:
    """A day of June 2026, the first of which is a Monday, an hour and a minute."""

    def make(day: int, hour: int = 0, minute: int = 0, *, zone: str = NEW_YORK) -> datetime:
        return datetime(2026, 6, day, hour, minute, tzinfo=ZoneInfo(zone))

    return make
