"""What dispatch does by itself about late and dropped couriers, as far as a playbook lets it."""

from __future__ import annotations

import pytest

from doorstep.delivery import Delivery
from doorstep.delivery_status import DeliveryStatus
from doorstep.incident import Incident, IncidentKind, StepAction, StepStatus
from doorstep.money import Money
from doorstep.playbook import StepTemplate
from gateway.flow.tracking.track import apply_update
from gateway.flow.watching.watch import sweep
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.mending import save_own
from tests.integration.flow.stage import Stage

ANOTHER = StepTemplate(StepAction.REDISPATCH)


async def _dropped(stage: Stage) -> Delivery:
    """The cheap courier, for 5.00, drops it; the dear one asks 9.00."""
    delivery = await stage.booked()
    told = stage.cheap.update(
        "cheap-1", DeliveryStatus.CANCELLED, "canceled", trouble=IncidentKind.COURIER_CANCELLED
    )
    await apply_update(stage.means, MERCHANT_ID, "cheap", told)
    await stage.settle()
    return await stage.kept(delivery.id)


async def _incident(stage: Stage, kind: IncidentKind) -> Incident:
    (found,) = [one for one in await stage.incidents() if one.kind is kind]
    return found


async def test_who_was_dropped_is_left_to_people_where_the_playbook_does_not_name_it(stage: Stage) -> None:
    await save_own(stage, kind=IncidentKind.COURIER_CANCELLED)
    delivery = await _dropped(stage)
    assert [leg.carrier for leg in delivery.legs] == ["cheap"]
    incident = await _incident(stage, IncidentKind.COURIER_CANCELLED)
    assert [(step.action, step.status) for step in incident.steps] == [
        (StepAction.REDISPATCH, StepStatus.SKIPPED)
    ]
    assert "Its playbook" in incident.steps[0].reason


@pytest.mark.parametrize(("cap", "carriers"), [(400, ["cheap", "dear"]), (399, ["cheap", "cheap"])])
async def test_another_costs_no_more_than_the_playbook_leaves(
    stage: Stage, cap: int, carriers: list[str]
) -> None:
    await save_own(stage, ANOTHER, cap=Money(cap, "USD"), kind=IncidentKind.COURIER_CANCELLED)
    delivery = await _dropped(stage)
    assert [leg.carrier for leg in delivery.legs if leg.external_id] == carriers


async def test_a_late_courier_is_kept_where_the_playbook_does_not_name_another(stage: Stage) -> None:
    await save_own(stage, kind=IncidentKind.NO_COURIER)
    delivery = await stage.booked()
    for _ in range(3):
        stage.clock.advance(minutes=5)
        await sweep(stage.means, MERCHANT_ID)
        await stage.settle()
    assert [leg.carrier for leg in (await stage.kept(delivery.id)).legs] == ["cheap"]
    assert (await _incident(stage, IncidentKind.NO_COURIER)).steps == ()


async def test_a_remedy_that_needs_a_person_waits_for_one(stage: Stage) -> None:
    asks = StepTemplate(StepAction.REDISPATCH, needs_approval=True)
    await save_own(stage, asks, kind=IncidentKind.COURIER_CANCELLED)
    delivery = await _dropped(stage)
    assert [leg.carrier for leg in delivery.legs] == ["cheap"]
    incident = await _incident(stage, IncidentKind.COURIER_CANCELLED)
    assert StepStatus.NEEDS_APPROVAL in [step.status for step in incident.steps]
