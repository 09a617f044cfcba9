"""Webhooks to a merchant's systems through GraphQL: the real flow and database, and a receiver over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.flow.messaging.systems.call import call_endpoint
from tests.integration.api.part_of_a_house import with_means
from tests.integration.api.test_slots_chosen import Counter, counter
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.receiver import Receiver, calling, receiving

__all__ = ["counter"]

SAVE = """mutation($in: SaveWebhookEndpointInput!) { saveWebhookEndpoint(input: $in) {
  ... on SaveWebhookEndpointSuccess { secret endpoint { id version enabled topics withPersonalData } }
  ... on InvalidInput { issues { path } } ... on Problem { code path } } }"""
ARCHIVE = """mutation($in: ArchiveWebhookEndpointInput!) { archiveWebhookEndpoint(input: $in) {
  ... on ArchiveWebhookEndpointSuccess { endpoint { version enabled } } ... on Problem { code } } }"""
ROTATE = """mutation($id: ID!) { rotateWebhookSecret(input: {endpointId: $id}) {
  ... on RotateWebhookSecretSuccess { secret oldSecretValidUntil } ... on Problem { code } } }"""
TEST = """mutation($id: ID!) { testWebhookEndpoint(input: {endpointId: $id}) {
  ... on TestWebhookEndpointSuccess { messageId } ... on Problem { code } } }"""
REPLAY = """mutation($in: ReplayWebhooksInput!) { replayWebhooks(input: $in) {
  ... on ReplayWebhooksSuccess { queued } ... on Problem { code } } }"""
LIST = """{ webhookEndpoints { total { value } nodes { id name url failingSince attempts(first: 1) {
  pageInfo { hasNextPage } total { value } nodes { messageId topic responseStatus error requestExcerpt
  responseExcerpt nextTryAt } } } } }"""


@pytest.fixture
async def receiver(counter: Counter) -> AsyncIterator[Receiver]:
    counter.commands = with_means(counter.commands, systems=calling(counter.stage).systems)
    async with receiving() as receiver:
        yield receiver


async def _saved(counter: Counter, receiver: Receiver) -> dict[str, Any]:
    endpoint = {"name": "ERP", "url": receiver.url, "topics": ["DELIVERY_BOOKED", "ORDER_RECEIVED"]}
    return dict(await counter.by_merchant(SAVE, **{"in": endpoint}))


async def test_an_endpoint_is_saved_tried_replayed_and_put_away(counter: Counter, receiver: Receiver) -> None:
    saved = await _saved(counter, receiver)
    endpoint_id = saved["endpoint"]["id"]
    assert saved["secret"].startswith("whsec_")
    assert not saved["endpoint"]["withPersonalData"]
    message = (await counter.by_merchant(TEST, id=endpoint_id))["messageId"]
    receiver.answers = [500]
    means = calling(counter.stage)
    for _ in range(2):
        await call_endpoint(means, MERCHANT_ID, endpoint_id)
        counter.stage.clock.advance(seconds=6)
    (endpoint,) = (await counter.by_merchant(LIST))["nodes"]
    log = endpoint["attempts"]
    assert (log["total"]["value"], log["pageInfo"]["hasNextPage"]) == (2, True)
    (newest,) = log["nodes"]
    assert (newest["messageId"], newest["topic"], newest["responseStatus"]) == (message, "TEST", 200)
    assert newest["requestExcerpt"].startswith('{"type":"test","version":"1"')
    assert newest["responseExcerpt"] == "ok"
    again = {"endpointId": endpoint_id, "messageIds": [message]}
    replayed = await counter.by_merchant(REPLAY, **{"in": again})
    assert replayed == {"queued": 1}
    rotated = await counter.by_merchant(ROTATE, id=endpoint_id)
    assert rotated["secret"] != saved["secret"]
    gone = await counter.by_merchant(ARCHIVE, **{"in": {"id": endpoint_id, "expectedVersion": 1}})
    assert gone["endpoint"] == {"version": 2, "enabled": False}
    assert (await counter.by_merchant(LIST))["total"] == {"value": 0}
    assert (await counter.by_merchant(TEST, id=endpoint_id))["code"] == "STATE_CONFLICT"


async def test_what_is_wrong_with_an_endpoint_is_named(counter: Counter, receiver: Receiver) -> None:
    wrong = {"name": " ", "url": receiver.url, "topics": []}
    answer = await counter.by_merchant(SAVE, **{"in": wrong})
    assert [issue["path"] for issue in answer["issues"]] == [["input", "name"], ["input", "topics"]]
    metadata = {"name": "A", "url": "https://169.254.169.254/latest", "topics": ["ORDER_RECEIVED"]}
    answer = await counter.by_merchant(SAVE, **{"in": metadata})
    assert (answer["code"], answer["path"]) == ("INVALID_INPUT", ["input", "url"])
    saved = (await _saved(counter, receiver))["endpoint"]
    stale = {**wrong, "name": "B", "topics": ["ORDER_RECEIVED"], "id": saved["id"], "expectedVersion": 7}
    assert (await counter.by_merchant(SAVE, **{"in": stale}))["code"] == "STATE_CONFLICT"
