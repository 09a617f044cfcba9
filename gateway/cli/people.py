"""`doorstep person`: who works for a merchant, and so may have exceptions in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from doorstep.person import Person, Role
from gateway.cli.accounts import MERCHANT
from gateway.cli.running import merchant_named, with_house

if TYPE_CHECKING:
    from gateway.bootstrap.house import House


@click.group()
def person() -> None:
    """People of a merchant: whose keys are whose, and who did what."""


@person.command("add")
@click.argument("name")
@MERCHANT
@click.option("--email", default="")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default="DISPATCHER", show_default=True
)
def add_person_command(merchant: str | None, name: str, email: str, role: str) -> None:
    """Add somebody; `doorstep token key --person ID` makes a key of theirs."""
    from gateway.flow.desk.people import save_person

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        async with house.means.begin(merchant_id) as work:
            made = await save_person(work, Person("", merchant_id, name, Role(role), email), None)
        click.echo(made.id)

    with_house(act)


@person.command("list")
@MERCHANT
def list_people(merchant: str | None) -> None:
    """Show who works here."""

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        async with house.means.begin(merchant_id) as work:
            found = await work.people.people()
        for one in found:
            click.echo(f"{one.id}  {one.name}  {one.role}")

    with_house(act)
