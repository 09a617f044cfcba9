"""Playbooks, remedies and steps as the API reads and shows them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from doorstep.audit import Actor
from doorstep.errors import ApprovalRequired
from doorstep.incident import IncidentKind, Step, StepAction, StepStatus, step_id
from doorstep.money import Money
from doorstep.playbook import Playbook, StepTemplate
from gateway.api.loaders.playbooks import REMEDIES_AT_ONCE
from gateway.api.ports.desk import Signature
from gateway.auth.caller import Audience, Caller, Scope
from gateway.flow.mending.preview import Example, Preview
from gateway.flow.mending.remedy import Remedy
from gateway.flow.mending.standard import STANDARD_KINDS, standard_id
from tests.unit.api import world as w
from tests.unit.api.conftest import Run, fault
from tests.unit.api.fakes import House

OWN = Playbook(
    w.id_of("pbk"),
    w.MERCHANT.id,
    "Ours",
    (IncidentKind.LATE_RISK,),
    (StepTemplate(StepAction.NOTIFY_SHOPPER, 60, True, "Later."),),
    w.NOW,
    Money(1250, "EUR"),
    version=3,
)
SHOWN = {
    "id": OWN.id,
    "name": "Ours",
    "enabled": True,
    "version": 3,
    "kinds": ["LATE_RISK"],
    "spendCap": {"amount": "12.50", "currencyCode": "EUR"},
    "steps": [{"action": "NOTIFY_SHOPPER", "afterSeconds": 60, "needsApproval": True, "template": "Later."}],
}
FIELDS = """
    id name enabled version kinds spendCap { amount currencyCode }
    steps { action afterSeconds needsApproval template }
"""
SAVE = f"""
    mutation ($input: SavePlaybookInput!) {{
      savePlaybook(input: $input) {{
        ... on SavePlaybookSuccess {{ playbook {{ {FIELDS} }} }}
        ... on InvalidInput {{ message path }}
      }}
    }}
"""
GIVEN = {
    "name": " Ours ",
    "kinds": ["LATE_RISK"],
    "steps": [
        {"action": "NOTIFY_SHOPPER", "afterSeconds": 60, "needsApproval": True, "template": " Later. "}
    ],
    "spendCap": {"amount": "12.50", "currencyCode": "EUR"},
}
STEP = Step(
    StepAction.REDISPATCH,
    StepStatus.DONE,
    "Booked another.",
    w.NOW,
    step_id(w.incident().id, 0),
    w.NOW,
    Money(400, "EUR"),
    {"leg": "leg_1"},
    by=Actor.PERSON,
)


def _data(result: Any) -> Any:
    assert result.errors is None
    return result.data


async def test_own_playbooks_come_first_then_what_doorstep_does(run: Run, house: House) -> None:
    house.reads.things["playbooks"] = {OWN.id: OWN}
    listed = _data(await run(f"{{ playbooks {{ nodes {{ {FIELDS} }} total {{ value }} }} }}"))["playbooks"]
    assert listed["nodes"][0] == SHOWN
    assert listed["total"]["value"] == len(STANDARD_KINDS)
    standard = {kind for one in listed["nodes"][1:] for kind in one["kinds"]}
    assert standard == set(STANDARD_KINDS) - {"LATE_RISK"}
    assert {one["version"] for one in listed["nodes"][1:]} == {0}


async def test_a_playbook_that_comes_with_doorstep_is_found_by_its_id(run: Run) -> None:
    id_ = standard_id(IncidentKind.NO_COURIER)
    found = _data(await run("query ($id: ID!) { node(id: $id) { id ... on Playbook { kinds } } }", id=id_))
    assert found["node"] == {"id": id_, "kinds": ["NO_COURIER"]}


async def test_an_exception_names_its_playbook_and_what_may_be_done(run: Run, house: House) -> None:
    house.commands.answers["remedies"] = [
        Remedy("rem", StepAction.REDISPATCH, "Send another", "It is sooner.", Money(400, "EUR"), w.NOW, True)
    ]
    shown = _data(
        await run(
            """query ($id: ID!) { deliveryException(id: $id) {
              playbook { kinds }
              remedies { id action label effect cost { amount } newEta needsApproval }
            } }""",
            id=w.incident().id,
        )
    )["deliveryException"]
    assert shown["playbook"] == {"kinds": ["LATE_RISK"]}
    (remedy,) = shown["remedies"]
    assert (remedy["id"], remedy["cost"], remedy["needsApproval"]) == ("rem", {"amount": "4.00"}, True)
    assert house.commands.asked == [("remedies", {"incident": w.incident()})]


async def test_of_a_page_few_are_looked_at_side_by_side(run: Run, house: House) -> None:
    kept = [w.incident(number=number) for number in range(1, 9)]
    house.reads.things["incidents"] = {one.id: one for one in kept}
    at_once = [0, 0]

    async def remedies(**_given: Any) -> Any:
        at_once[0] += 1
        at_once[1] = max(at_once)
        for _ in range(3):
            await asyncio.sleep(0)
        at_once[0] -= 1
        return ()

    house.commands.remedies = remedies  # type: ignore[method-assign]
    await run("{ deliveryExceptions(first: 8) { nodes { remedies { id } } } }")
    assert at_once == [0, REMEDIES_AT_ONCE]


async def test_steps_say_when_by_whom_and_at_which_cost(run: Run, house: House) -> None:
    # The second was kept before steps had ids.
    kept = replace(w.incident(), steps=(STEP, replace(STEP, id="", undo={}, status=StepStatus.RUNNING)))
    house.reads.things["incidents"] = {kept.id: kept}
    fields = "id action status reason by canUndo cost { amount } endedAt"
    shown = _data(
        await run(f"query ($id: ID!) {{ deliveryException(id: $id) {{ steps {{ {fields} }} }} }}", id=kept.id)
    )
    first, second = shown["deliveryException"]["steps"]
    assert (first["id"], first["by"], first["canUndo"]) == (STEP.id, "PERSON", True)
    assert first["cost"] == {"amount": "4.00"}
    assert (second["id"], second["canUndo"]) == (step_id(kept.id, 1), False)


async def test_the_newest_steps_are_shown_and_all_of_them_page_by_page(run: Run, house: House) -> None:
    kept = w.incident()
    kept = replace(kept, steps=tuple(replace(STEP, id=step_id(kept.id, number)) for number in range(45)))
    house.reads.things["incidents"] = {kept.id: kept}
    document = """query ($id: ID!, $after: String) { deliveryException(id: $id) { steps { id }
      allSteps(first: 40, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } } }"""
    shown = _data(await run(document, id=kept.id))["deliveryException"]
    assert [one["id"] for one in shown["steps"]] == [one.id for one in kept.steps[15:]]
    page = shown["allSteps"]
    assert page["pageInfo"]["hasNextPage"]
    rest = _data(await run(document, id=kept.id, after=page["pageInfo"]["endCursor"]))["deliveryException"]
    nodes = [*page["nodes"], *rest["allSteps"]["nodes"]]
    assert [one["id"] for one in nodes] == [one.id for one in kept.steps]


async def test_a_playbook_is_saved_as_it_was_written(run: Run, house: House) -> None:
    house.commands.answers["save_playbook"] = OWN
    given = {**GIVEN, "id": OWN.id, "expectedVersion": 3}
    assert _data(await run(SAVE, input=given))["savePlaybook"] == {"playbook": SHOWN}
    ((_, asked),) = house.commands.asked
    assert asked["expected_version"] == 3
    saved = replace(asked["playbook"], version=3, updated_at=w.NOW)
    assert saved == OWN


@pytest.mark.parametrize("given", [{"id": OWN.id}, {"expectedVersion": 3}])
async def test_a_version_goes_with_an_id(run: Run, given: dict[str, object]) -> None:
    refused = _data(await run(SAVE, input=GIVEN | given))["savePlaybook"]
    assert refused["path"] == ["input", "expectedVersion"]


async def test_a_draft_is_tried_on_the_past(run: Run, house: House) -> None:
    example = Example(w.incident(), (replace(STEP, status=StepStatus.PENDING),), "Not known.", False, True)
    house.commands.answers["preview_playbook"] = Preview(9, 3, 4, Money(400, "EUR"), (example,))
    shown = _data(
        await run(
            """query ($draft: SavePlaybookInput!) { previewPlaybook(draft: $draft, pastDays: 7) {
              ... on PlaybookPreview {
                considered closedByItself closedByItselfNow cost { amount }
                examples { exception { id } outcome steps { action status } }
              }
            } }""",
            draft=GIVEN,
        )
    )["previewPlaybook"]
    assert shown == {
        "considered": 9,
        "closedByItself": 3,
        "closedByItselfNow": 4,
        "cost": {"amount": "4.00"},
        "examples": [
            {
                "exception": {"id": w.incident().id},
                "outcome": "Not known.",
                "steps": [{"action": "REDISPATCH", "status": "PENDING"}],
            }
        ],
    }
    ((_, asked),) = house.commands.asked
    assert asked["past"] == timedelta(days=7)


@pytest.mark.parametrize("days", [0, 91])
async def test_the_past_has_bounds(run: Run, days: int) -> None:
    shown = _data(
        await run(
            """query ($draft: SavePlaybookInput!, $days: Int!) {
              previewPlaybook(draft: $draft, pastDays: $days) { ... on InvalidInput { path } }
            }""",
            draft=GIVEN,
            days=days,
        )
    )
    assert shown["previewPlaybook"]["path"] == ["pastDays"]


APPLY = """
    mutation ($input: ApplyRemedyInput!) {
      applyRemedy(input: $input) {
        ... on ApplyRemedySuccess { exception { id } step { id status } }
        ... on ApprovalRequired { code path cost { amount } cap { amount } }
        ... on InvalidInput { path }
      }
    }
"""
PRESS = {"idempotencyKey": "0123456789", "exceptionId": w.incident().id, "remedyId": "exc_1.REDISPATCH"}


async def test_a_remedy_is_applied_for_whoever_asks(run: Run, house: House) -> None:
    kept = replace(w.incident(), steps=(STEP,))
    house.commands.answers["apply_remedy"] = (kept, STEP)
    given = {**PRESS, "maxCost": {"amount": "4.00", "currencyCode": "EUR"}}
    shown = _data(await run(APPLY, input=given))["applyRemedy"]
    assert shown == {"exception": {"id": kept.id}, "step": {"id": STEP.id, "status": "DONE"}}
    ((_, asked),) = house.commands.asked
    assert (asked["remedy_id"], asked["max_cost"]) == ("exc_1.REDISPATCH", Money(400, "EUR"))
    assert isinstance(asked["by"], Signature)


async def test_what_costs_too_much_says_what_it_costs(run: Run, house: House) -> None:
    cost, cap = Money(400, "EUR"), Money(0, "EUR")
    refusal = ApprovalRequired("It costs 4.00 EUR.", cost=cost, cap=cap, path=("input", "maxCost"))
    house.commands.answers["apply_remedy"] = refusal
    shown = _data(await run(APPLY, input=PRESS))["applyRemedy"]
    assert shown == {
        "code": "APPROVAL_REQUIRED",
        "path": ["input", "maxCost"],
        "cost": {"amount": "4.00"},
        "cap": {"amount": "0.00"},
    }


async def test_a_step_is_taken_back_with_a_note(run: Run, house: House) -> None:
    house.commands.answers["undo_playbook_step"] = w.incident()
    document = """
        mutation ($input: UndoPlaybookStepInput!) {
          undoPlaybookStep(input: $input) { ... on UndoPlaybookStepSuccess { exception { id } } }
        }
    """
    shown = _data(await run(document, input={"stepId": STEP.id, "note": "No."}))["undoPlaybookStep"]
    assert shown["exception"] == {"id": w.incident().id}
    ((_, asked),) = house.commands.asked
    assert (asked["step_id"], asked["note"]) == (STEP.id, "No.")


async def test_playbooks_are_settings(run: Run) -> None:
    held = frozenset({Scope.READ, Scope.OPERATE})
    reader = Caller(Audience.SECRET, w.MERCHANT.id, w.id_of("key"), held)
    assert fault(await run("{ playbooks { nodes { id } } }", reader))["code"] == "FORBIDDEN"
