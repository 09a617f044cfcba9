"""`doorstep jobs`: the dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gateway.cli.running import with_house

if TYPE_CHECKING:
    from gateway.bootstrap.house import House


@click.group()
def jobs() -> None:
    """Jobs that failed for good."""


@jobs.command("dead")
def list_dead() -> None:
    """Show them, oldest first."""
    from gateway.workers.dead_letters import dead_letters

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
    from gateway.workers.dead_letters import dead_letters, replay_dead_letter

    async def act(house: House) -> None:
        dead = {letter.job_id for letter in await dead_letters(house.queue)}
        unknown = [str(job_id) for job_id in job_ids if job_id not in dead]
        if unknown:
            raise click.ClickException(f"No dead letter has the number {', '.join(unknown)}.")
        for job_id in job_ids:
            await replay_dead_letter(house.queue, job_id)
            click.echo(f"{job_id}  queued")

    with_house(act)
