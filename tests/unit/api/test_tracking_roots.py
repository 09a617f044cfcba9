"""What people put right about tracking: what is handed on, and what is refused before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.delivery_status import DeliveryStatus
from doorstep.secret import Secret
from gateway.api.ports.records import DeviceKeyCard, NewDeviceKey, Scope
from tests.unit.api import world as w
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fakes import House, secret, tracking

CORRECT = """mutation($in: CorrectDeliveryInput!) { correctDelivery(input: $in) {
  ... on CorrectDeliverySuccess { delivery { id status events(first: 5) { nodes { corrects correctedBy } } } }
  ... on InvalidInput { issues { path message } } } }"""
GIVEN: dict[str, Any] = {
    "deliveryId": w.DELIVERY.id,
    "status": "OUT_FOR_DELIVERY",
    "reason": "  It went to the neighbour's parcel. ",
}


async def test_a_correction_is_handed_on_with_the_key_of_whoever_asked(run: Run, house: House) -> None:
    house.commands.answers["correct_delivery"] = w.DELIVERY
    right = replace(w.EVENT, is_correction=True, corrects=("evt_wrong",), by=w.id_of("key"))
    house.reads.events = {w.DELIVERY.id: (right,)}
    at = w.NOW - timedelta(minutes=5)
    given = GIVEN | {"legId": w.LEG.id, "happenedAt": at.isoformat(), "expectedVersion": 3}
    result = await run(CORRECT, None, **{"in": given})
    assert result.data is not None, result.errors
    (event,) = result.data["correctDelivery"]["delivery"]["events"]["nodes"]
    assert event == {"corrects": ["evt_wrong"], "correctedBy": w.id_of("key")}
    assert house.commands.asked == [
        (
            "correct_delivery",
            {
                "delivery_id": w.DELIVERY.id,
                "leg_id": w.LEG.id,
                "status": DeliveryStatus.OUT_FOR_DELIVERY,
                "reason": "It went to the neighbour's parcel.",
                "by": secret().key_id,
                "happened_at": at,
                "expected_version": 3,
            },
        )
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"happenedAt": (w.NOW + timedelta(seconds=1)).isoformat()}, "happenedAt"),
        ({"happenedAt": (w.NOW - timedelta(days=366)).isoformat()}, "happenedAt"),
        ({"deliveryId": w.ORDER.id}, "deliveryId"),
        ({"legId": w.ORDER.id}, "legId"),
    ],
)
async def test_a_correction_says_what_when_and_why(
    run: Run, house: House, given: dict[str, Any], field: str
) -> None:
    result = await run(CORRECT, None, **{"in": GIVEN | given})
    assert result.data is not None, result.errors
    (issue,) = result.data["correctDelivery"]["issues"]
    assert (issue["path"], house.commands.asked) == (["input", field], [])


async def test_neither_shoppers_nor_readers_correct(run: Run) -> None:
    for caller in (tracking(), secret(Scope.READ)):
        assert fault(await run(CORRECT, caller, **{"in": GIVEN}))["code"] == "FORBIDDEN"


async def test_a_device_key_is_shown_once_and_only_to_who_configures(run: Run, house: House) -> None:
    made = NewDeviceKey(DeviceKeyCard(w.id_of("dev"), "…bozi", w.NOW, None), Secret("the-whole-key"))
    house.commands.answers |= {"create_device_key": made, "device_keys": [made.card]}
    document = f"""mutation {{ createDeviceKey(input: {{driverId: "{w.DRIVER.id}", oldLastSeconds: 60}}) {{
      ... on CreateDeviceKeySuccess {{ secret deviceKey {{ hint endsAt }} }} }} }}"""
    result = await run(document)
    assert result.data == {
        "createDeviceKey": {"secret": "the-whole-key", "deviceKey": {"hint": "…bozi", "endsAt": None}}
    }
    assert house.commands.asked == [("create_device_key", {"driver_id": w.DRIVER.id, "old_last_s": 60})]
    listed = await run(f'{{ deviceKeys(driverId: "{w.DRIVER.id}") {{ hint }} }}')
    assert listed.data == {"deviceKeys": [{"hint": "…bozi"}]}
    assert fault(await run(document, secret(Scope.OPERATE)))["code"] == "FORBIDDEN"
