"""What a report wishes for in Shopify's words, and the notes that are kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from graphql import GraphQLEnumType

from connectors.stores.shopify.reporting.companies import tracking_company
from connectors.stores.shopify.reporting.notes import Notes, read_notes, write_notes
from connectors.stores.shopify.reporting.wish import Tracking, read_wish
from doorstep.delivery_status import DeliveryStatus
from doorstep.report import Hold, HoldReason
from tests.schemas.shopify import admin_schema
from tests.unit.connectors.shopify.test_shopify_reporting import BOOKED, SHIPPED, UNDER_WAY, milestone

SILENT = {
    DeliveryStatus.DRAFT,
    DeliveryStatus.QUOTED,
    DeliveryStatus.SEARCHING,
    DeliveryStatus.TO_PICKUP,
    DeliveryStatus.AT_PICKUP,
    DeliveryStatus.UNKNOWN,
}


def names(kind: str) -> set[str]:
    found = admin_schema().type_map[kind]
    assert isinstance(found, GraphQLEnumType)
    return set(found.values)


@pytest.mark.parametrize("status", DeliveryStatus, ids=lambda status: status.value)
def test_every_status_is_an_event_that_shopify_knows_or_none(status: DeliveryStatus) -> None:
    told = {event.status for event in read_wish(replace(SHIPPED, milestones=(milestone(1, status),))).events}
    assert told <= names("FulfillmentEventStatus")
    assert bool(told) == (status not in SILENT)


@pytest.mark.parametrize("reason", HoldReason, ids=lambda reason: reason.value)
def test_every_hold_has_a_reason_that_shopify_knows(reason: HoldReason) -> None:
    hold = read_wish(replace(UNDER_WAY, hold=Hold(reason, "why"))).hold
    assert hold is not None
    assert hold.reason in names("FulfillmentHoldReason")


@pytest.mark.parametrize(
    ("carrier", "company"),
    [
        ("dhl_express", "DHL Express"),
        ("USPS", "USPS"),
        ("Fedex", "FedEx"),
        ("uber_direct", "Uber Direct"),
        ("Bike & Go", "Bike & Go"),
        ("", ""),
    ],
)
def test_a_tracking_company_is_spelt_as_shopify_wants_it(carrier: str, company: str) -> None:
    assert tracking_company(carrier) == company


@pytest.mark.parametrize(
    ("number", "url", "row"),
    [
        ("1Z", "https://x.test/1", Tracking("UPS", "1Z", "https://x.test/1")),
        # By Shopify's schema an address wants a number beside it.
        ("", "https://x.test/1", Tracking("UPS", "DS-1001", "https://x.test/1")),
        # Shopify would make a link of a number without an address: ours leads nowhere at UPS.
        ("", "", Tracking("UPS", "", "")),
    ],
)
def test_the_tracking_has_a_number_beside_its_address(number: str, url: str, row: Tracking) -> None:
    wish = read_wish(replace(SHIPPED, carrier="ups", tracking_number=number, tracking_url=url))
    assert wish.tracking == row


def test_two_milestones_of_a_kind_in_one_second_are_one_event() -> None:
    twin = replace(BOOKED, id="evt_9", occurred_at=BOOKED.occurred_at + timedelta(milliseconds=9), text="x")
    assert [event.id for event in read_wish(replace(SHIPPED, milestones=(BOOKED, twin))).events] == ["evt_0"]


def test_texts_are_cut_to_what_can_be_shown() -> None:
    long = replace(BOOKED, text="x" * 900)
    assert len(read_wish(replace(SHIPPED, milestones=(long,))).events[0].text) == 250


def test_milestones_before_the_goods_leave_change_nothing_to_be_shown() -> None:
    later = replace(UNDER_WAY, milestones=(BOOKED, milestone(1, DeliveryStatus.COURIER_ASSIGNED)))
    assert read_wish(later).digest == read_wish(UNDER_WAY).digest


def test_notes_come_back_as_they_were_written() -> None:
    notes = Notes(wish="a", is_over=True, milestones={"evt_1": "gid://shopify/FulfillmentEvent/1"}, hold="h")
    assert read_notes(write_notes(notes)) == notes
    assert read_notes("") == Notes()


@pytest.mark.parametrize(
    "told",
    ["{", "[]", "7", '{"version":2}', '{"version":1,"x":""}', '{"version":1,"is_over":"yes"}'],
)
def test_notes_of_somebody_else_are_none(told: str) -> None:
    assert read_notes(told) is None
