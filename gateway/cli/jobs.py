"""`doorstep jobs`: the dead letters."""

from __future__ import annotations

import click

from gateway.bootstrap.house import House
from gateway.cli.running import with_house
from gateway.workers.dead_letters import dead_letters, replay_dead_letter


@click.group()
def jobs() -> None:
    """Jobs that failed for good."""


@jobs.command("dead")
def list_dead() -> None:
    """Show them, oldest first."""

    async def act(house: House) -> None:
        letters = await dead_letters(house.queue)
        for letter in letters:
            ids = " ".join(str(value) for value in letter.data.values())
            click.echo(
                f"{letter.job_id}  {letter.event} -> {letter.handler}  {ids}  after {letter.attempts} tries"
            )
        if not letters:
            click.echo("No dead letters.", err=True)

    with_house(act)


@jobs.command("retry")
@click.argument("job_ids", nargs=-1, required=True, type=int)
def retry(job_ids: tuple[int, ...]) -> None:
    """Start them again."""

    async def act(house: House) -> None:
        for job_id in job_ids:
            await replay_dead_letter(house.queue, job_id)
            click.echo(f"{job_id}  queued")

    with_house(act)
