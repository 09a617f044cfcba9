"""Which version answers, by its errors on the newest arrivals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from doorstep.eta_learning import CarrierRatios, EtaVersion
from gateway.flow.learning.eta_learned import _version

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TABLE = (CarrierRatios("", 0.8, 1.0, 1.6, 0),)


@dataclass(frozen=True)
class Found:
    """What was learned, with these errors."""

    error_s: float | None
    reckoned_error_s: float | None
    before_error_s: float | None = None
    body: bytes | None = b"model"
    carriers: tuple[CarrierRatios, ...] = field(default=TABLE)
    coverage: float | None = 0.9
    worst_coverage: float | None = 0.85
    worst_slice: str = "carrier = cheap"


def _kept(*, has_model: bool) -> EtaVersion:
    return EtaVersion(1, NOW, True, has_model, 100, TABLE)


@pytest.mark.parametrize(
    ("found", "current", "answers", "has_model"),
    [
        (Found(None, None, body=None), None, True, False),
        (Found(None, None, body=None), _kept(has_model=False), True, False),
        (Found(None, None, body=None), _kept(has_model=True), False, False),
        (Found(100, 200), None, True, True),
        (Found(100, 200, 120), _kept(has_model=True), True, True),
        (Found(130, 200, 120), _kept(has_model=True), False, True),
        (Found(210, 200), None, True, False),
        (Found(210, 200, 220), _kept(has_model=True), False, False),
    ],
)
def test_a_model_answers_only_if_it_is_better_than_roads_and_the_one_before(
    found: Found, current: EtaVersion | None, answers: bool, has_model: bool
) -> None:
    version = _version(found, current, 2, 400, NOW)
    assert (version.is_current, version.has_model) == (answers, has_model)
    assert version.note
