"""Statements that are kept behave as SQLAlchemy's own do."""

from __future__ import annotations

import pytest
from sqlalchemy import Integer, bindparam, literal, select, text
from sqlalchemy.exc import DataError, IntegrityError

from gateway.store.database import Database
from gateway.store.kept import Kept


async def test_values_are_those_of_the_statement_and_those_that_are_given(database: Database) -> None:
    kept = Kept(select(literal(7) + bindparam("more", type_=Integer), literal("seven")).limit(1))
    async with database.tenant("mer_a") as connection:
        assert list(await kept.rows(connection, {"more": 4})) == [(11, "seven")]
        assert list(await kept.rows(connection, {"more": 5})) == [(12, "seven")]


async def test_it_belongs_to_the_transaction_and_its_tenant(database: Database) -> None:
    who = Kept(text("SELECT current_setting('app.merchant_id')"))
    async with database.tenant("mer_b") as connection:
        assert list(await who.rows(connection, {})) == [("mer_b",)]


async def test_errors_are_the_usual_ones_and_show_no_values(database: Database) -> None:
    divides = Kept(text("SELECT 1 / length(replace(:street, :street, ''))"))
    with pytest.raises(DataError) as caught:
        async with database.tenant("mer_a") as connection:
            await divides.rows(connection, {"street": "12 Mill Street"})
    assert "Mill Street" not in str(caught.value)


async def test_what_the_database_does_not_allow_is_an_integrity_error(database: Database) -> None:
    nobodys = Kept(text("INSERT INTO locations (id, merchant_id, doc) VALUES ('loc_a', 'mer_a', NULL)"))
    with pytest.raises(IntegrityError):
        async with database.tenant("mer_a") as connection:
            await nobodys.send(connection, {})
    async with database.tenant("mer_a") as connection:
        assert await Kept(text("SELECT 1")).rows(connection, {}) == [(1,)]
