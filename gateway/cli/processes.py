"""`doorstep serve`, `worker` and `migrate`: the processes of a deployment."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from gateway.cli.running import run, settings, with_house

if TYPE_CHECKING:
    from gateway.bootstrap.house import House


@click.command()
@click.option("--host", help="Address to listen on [DOORSTEP_HOST].")
@click.option("--port", type=int, help="Port to listen on, 0 for a free one [DOORSTEP_PORT].")
@click.option("--no-worker", is_flag=True, help="Run no jobs here; `doorstep worker` does.")
def serve(host: str | None, port: int | None, *, no_worker: bool) -> None:
    """Answer HTTP: GraphQL, webhooks, positions, pages. Runs a worker inside unless told otherwise."""
    from gateway.app.serve import end_asked, listen, serving, working
    from gateway.bootstrap.house import open_house

    chosen = settings()
    chosen = replace(chosen, host=host or chosen.host, port=chosen.port if port is None else port)

    async def act() -> None:
        ended = end_asked()
        with listen(chosen.host, chosen.port) as sock:
            bound = replace(chosen, port=sock.getsockname()[1])
            async with open_house(bound) as house, serving(house, sock):
                click.echo(f"Doorstep listens on {bound.base_url}", err=True)
                if no_worker:
                    await ended.wait()
                    return
                async with working(house):
                    await ended.wait()

    run(act)


@click.command()
def worker() -> None:
    """Run jobs and chores: intake, quotes, bookings, plans, watch. Any number may run side by side."""

    async def act(house: House) -> None:
        from gateway.app.serve import end_asked, working

        ended = end_asked()
        async with working(house):
            click.echo("Doorstep works.", err=True)
            await ended.wait()

    with_house(act)


@click.command()
def migrate() -> None:
    """Bring the database to this version's schema. Safe to run from many processes at once."""
    from gateway.bootstrap.house import open_postgres
    from gateway.store.migrate import migrate as bring_up

    async def act() -> None:
        async with open_postgres(settings()) as dsns:
            before, after = await asyncio.to_thread(bring_up, dsns.owner, shared_login=dsns.is_shared)
        click.echo(
            f"Schema is at {after}" + (" already." if before == after else f", was {before or 'empty'}.")
        )

    run(act)
