"""Words of notices: placeholders and nothing else, every language whole, and hours in which nothing rings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.errors import InvalidInput
from doorstep.notice import NoticeChannel, NoticeEvent, NoticeRules, NoticeTemplate
from gateway.flow.messaging.people.quiet import quiet_until
from gateway.flow.messaging.people.templates import PLACEHOLDERS, check, choose, fill, variables_of
from gateway.flow.messaging.people.words import LANGUAGES, SPANS, WORDS

SMS, EMAIL = NoticeChannel.SMS, NoticeChannel.EMAIL
NIGHT = NoticeRules(quiet_from=21, quiet_until=8)


def template(text: str, subject: str = "Hello", channel: NoticeChannel = EMAIL) -> NoticeTemplate:
    return NoticeTemplate(NoticeEvent.BOOKED, channel, "en", subject, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_every_event_that_pass_their_own_check(language: str) -> None:
    assert set(WORDS[language]) == set(NoticeEvent)
    assert language in SPANS
    for event, (subject, text) in WORDS[language].items():
        check(NoticeTemplate(event, EMAIL, language, subject, text))
        filled = fill(text, dict.fromkeys(PLACEHOLDERS, "x" * 20))
        assert len(filled) <= 306, "two SMS at most"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{ordr}", "{ordr}"),
        ("{order.__class__}", "{order.__class__}"),
        ("{order!r}", "{order!r}"),
        ("{0}", "{0}"),
        ("{}", "{}"),
    ],
)
def test_what_is_no_placeholder_is_named_when_it_is_saved(text: str, named: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(template(text))
    assert refused.value.message.startswith(named)
    assert refused.value.path == ("input", "text")


@pytest.mark.parametrize("text", ["{order", "order}", "{{order}}", "", " "])
def test_loose_braces_and_empty_words_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        check(template(text))


def test_mail_needs_a_subject_and_sms_none() -> None:
    with pytest.raises(InvalidInput):
        check(template("Hi", subject=""))
    check(template("Hi", subject="", channel=SMS))


@given(st.dictionaries(st.sampled_from(sorted(PLACEHOLDERS)), st.text()))
def test_what_is_filled_in_is_never_looked_at_again(values: dict[str, str]) -> None:
    text = "|".join(f"{{{name}}}" for name in values)
    assert fill(text, values) == "|".join(values.values())


def test_an_approved_template_gets_its_values_in_the_order_of_the_words() -> None:
    made = template("{order} comes {eta}, {order}!")
    assert variables_of(made, {"eta": "soon", "order": "#7"}) == ("#7", "soon")


def test_own_words_come_first_then_ours_in_the_language_then_english() -> None:
    own = NoticeTemplate(NoticeEvent.BOOKED, SMS, "pl", "", "Cześć {order}")
    assert choose([own], NoticeEvent.BOOKED, SMS, "pl") is own
    assert choose([own], NoticeEvent.BOOKED, EMAIL, "pl").language == "en"
    assert choose([own], NoticeEvent.DELIVERED, SMS, "it").language == "it"


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-23T20:59+00:00", None),
        ("2026-11-23T21:00+00:00", "2026-11-24T08:00+00:00"),
        ("2026-11-24T03:00+00:00", "2026-11-24T08:00+00:00"),
        ("2026-11-24T07:59+00:00", "2026-11-24T08:00+00:00"),
        ("2026-11-24T08:00+00:00", None),
    ],
)
def test_nothing_rings_between_the_hours(at: str, until: str | None) -> None:
    wanted = None if until is None else datetime.fromisoformat(until)
    assert quiet_until(NIGHT, SMS, "UTC", datetime.fromisoformat(at)) == wanted


def test_hours_are_those_of_the_recipient_and_right_on_the_night_that_clocks_change() -> None:
    # Berlin, 29 March 2026: 02:00 becomes 03:00, so 22:00 is UTC+1 and 08:00 the next day UTC+2.
    evening = datetime(2026, 3, 28, 21, 0, tzinfo=UTC)
    assert quiet_until(NIGHT, SMS, "Europe/Berlin", evening) == datetime(2026, 3, 29, 6, 0, tzinfo=UTC)
    assert quiet_until(NIGHT, EMAIL, "Europe/Berlin", evening) is None
    assert quiet_until(NoticeRules(quiet_from=5, quiet_until=5), SMS, "UTC", evening) is None
