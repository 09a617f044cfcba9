from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.stores.woocommerce.fields import plain
from connectors.stores.woocommerce.mapping import read_order
from doorstep.errors import UnreadablePayload
from doorstep.ports import RawOrder

PAYLOADS = Path(__file__).parents[3] / "payloads" / "woocommerce"
FETCHED_AT = datetime(2026, 11, 22, 14, tzinfo=UTC)
ORDER: dict[str, Any] = json.loads((PAYLOADS / "order-partial-refund.json").read_text())
REFUNDS: list[dict[str, Any]] = json.loads((PAYLOADS / "order-refunds-list.json").read_text())
PRODUCT = {"virtual": False, "weight": "0.75", "dimensions": {"length": "1", "width": "1", "height": "1"}}


def merged() -> dict[str, Any]:
    return copy.deepcopy(
        {
            "order": ORDER,
            "refunds": REFUNDS,
            "products": {"13": PRODUCT},
            "units": {"weight": "kg", "dimension": "cm"},
        }
    )


def read(body: object) -> None:
    read_order(RawOrder("335", json.dumps(body), FETCHED_AT, FETCHED_AT))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", None),
        ("id", 0),
        ("id", "7; drop"),
        ("id", True),
        ("total", None),
        ("total", ""),
        ("total", "twelve"),
        ("total", "1e5"),
        ("currency", "BTC"),
        ("currency", None),
        ("date_created_gmt", "yesterday"),
        ("line_items", {}),
        ("line_items.0.id", None),
        ("line_items.0.quantity", -1),
        ("line_items.0.quantity", 1e12),
        ("line_items.0.quantity", None),
        ("line_items.0.price", "free"),
        ("line_items.0.name", ["a"]),
        ("shipping.country", "USA"),
        ("shipping_lines", "flat_rate"),
    ],
)
def test_a_wrong_field_is_named_in_the_stores_words(path: str, value: object) -> None:
    body = merged()
    body["order"]["shipping"]["address_1"] = "1 Quay"
    _put(body["order"], path.split("."), value)
    with pytest.raises(UnreadablePayload) as caught:
        read(body)
    assert caught.value.path == tuple(path.split("."))


@pytest.mark.parametrize("weight", ["-1", "heavy", "1e30", "NaN"])
def test_a_wrong_weight_names_the_product(weight: str) -> None:
    body = merged()
    body["products"]["13"]["weight"] = weight
    with pytest.raises(UnreadablePayload) as caught:
        read(body)
    assert caught.value.path == ("products", "13", "weight")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"order": []}', "[" * 100_000])
def test_what_is_no_order_at_all_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadablePayload):
        read_order(RawOrder("1", text, FETCHED_AT, FETCHED_AT))


def test_an_error_object_in_place_of_an_order_is_unreadable() -> None:
    error = {"code": "woocommerce_rest_cannot_view", "message": "Sorry", "data": {"status": 401}}
    with pytest.raises(UnreadablePayload) as caught:
        read({"order": error, "refunds": [], "products": {}, "units": {}})
    assert caught.value.path == ("id",)


def test_no_value_of_the_order_stands_in_the_message() -> None:
    body = merged()
    body["order"]["shipping"] |= {"address_1": "1 Secret Quay", "country": "Atlantis of Ana"}
    with pytest.raises(UnreadablePayload) as caught:
        read(body)
    assert "Ana" not in str(caught.value)
    assert "Secret" not in str(caught.value)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just([]), st.just({})
)
NAMES = ["order", "refunds", "products", "units", *ORDER]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_a_field_holds_the_order_is_read_or_refused_by_name(data: st.DataObject) -> None:
    body = merged()
    for _ in range(data.draw(st.integers(1, 3))):
        _put_somewhere(body, data)
    try:
        read(body)
    except UnreadablePayload as error:
        assert error.message  # noqa: PT017 - either outcome is right; the wrong one is another exception


@given(st.text(alphabet=st.characters(), max_size=200))
def test_plain_text_can_be_stored_and_holds_nothing_that_acts(text: str) -> None:
    shown = plain(text)
    shown.encode("utf-8")
    assert "\x00" not in shown
    assert "\u202e" not in shown
    assert "<script" not in shown.lower()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("<b>Bob</b>", "Bob"),
        ("a < b > c", "a < b > c"),
        ("I <3 you", "I <3 you"),
        ("Tom &amp; Ann", "Tom & Ann"),
        ("&lt;script&gt;x&lt;/script&gt;", "x"),
        ("tab\tand\r\nline", "tab and\nline"),
        ("\u202edesrever\u2066", "desrever"),
        ("👩‍🍳", "👩‍🍳"),
        ("nul\x00l", "null"),
        ("\ud83d", ""),
    ],
)
def test_plain_text_is_what_a_reader_would_read(typed: str, shown: str) -> None:
    assert plain(typed) == shown


def _put(holder: Any, path: list[str], value: object) -> None:
    *way, last = path
    for step in way:
        holder = holder[int(step)] if isinstance(holder, list) else holder[step]
    holder[last] = value


def _put_somewhere(body: dict[str, Any], data: st.DataObject) -> None:
    holder: Any = body
    while True:
        keys = list(range(len(holder))) if isinstance(holder, list) else sorted(holder)
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(holder[key], dict | list) and data.draw(st.booleans()):
            holder = holder[key]
        else:
            holder[key] = data.draw(SCALARS)
            return
