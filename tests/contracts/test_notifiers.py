"""What every connector that writes to people must do, against a provider that speaks its real protocol."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
import uvicorn

from doorstep.errors import InvalidInput, RemoteUnavailable, UnknownOutcome
from doorstep.notice import Letter, NoticeChannel, NoticeFault, NoticeRefused, NoticeStatus
from doorstep.ports.notifiers import Notifier, NotifierPlugin
from doorstep.secret import Secret
from gateway.plugins import load_plugins
from simulator.messaging.mail import SimulatedMail
from simulator.messaging.twilio import ACCOUNT, TOKEN, SimulatedTwilio
from simulator.serving import listening

PLUGINS = load_plugins().notifiers
SECRET_WORDS = "the gate code is 4711"


@dataclass
class Rig:
    """A connector, an account with it, and what its provider got.

    Attributes
    ----------
    nobody
        An address that the provider knows nobody at.
    loses_next_answer
        Lets the provider take the next letter and say nothing.
    """

    plugin: NotifierPlugin
    notifier: Notifier
    channel: NoticeChannel
    somebody: str
    nobody: str
    got: Callable[[], int]
    loses_next_answer: Callable[[], None]
    elsewhere: dict[str, str]

    def letter(self, to: str = "", reference: str = "ntc_1") -> Letter:
        return Letter(self.channel, to or self.somebody, "Subject", SECRET_WORDS, reference)


@pytest.fixture(params=sorted(PLUGINS))
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    makers = {"smtp": _mail, "twilio": _twilio}
    async with AsyncExitStack() as stack:
        rig = await makers[request.param](stack, tmp_path)
        stack.push_async_callback(rig.notifier.close)
        yield rig


async def _mail(stack: AsyncExitStack, folder: Path) -> Rig:
    authority, server = trustme.CA(), SimulatedMail()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    port = await stack.enter_async_context(server.serving(tls))
    given = {
        "host": "127.0.0.1",
        "port": str(port),
        "username": server.username,
        "password": server.password,
        "sender": "shop@mail.example",
        "ca_file": str(folder / "ca.pem"),
    }

    def lose() -> None:
        server.drops_after_data = 1

    return Rig(
        PLUGINS["smtp"],
        _connect("smtp", given),
        NoticeChannel.EMAIL,
        "ana@example.com",
        "nobody@example.com",
        lambda: len(server.mails),
        lose,
        {**given, "port": "9"},
    )


async def _twilio(stack: AsyncExitStack, folder: Path) -> Rig:
    twilio = SimulatedTwilio()
    config = uvicorn.Config(twilio.app(), host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    host, port = await stack.enter_async_context(listening(config))
    given = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "from_sms": "+15005550006",
        "base_url": f"http://{host}:{port}",
    }

    def lose() -> None:
        twilio.loses_answers = 1

    return Rig(
        PLUGINS["twilio"],
        _connect("twilio", given),
        NoticeChannel.SMS,
        "+14155550100",
        "+15005550009",
        lambda: len(twilio.messages),
        lose,
        {**given, "base_url": "http://127.0.0.1:9"},
    )


def _connect(provider: str, given: dict[str, str]) -> Notifier:
    return PLUGINS[provider].connect({name: Secret(value) for name, value in given.items()}, "")


async def test_a_letter_is_taken_once_and_gets_a_name(rig: Rig) -> None:
    taken = await rig.notifier.send(rig.letter(), 10.0)
    assert taken.provider_id
    assert taken.status in {NoticeStatus.TAKEN, NoticeStatus.SENT}
    assert rig.got() == 1


async def test_an_address_where_nobody_is_is_refused_as_such_and_nothing_of_it_is_said(rig: Rig) -> None:
    with pytest.raises(NoticeRefused) as refused:
        await rig.notifier.send(rig.letter(rig.nobody), 10.0)
    assert refused.value.fault is NoticeFault.BAD_RECIPIENT
    assert refused.value.raw_code
    assert rig.nobody not in f"{refused.value!r} {refused.value.why}"


async def test_a_lost_answer_is_an_unknown_outcome_that_can_be_cleared_up_or_repeated(rig: Rig) -> None:
    rig.loses_next_answer()
    with pytest.raises(UnknownOutcome):
        await rig.notifier.send(rig.letter(), 0.5)
    found = await rig.notifier.find(rig.letter(), 600, 10.0)
    assert rig.plugin.may_repeat or found is not None


async def test_who_cannot_be_reached_has_sent_nothing(rig: Rig) -> None:
    notifier = _connect(rig.plugin.provider, rig.elsewhere)
    with pytest.raises(RemoteUnavailable):
        await notifier.send(rig.letter(), 5.0)
    await notifier.close()
    assert rig.got() == 0


async def test_the_doctor_hears_that_an_account_is_good_and_sends_nothing(rig: Rig) -> None:
    assert [check.passed for check in await rig.notifier.check()] == [True]
    assert rig.got() == 0


async def test_without_credentials_there_is_no_account_and_the_first_that_lacks_is_named(rig: Rig) -> None:
    with pytest.raises(InvalidInput) as refused:
        rig.plugin.connect({}, "")
    assert refused.value.path[0] == "credentials"
    assert refused.value.path[1] in {field.name for field in rig.plugin.credentials}


def test_letters_and_errors_do_not_print_what_is_in_them() -> None:
    shown = repr(Letter(NoticeChannel.SMS, "+14155550100", "", SECRET_WORDS, "ntc_1"))
    assert "4711" not in shown
    assert "555" not in shown
