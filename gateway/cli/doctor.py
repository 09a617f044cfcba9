"""`doorstep doctor`: says what is wrong in words a merchant understands. docs/doctor.md has the table."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from importlib.metadata import distributions
from typing import TYPE_CHECKING

import click

from doorstep.errors import DoorstepError, InvalidInput
from doorstep.health import HealthCheck
from gateway.cli.running import with_house
from gateway.flow.ports.unknowns import UnknownCode

if TYPE_CHECKING:
    from doorstep.notice import NoticeAccount
    from gateway.bootstrap.house import House

OUR_PACKAGES = ("connectors", "doorstep", "gateway", "optimizer", "simulator", "webhooks")
"""Top-level names that must belong to the distribution `doorstep` alone."""

MOST_CODES_SHOWN = 10


@click.command()
@click.option("--store", "store_id", help="Look at this store only.")
def doctor(store_id: str | None) -> None:
    """Look at the database, the plug-ins, every store and carrier; exit code 1 if something is wrong."""

    async def act(house: House) -> int:
        failed = _show(
            "This installation", [*_names(), house.live.health(), *_plugins(house), *_operators(house)]
        )
        looked_at = 0
        for merchant_id in await _merchants(house):
            found, wrong = await _look_at(house, merchant_id, store_id)
            looked_at += found
            failed += wrong
        if store_id is not None and not looked_at:
            raise InvalidInput(f"There is no store {store_id}.", path=("store",))
        return failed

    failed = with_house(act)
    if failed:
        raise click.ClickException(
            f"{failed} thing{'s' if failed > 1 else ''} to mend; docs/doctor.md has the table."
        )


async def _look_at(house: House, merchant_id: str, store_id: str | None) -> tuple[int, int]:
    """How many links of a merchant were looked at, and how many findings did not pass."""
    async with house.means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant()
        stores = [store for store in await work.accounts.stores() if store_id in {None, store.id}]
        accounts = [] if store_id else [one for one in await work.accounts.carriers() if one.enabled]
        unknown = [] if store_id else await work.unknowns.all()
        senders = [] if store_id else [one for one in await work.notices.accounts() if one.enabled]
    failed = 0
    for store in stores:
        findings = await _checked(_look_at_store(house, merchant_id, store.id))
        failed += _show(f"{merchant.name}: {store.name}", findings)
    for account in accounts:
        findings = await _checked(_look_at_carrier(house, merchant_id, account.id))
        mine = [one for one in unknown if one.carrier == account.carrier]
        failed += _show(f"{merchant.name}: {account.name}", [*findings, *about_codes(mine)])
    for sender in senders:
        failed += _show(f"{merchant.name}: {sender.name}", await _checked(_look_at_sender(house, sender)))
    return len(stores) + len(accounts) + len(senders), failed


def about_codes(unknown: Sequence[UnknownCode]) -> list[HealthCheck]:
    """What a carrier's connector has to learn; nothing that whoever runs this could mend."""
    if not unknown:
        return []
    often = sorted(unknown, key=lambda one: -one.seen)[:MOST_CODES_SHOWN]
    listed = ", ".join(f"{one.kind.lower()} {one.code} ({one.seen} times)" for one in often)
    more = f" and {len(unknown) - len(often)} more" if len(unknown) > len(often) else ""
    text = f"It has sent codes that are unknown here: {listed}{more}. Please report them."
    return [HealthCheck("codes", True, text)]


async def _checked(findings: Awaitable[Sequence[HealthCheck]]) -> Sequence[HealthCheck]:
    """What was found; a link that cannot even be made is a finding, and no end of the round."""
    try:
        return await findings
    except DoorstepError as error:
        return [HealthCheck("link", False, error.message, "link_impossible")]


async def _look_at_store(house: House, merchant_id: str, store_id: str) -> Sequence[HealthCheck]:
    return await (await house.links.store(merchant_id, store_id)).check()


async def _look_at_carrier(house: House, merchant_id: str, account_id: str) -> Sequence[HealthCheck]:
    linked = await house.links.carrier(merchant_id, account_id)
    if linked is None:
        text = "No plug-in speaks for this carrier any more."
        return [HealthCheck("plugin", False, text, "plugin_broken")]
    return await linked.connector.check()


async def _look_at_sender(house: House, account: NoticeAccount) -> Sequence[HealthCheck]:
    from gateway.bootstrap.notifiers import check_notifier

    return await check_notifier(house.means.notifiers, account)


async def _merchants(house: House) -> Sequence[str]:
    from gateway.store.accounts import all_merchants

    async with house.database.doors() as connection:
        return await all_merchants(connection)


def _names() -> list[HealthCheck]:
    """Another distribution that installs a package of one of our names would shadow it."""
    strangers = sorted(
        {
            f"{dist.name} ({file.parts[0]})"
            for dist in distributions()
            if dist.name != "doorstep"
            for file in dist.files or ()
            if file.parts and file.parts[0] in OUR_PACKAGES
        }
    )
    if strangers:
        listed = ", ".join(strangers)
        return [
            HealthCheck(
                "names",
                False,
                f"These share a package name with Doorstep: {listed}. Uninstall them.",
                "name_taken",
            )
        ]
    return [HealthCheck("names", True, "No other distribution uses our package names.")]


def _plugins(house: House) -> list[HealthCheck]:
    return [
        HealthCheck("plugin", False, f"The plug-in {name} could not be loaded: {reason}.", "plugin_broken")
        for name, reason in house.plugins.broken.items()
    ]


def _operators(house: House) -> Sequence[HealthCheck]:
    from gateway.bootstrap.operators import AppriseOperators, read_channels

    return AppriseOperators(read_channels(house.settings.operator_channels)).check()


def _show(title: str, checks: Sequence[HealthCheck]) -> int:
    click.secho(title, bold=True)
    for check in checks:
        mark = click.style("ok", fg="green") if check.passed else click.style("!!", fg="red")
        click.echo(f"  {mark}  {check.text}")
    return sum(not check.passed for check in checks)
