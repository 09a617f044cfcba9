"""Instants in a stranger's JSON."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from doorstep.json_reading import instant

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2026-11-23T09:00:00Z", NINE),
        ("2026-11-23T10:00:00+01:00", NINE),
        ("2026-11-23T09:00:00", NINE),
        # What systems write that have no empty instant.
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("yesterday", None),
        ("", None),
        (1_795_424_400, None),
        (None, None),
    ],
)
def test_an_instant_is_read_or_there_is_none(told: object, at: datetime | None) -> None:
    assert instant({"at": told}, "at") == at
