"""How likely a promise is missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from doorstep.eta import Eta, EtaBasis, late_risk
from doorstep.eta_learning import HORIZONS_S, horizon_of
from doorstep.window import Window

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _eta(early_min: float, late_min: float) -> Eta:
    """At noon, with an interval of 90 %."""
    interval = Window(NOON - timedelta(minutes=early_min), NOON + timedelta(minutes=late_min))
    return Eta(NOON, interval, 0.9, EtaBasis.MODEL, NOON)


@pytest.mark.parametrize(
    ("minutes", "risk"), [(0.0, 0.5), (10.0, 0.05), (-6.0, 0.95), (600.0, 0.0), (-600.0, 1.0)]
)
def test_the_risk_goes_through_the_ends_of_the_interval(minutes: float, risk: float) -> None:
    found = late_risk(_eta(6, 10), NOON + timedelta(minutes=minutes))
    assert found == pytest.approx(risk, abs=1e-9)


def test_the_risk_falls_as_the_promise_moves_on() -> None:
    risks = [late_risk(_eta(6, 10), NOON + timedelta(minutes=minute)) for minute in range(-20, 40)]
    assert risks == sorted(risks, reverse=True)


def test_who_is_not_there_yet_is_ever_more_likely_late() -> None:
    promised = NOON + timedelta(minutes=20)
    risks = [late_risk(_eta(6, 10), promised, NOON + timedelta(minutes=minute)) for minute in range(-60, 25)]
    assert risks == sorted(risks)
    assert risks[0] == pytest.approx(late_risk(_eta(6, 10), promised), rel=1e-6)
    assert risks[-5:] == [1.0] * 5
    # Long overdue, half of those who are not there come within two or three minutes.
    assert late_risk(_eta(6, 10), promised, NOON + timedelta(minutes=17)) == pytest.approx(0.41, abs=0.01)


def test_horizons_begin_at_nothing_and_end_with_days() -> None:
    assert [horizon_of(span) for span in (-5.0, 0.0, 599.0, 600.0, 9e9)] == [0, 0, 0, 1, len(HORIZONS_S) - 1]
