"""The phone speaks OsmAnd's protocol, and loses nothing while it is out of reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from statistics import fmean

import pytest

from doorstep.geo import LatLng, distance_m
from simulator.people.phone import NOISE_M, Phone

HERE = LatLng(39.9, -71.5)
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


class Receiver:
    """Takes fixes with one answer after the other, and 200 once they are used up."""

    def __init__(self, *answers: int | None) -> None:
        self.taken: list[dict[str, str]] = []
        self._answers = list(answers)

    async def __call__(self, fix: dict[str, str]) -> int | None:
        answer = self._answers.pop(0) if self._answers else 200
        if answer == 200:
            self.taken.append(fix)
        return answer


def _phone(receiver: Receiver) -> Phone:
    return Phone("van-1-secret", Random(7), receiver)


def _take(phone: Phone, count: int) -> None:
    for place in range(count):
        phone.take(NOON + timedelta(seconds=15 * place), HERE, 10.0, 90.0)


async def test_a_fix_has_osmands_fields_and_units() -> None:
    receiver = Receiver()
    phone = _phone(receiver)
    _take(phone, 1)
    await phone.hand_in(NOON)
    (fix,) = receiver.taken
    assert set(fix) == {"id", "lat", "lon", "timestamp", "speed", "bearing", "accuracy"}
    assert (fix["id"], fix["bearing"], fix["accuracy"]) == ("van-1-secret", "90", "8")
    assert int(fix["timestamp"]) == NOON.timestamp()
    # 10 m/s are 19.44 knots.
    assert float(fix["speed"]) == pytest.approx(19.44, abs=0.01)


async def test_fixes_are_off_by_eight_metres_on_average() -> None:
    receiver = Receiver()
    phone = _phone(receiver)
    _take(phone, 1000)
    await phone.hand_in(NOON)
    off_m = [distance_m(HERE, LatLng(float(fix["lat"]), float(fix["lon"]))) for fix in receiver.taken]
    assert fmean(off_m) == pytest.approx(NOISE_M, rel=0.1)


async def test_what_was_taken_in_silence_comes_afterwards_in_order() -> None:
    receiver = Receiver()
    phone = _phone(receiver)
    phone.silent_until = NOON + timedelta(minutes=7)
    _take(phone, 5)
    await phone.hand_in(NOON + timedelta(minutes=6))
    assert (receiver.taken, phone.waiting) == ([], 5)
    await phone.hand_in(NOON + timedelta(minutes=7))
    stamps = [int(fix["timestamp"]) for fix in receiver.taken]
    assert stamps == sorted(stamps)
    assert (len(stamps), phone.waiting) == (5, 0)


@pytest.mark.parametrize("answer", [None, 429, 500, 503])
async def test_a_fix_that_nobody_took_is_sent_again(answer: int | None) -> None:
    receiver = Receiver(answer)
    phone = _phone(receiver)
    _take(phone, 2)
    await phone.hand_in(NOON)
    assert phone.waiting == 2
    await phone.hand_in(NOON)
    assert (phone.waiting, phone.delivered, phone.refused) == (0, 2, 0)


@pytest.mark.parametrize("answer", [400, 401, 404])
async def test_a_fix_that_was_refused_is_dropped(answer: int) -> None:
    phone = _phone(Receiver(answer))
    _take(phone, 2)
    await phone.hand_in(NOON)
    assert (phone.waiting, phone.delivered, phone.refused) == (0, 1, 1)
