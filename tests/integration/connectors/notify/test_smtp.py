"""The connector for mail against a mail server of our own, over TLS."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import trustme

from connectors.notify.smtp.client import MailSettings, Security, SmtpAccount
from doorstep.errors import RemoteUnavailable, UnknownOutcome
from doorstep.notice import Letter, NoticeChannel, NoticeFault, NoticeRefused, NoticeStatus
from doorstep.secret import Secret
from simulator.messaging.mail import SimulatedMail


@dataclass
class Post:
    """A server, and how to reach it."""

    server: SimulatedMail
    port: int
    trusted: ssl.SSLContext

    def account(self, **other: str) -> SmtpAccount:
        given = {"username": self.server.username, "password": self.server.password, **other}
        settings = MailSettings(
            "127.0.0.1",
            self.port,
            Security.STARTTLS,
            given["username"],
            Secret(given["password"]),
            "shop@mail.example",
            "Shop",
            bounces="bounce@mail.example",
        )
        return SmtpAccount(settings, self.trusted)


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    server = SimulatedMail()
    async with server.serving(tls) as port:
        yield Post(server, port, trusted)


def letter(to: str = "ana@example.com", reference: str = "ntc_1") -> Letter:
    return Letter(NoticeChannel.EMAIL, to, "On its way", "It is on its way.", reference)


async def test_a_mail_arrives_with_a_name_of_its_own_and_connections_are_used_again(post: Post) -> None:
    account = post.account()
    taken = [await account.send(letter(reference=f"ntc_{number}"), 10.0) for number in range(3)]
    await account.close()
    assert [one.status for one in taken] == [NoticeStatus.SENT] * 3
    assert [mail["Message-ID"] for mail in post.server.mails] == [
        f"<ntc_{number}@mail.example>" for number in range(3)
    ]
    assert post.server.paths[0] == "bounce+ntc_0@mail.example"
    assert post.server.connections == 1


@pytest.mark.parametrize(
    ("local", "fault", "raw"),
    [
        ("nobody", NoticeFault.BAD_RECIPIENT, "5.1.1"),
        ("full", NoticeFault.TRY_LATER, "5.2.2"),
        ("grey", NoticeFault.TRY_AGAIN, "4.7.1"),
        ("policy", NoticeFault.ACCOUNT, "5.7.1"),
        ("busy", NoticeFault.TRY_AGAIN, "4.3.2"),
        ("gone", NoticeFault.BAD_RECIPIENT, "550"),
        ("nowhere", NoticeFault.BAD_RECIPIENT, "5.4.4"),
        ("relay", NoticeFault.ACCOUNT, "550"),
        ("spam", NoticeFault.CONTENT, "550"),
        ("moved", NoticeFault.BAD_RECIPIENT, "5.1.1"),
    ],
)
async def test_what_a_server_says_of_a_mailbox(post: Post, local: str, fault: NoticeFault, raw: str) -> None:
    account = post.account()
    with pytest.raises(NoticeRefused) as refused:
        await account.send(letter(f"{local}@example.com"), 10.0)
    assert (refused.value.fault, refused.value.raw_code) == (fault, raw)
    assert "@" not in str(refused.value)
    await account.send(letter(), 10.0)
    await account.close()
    assert len(post.server.mails) == 1, "one mailbox that is bad does not spoil the next mail"


@pytest.mark.parametrize(
    ("answer", "raw"), [("550 Sender unknown", "550"), ("553 5.1.8 The sender's domain is none", "5.1.8")]
)
async def test_a_sender_who_is_refused_is_our_own_trouble_and_not_the_recipients(
    post: Post, answer: str, raw: str
) -> None:
    post.server.senders_refused = answer
    account = post.account()
    with pytest.raises(NoticeRefused) as refused:
        await account.send(letter(), 10.0)
    await account.close()
    assert (refused.value.fault, refused.value.raw_code) == (NoticeFault.ACCOUNT, raw)


async def test_addresses_with_letters_of_all_languages_are_written_to(post: Post) -> None:
    account = post.account()
    await account.send(letter("jürgen@bücher.example"), 10.0)
    await account.send(letter("ana@bücher.example"), 10.0)
    await account.close()
    assert post.server.recipients == ["jürgen@xn--bcher-kva.example", "ana@xn--bcher-kva.example"]


@pytest.mark.parametrize(
    "to", ["", "ana b@example.com", "ana@exa mple.com", "a@b.example, c@d.example", "a@[1.2"]
)
async def test_what_is_no_address_is_refused_before_anything_is_said(post: Post, to: str) -> None:
    account = post.account()
    with pytest.raises(NoticeRefused) as refused:
        await account.send(letter(to), 10.0)
    assert (refused.value.fault, refused.value.raw_code) == (NoticeFault.BAD_RECIPIENT, "5.1.3")
    assert post.server.connections == 0
    await account.send(letter(" ana@example.com "), 10.0)
    await account.close()
    assert post.server.recipients == ["ana@example.com"]


async def test_a_server_that_knows_no_such_letters_says_so_at_once(post: Post) -> None:
    post.server.knows_letters = False
    account = post.account()
    with pytest.raises(NoticeRefused) as refused:
        await account.send(letter("jürgen@example.com"), 10.0)
    await account.close()
    assert (refused.value.fault, refused.value.raw_code) == (NoticeFault.UNKNOWN, "5.6.7")


async def test_a_server_that_goes_after_the_last_dot_leaves_it_open_and_a_repeat_has_the_same_name(
    post: Post,
) -> None:
    post.server.drops_after_data = 1
    account = post.account()
    with pytest.raises(UnknownOutcome):
        await account.send(letter(), 10.0)
    await account.send(letter(), 10.0)
    await account.close()
    assert [mail["Message-ID"] for mail in post.server.mails] == ["<ntc_1@mail.example>"] * 2


async def test_a_wrong_password_is_our_own_trouble_and_nobody_elses(post: Post) -> None:
    account = post.account(password="wrong")
    assert [check.fault for check in await account.check()] == ["sender_rejected"]
    with pytest.raises(NoticeRefused) as refused:
        await account.send(letter(), 10.0)
    assert refused.value.fault is NoticeFault.ACCOUNT
    assert [check.passed for check in await post.account().check()] == [True]


async def test_a_certificate_that_nobody_vouches_for_ends_the_conversation(post: Post) -> None:
    account = Post(post.server, post.port, ssl.create_default_context()).account()
    with pytest.raises(RemoteUnavailable):
        await account.send(letter(), 10.0)
    assert [check.fault for check in await account.check()] == ["sender_unreachable"]
    assert post.server.mails == []
