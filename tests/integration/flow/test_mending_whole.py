"""From an exception to what was done about it, by the runner and by a person, with the real actions."""

from __future__ import annotations

from doorstep.audit import Actor, Author
from doorstep.incident import Incident, IncidentKind, StepAction, StepStatus
from gateway.flow.mending.apply import Press, apply_remedy
from gateway.flow.mending.remedies import remedies_of
from gateway.flow.mending.take_back import take_back
from tests.integration.flow.acting import trouble
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage

ANN = Author(Actor.PERSON, person_id="per_1")


def _steps(incident: Incident) -> list[tuple[StepAction, StepStatus, str]]:
    return [(step.action, step.status, step.reason) for step in incident.steps]


async def test_what_is_lost_is_claimed_by_a_machine_refunded_by_a_person_and_found_again(
    stage: Stage,
) -> None:
    delivery = await stage.booked()
    raised = await trouble(stage, IncidentKind.LOST, delivery_id=delivery.id)
    await stage.settle()
    async with stage.means.begin(MERCHANT_ID) as work:
        incident = await work.incidents.get(raised.id)
    assert incident is not None
    claim = "A claim of 47.00 USD is drafted; file it with cheap by 07 Dec."
    assert _steps(incident)[0] == (StepAction.CLAIM, StepStatus.DONE, claim)
    assert _steps(incident)[1][:2] == (StepAction.REFUND_DRAFT, StepStatus.NEEDS_APPROVAL)

    first, *others = await remedies_of(stage.means, incident)
    assert (first.action, first.needs_approval) == (StepAction.REFUND_DRAFT, True)
    assert first.effect == "Draft of a refund: 42.00 USD; pay it in the store."
    assert [one.action for one in others] == [StepAction.ASK_SHOPPER, StepAction.NOTIFY_SHOPPER]
    press = Press(incident.id, first.id, ANN)
    incident, refund = await apply_remedy(stage.means, MERCHANT_ID, "key-1", press)
    assert (incident, refund) == await apply_remedy(stage.means, MERCHANT_ID, "key-1", press)
    assert (refund.status, refund.by, refund.can_undo) == (StepStatus.DONE, Actor.PERSON, True)

    for step in incident.steps:
        incident = await take_back(stage.means, MERCHANT_ID, step.id, ANN, "It was found.")
    assert [status for _, status, _ in _steps(incident)] == [StepStatus.UNDONE] * 2
    async with stage.means.begin(MERCHANT_ID) as work:
        assert list(await work.returns.claims((), "", 10)) == []
