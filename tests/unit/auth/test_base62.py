from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.auth import base62


@given(st.binary(max_size=80))
def test_bytes_survive_the_way_there_and_back(data: bytes) -> None:
    text = base62.encode(data)
    assert text.isalnum() or not data
    assert len(text) == base62.width_of(len(data))
    assert base62.decode(text, len(data)) == data


@pytest.mark.parametrize("text", ["zzz", "AAAA", "a-b", "äbc", "", "1 2"])
def test_a_text_that_stands_for_no_two_bytes_is_refused(text: str) -> None:
    # "zzz" is 238,327 and two bytes end at 65,535.
    with pytest.raises(ValueError, match="the text"):
        base62.decode(text, 2)
