"""A person is found in text however it was written down."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import LargeBinary, Text, literal, select

from gateway.store.database import Database
from gateway.store.mentions import in_bytes, in_text

NAME = 'Zoë "Canary" \\ 7/7'
PLAIN = json.dumps({"name": NAME}, ensure_ascii=False)
WRITTEN = {
    "as it is": f"to {NAME}!",
    "upper case": f"to {NAME}!".replace("Canary", "CANARY"),
    "JSON": PLAIN,
    "JSON in ASCII": json.dumps({"name": NAME}),
    "PHP's JSON": json.dumps({"name": NAME}).replace("/", "\\/"),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
async def test_a_name_is_found_in_any_spelling(database: Database, text: str) -> None:
    as_bytes = in_bytes(literal(b"\xff\x00" + text.encode(), LargeBinary), [NAME])
    async with database.tenant("mer_a") as connection:
        found = (await connection.execute(select(in_text(literal(text, Text), [NAME]), as_bytes))).one()
    assert tuple(found) == (True, True)


async def test_nobody_is_found_where_nobody_is(database: Database) -> None:
    text = json.dumps({"name": "Zoe Canary"})
    nowhere = in_text(literal(text, Text), [NAME]), in_bytes(literal(text.encode(), LargeBinary), [NAME])
    nothing = in_text(literal(text, Text), []), in_text(literal(text, Text), ["Zoe"])
    async with database.tenant("mer_a") as connection:
        found = (await connection.execute(select(*nowhere, *nothing))).one()
    assert tuple(found) == (False, False, False, False), "words of a few letters mean nobody"
