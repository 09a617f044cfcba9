"""Mails as they are written, and what servers' answers mean."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.policy import SMTPUTF8

import pytest
from aiosmtplib.email import quote_address
from hypothesis import given
from hypothesis import strategies as st

from connectors.notify.smtp import connect, mapping
from doorstep.errors import InvalidInput
from doorstep.notice import Letter, NoticeChannel, NoticeFault
from doorstep.secret import Secret

AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def letter(**other: object) -> Letter:
    given: dict[str, object] = {
        "channel": NoticeChannel.EMAIL,
        "to": "ana@example.com",
        "subject": "Unterwegs – heute",
        "text": "Hallo <Ana> & Co.\n\nhttps://shop.example/track/abc?x=1&y=2",
        "reference": "ntc_2",
    }
    return Letter(**{**given, **other})  # type: ignore[arg-type] # a letter's own fields


def test_a_mail_has_text_and_html_and_belongs_to_those_before_it() -> None:
    made = mapping.mail_of(
        letter(thread=("ntc_0", "ntc_1")),
        sender="shop@mail.example",
        sender_name="Bäckerei",
        reply_to="help@mail.example",
        at=AT,
    )
    mail = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert mail["Message-ID"] == "<ntc_2@mail.example>"
    assert mail["In-Reply-To"] == "<ntc_1@mail.example>"
    assert mail["References"] == "<ntc_0@mail.example> <ntc_1@mail.example>"
    assert (mail["Auto-Submitted"], mail["Reply-To"]) == ("auto-generated", "help@mail.example")
    assert mail["From"] == "Bäckerei <shop@mail.example>"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Hallo <Ana> & Co." in text.get_content()
    assert "Hallo &lt;Ana&gt; &amp; Co." in html.get_content()
    assert '<a href="https://shop.example/track/abc?x=1&amp;y=2">' in html.get_content()


def test_a_mail_says_where_it_is_stopped_with_one_click() -> None:
    url = "https://gw.example/stop/mer_1.k.t"
    made = mapping.mail_of(
        letter(stop_url=url), sender="shop@mail.example", sender_name="", reply_to="", at=AT
    )
    assert made["List-Unsubscribe"] == f"<{url}>"
    assert made["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_nothing_that_is_filled_in_begins_a_header_of_its_own() -> None:
    made = mapping.mail_of(
        letter(
            subject="Hi\r\nBcc: all@example.com\u2028\x0b\x85and more", to="a@example.com\nBcc: b@example.com"
        ),
        sender="shop@mail.example",
        sender_name="Shop\r\nX: 1",
        reply_to="",
        at=AT,
    )
    assert made["Subject"] == "Hi Bcc: all@example.com and more"
    assert made["Bcc"] is None
    assert made["X"] is None


TO, DATA, FROM = mapping.Asked.RECIPIENT, mapping.Asked.MAIL, mapping.Asked.SENDER


@pytest.mark.parametrize(
    ("asked", "code", "text", "fault", "raw"),
    [
        (TO, 550, "5.1.1 no such user", NoticeFault.BAD_RECIPIENT, "5.1.1"),
        (TO, 556, "5.1.10 takes no mail", NoticeFault.BAD_RECIPIENT, "5.1.10"),
        (TO, 550, "5.4.4 no such domain", NoticeFault.BAD_RECIPIENT, "5.4.4"),
        (TO, 501, "5.1.3 bad address", NoticeFault.BAD_RECIPIENT, "5.1.3"),
        (TO, 501, "bad address", NoticeFault.BAD_RECIPIENT, "501"),
        (TO, 550, "no such user", NoticeFault.BAD_RECIPIENT, "550"),
        (TO, 550, "<policy@example.com> no such user", NoticeFault.BAD_RECIPIENT, "550"),
        (TO, 550, "relaying denied", NoticeFault.ACCOUNT, "550"),
        (TO, 550, "blocked by our Spam filter", NoticeFault.ACCOUNT, "550"),
        (TO, 553, "5.1.8 sender's domain", NoticeFault.ACCOUNT, "5.1.8"),
        # As Postfix and Exim say it, which look at the sender once they know the recipient.
        (TO, 550, "5.1.0 <a@b.example>: Sender address rejected: User unknown", NoticeFault.ACCOUNT, "5.1.0"),
        (TO, 550, "Verification failed for <a@b.example>\nSender verify failed", NoticeFault.ACCOUNT, "550"),
        (TO, 550, "5.1.1 <sender@b.example>: Recipient address rejected", NoticeFault.BAD_RECIPIENT, "5.1.1"),
        (TO, 552, "5.2.2 full", NoticeFault.TRY_LATER, "5.2.2"),
        (DATA, 552, "5.2.3 too long", NoticeFault.CONTENT, "5.2.3"),
        (DATA, 552, "5.3.4 too long", NoticeFault.CONTENT, "5.3.4"),
        (DATA, 550, "no such user", NoticeFault.CONTENT, "550"),
        (DATA, 550, "5.1.1 no such user", NoticeFault.BAD_RECIPIENT, "5.1.1"),
        (FROM, 550, "5.1.1 no such user", NoticeFault.ACCOUNT, "5.1.1"),
        (FROM, 550, "no such user", NoticeFault.ACCOUNT, "550"),
        (FROM, 451, "later", NoticeFault.TRY_AGAIN, "451"),
        (FROM, 535, "authentication failed", NoticeFault.ACCOUNT, "535"),
        (TO, 550, "5.7.1 policy", NoticeFault.ACCOUNT, "5.7.1"),
        (DATA, 550, "5.7.26 unauthenticated", NoticeFault.ACCOUNT, "5.7.26"),
        (TO, 451, "4.7.1 greylisted", NoticeFault.TRY_AGAIN, "4.7.1"),
        (TO, 550, "4.2.1 says one thing and means another", NoticeFault.TRY_AGAIN, "4.2.1"),
        (TO, 421, "busy", NoticeFault.TRY_AGAIN, "421"),
        (DATA, 554, "looks like spam", NoticeFault.CONTENT, "554"),
        (TO, 555, "what?", NoticeFault.UNKNOWN, "555"),
    ],
)
def test_what_a_servers_no_means(
    asked: mapping.Asked, code: int, text: str, fault: NoticeFault, raw: str
) -> None:
    assert mapping.fault_of(code, text, asked) == (fault, raw)


def test_a_domain_is_named_as_the_network_knows_it() -> None:
    assert mapping.in_ascii("ana@bücher.example") == "ana@xn--bcher-kva.example"
    assert mapping.in_ascii("ana@example.com") == "ana@example.com"
    assert mapping.in_ascii("ana@a..example") == "ana@a..example"


@pytest.mark.parametrize(
    "address",
    ["ana@example.com", "ana+1@sub.example.com", "jürgen@bücher.example", "o'hara=1@example.com", "a..b@c.d"],
)
def test_what_may_be_an_address_is_written_to(address: str) -> None:
    assert mapping.can_be_written_to(address)


@pytest.mark.parametrize(
    "address",
    [
        *("", "ana", "ana@", "@example.com", "ana@@example.com", "ana@example.com, b@example.com"),
        # Blanks would be left out on the way, and the mail go to somebody else.
        *(
            "a b@example.com",
            "ana@exa mple.com",
            "ana@example.com\nb",
            "a\x01@example.com",
            "a\u2028@b.example",
        ),
        *("Ana <ana@example.com>", "ana@b>", "(ana)@b.example", "ana@[1.2", "=?utf-8?q?a=0ab?=@c.example"),
    ],
)
def test_what_is_no_address_is_not_written_to(address: str) -> None:
    assert not mapping.can_be_written_to(address)


@given(st.text(max_size=30), st.text(max_size=30))
def test_to_what_may_be_an_address_a_mail_can_be_written(name: str, domain: str) -> None:
    address = f"{name}@{domain}"
    if mapping.can_be_written_to(address):
        made = mapping.mail_of(
            letter(to=address), sender="shop@mail.example", sender_name="", reply_to="", at=AT
        )
        assert made.as_bytes(policy=SMTPUTF8)
        assert quote_address(mapping.in_ascii(address))


def test_bounces_name_the_notice() -> None:
    assert mapping.return_path("bounce@m.example", "shop@m.example", "ntc_1") == "bounce+ntc_1@m.example"
    assert mapping.return_path("", "shop@m.example", "ntc_1") == "shop@m.example"


def test_a_password_never_goes_over_an_open_line() -> None:
    given = {"host": "m", "sender": "a@b", "security": "none", "username": "u", "password": "p"}
    with pytest.raises(InvalidInput, match="over TLS only"):
        connect({name: Secret(value) for name, value in given.items()}, "")
