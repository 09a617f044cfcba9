"""What is believed of what comes in, whatever its order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from doorstep.geo import LatLng
from doorstep.position import Position
from gateway.flow.tracking.heard import Heard, counted, judge, known_again
from gateway.flow.tracking.motion import FixFault

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
METRE = 1 / 111_195


def fix(seconds_ago: float, metres: float = 0, *, is_mock: bool = False) -> Position:
    place = LatLng(35.9 + metres * METRE, 14.5)
    return Position(place, NOW - timedelta(seconds=seconds_ago), is_mock=is_mock)


def test_fixes_that_come_in_any_order_are_taken_in_that_of_their_times() -> None:
    first, second, third = fix(30), fix(20, 100), fix(10, 200)
    judged = judge(Heard("drv"), [third, first, second], NOW)
    assert judged.faults == (None, None, None)
    assert [one.position for one in judged.logged] == [first, second, third]
    assert (judged.heard.position, judged.heard.heard_at) == (third, NOW)


def test_what_is_older_than_the_present_is_kept_and_moves_nothing() -> None:
    present = fix(10)
    judged = judge(Heard("drv", present, NOW - timedelta(seconds=9)), [fix(60, 5000), fix(10)], NOW)
    assert judged.faults == (FixFault.LATE, FixFault.REPEATED)
    assert [(one.position, one.is_late) for one in judged.logged] == [(fix(60, 5000), True)]
    assert (judged.heard.position, judged.heard.heard_at) == (present, NOW - timedelta(seconds=9))


def test_an_impossible_fix_hides_no_good_one_behind_it() -> None:
    # 9 km in 10 s cannot be; 200 m in 20 s can.
    judged = judge(Heard("drv", fix(30)), [fix(20, 9000), fix(10, 200), fix(5, is_mock=True)], NOW)
    assert judged.faults == (FixFault.JUMP, None, FixFault.MOCK)
    assert [one.position for one in judged.logged] == [fix(10, 200)]


def test_a_late_fix_that_the_log_had_already_is_a_repeated_one() -> None:
    judged = judge(Heard("drv", fix(10)), [fix(60), fix(50)], NOW)
    faults = known_again(judged, {("drv", fix(50).recorded_at)})
    assert faults == (FixFault.REPEATED, FixFault.LATE)
    assert counted({"LATE": 2, "MOCK": 1}, faults) == {"LATE": 3, "MOCK": 1, "REPEATED": 1}
