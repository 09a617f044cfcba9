"""The six carriers behind karrio's mappers when things go wrong: slow, away, refusing, making no sense."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import trustme

from doorstep.errors import (
    AccountProblem,
    RateLimited,
    RemoteError,
    RemoteRefused,
    RemoteUnavailable,
)
from doorstep.incident import IncidentKind
from doorstep.quote import DeclineReason
from tests.integration.connectors.karrio_rig import (
    BUDGET_S,
    BY_CODE,
    CASES,
    Grounds,
    Rig,
    open_grounds,
    open_rig,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SLOW_S, SHORT_S = 5.0, 0.25


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def grounds() -> AsyncIterator[Grounds]:
    """One server for all."""
    async with open_grounds() as grounds:
        yield grounds


@pytest_asyncio.fixture(params=CASES, ids=lambda case: case.plugin.carrier, loop_scope="module")
async def rig(request: pytest.FixtureRequest, grounds: Grounds) -> AsyncIterator[Rig]:
    """Each carrier in turn."""
    async with open_rig(request.param, grounds) as rig:
        yield rig


async def test_a_carrier_that_never_answers_is_given_up_in_time(rig: Rig) -> None:
    rig.house.slow(SLOW_S)
    started_s = time.monotonic()

    with pytest.raises(RemoteUnavailable):
        await rig.carrier.quote(rig.question(), SHORT_S)

    assert time.monotonic() - started_s < SLOW_S


async def test_one_slow_carrier_does_not_hold_up_another(grounds: Grounds) -> None:
    async with open_rig(BY_CODE["ups"], grounds) as slow, open_rig(BY_CODE["purolator"], grounds) as prompt:
        slow.house.slow(SLOW_S)

        async def quick() -> int:
            return len((await prompt.carrier.quote(prompt.question(), BUDGET_S)).quotes)

        outcomes = await asyncio.gather(
            slow.carrier.quote(slow.question(), SHORT_S), quick(), return_exceptions=True
        )

        assert isinstance(outcomes[0], RemoteUnavailable)
        assert outcomes[1] == 2


async def test_a_token_that_ended_is_renewed_without_anybody_noticing(grounds: Grounds) -> None:
    for code in ("ups", "usps", "fedex"):
        async with open_rig(BY_CODE[code], grounds) as rig:
            await rig.ask()
            rig.house.tokens.clear()

            assert (await rig.ask()).quotes
            assert len(rig.house.bodies("token")) == 2


async def test_too_many_calls_are_rate_limited(rig: Rig) -> None:
    rig.house.refuse_next("rate", 429, "10429")

    with pytest.raises(RateLimited) as limited:
        await rig.ask()

    assert limited.value.retry_after_s > 0


@pytest.mark.parametrize("body", [b"<html>Maintenance</html>", b"", b"[]", b"{", b"\xff\xfe", b"null"])
async def test_prices_that_are_none_are_unavailable_or_no_offers_and_never_a_crash(
    rig: Rig, body: bytes
) -> None:
    rig.house.answer_next("rate", body)
    rig.house.answer_next("rate", body)

    offers: tuple[object, ...] = ()
    with contextlib.suppress(RemoteUnavailable):
        offers = (await rig.ask()).quotes

    assert offers == ()


async def test_tracking_that_is_nonsense_says_nothing_about_the_parcel(rig: Rig) -> None:
    made = await rig.book()
    rig.live(30)
    rig.house.answer_next("track", b"<html>Maintenance</html>", "text/html")

    update = await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert update.raw_status == "not_scanned_yet"


async def test_a_document_type_is_refused_before_any_parser_sees_it(grounds: Grounds) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><price-quotes>&a;</price-quotes>'
    async with open_rig(BY_CODE["canada_post"], grounds) as rig:
        rig.house.answer_next("rate", bomb, "text/xml")

        with pytest.raises(RemoteUnavailable) as refused:
            await rig.ask()

        assert refused.value.raw_code == "unreadable_UnsafeXml"


async def test_a_service_that_karrio_stumbles_over_does_not_sink_the_others(grounds: Grounds) -> None:
    """UPS leaves some charges out for some services; karrio's parser raises an AttributeError then."""
    async with open_rig(BY_CODE["ups"], grounds) as rig:
        await rig.ask()
        whole = {"RateResponse": {"RatedShipment": [_rated("03", None), _rated("02", "0.00")]}}
        rig.house.answer_next("rate", json.dumps(whole).encode())

        answer = await rig.ask()

        assert [offer.service for offer in answer.quotes] == ["ups_2nd_day_air"]


def _rated(code: str, options: str | None) -> dict[str, object]:
    charge = {"CurrencyCode": "USD", "MonetaryValue": "9.99"}
    rated: dict[str, object] = {
        "Service": {"Code": code},
        "TransportationCharges": charge,
        "TotalCharges": charge,
    }
    if options is None:
        return rated
    extra = {"CurrencyCode": "USD", "MonetaryValue": options}
    return {**rated, "BaseServiceCharge": charge, "ServiceOptionsCharges": extra, "ItemizedCharges": []}


async def test_errors_keep_their_meaning_and_their_code(rig: Rig) -> None:
    """karrio's own calls turn every failure into one code of its own."""
    made = await rig.book()
    rig.house.refuse_next("rate", 401, "250002")
    rig.house.refuse_next("rate", 401, "250002")

    with pytest.raises(AccountProblem):
        await rig.ask()
    rig.house.refuse_next("track", 503, "down")
    rig.house.refuse_next("track", 503, "down")
    with pytest.raises(RemoteUnavailable) as down:
        await rig.carrier.fetch(made.external_id, BUDGET_S)

    assert down.value.kind is IncidentKind.CARRIER_DOWN


async def test_no_error_tells_a_name_or_a_street(rig: Rig) -> None:
    request = rig.request(await rig.offer())
    told = []
    for status in (400, 503):
        rig.house.refuse_next("ship", status, "12345")
        with pytest.raises(RemoteError) as failed:
            await rig.carrier.book(request, BUDGET_S)
        told.append(f"{failed.value!r} {failed.value.message}")

    assert not any(word in text for word in ("Shopper", "Side St", "5550100", "hush") for text in told)


async def test_a_refused_address_is_an_address_problem(grounds: Grounds) -> None:
    async with open_rig(BY_CODE["fedex"], grounds) as rig:
        code = "RECIPIENTS.ADDRESSSTATEORPROVINCECODE.MISMATCH"
        rig.house.refuse_next("rate", 400, code)
        rig.house.refuse_next("ship", 400, code)

        declined = (await rig.ask()).declined
        with pytest.raises(RemoteRefused) as refused:
            await rig.book()

        assert [(decline.reason, decline.raw_code) for decline in declined] == [
            (DeclineReason.ADDRESS_PROBLEM, code)
        ]
        assert refused.value.kind is IncidentKind.ADDRESS_PROBLEM


async def test_a_carrier_with_a_certificate_of_nobody_we_know_is_not_spoken_with(rig: Rig) -> None:
    """After karrio was imported too: it switches verification off for the whole process."""
    await rig.ask()
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    heard = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=context)
    rig.base_url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    wary = rig.connect()
    with pytest.raises(RemoteUnavailable):
        await wary.quote(rig.question(), BUDGET_S)
    await wary.close()
    server.close()
    await server.wait_closed()

    assert heard == []
