"""How good risks of being late were, with figures that can be checked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from doorstep.eta import EtaBasis
from doorstep.eta_learning import EtaTrip, Spans
from gateway.flow.learning.eta_risk import RiskSpan, risk_of

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _trip(risk: float | None, took_s: float, promised_s: float | None = 1000.0) -> EtaTrip:
    return EtaTrip(
        "del_1", 1, AT, "stuart", "", "", "", EtaBasis.CARRIER, 900.0, 0, 1, 0, Spans(0, 0, 0), 1,
        AT + timedelta(seconds=took_s), promised_s, risk,
    )  # fmt: skip


def test_nothing_is_said_where_nothing_was_promised() -> None:
    assert risk_of([]) is None
    assert risk_of([_trip(None, 900.0, None)]) is None


def test_a_risk_is_scored_beside_always_telling_the_share_that_was_late() -> None:
    found = risk_of([_trip(0.1, 900), _trip(0.1, 1000), _trip(0.3, 1001), _trip(0.9, 1200)])
    assert found is not None
    assert (found.trips, found.late) == (4, 0.5)
    # (0.01 + 0.01 + 0.49 + 0.01) / 4, beside 0.5 × 0.5.
    assert found.brier == pytest.approx(0.13)
    assert found.share_brier == 0.25
    assert found.ranked == 1.0


def test_equal_risks_of_late_and_punctual_ones_rank_by_halves() -> None:
    found = risk_of([_trip(0.4, 900), _trip(0.4, 1200), _trip(0.6, 900), _trip(0.6, 1200)])
    assert found is not None
    # Four pairs: 0.4 ties with 0.4 and loses to 0.6, 0.6 beats 0.4 and ties with 0.6.
    assert found.ranked == 0.5
    only_late = risk_of([_trip(0.4, 1200)])
    assert only_late is not None
    assert only_late.ranked is None


def test_what_was_told_stands_beside_what_came_of_it() -> None:
    found = risk_of([_trip(0.0, 900), _trip(0.04, 1200), _trip(0.5, 900), _trip(1.0, 1200)])
    assert found is not None
    assert found.spans == (
        RiskSpan(0.0, 0.05, 2, told=0.02, late=0.5),
        RiskSpan(0.5, 0.8, 1, told=0.5, late=0.0),
        RiskSpan(0.8, 1.0, 1, told=1.0, late=1.0),
    )
