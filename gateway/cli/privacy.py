"""`doorstep privacy`: what is known of a shopper, and forgetting them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from doorstep.errors import InvalidInput
from gateway.cli.running import merchant_named, with_house

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doorstep.order import Store
    from gateway.bootstrap.house import House

MERCHANT = click.option("--merchant", help="Id or name; may be left out while there is only one.")


@click.group()
def privacy() -> None:
    """Requests about people's data: give it out, or forget it."""


@privacy.command("list")
@MERCHANT
def list_requests(merchant: str | None) -> None:
    """Show the requests that wait, what is due soonest first."""

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        async with house.means.begin(merchant_id) as work:
            waiting = await work.privacy_requests.waiting()
        for request in waiting:
            orders = f"{len(request.order_ids)} orders"
            click.echo(f"{request.id}  {request.kind}  due {request.due_at:%Y-%m-%d}  {orders}")
        if not waiting:
            click.echo("Nothing waits.", err=True)

    with_house(act)


@privacy.command("export")
@click.argument("request_id")
@MERCHANT
@click.option("--done", is_flag=True, help="The shopper has their answer: close the request.")
def export(request_id: str, merchant: str | None, *, done: bool) -> None:
    """Write what is known of the shopper of a request, as JSON."""
    from gateway.flow.privacy.requests import answer_of, finish_data_request

    async def act(house: House) -> None:
        merchant_id = await merchant_named(house, merchant)
        answer = await answer_of(house.means, merchant_id, request_id)
        click.echo(json.dumps(answer.known, ensure_ascii=False, indent=2))
        if done:
            await finish_data_request(house.means, merchant_id, request_id)

    with_house(act)


@privacy.command("erase")
@MERCHANT
@click.option("--store", "store_id", help="Only in this store.")
@click.option("--order", help="Our id of an order, or the store's.")
@click.option("--email", default="", help="All orders that go to this address.")
@click.option("--phone", default="", help="All orders that go to this number.")
def erase(merchant: str | None, store_id: str | None, order: str | None, email: str, phone: str) -> None:
    """Forget a shopper; an order that is being delivered is forgotten when it is there."""
    from doorstep.privacy import PrivacyKind, PrivacyNotice
    from gateway.flow.privacy.requests import take_privacy_notice
    from gateway.flow.records import PrivacyStatus

    async def act(house: House) -> None:
        if not (order or email.strip() or phone.strip()):
            raise InvalidInput("Say whom: --order, --email or --phone.", path=("order",))
        merchant_id = await merchant_named(house, merchant)
        stores, external_id = await _where(house, merchant_id, store_id, order)
        named = (external_id,) if external_id else ()
        for store in stores:
            notice = PrivacyNotice(PrivacyKind.REDACT_SHOPPER, "", named, email, phone)
            request = await take_privacy_notice(house.means, store, notice)
            is_done = request.status is PrivacyStatus.DONE
            rest = "forgotten" if is_done else "forgotten once the last delivery is over"
            click.echo(f"{store.name}  {request.id}  {len(request.order_ids)} orders  {rest}")

    with_house(act)


async def _where(
    house: House, merchant_id: str, store_id: str | None, order: str | None
) -> tuple[Sequence[Store], str]:
    """The stores to look in, and the store's id of the order.

    Raises
    ------
    InvalidInput
        If there is no such store or order.
    """
    async with house.means.begin(merchant_id) as work:
        stores = [store for store in await work.accounts.stores() if store_id in {None, store.id}]
        known = await work.orders.get(order) if order else None
        if known is not None:
            return [store for store in stores if store.id == known.store_id], known.external_id
        if order:
            found = [one for one in stores if await work.orders.by_external_id(one.id, order) is not None]
            if not found:
                raise InvalidInput(f"There is no order {order}.", path=("order",))
            return found, order
    if not stores:
        raise InvalidInput(
            f"There is no store {store_id}." if store_id else "No store is linked yet.", path=("store",)
        )
    return stores, ""
