"""What clients read of arrivals that were told, and of what tells them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.errors import NotFound
from doorstep.eta import EtaBasis
from doorstep.eta_learning import CarrierRatios, EtaTrip, EtaVersion, Spans
from gateway.auth.caller import Scope
from tests.unit.api import world as w
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fakes import House, secret

ACCURACY = """query($days: Int!) { etaAccuracy(days: $days) {
  overall { arrivals errorSeconds lateSeconds coverage } days { title arrivals } parts { title coverage }
  lateRisk { brier spans { arrivals told late } }
  versions { number isCurrent hasModel carriers { carrier middle } note } } }"""
USE = """mutation($number: Int!) { useEtaVersion(input: { number: $number }) { __typename
  ... on UseEtaVersionSuccess { version { number isCurrent } } ... on Problem { code } } }"""

TRIP = EtaTrip(
    delivery_id=w.DELIVERY.id,
    horizon=1,
    asked_at=w.NOW - timedelta(days=2),
    carrier="stuart",
    service="bike",
    mode="ON_DEMAND",
    driver_id="",
    basis=EtaBasis.CARRIER,
    reckoned_s=900.0,
    stops_before=0,
    parcels=1,
    ahead_of_utc_s=0,
    said=Spans(800.0, 1000.0, 1500.0),
)
VERSION = EtaVersion(3, w.NOW, True, True, 500, (CarrierRatios("", 0.8, 1.1, 1.6, 500),), note="It answers.")


def _took(seconds: float, days_ago: float = 2) -> EtaTrip:
    asked_at = w.NOW - timedelta(days=days_ago)
    return replace(TRIP, asked_at=asked_at, arrived_at=asked_at + timedelta(seconds=seconds))


def _put(house: House, trips: list[EtaTrip]) -> None:
    house.reads.things["eta_trips"] = {str(place): trip for place, trip in enumerate(trips)}
    house.reads.things["eta_versions"] = {"3": VERSION}


async def _read(run: Run, days: int = 30) -> dict[str, Any]:
    result = await run(ACCURACY, days=days)
    assert result.data is not None, result.errors
    found: dict[str, Any] = result.data["etaAccuracy"]
    return found


async def test_errors_and_how_often_the_interval_held(run: Run, house: House) -> None:
    # 200 s early and held, 800 s late and not: off by 500 s, late by 300 s.
    _put(house, [_took(800.0), _took(1800.0, 1)])
    found = await _read(run)
    assert found["overall"] == {
        "arrivals": 2,
        "errorSeconds": 500.0,
        "lateSeconds": 300.0,
        "coverage": 0.5,
    }
    assert [day["arrivals"] for day in found["days"]] == [1, 1]
    assert found["lateRisk"] is None


async def test_risks_of_being_late_are_scored(run: Run, house: House) -> None:
    told: dict[str, Any] = {"promised_s": 1000.0, "late_risk": 0.2}
    _put(house, [replace(_took(800.0), **told), replace(_took(1800.0, 1), **told)])
    found = await _read(run)
    # (0.2² + 0.8²) / 2.
    assert found["lateRisk"]["brier"] == pytest.approx(0.34)
    assert found["lateRisk"]["spans"] == [{"arrivals": 2, "told": 0.2, "late": 0.5}]
    # A part of two is too small to be judged.
    assert found["parts"] == []
    assert found["versions"] == [
        {
            "number": 3,
            "isCurrent": True,
            "hasModel": True,
            "carriers": [{"carrier": None, "middle": 1.1}],
            "note": "It answers.",
        }
    ]


async def test_parts_are_those_with_enough_arrivals(run: Run, house: House) -> None:
    _put(house, [_took(1000.0)] * 25)
    titles = [part["title"] for part in (await _read(run))["parts"]]
    assert titles[:2] == ["carrier stuart", "mode ON_DEMAND"]
    assert titles[-1] == "ahead 10 to 30 min"


async def test_where_nothing_arrived_nothing_is_said(run: Run, house: House) -> None:
    _put(house, [_took(1000.0, 40)])
    assert (await _read(run))["overall"] is None


@pytest.mark.parametrize("days", [0, 366])
async def test_days_must_be_of_a_year(run: Run, days: int) -> None:
    assert fault(await run(ACCURACY, days=days))["code"] == "INVALID_INPUT"


async def test_an_older_version_answers_again(run: Run, house: House) -> None:
    house.commands.answers["use_eta_version"] = VERSION
    result = await run(USE, number=3)
    assert result.data is not None, result.errors
    assert result.data["useEtaVersion"]["version"] == {"number": 3, "isCurrent": True}


async def test_a_version_that_is_not_there_is_a_problem(run: Run, house: House) -> None:
    house.commands.answers["use_eta_version"] = NotFound("version 9")
    result = await run(USE, number=9)
    assert result.data is not None, result.errors
    assert result.data["useEtaVersion"]["code"] == "NOT_FOUND"


async def test_going_back_needs_the_scope_for_settings(run: Run) -> None:
    assert fault(await run(USE, secret(Scope.READ), number=3))["code"] == "FORBIDDEN"
