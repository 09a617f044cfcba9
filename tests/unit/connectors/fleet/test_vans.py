"""Who can carry is decided van by van; an order falls out only if none of the depot's can take it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.fleet import FleetConnector, FleetSettings
from connectors.fleet.declined import Declined
from connectors.fleet.settings import Equipment
from connectors.fleet.vans import can_carry
from doorstep.goods import AccessLimit, Goods, GoodsTrait
from doorstep.order import HandoverRequirement
from doorstep.parcel import Parcel
from doorstep.ports import RoadEngine
from doorstep.quote import DeclineReason, QuoteRequest, VehicleKind
from doorstep.window import Window

SettingsOf = Callable[..., FleetSettings]
RequestOf = Callable[..., QuoteRequest]

ANN, BOB = "drv_ann", "drv_bob"
COLD = {"goods": Goods(frozenset({GoodsTrait.CHILLED}))}
HAZARDOUS = {"goods": Goods(frozenset({GoodsTrait.HAZARDOUS}))}
OVERSIZED = {"goods": Goods(frozenset({GoodsTrait.OVERSIZED}))}
WINE = {"goods": Goods(frozenset({GoodsTrait.ALCOHOL}))}
TWO_METRES = {"parcels": (Parcel(2_000, 100, 2_000, 100),)}

# Ann takes 20 kg, Bob 60.
ABLE: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "both": ({}, {}, [ANN, BOB]),
    "by weight": ({}, {"parcels": (Parcel(20_001),)}, [BOB]),
    "by length": ({"equipment": (Equipment(ANN, longest_mm=1_999),)}, TWO_METRES, [BOB]),
    "a length that just fits": ({"equipment": (Equipment(ANN, longest_mm=2_000),)}, TWO_METRES, [ANN, BOB]),
    "unknown sides fit everywhere": (
        {"equipment": (Equipment(ANN, longest_mm=1),)},
        {"parcels": (Parcel(1),)},
        [ANN, BOB],
    ),
    "by vehicle": (
        {"equipment": (Equipment(ANN, vehicle=VehicleKind.CARGO_BIKE),)},
        {"vehicle": VehicleKind.CAR},
        [BOB],
    ),
    "a skill against what the fleet cannot": ({"equipment": (Equipment(BOB, ("COLD_CHAIN",)),)}, COLD, [BOB]),
    "what the fleet can needs no skill": ({"cannot": ()}, COLD, [ANN, BOB]),
    "training for hazardous goods": ({"equipment": (Equipment(ANN, ("HAZARDOUS",)),)}, HAZARDOUS, [ANN]),
    "hazardous goods for all": ({"refuses": ()}, HAZARDOUS, [ANN, BOB]),
    "age checks by those who do them": (
        {"cannot": (HandoverRequirement.ID_CHECK,), "equipment": (Equipment(BOB, ("ID_CHECK",)),)},
        WINE,
        [BOB],
    ),
    "doors without a lift": (
        {"avoids": (AccessLimit.NO_LIFT,), "equipment": (Equipment(BOB, ("NO_LIFT",)),)},
        {"access": (AccessLimit.NO_LIFT, AccessLimit.LIMITED_ACCESS)},
        [BOB],
    ),
}


@pytest.mark.parametrize("case", ABLE)
def test_each_van_is_asked_by_itself(case: str, settings_of: SettingsOf, request_of: RequestOf) -> None:
    changes, question, expected = ABLE[case]
    able = can_carry(settings_of(**changes), "loc_1", request_of(**question))
    assert [driver.id for driver in able] == expected


RULED_OUT: dict[str, tuple[dict[str, Any], dict[str, Any], DeclineReason, str]] = {
    "weight": (
        {},
        {"parcels": (Parcel(60_001),)},
        DeclineReason.TOO_HEAVY,
        "Weighs 60.001 kg; the largest van of the depot takes 60 kg.",
    ),
    "volume of the one that is strong enough": (
        {},
        {"parcels": (Parcel(30_000, 1_000, 1_000, 201),)},
        DeclineReason.TOO_LARGE,
        "The parcels are larger than what any van of the depot takes.",
    ),
    "length": (
        {"equipment": (Equipment(ANN, longest_mm=1_200), Equipment(BOB, longest_mm=1_855))},
        TWO_METRES,
        DeclineReason.TOO_LARGE,
        "200 cm long; the longest van that could take it otherwise has room for 185.5 cm.",
    ),
    "vehicle": (
        {},
        {"vehicle": VehicleKind.TRUCK},
        DeclineReason.VEHICLE_MISMATCH,
        "No van of the depot is a truck or larger.",
    ),
    "hazardous goods": (
        {},
        HAZARDOUS,
        DeclineReason.PROHIBITED_GOODS,
        "No van of the depot carries hazardous goods.",
    ),
    "oversized goods": (
        {"refuses": (GoodsTrait.OVERSIZED,)},
        OVERSIZED,
        DeclineReason.TOO_LARGE,
        "No van of the depot carries oversized goods.",
    ),
    "the cold chain": ({}, COLD, DeclineReason.HANDOVER, "No van of the depot does cold chain."),
    "age": (
        {"cannot": (HandoverRequirement.ID_CHECK,)},
        WINE,
        DeclineReason.AGE_RESTRICTED,
        "No van of the depot does id check.",
    ),
    "a least age": (
        {"cannot": (HandoverRequirement.ID_CHECK,)},
        {"goods": Goods(minimum_age=16)},
        DeclineReason.AGE_RESTRICTED,
        "No van of the depot does id check.",
    ),
    "access": (
        {"avoids": (AccessLimit.LIMITED_ACCESS,)},
        {"access": (AccessLimit.LIMITED_ACCESS,)},
        DeclineReason.LIMITED_ACCESS,
        "No van of the depot goes to doors with limited access.",
    ),
    "the skill is in the van that is too small": (
        {"equipment": (Equipment(ANN, ("TWO_PERSON",)),)},
        {"parcels": (Parcel(30_000),), "requirements": (HandoverRequirement.TWO_PERSON,)},
        DeclineReason.HANDOVER,
        "No van of the depot that could take it otherwise does two person.",
    ),
    "two skills in two vans": (
        {"equipment": (Equipment(ANN, ("COLD_CHAIN",)), Equipment(BOB, ("TWO_PERSON",)))},
        {**COLD, "requirements": (HandoverRequirement.TWO_PERSON,)},
        DeclineReason.HANDOVER,
        "No van of the depot that could take it otherwise does cold chain.",
    ),
}


@pytest.mark.parametrize("case", RULED_OUT)
def test_the_constraint_that_ruled_out_the_last_van_is_told(
    case: str, settings_of: SettingsOf, request_of: RequestOf
) -> None:
    changes, question, reason, text = RULED_OUT[case]
    with pytest.raises(Declined) as caught:
        can_carry(settings_of(**changes), "loc_1", request_of(**question))
    assert (caught.value.reason, caught.value.text) == (reason, text)


SKILL = st.sampled_from(["TWO_PERSON", "COLD_CHAIN", "HAZARDOUS", "NO_LIFT"])
SKILLS = st.sets(SKILL).map(lambda names: tuple(sorted(names)))


@given(
    ann=SKILLS, bob=SKILLS, traits=st.sets(st.sampled_from([GoodsTrait.HAZARDOUS, GoodsTrait.FROZEN])),
    pair=st.booleans(), stairs=st.booleans(), weight_g=st.sampled_from([1_000, 20_000, 20_001, 60_001]),
)  # fmt: skip  # one line for each half of the question
def test_an_order_falls_out_only_if_no_single_van_can_take_it(
    ann: tuple[str, ...],
    bob: tuple[str, ...],
    traits: set[GoodsTrait],
    pair: bool,
    stairs: bool,
    weight_g: int,
    settings_of: SettingsOf,
    request_of: RequestOf,
) -> None:
    equipment = (Equipment(ANN, ann), Equipment(BOB, bob))
    settings = settings_of(equipment=equipment, avoids=(AccessLimit.NO_LIFT,))
    request = request_of(
        parcels=(Parcel(weight_g),),
        goods=Goods(frozenset(traits)),
        requirements=(HandoverRequirement.TWO_PERSON,) if pair else (),
        access=(AccessLimit.NO_LIFT,) if stairs else (),
    )
    needed = {
        *(["HAZARDOUS"] if GoodsTrait.HAZARDOUS in traits else []),
        *(["COLD_CHAIN"] if GoodsTrait.FROZEN in traits else []),
        *(["TWO_PERSON"] if pair else []),
        *(["NO_LIFT"] if stairs else []),
    }
    vans = ((ANN, 20_000, ann), (BOB, 60_000, bob))
    expected = [name for name, most_g, skills in vans if weight_g <= most_g and needed <= set(skills)]
    try:
        able = [driver.id for driver in can_carry(settings, "loc_1", request)]
    except Declined:
        able = []
    assert able == expected


async def test_the_window_is_one_of_the_van_that_has_the_skill(
    settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    # Bob alone goes to the cold store, and drives on Mondays; asked on a Tuesday.
    settings = settings_of(equipment=(Equipment(BOB, ("COLD_CHAIN",), VehicleKind.TRUCK),))
    question = request_of(asked_at=datetime(2026, 3, 3, 9, tzinfo=UTC), **COLD)
    offer = (await FleetConnector(settings, roads).quote(question, 5.0)).quotes[0]
    assert offer.promise.window.start == datetime(2026, 3, 9, 9, tzinfo=UTC)
    assert offer.vehicle is VehicleKind.TRUCK


async def test_promises_of_others_count_against_the_one_van_that_can(
    settings_of: SettingsOf, roads: RoadEngine, request_of: RequestOf
) -> None:
    async def load(_depot_id: str, window: Window) -> int:
        return 3 if window.start.hour < 15 else 2

    # Two vans make six stops in a window, Bob's alone makes three.
    settings = settings_of(stops_per_van=3, equipment=(Equipment(BOB, ("COLD_CHAIN",)),))
    fleet = FleetConnector(settings, roads, load)
    for question, hour in (({}, 9), (COLD, 15)):
        offer = (await fleet.quote(request_of(**question), 5.0)).quotes[0]
        assert offer.promise.window.start == datetime(2026, 3, 2, hour, tzinfo=UTC)


def test_a_depot_without_drivers_is_closed(settings_of: SettingsOf, request_of: RequestOf) -> None:
    with pytest.raises(Declined) as caught:
        can_carry(settings_of(), "loc_2", request_of())
    assert caught.value.reason is DeclineReason.CLOSED
