"""`doorstep messages`: accounts that shoppers are written to by, and who gets nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from doorstep.errors import InvalidInput
from doorstep.notice import NoticeChannel
from gateway.cli.running import merchant_named, with_house

if TYPE_CHECKING:
    from gateway.bootstrap.house import House

MERCHANT = click.option("--merchant", help="Id or name; may be left out while there is only one.")
CHANNEL = click.option(
    "--channel", required=True, type=click.Choice([channel.value for channel in NoticeChannel])
)


@click.group()
def messages() -> None:
    """Messages to shoppers: e-mail, SMS and WhatsApp."""


@messages.command("kinds")
def kinds() -> None:
    """Show the providers, and what each wants to know."""
    from gateway.plugins import load_plugins

    for plugin in load_plugins().notifiers.values():
        click.echo(f"{plugin.provider}  {plugin.name}")
        for field in plugin.credentials:
            need = "" if field.default is None else f"  ({field.default or 'may be left out'})"
            click.echo(f"  {field.name}  {field.label}{need}")


@messages.command("add")
@click.argument("provider")
@MERCHANT
@click.option("--name", default="", help="How it is shown; the provider's own name where absent.")
@click.option("--credential", "pairs", multiple=True, help="name=value, as often as needed.")
def add(provider: str, merchant: str | None, name: str, pairs: tuple[str, ...]) -> None:
    """Link an account; PROVIDER is one of `doorstep messages kinds`."""
    from gateway.bootstrap.notifiers import callback_of, link_notifier

    credentials = dict(_pair(pair) for pair in pairs)

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        plugins = house.plugins.notifiers
        account = await link_notifier(house.transactions, plugins, merchant_id, provider, name, credentials)
        click.echo(account.id)
        if plugins[provider].webhooks is not None:
            url = callback_of(house.settings.base_url, account.id)
            click.echo(f"Let {account.name} call {url} for what people write back.", err=True)

    with_house(act)


@messages.command("list")
@MERCHANT
def list_accounts(merchant: str | None) -> None:
    """Show the accounts."""

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        async with house.means.begin(merchant_id) as work:
            accounts = await work.notices.accounts()
        for account in accounts:
            state = "on" if account.enabled else "off"
            click.echo(f"{account.id}  {account.name}  {', '.join(account.channels)}  {state}")
        if not accounts:
            click.echo("Nobody is written to.", err=True)

    with_house(act)


@messages.command("check")
@MERCHANT
def check(merchant: str | None) -> None:
    """Try every account; sends nothing. Ends with 1 where one does not work."""
    from gateway.bootstrap.notifiers import check_notifier

    async def act(house: House) -> bool:
        merchant_id = await merchant_named(house, merchant)
        async with house.means.begin(merchant_id) as work:
            accounts = await work.notices.accounts()
        is_well = True
        for account in accounts:
            for found in await check_notifier(house.means.notifiers, account):
                is_well = is_well and found.passed
                click.echo(f"{'ok  ' if found.passed else 'FAIL'}  {account.name}  {found.text}")
        return is_well

    if not with_house(act):
        raise SystemExit(1)


@messages.command("switch")
@click.argument("account_id")
@click.argument("state", type=click.Choice(["on", "off"]))
@MERCHANT
def switch(account_id: str, state: str, merchant: str | None) -> None:
    """Write by an account, or no more."""
    from gateway.bootstrap.notifiers import switch_notifier

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        await switch_notifier(house.transactions, merchant_id, account_id, enabled=state == "on")

    with_house(act)


@messages.command("stop")
@click.argument("recipient")
@CHANNEL
@MERCHANT
def stop_command(recipient: str, channel: str, merchant: str | None) -> None:
    """Write to somebody no more by a channel."""
    from gateway.flow.messaging.people.hear import stop

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        async with house.means.begin(merchant_id) as work:
            await stop(work, NoticeChannel(channel), recipient, "by the merchant", house.clock.now())

    with_house(act)


@messages.command("allow")
@click.argument("recipient")
@CHANNEL
@MERCHANT
@click.option("--source", required=True, help="Where they agreed: a form, a call.")
def allow_command(recipient: str, channel: str, merchant: str | None, source: str) -> None:
    """Note that somebody agrees to be written to by a channel, perhaps again."""
    from gateway.flow.messaging.people.hear import start

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        async with house.means.begin(merchant_id) as work:
            await start(work, NoticeChannel(channel), recipient, source, house.clock.now())

    with_house(act)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InvalidInput("--credential takes name=value.", path=("credential",))
    return name.strip(), value
