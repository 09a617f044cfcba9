"""A JSON object read together with its bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.couriers.lalamove.members import members_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), JSON, max_size=4), st.sampled_from([None, 2]), st.booleans())
def test_every_member_has_its_value_and_the_bytes_it_was_written_in(
    written: dict[str, object], indent: int | None, ascii_: bool
) -> None:
    try:
        body = json.dumps(written, indent=indent, ensure_ascii=ascii_).encode()
    except UnicodeEncodeError:
        return

    members = members_of(body)

    assert members is not None
    assert members.values == written
    for name, raw in members.raw.items():
        assert raw in body
        assert json.loads(raw) == written[name]


def test_blanks_and_escapes_stay_as_they_were_written() -> None:
    members = members_of(b' {"data" : { "a":1 ,\t"b":"\\u0026" } ,"t":007e0}')
    spaced = members_of(b' {"data" : { "a":1 ,\t"b":"\\u0026" } ,"t": 12}\r\n')

    assert members is None  # 007 is no JSON number
    assert spaced is not None
    assert spaced.raw == {"data": b'{ "a":1 ,\t"b":"\\u0026" }', "t": b"12"}
    assert (spaced.plain("t"), spaced.plain("data"), spaced.plain("none")) == ("12", "", "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"7",
        b"{",
        b'{"a":1',
        b'{"a":1}x',
        b'{"a":1}{}',
        b'{"a":1,}',
        b'{"a" 1}',
        b'{"a":1 "b":2}',
        b"{7:1}",
        b'{"a":1,"a":2}',
        b'{"a":\xff}',
        b'{"a":' + b"[" * 100_000,
        b"no json",
    ],
    ids=range(15),
)
def test_what_is_no_single_object_is_none(body: bytes) -> None:
    assert members_of(body) is None
