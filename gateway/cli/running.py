"""How a command gets at the house: settings, logs, an event loop, and a place to look things up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

from doorstep.errors import InvalidInput
from gateway.config import Settings

if TYPE_CHECKING:
    from gateway.bootstrap.house import House


def settings() -> Settings:
    """The environment's settings, with logs set up for them."""
    from gateway.app.logging import set_up_logging

    found = Settings.from_environment()
    set_up_logging(found)
    return found


def run[T](act: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine on uvloop where it is there.

    Raises
    ------
    click.ClickException
        If the database cannot be used: one sentence that says why.
    """
    try:
        return _run_on_a_loop(act)
    except Exception as error:
        words = _about_the_database(error)
        if words is None:
            raise
        raise click.ClickException(words) from None


def with_house[T](act: Callable[[House], Awaitable[T]]) -> T:
    """Open the house, act in it, close it."""

    async def inside() -> T:
        from gateway.bootstrap.house import open_house

        async with open_house(settings()) as house:
            return await act(house)

    return run(inside)


async def merchant_named(house: House, name: str | None) -> str:
    """Id of a merchant by its id or name; the only one where none is named.

    Raises
    ------
    InvalidInput
        If there is none, or several and none was named.
    """
    from gateway.store.accounts import all_merchants

    async with house.database.doors() as connection:
        ids = await all_merchants(connection)
    known = {}
    for merchant_id in ids:
        async with house.means.begin(merchant_id) as work:
            known[merchant_id] = (await work.accounts.merchant()).name
    matches = [id_ for id_, known_name in known.items() if name is None or name in {id_, known_name}]
    if len(matches) == 1:
        return matches[0]
    if not known:
        raise InvalidInput(
            "There is no merchant yet; make one with `doorstep merchant create`.", path=("merchant",)
        )
    listed = ", ".join(f"{known_name} ({id_})" for id_, known_name in known.items())
    raise InvalidInput(f"Say which merchant with --merchant: {listed}.", path=("merchant",))


def _run_on_a_loop[T](act: Callable[[], Awaitable[T]]) -> T:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_coroutine(act))
    return uvloop.run(_coroutine(act))


async def _coroutine[T](act: Callable[[], Awaitable[T]]) -> T:
    return await act()


def _about_the_database(error: Exception) -> str | None:
    """What an operator can do about a database that cannot be used; None for an error of another kind."""
    import psycopg
    from sqlalchemy.exc import ArgumentError, DBAPIError

    from gateway.store.postgres import PostgresUnavailable

    if isinstance(error, PostgresUnavailable):
        return str(error)
    if isinstance(error, ArgumentError):
        return "DATABASE_URL cannot be read; it looks like postgresql://login:password@host:5432/name."
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.OperationalError | psycopg.errors.InsufficientPrivilege):
        # The first line only: the others are hints to programmers. libpq never repeats a password.
        reason = str(cause).partition("\n")[0]
        return f"PostgreSQL cannot be used: {reason}. DATABASE_URL says where it is."
    return None
