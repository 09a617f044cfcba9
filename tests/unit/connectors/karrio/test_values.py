"""Money, measures, references, labels, days and XML on their way to and from karrio."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.parcel.karrio import CONNECTORS, FEDEX, MYDHL, PUROLATOR, UPS
from connectors.parcel.karrio.carriers.fedex import FACTS as FEDEX_FACTS
from connectors.parcel.karrio.carriers.mydhl import FACTS as MYDHL_FACTS
from connectors.parcel.karrio.carriers.purolator import FACTS as PUROLATOR_FACTS
from connectors.parcel.karrio.carriers.ups import FACTS as UPS_FACTS
from connectors.parcel.karrio.dialect import Facts
from connectors.parcel.karrio.labels import label_url
from connectors.parcel.karrio.mapper import Rate, money_of
from connectors.parcel.karrio.payloads import Measures, payload_of, reference_of, ship_date
from connectors.parcel.karrio.rates import promise_of, title_of
from connectors.parcel.karrio.reading_xml import Xml, is_unsafe
from doorstep.address import Address
from doorstep.money import Money
from doorstep.parcel import Parcel
from doorstep.quote import QuoteRequest
from doorstep.window import PromiseBasis

NEW_YORK = ZoneInfo("America/New_York")
# A Monday, ten in the morning in New York.
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
STORE = Address("US", "Till", "Corner Shop", "1 Main St", "", "Port Meridian", "NY", "10001")
QUESTION = QuoteRequest(
    "qst_1",
    STORE,
    STORE,
    (Parcel(1_000, 300, 200, 100),),
    Money(4200, "USD"),
    START,
    START,
    "America/New_York",
)


@given(st.integers(min_value=0, max_value=10**9))
def test_karrios_floats_become_the_money_that_they_were(minor: int) -> None:
    # karrio reads "12.34" as a float of two digits.
    assert money_of(minor / 100, "USD") == Money(minor, "USD")


@pytest.mark.parametrize(
    ("amount", "currency", "money"),
    [
        ("12.34", "USD", Money(1234, "USD")),
        (0.1 + 0.2, "USD", Money(30, "USD")),
        (1e-7, "USD", Money(0, "USD")),
        (1200.0, "JPY", Money(1200, "JPY")),
        (float("nan"), "USD", None),
        (float("inf"), "USD", None),
        (None, "USD", None),
        ("twelve", "USD", None),
        (12.0, "XXX", None),
        (12.0, None, None),
        (True, "USD", None),
    ],
)
def test_money_is_read_by_its_digits_or_not_at_all(
    amount: object, currency: object, money: Money | None
) -> None:
    assert money_of(amount, currency) == money


def test_a_parcel_is_told_in_the_units_of_where_it_leaves_from_rounded_up() -> None:
    (here,) = payload_of(QUESTION, "r", {}, Measures())["parcels"]
    berlin = Address("DE", postal_code="10115")
    abroad = QuoteRequest(
        "q", berlin, berlin, QUESTION.parcels, QUESTION.value, START, START, "Europe/Berlin"
    )
    (there,) = payload_of(abroad, "r", {}, Measures())["parcels"]

    # 1000 g are 2.2046 lb; 300, 200, 100 mm are 11.81, 7.87, 3.94 in.
    assert here | {"reference_number": "r"} == {
        "weight": 2.3,
        "weight_unit": "LB",
        "length": 11.9,
        "width": 7.9,
        "height": 4.0,
        "dimension_unit": "IN",
        "reference_number": "r",
    }
    assert (there["weight"], there["weight_unit"], there["length"], there["dimension_unit"]) == (
        1.0,
        "KG",
        30.0,
        "CM",
    )


@given(
    grams=st.integers(1, 60_000),
    side_mm=st.integers(1, 2_000),
    pounds=st.booleans(),
    step=st.sampled_from([Decimal(1), Decimal("0.1")]),
)
def test_no_parcel_is_told_lighter_or_smaller_than_it_is(
    grams: int, side_mm: int, pounds: bool, step: Decimal
) -> None:
    country = "US" if pounds else "DE"
    place = Address(country, postal_code="1")
    asked = QuoteRequest(
        "q", place, place, (Parcel(grams, side_mm, side_mm, side_mm),), QUESTION.value, START, START, "UTC"
    )
    measures = Measures(pound_step=step, side_step=step)
    (told,) = payload_of(asked, "r", {}, measures)["parcels"]

    grams_told = Decimal(str(told["weight"])) * (Decimal("453.59237") if pounds else 1000)
    mm_told = Decimal(str(told["length"])) * (Decimal("25.4") if pounds else 10)
    assert grams_told >= grams
    assert side_mm <= mm_told < side_mm + 26


def test_the_shopper_is_not_written_to_by_carriers() -> None:
    assert payload_of(QUESTION, "r", {}, Measures())["options"]["email_notification"] is False


def test_a_door_without_a_company_is_a_home() -> None:
    home = Address("US", "A. Shopper", line1="2 Side St", city="Port Meridian", postal_code="10002")
    asked = QuoteRequest("q", STORE, home, QUESTION.parcels, QUESTION.value, START, START, "America/New_York")
    payload = payload_of(asked, "r", {}, Measures())

    assert (payload["shipper"]["residential"], payload["recipient"]["residential"]) == (False, True)


def test_a_booking_key_is_a_reference_as_long_as_it_fits() -> None:
    short, long = "leg_1", "x" * 64

    assert reference_of(short, 30) == short
    assert len(reference_of(long, 30)) == 30
    assert reference_of(long, 30) == reference_of(long, 30) != reference_of("y" * 64, 30)


@pytest.mark.parametrize(
    ("ready_at", "day"),
    [
        (datetime(2026, 11, 23, 16, 59, tzinfo=NEW_YORK), "2026-11-23"),
        (datetime(2026, 11, 23, 17, 0, tzinfo=NEW_YORK), "2026-11-24"),
        (datetime(2026, 11, 28, 18, 0, tzinfo=NEW_YORK), "2026-11-30"),
        (datetime(2026, 11, 29, 9, 0, tzinfo=NEW_YORK), "2026-11-30"),
        # Half past one at night in UTC is half past eight in the evening before.
        (datetime(2026, 11, 24, 1, 30, tzinfo=UTC), "2026-11-24"),
    ],
)
def test_goods_leave_on_the_day_that_they_are_ready_until_five(ready_at: datetime, day: str) -> None:
    assert ship_date(ready_at, NEW_YORK).isoformat() == day


@pytest.mark.parametrize(
    ("days", "arrives", "end", "basis"),
    [
        (1, "", "2026-11-24", PromiseBasis.APPROXIMATE),
        # Five working days after Monday: the weekend does not count.
        (5, "", "2026-11-30", PromiseBasis.APPROXIMATE),
        (None, "", "2026-11-30", PromiseBasis.APPROXIMATE),
        (0, "", "2026-11-23", PromiseBasis.APPROXIMATE),
        (1, "2026-11-25", "2026-11-25", PromiseBasis.CARRIER_COMMITMENT),
        (1, "2026-11-25T12:00:00", "2026-11-25", PromiseBasis.CARRIER_COMMITMENT),
        (None, "20261126", "2026-11-26", PromiseBasis.CARRIER_COMMITMENT),
        (2, "on Thursday", "2026-11-25", PromiseBasis.APPROXIMATE),
        # A day that has passed is no window at all, and no error.
        (None, "2026-11-20", "2026-11-20", PromiseBasis.CARRIER_COMMITMENT),
    ],
)
def test_promises_come_from_the_carriers_date_or_its_working_days(
    days: int | None, arrives: str, end: str, basis: PromiseBasis
) -> None:
    promise = promise_of(Rate("s", Money(1, "USD"), days, arrives, {}), QUESTION)

    # Until eight in the evening there.
    assert promise.window.end.astimezone(NEW_YORK).isoformat() == f"{end}T20:00:00-05:00"
    assert promise.basis is basis


@pytest.mark.parametrize(
    ("facts", "service", "title"),
    [
        (UPS_FACTS, "ups_2nd_day_air_am", "UPS 2nd Day Air AM"),
        (UPS_FACTS, "75", "UPS 75"),
        (FEDEX_FACTS, "fedex_2_day", "FedEx 2 Day"),
        (FEDEX_FACTS, "NEW_SERVICE", "FedEx NEW SERVICE"),
        (MYDHL_FACTS, "mydhl_express_domestic_12_00", "DHL Express Domestic 12:00"),
        (PUROLATOR_FACTS, "purolator_express_10_30_am", "Purolator Express 10:30 AM"),
        (PUROLATOR_FACTS, "purolator_express_us", "Purolator Express US"),
    ],
)
def test_services_have_titles_that_shoppers_can_read(facts: Facts, service: str, title: str) -> None:
    assert title_of(facts, service) == title


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.4", "application/pdf"),
        (b"\x89PNG\r\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"^XA^XZ", "application/zpl"),
        (b"what?", "application/octet-stream"),
    ],
)
def test_a_label_is_an_address_that_holds_it(content: bytes, kind: str) -> None:
    document = base64.b64encode(content).decode()

    assert label_url(f"{document[:4]}\n{document[4:]}") == f"data:{kind};base64,{document}"


@pytest.mark.parametrize("document", ["", "  ", "not base64!", "data:application/pdf;base64,AAAA"])
def test_what_is_no_document_has_no_address(document: str) -> None:
    assert label_url(document) == ""


def test_xml_is_read_by_local_names() -> None:
    told = Xml.parse(b'<a:x xmlns:a="urn:1"><a:y k="v"> one </a:y><y>two</y></a:x>')

    assert [found.content for found in told.all("y")] == ["one", "two"]
    assert (told.name, told.text("y"), told.first("y").attribute("k"), told.text("z")) == (
        "x",
        "one",
        "v",
        "",
    )


@pytest.mark.parametrize(
    "raw",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b'<!DOCTYPE x SYSTEM "file:///etc/hostname"><x/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x []><x/>'.encode("utf-16"),
    ],
)
def test_xml_that_brings_definitions_is_not_read(raw: bytes) -> None:
    assert is_unsafe(raw)
    assert Xml.parse(raw).name == "none"


@given(st.binary(max_size=60))
def test_no_answer_makes_reading_xml_fail(raw: bytes) -> None:
    assert isinstance(Xml.parse(raw).text("x"), str)


def test_each_carrier_publishes_what_it_takes() -> None:
    limits = {plugin.carrier: plugin.limits for plugin in CONNECTORS}

    assert all(limit.parcel_weight_g for limit in limits.values())
    assert {code for code, limit in limits.items() if limit.parcels == 1} == {
        "usps",
        "canada_post",
        "purolator",
    }
    assert {UPS, FEDEX, MYDHL, PUROLATOR} <= set(CONNECTORS)
