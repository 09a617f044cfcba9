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
    """Run a coroutine on uvloop where it is there."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_coroutine(act))
    return uvloop.run(_coroutine(act))


def with_house[T](act: Callable[[House], Awaitable[T]]) -> T:
    """Open the house, act in it, close it."""

    async def inside() -> T:
        from gateway.bootstrap.house import open_house
        from gateway.store.postgres import PostgresUnavailable

        try:
            async with open_house(settings()) as house:
                return await act(house)
        except PostgresUnavailable as error:
            raise click.ClickException(str(error)) from None

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


async def _coroutine[T](act: Callable[[], Awaitable[T]]) -> T:
    return await act()
