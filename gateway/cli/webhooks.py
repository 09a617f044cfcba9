"""`doorstep webhook`: where a merchant's systems are called, how that goes, and making calls again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from doorstep.errors import NotFound
from doorstep.webhook import WebhookTopic
from gateway.cli.running import merchant_named, with_house

if TYPE_CHECKING:
    from gateway.bootstrap.house import House

MERCHANT = click.option("--merchant", help="Id or name; may be left out while there is only one.")
TOPICS = [topic.value for topic in WebhookTopic if topic is not WebhookTopic.TEST]


@click.group()
def webhook() -> None:
    """Webhooks to a merchant's own systems."""


@webhook.command("add")
@click.argument("name")
@click.argument("url")
@MERCHANT
@click.option(
    "--topic", "topics", multiple=True, type=click.Choice(TOPICS), help="As often as needed; all if absent."
)
@click.option("--personal-data", is_flag=True, help="Put names, addresses and phone numbers into calls.")
def add(name: str, url: str, merchant: str | None, topics: tuple[str, ...], *, personal_data: bool) -> None:
    """Call URL when something happens; prints its id and, once, its signing secret."""
    from gateway.flow.messaging.systems.save import Draft, save_endpoint

    chosen = tuple(WebhookTopic(topic) for topic in topics or TOPICS)

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        draft = Draft(name, url, chosen, with_personal_data=personal_data)
        saved = await save_endpoint(house.means, merchant_id, draft, None, None)
        click.echo(saved.endpoint.id)
        if saved.secret is not None:
            click.echo(saved.secret.reveal())

    with_house(act)


@webhook.command("list")
@MERCHANT
def list_endpoints(merchant: str | None) -> None:
    """Show the endpoints and how they do."""

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        async with house.means.begin(merchant_id) as work:
            endpoints = await work.webhooks.endpoints()
        for one in endpoints:
            failing = (
                "" if one.failing_since is None else f", failing since {one.failing_since:%Y-%m-%d %H:%M}"
            )
            state = ("on" if one.enabled else "off") + failing
            reason = f"  {one.disabled_reason}" if one.disabled_reason else ""
            click.echo(f"{one.id}  {one.name}  {one.url}  {state}{reason}")
        if not endpoints:
            click.echo("Nobody is called.", err=True)

    with_house(act)


@webhook.command("log")
@click.argument("endpoint_id")
@MERCHANT
@click.option("--last", default=20, show_default=True, type=click.IntRange(1, 200), help="How many calls.")
def show_log(endpoint_id: str, merchant: str | None, last: int) -> None:
    """Show the last calls of an endpoint, newest first."""
    from gateway.store.queries.shapes import PageRequest
    from gateway.store.queries.webhooks import SqlWebhookReads

    async def act(house: House) -> None:
        reads = SqlWebhookReads(house.database, await merchant_named(house, merchant))
        page = await reads.find_webhook_attempts(endpoint_id, PageRequest(last))
        for logged in page.items:
            attempt = logged.attempt
            result = str(attempt.answer.status or "---")
            again = f"  again {attempt.next_try_at:%H:%M:%S}" if attempt.next_try_at else ""
            line = f"{attempt.sent_at:%Y-%m-%d %H:%M:%S}  {attempt.message_id}  {attempt.topic}  {result}"
            click.echo(f"{line}  {attempt.answer.took_ms} ms{again}  {attempt.answer.error}".rstrip())

    with_house(act)


@webhook.command("test")
@click.argument("endpoint_id")
@MERCHANT
def test_command(endpoint_id: str, merchant: str | None) -> None:
    """Call an endpoint now, with nothing but its name."""
    from gateway.flow.messaging.systems.call import call_endpoint
    from gateway.flow.messaging.systems.save import try_endpoint

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        call = await try_endpoint(house.means, merchant_id, endpoint_id)
        await call_endpoint(house.means, merchant_id, endpoint_id)
        async with house.means.begin(merchant_id) as work:
            done = await work.webhooks.call(call.id)
        click.echo(f"{call.message_id}  {done.status if done else 'FAILED'}")

    with_house(act)


@webhook.command("rotate")
@click.argument("endpoint_id")
@MERCHANT
def rotate(endpoint_id: str, merchant: str | None) -> None:
    """Make a new signing secret and print it; for a day the old one signs as well."""
    from gateway.flow.messaging.systems.save import rotate_secret

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        _, secret, until = await rotate_secret(house.means, merchant_id, endpoint_id)
        click.echo(secret.reveal())
        click.echo(f"The old one signs until {until:%Y-%m-%d %H:%M} UTC.", err=True)

    with_house(act)


@webhook.command("replay")
@click.argument("endpoint_id")
@click.argument("message_ids", nargs=-1)
@MERCHANT
@click.option("--failed-since", type=click.DateTime(), help="UTC: all calls given up that were made since.")
def replay_command(
    endpoint_id: str, message_ids: tuple[str, ...], merchant: str | None, failed_since: datetime | None
) -> None:
    """Make calls again: these messages, or what was given up since a moment."""
    from gateway.flow.messaging.systems.save import replay

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        since = None if failed_since is None else failed_since.replace(tzinfo=UTC)
        count = await replay(
            house.means, merchant_id, endpoint_id, message_ids=message_ids, failed_since=since
        )
        click.echo(f"{count} calls are made again.")

    with_house(act)


@webhook.command("archive")
@click.argument("endpoint_id")
@MERCHANT
def archive(endpoint_id: str, merchant: str | None) -> None:
    """Call an endpoint no more, for good."""
    from gateway.flow.messaging.systems.save import archive_endpoint

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        async with house.means.begin(merchant_id) as work:
            known = await work.webhooks.endpoint(endpoint_id)
        if known is None:
            raise NotFound(endpoint_id)
        await archive_endpoint(house.means, merchant_id, endpoint_id, known.version)

    with_house(act)
