"""Twilio's signatures, by the vectors of its own library, and what its calls say."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from connectors.notify.twilio.webhook import TwilioWebhooks
from doorstep.errors import BadSignature, UnreadablePayload
from doorstep.notice import NoticeChannel, NoticeFault, NoticeStatus, NoticeUpdate, Reply, Wish
from doorstep.secret import Secret

TOKEN = Secret("12345")
FIRST = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+12349013030",
    "Digits": "1234",
    "From": "+12349013030",
    "To": "+18005551212",
}
FIRST_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
SECOND = {
    "AccountSid": "AC" + "a" * 32,
    "From": "+15005550006",
    "MessageSid": "SM" + "b" * 32,
    "MessageStatus": "delivered",
    "To": "+14155550100",
}
SECOND_URL = "https://gw.example.com/hooks/twilio?tenant=7"


def verify(url: str, form: dict[str, str], signature: str, *secrets: Secret, **headers: str) -> None:
    given = {"x-twilio-signature": signature, **headers}
    TwilioWebhooks().verify(url, given, urlencode(form).encode(), secrets or (TOKEN,))


def test_the_first_vector() -> None:
    verify(FIRST_URL, FIRST, "0/KCTR6DLpKmkAf8muzZqo1nDgQ=")


def test_the_second_vector_in_both_algorithms() -> None:
    verify(SECOND_URL, SECOND, "dvYWt6Exd/Fndcx15FJI29W4pW0=")
    settings = {"x-twilio-webhooks-signature-settings": "key=k1,algorithm=HMAC_SHA256"}
    verify(SECOND_URL, SECOND, "JIxithbvRaOYpTph/uiypoCX8G3sW0LVqLXzIbvcAdM=", **settings)


def test_a_port_in_the_address_may_be_left_out_or_written() -> None:
    verify(SECOND_URL.replace(".com/", ".com:443/"), SECOND, "dvYWt6Exd/Fndcx15FJI29W4pW0=")


def test_the_token_before_is_good_while_it_is_rotated() -> None:
    verify(FIRST_URL, FIRST, "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", Secret("new"), TOKEN)


@pytest.mark.parametrize(
    ("url", "change", "signature"),
    [
        (FIRST_URL, {"Digits": "1235"}, "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
        (FIRST_URL + "&x=1", {}, "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
        (FIRST_URL, {"Extra": ""}, "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
        (FIRST_URL, {}, ""),
    ],
)
def test_whatever_is_changed_no_longer_fits(url: str, change: dict[str, str], signature: str) -> None:
    with pytest.raises(BadSignature):
        verify(url, {**FIRST, **change}, signature)


def test_an_empty_token_opens_nothing() -> None:
    with pytest.raises(BadSignature):
        verify(FIRST_URL, FIRST, "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", Secret(""))


def read(**form: str) -> NoticeUpdate | Reply | None:
    return TwilioWebhooks().read({}, urlencode(form).encode())


def test_a_status_is_read_with_what_follows_from_its_error() -> None:
    assert read(**SECOND) == NoticeUpdate("SM" + "b" * 32, NoticeStatus.DELIVERED)
    failed = read(MessageSid="SM1", MessageStatus="undelivered", ErrorCode="30003")
    assert failed == NoticeUpdate("SM1", NoticeStatus.FAILED, NoticeFault.TRY_LATER, "30003")
    assert read(MessageSid="SM1", MessageStatus="teleported") == NoticeUpdate("SM1", NoticeStatus.TAKEN)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("STOP", Wish.STOP),
        (" stop ", Wish.STOP),
        ("Cancel", Wish.STOP),
        ("START", Wish.START),
        ("help", Wish.HELP),
        ("please stop at the gate", None),
        ("", None),
    ],
)
def test_a_word_that_ends_messages_stands_alone(text: str, wish: Wish | None) -> None:
    reply = read(MessageSid="SM2", From="whatsapp:+14155550100", To="whatsapp:+15005550006", Body=text)
    assert isinstance(reply, Reply)
    assert (reply.channel, reply.sender, reply.wish) == (NoticeChannel.WHATSAPP, "+14155550100", wish)


def test_what_twilio_itself_took_for_a_stop_is_one_in_any_language() -> None:
    reply = read(MessageSid="SM2", From="+14155550100", To="+15005550006", Body="ARRET", OptOutType="STOP")
    assert isinstance(reply, Reply)
    assert reply.wish is Wish.STOP


def test_a_call_without_a_form_cannot_be_read() -> None:
    with pytest.raises(UnreadablePayload):
        TwilioWebhooks().read({}, b"")
