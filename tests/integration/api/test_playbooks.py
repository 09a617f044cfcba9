"""Playbooks through GraphQL, over everything: saved, tried, followed, and what a person does of them."""

from __future__ import annotations

from typing import Any

from doorstep.incident import IncidentKind
from gateway.flow.mending.standard import STANDARD_KINDS, standard_id
from tests.integration.api.test_slots_chosen import Counter, counter
from tests.integration.flow.mending import stalled

__all__ = ["counter"]

SAVE = """mutation($in: SavePlaybookInput!) { savePlaybook(input: $in) {
  ... on SavePlaybookSuccess { playbook { id version name } }
  ... on InvalidInput { issues { path } } ... on Problem { code } } }"""
ARCHIVE = """mutation($in: ArchivePlaybookInput!) { archivePlaybook(input: $in) {
  ... on ArchivePlaybookSuccess { playbook { enabled } } ... on Problem { code } } }"""
ALL = "{ playbooks(first: 100) { nodes { id name version kinds } } }"
ONE = """query($id: ID!) { deliveryException(id: $id) { playbook { id }
  steps { id action status reason canUndo by } remedies { id action label needsApproval } } }"""
APPLY = """mutation($in: ApplyRemedyInput!) { applyRemedy(input: $in) {
  ... on ApplyRemedySuccess { step { id action status by } exception { history { nodes { text by } } } }
  ... on Problem { code message } } }"""
UNDO = """mutation($in: UndoPlaybookStepInput!) { undoPlaybookStep(input: $in) {
  ... on UndoPlaybookStepSuccess { exception { id } } ... on Problem { code message } } }"""
PREVIEW = """query($draft: SavePlaybookInput!) { previewPlaybook(draft: $draft) {
  ... on PlaybookPreview { considered closedByItself } ... on InvalidInput { issues { path } } } }"""
OURS = {
    "name": "Ours",
    "kinds": ["STALLED"],
    "steps": [{"action": "ESCALATE", "needsApproval": True}, {"action": "WAIT"}],
    "spendCap": {"amount": "10.00", "currencyCode": "USD"},
}


async def test_a_playbook_that_comes_with_doorstep_is_made_ones_own_and_comes_back(counter: Counter) -> None:
    async def stalled_one() -> dict[str, Any]:
        nodes = (await counter.by_merchant(ALL))["nodes"]
        assert sorted(kind for one in nodes for kind in one["kinds"]) == sorted(STANDARD_KINDS)
        return next(one for one in nodes if "STALLED" in one["kinds"])

    id_ = standard_id(IncidentKind.STALLED)
    assert (await stalled_one())["id"] == id_
    saved = await counter.by_merchant(SAVE, **{"in": {**OURS, "id": id_, "expectedVersion": 0}})
    own = saved["playbook"]
    assert (own["version"], (await stalled_one())["id"]) == (1, own["id"])
    again = await counter.by_merchant(SAVE, **{"in": OURS})
    assert again["code"] == "STATE_CONFLICT", "one for each kind"
    put_away = await counter.by_merchant(ARCHIVE, **{"in": {"id": own["id"], "expectedVersion": 1}})
    assert put_away["playbook"] == {"enabled": False}
    assert (await stalled_one())["id"] == id_


async def test_everything_that_is_wrong_with_a_playbook_is_named_at_once(counter: Counter) -> None:
    wrong = {**OURS, "name": "", "steps": [{"action": "WAIT", "afterSeconds": -1}, {"action": "OTHER"}]}
    for document, at in ((SAVE, "input"), (PREVIEW, "draft")):
        answer = await counter.by_merchant(document, **{"in" if at == "input" else "draft": wrong})
        assert [".".join(issue["path"]) for issue in answer["issues"]] == [
            f"{at}.name",
            f"{at}.steps.0.afterSeconds",
            f"{at}.steps.1.action",
        ]


async def test_a_person_approves_what_a_playbook_proposes(counter: Counter) -> None:
    own = (await counter.by_merchant(SAVE, **{"in": OURS}))["playbook"]
    incident = await stalled(counter.stage)
    await counter.stage.settle()
    shown = await counter.by_merchant(ONE, id=incident.id)
    assert shown["playbook"] == {"id": own["id"]}
    assert [(step["action"], step["status"]) for step in shown["steps"]] == [
        ("ESCALATE", "NEEDS_APPROVAL"),
        ("WAIT", "DONE"),
    ]
    waiting = shown["steps"][0]
    offered = {remedy["id"]: remedy for remedy in shown["remedies"]}
    assert offered[waiting["id"]]["label"] == "Make it more urgent"
    press = {"idempotencyKey": "0123456789", "exceptionId": incident.id, "remedyId": waiting["id"]}
    done = await counter.by_merchant(APPLY, **{"in": press})
    assert (done["step"]["id"], done["step"]["by"]) == (waiting["id"], "PERSON")
    assert await counter.by_merchant(APPLY, **{"in": press}) == done, "once for a key"
    assert "PERSON" in {line["by"] for line in done["exception"]["history"]["nodes"]}
    back = await counter.by_merchant(UNDO, **{"in": {"stepId": waiting["id"]}})
    assert back["code"] == "STATE_CONFLICT", "what was told cannot be untold"
