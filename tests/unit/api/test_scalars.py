"""How instants are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from gateway.api.scalars import instant_text

_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-8))])


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=_ZONES))  # noqa: DTZ001 - zones follow
def test_an_instant_is_written_in_utc_to_the_millisecond(instant: datetime) -> None:
    expected = instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert instant_text(instant) == expected


def test_whole_seconds_have_their_milliseconds_too() -> None:
    assert instant_text(datetime(2026, 11, 22, 9, 30, tzinfo=UTC)) == "2026-11-22T09:30:00.000Z"
