"""The desk over HTTP: people's keys are theirs, what they do is signed, and who leaves opens nothing more."""

from __future__ import annotations

from typing import Any

from doorstep.incident import IncidentKind
from gateway.flow.watching.incidents import Alarm, raise_incident
from tests.integration.app.premises import Premises, Tenant

PERSON = """mutation($in: SavePersonInput!) { done: savePerson(input: $in) { __typename
  ... on SavePersonSuccess { person { id name role email version } } ... on Problem { code path } } }"""
KEY = """mutation($in: CreateApiKeyInput!) { done: createApiKey(input: $in) { __typename
  ... on CreateApiKeySuccess { secret apiKey { personId } } ... on Problem { code path } } }"""
ARCHIVE = """mutation($in: ArchivePersonInput!) { done: archivePerson(input: $in) { __typename
  ... on ArchivePersonSuccess { person { name archivedAt } } ... on Problem { code } } }"""
ME = "{ viewer { person { id name } } }"
STATE = """... on DeliveryException { status version severity escalations missedResponses waitingFor
  assignee { name } history { nodes { by text keyName person { name } to { name } } } }"""
CLAIM = f"""mutation($in: ClaimExceptionInput!) {{ done: claimException(input: $in) {{ __typename
  ... on ClaimExceptionSuccess {{ exception {{ {STATE} }} }}
  ... on StateConflict {{ message currentVersion current {{ id }} }} ... on Problem {{ code }} }} }}"""
QUEUE = """query($filter: ExceptionFilter) { deliveryExceptions(
  filter: $filter, orderBy: {field: BREACH}) { nodes { id } } }"""
EMAIL = "{ people { nodes { email } } }"


async def hired(premises: Premises, tenant: Tenant, name: str) -> tuple[str, str]:
    """Id and key of somebody who may look after exceptions."""
    wish = {"name": name, "email": f"{name.lower()}@shop.example"}
    made = (await premises.ask(PERSON, tenant.secret_key, **{"in": wish}))["done"]
    order = {
        "name": f"{name}'s key",
        "audience": "SECRET",
        "scopes": ["OPERATE"],
        "personId": made["person"]["id"],
    }
    key = (await premises.ask(KEY, tenant.secret_key, **{"in": order}))["done"]
    return made["person"]["id"], key["secret"]


async def trouble(premises: Premises, tenant: Tenant) -> str:
    async with premises.house.means.begin(tenant.merchant_id) as work:
        alarm = Alarm(IncidentKind.CARRIER_DOWN, "Nobody answers", "It was seen.", account_id="acc_1")
        return (await raise_incident(work, alarm, premises.house.clock.now())).id


async def test_people_at_the_desk_sign_what_they_do_until_they_leave(premises: Premises) -> None:
    tenant = await premises.tenant()
    (ann, by_ann), (_, by_bob) = [await hired(premises, tenant, name) for name in ("Ann", "Bob")]
    assert (await premises.ask(ME, by_ann))["viewer"] == {"person": {"id": ann, "name": "Ann"}}
    assert (await premises.ask(ME, tenant.secret_key))["viewer"] == {"person": None}
    incident = {"exceptionId": await trouble(premises, tenant)}
    won = (await premises.ask(CLAIM, by_ann, **{"in": incident}))["done"]["exception"]
    assert (won["status"], won["version"], won["assignee"]) == ("ACKNOWLEDGED", 2, {"name": "Ann"})
    assert won["history"]["nodes"][-1] == {
        "by": "PERSON",
        "text": "Claimed.",
        "keyName": "Ann's key",
        "person": {"name": "Ann"},
        "to": {"name": "Ann"},
    }
    lost: dict[str, Any] = (await premises.ask(CLAIM, by_bob, **{"in": incident}))["done"]
    assert (lost["__typename"], lost["message"]) == ("StateConflict", "Ann has this exception already.")
    assert (lost["currentVersion"], lost["current"]["id"]) == (2, incident["exceptionId"])
    nobodys = (await premises.ask(CLAIM, tenant.secret_key, **{"in": incident}))["done"]
    assert nobodys["code"] == "INVALID_INPUT"
    for which, count in (({"assigneeIds": [ann]}, 1), ({"unassigned": True}, 0)):
        found = await premises.ask(QUEUE, by_bob, filter=which)
        assert len(found["deliveryExceptions"]["nodes"]) == count
    gone = (await premises.ask(ARCHIVE, tenant.secret_key, **{"in": {"id": ann, "expectedVersion": 1}}))[
        "done"
    ]
    assert gone["person"]["archivedAt"] is not None
    async with premises.session.post(
        f"{premises.url}/graphql", json={"query": ME}, headers={"Authorization": f"Bearer {by_ann}"}
    ) as response:
        assert response.status == 401
    freed = await premises.ask(QUEUE, by_bob, filter={"unassigned": True})
    assert len(freed["deliveryExceptions"]["nodes"]) == 1


async def test_where_people_are_written_to_is_shown_to_few_and_keys_are_only_of_people_who_are_here(
    premises: Premises,
) -> None:
    tenant = await premises.tenant()
    _, by_ann = await hired(premises, tenant, "Ann")
    assert await premises.ask(EMAIL, tenant.secret_key) == {
        "people": {"nodes": [{"email": "ann@shop.example"}]}
    }
    async with premises.session.post(
        f"{premises.url}/graphql", json={"query": EMAIL}, headers={"Authorization": f"Bearer {by_ann}"}
    ) as response:
        assert (await response.json())["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    stranger = await premises.tenant("Shop next door")
    theirs, _ = await hired(premises, stranger, "Cleo")
    order = {"name": "till", "audience": "SECRET", "scopes": ["READ"], "personId": theirs}
    refused = (await premises.ask(KEY, tenant.secret_key, **{"in": order}))["done"]
    assert (refused["code"], refused["path"]) == ("NOT_FOUND", ["input", "personId"])
