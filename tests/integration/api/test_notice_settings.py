"""What shoppers are told, set and read through GraphQL."""

from __future__ import annotations

from doorstep.notice import NoticeChannel
from gateway.flow.messaging.people.recipients import key_of
from tests.integration.api.test_slots_chosen import Counter, counter
from tests.integration.flow.fakes import MERCHANT_ID

__all__ = ["counter"]

RULES = """mutation($in: SaveNoticeRulesInput!) { saveNoticeRules(input: $in) {
  ... on SaveNoticeRulesSuccess { noticeRules { events channels needsConsent quietFrom version } }
  ... on InvalidInput { issues { path } } ... on Problem { code } } }"""
SAVE = """mutation($in: SaveNoticeTemplateInput!) { saveNoticeTemplate(input: $in) {
  ... on SaveNoticeTemplateSuccess { template { language text approvedTemplate } }
  ... on Problem { code message path } } }"""
REMOVE = """mutation($in: RemoveNoticeTemplateInput!) { removeNoticeTemplate(input: $in) {
  ... on RemoveNoticeTemplateSuccess { templates { language } } ... on Problem { code } } }"""
CONSENT = """mutation($in: RecordConsentInput!) { recordConsent(input: $in) {
  ... on RecordConsentSuccess { isGiven } ... on Problem { code path } } }"""


async def test_rules_are_saved_whole_by_their_version(counter: Counter) -> None:
    given = {"events": ["NEARBY", "DELIVERED"], "channels": ["SMS", "EMAIL"], "quietFrom": 22}
    saved = (await counter.by_merchant(RULES, **{"in": given}))["noticeRules"]
    assert saved["events"] == ["NEARBY", "DELIVERED"]
    assert (saved["needsConsent"], saved["quietFrom"]) == (["WHATSAPP"], 22)
    stale = {**given, "expectedVersion": saved["version"] + 1}
    assert (await counter.by_merchant(RULES, **{"in": stale}))["code"] == "STATE_CONFLICT"
    wrong = await counter.by_merchant(RULES, **{"in": {**given, "quietFrom": 24}})
    assert wrong["issues"] == [{"path": ["input", "quietFrom"]}]
    read = await counter.by_merchant("{ viewer { merchant { noticeRules { version } } } }")
    assert read["merchant"]["noticeRules"]["version"] == saved["version"]


async def test_own_words_are_saved_listed_and_taken_away(counter: Counter) -> None:
    where = {"event": "NEARBY", "channel": "SMS", "language": "DE"}
    saved = await counter.by_merchant(SAVE, **{"in": {**where, "text": "Gleich da: {order}"}})
    assert saved["template"] == {"language": "de", "text": "Gleich da: {order}", "approvedTemplate": None}
    again = await counter.by_merchant(SAVE, **{"in": {**where, "text": "Da: {order}"}})
    assert again["template"]["text"] == "Da: {order}"
    assert await counter.by_merchant("{ noticeTemplates { text } }") == [{"text": "Da: {order}"}]
    wrong = await counter.by_merchant(SAVE, **{"in": {**where, "text": "{ordre}"}})
    assert (wrong["code"], wrong["path"]) == ("INVALID_INPUT", ["input", "text"])
    assert wrong["message"].startswith("{ordre} is no placeholder")
    assert (await counter.by_merchant(REMOVE, **{"in": where}))["templates"] == []


async def test_consent_is_recorded_with_its_source_and_taken_back(counter: Counter) -> None:
    given = {"channel": "SMS", "recipient": "+34911234567", "isGiven": True, "source": "checkout"}
    assert await counter.by_merchant(CONSENT, **{"in": given}) == {"isGiven": True}
    wrong = await counter.by_merchant(CONSENT, **{"in": {**given, "recipient": "911234567"}})
    assert wrong["path"] == ["input", "recipient"]
    await counter.by_merchant(CONSENT, **{"in": {**given, "isGiven": False, "source": "by phone"}})
    key = key_of(MERCHANT_ID, "+34911234567")
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        said = await work.notices.consent(NoticeChannel.SMS, key)
        assert await work.notices.suppression(NoticeChannel.SMS, key) is not None
    assert said is not None
    assert (said.is_given, said.source) == (False, "by phone")
