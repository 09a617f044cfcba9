"""A label is kept once, wherever it came from, and no longer than its shopper is known."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from doorstep.booking import Booking, BookingRequest
from doorstep.delivery import Delivery, Leg
from doorstep.errors import RemoteError, RemoteRefused, RemoteUnavailable
from doorstep.events import DeliveryBooked, LabelGiven
from doorstep.quote import DeliveryMode
from gateway.flow.documents.document import DocumentCard
from gateway.flow.documents.keep import fetch_label, keep_label
from gateway.store.codec import to_json
from gateway.store.queries.documents import cards_of
from tests.integration.flow.fakes import MERCHANT_ID, FakeCarrier
from tests.integration.flow.stage import Stage

PDF = b"%PDF-1.4 a label"
AT_THE_CARRIER = "https://labels.example/1.pdf"
INSIDE = f"data:application/pdf;base64,{base64.b64encode(PDF).decode()}"


@dataclass
class LabelPrinter(FakeCarrier):
    """Sells labels."""

    label_url: str = ""

    async def book(self, request: BookingRequest, budget_s: float) -> Booking:
        return replace(await super().book(request, budget_s), label_url=self.label_url)


@dataclass
class FakeFiles:
    """Hands out what it was given, in that order; an error is raised."""

    answers: list[bytes | RemoteError]
    asked: list[str] = field(default_factory=list)

    async def fetch(self, url: str, largest: int, budget_s: float) -> bytes:
        self.asked.append(url)
        answer = self.answers.pop(0)
        if isinstance(answer, RemoteError):
            raise answer
        return answer


async def _booked(stage: Stage, label_url: str) -> tuple[Delivery, Leg]:
    printer = LabelPrinter("printer", stage.clock, 100, mode=DeliveryMode.PARCEL, label_url=label_url)
    await stage.link(printer)
    delivery = await stage.booked()
    (leg,) = delivery.legs
    assert leg.carrier == "printer"
    return delivery, leg


async def _kept(stage: Stage, leg: Leg) -> Sequence[DocumentCard]:
    async with stage.database.tenant(MERCHANT_ID) as connection:
        return (await cards_of(connection, [leg.id])).get(leg.id, ())


async def test_a_label_that_came_with_the_booking_is_kept_at_once_and_leaves_the_delivery(
    stage: Stage,
) -> None:
    delivery, leg = await _booked(stage, INSIDE)
    (card,) = await _kept(stage, leg)
    assert (card.content_type, card.size, card.delivery_id) == ("application/pdf", len(PDF), delivery.id)
    assert (await stage.kept(delivery.id)).legs[0].label_url == ""
    async with stage.means.begin(MERCHANT_ID) as work:
        known = (await work.redaction.known_of([delivery.order_id]))["documents"]
    assert known == [to_json(card)]
    await keep_label(DeliveryBooked(MERCHANT_ID, delivery.id, leg.id), stage.means)
    assert await _kept(stage, leg) == [card]


async def test_a_label_at_the_carrier_is_fetched_once_and_again_while_it_is_away(stage: Stage) -> None:
    # The stage's own house fetches nothing.
    delivery, leg = await _booked(stage, AT_THE_CARRIER)
    assert await _kept(stage, leg) == ()
    files = FakeFiles([RemoteUnavailable("away", system="files"), PDF])
    means = replace(stage.means, files=files)
    given = LabelGiven(MERCHANT_ID, delivery.id, leg.id)
    with pytest.raises(RemoteUnavailable):
        await fetch_label(given, means)
    for _ in range(2):
        await fetch_label(given, means)
    assert [card.size for card in await _kept(stage, leg)] == [len(PDF)]
    assert files.asked == [AT_THE_CARRIER, AT_THE_CARRIER]
    # A label that is being fetched holds up nothing else of its delivery.
    assert given.turn != DeliveryBooked(MERCHANT_ID, delivery.id, leg.id).turn


async def test_what_is_no_label_is_not_kept_and_not_asked_for_again_and_again(stage: Stage) -> None:
    delivery, leg = await _booked(stage, AT_THE_CARRIER)
    given = LabelGiven(MERCHANT_ID, delivery.id, leg.id)
    for answer in (b"<html>Sign in to see your label", RemoteRefused("gone", system="files")):
        await fetch_label(given, replace(stage.means, files=FakeFiles([answer])))
    assert await _kept(stage, leg) == ()
    assert (await stage.kept(delivery.id)).legs[0].label_url == AT_THE_CARRIER


async def test_a_label_that_arrives_after_its_shopper_was_forgotten_is_let_go(stage: Stage) -> None:
    delivery, leg = await _booked(stage, AT_THE_CARRIER)

    class Slow(FakeFiles):
        async def fetch(self, url: str, largest: int, budget_s: float) -> bytes:
            async with stage.means.begin(MERCHANT_ID) as work:
                await work.redaction.erase_orders([delivery.order_id], stage.clock.now())
            return await super().fetch(url, largest, budget_s)

    given = LabelGiven(MERCHANT_ID, delivery.id, leg.id)
    await fetch_label(given, replace(stage.means, files=Slow([PDF])))
    assert await _kept(stage, leg) == ()
