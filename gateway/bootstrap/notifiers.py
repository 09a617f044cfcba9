"""Connectors to providers of messages: made from what a merchant linked, once, and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from doorstep.errors import InvalidInput, NotFound
from doorstep.health import HealthCheck
from doorstep.ids import new_id
from doorstep.notice import NoticeAccount, NoticeFault, NoticeRefused
from doorstep.ports.notifiers import Notifier, NotifierPlugin
from doorstep.secret import Secret
from gateway.auth.vault import Vault
from gateway.flow.ports.notices import LinkedNotifier, Notifiers
from gateway.store.database import Database
from gateway.store.repositories.notices import notice_account_behind_door
from gateway.store.unit_of_work import Transactions

NotifierPlugins = Mapping[str, NotifierPlugin]
"""Who can be asked to send, by the provider's code."""


def callback_of(base_url: str, account_id: str) -> str:
    """Where a provider says how messages of an account fare."""
    return f"{base_url}/webhooks/messages/{account_id}"


class KeptNotifiers:
    """See `gateway.flow.ports.notices.Notifiers`.

    The account is read at each use: one that was entered anew or switched off is not spoken for by the old
    one for longer than one message.
    """

    def __init__(
        self,
        plugins: NotifierPlugins,
        database: Database,
        transactions: Transactions,
        vault: Vault,
        base_url: str,
    ) -> None:
        self._plugins = plugins
        self._database = database
        self._transactions = transactions
        self._vault = vault
        self._base_url = base_url
        self._kept: dict[tuple[str, str], tuple[bytes, LinkedNotifier]] = {}
        self._turn = asyncio.Lock()

    async def of(self, merchant_id: str, account_id: str) -> LinkedNotifier | None:
        """One account; None where there is none, or nobody speaks for it.

        Raises
        ------
        NoticeRefused
            If its connector does not take what was entered for it any more.
        """
        async with self._turn:
            found = await self._behind_door(account_id)
            if found is None or found[0] != merchant_id or found[1] not in self._plugins:
                return None
            plugin, sealed = self._plugins[found[1]], found[2]
            account = await self._account(merchant_id, account_id)
            if account is None or not account.enabled:
                return None
            kept = self._kept.get((merchant_id, account_id))
            if kept is not None and kept[0] == sealed:
                return kept[1]
            notifier = _connected(plugin, self._vault.open(sealed), callback_of(self._base_url, account_id))
            if kept is not None:
                await kept[1].notifier.close()
            linked = LinkedNotifier(account, notifier, plugin.may_repeat)
            self._kept[merchant_id, account_id] = (sealed, linked)
            return linked

    async def close(self) -> None:
        """Let go of all connections."""
        for _, linked in self._kept.values():
            await linked.notifier.close()
        self._kept.clear()

    async def _behind_door(self, account_id: str) -> tuple[str, str, bytes] | None:
        async with self._database.doors() as connection:
            return await notice_account_behind_door(connection, account_id)

    async def _account(self, merchant_id: str, account_id: str) -> NoticeAccount | None:
        async with self._transactions.begin(merchant_id) as work:
            accounts = await work.notices.accounts()
        return next((one for one in accounts if one.id == account_id), None)


def _connected(plugin: NotifierPlugin, credentials: Mapping[str, Secret], callback: str) -> Notifier:
    try:
        return plugin.connect(credentials, callback)
    except Exception as slip:  # a stranger's connector must not stop the others
        text = "Its account cannot be used as it was entered."
        raise NoticeRefused(NoticeFault.ACCOUNT, type(slip).__name__, text) from None


async def link_notifier(
    transactions: Transactions,
    plugins: NotifierPlugins,
    merchant_id: str,
    provider: str,
    name: str,
    credentials: Mapping[str, str],
) -> NoticeAccount:
    """Keep an account with a provider.

    Raises
    ------
    InvalidInput
        If there is no such provider, or what it needs is missing.
    """
    plugin = plugins.get(provider)
    if plugin is None:
        raise InvalidInput(f"provider must be one of {', '.join(sorted(plugins))}.", path=("provider",))
    known = {field.name for field in plugin.credentials}
    strange = sorted(set(credentials) - known)
    if strange:
        text = f"{plugin.name} takes no {strange[0]}; it takes {', '.join(sorted(known))}."
        raise InvalidInput(text, path=("credentials", strange[0]))
    secrets = {key: Secret(value) for key, value in credentials.items()}
    # Made once to see that nothing is missing; it opens no connection.
    await plugin.connect(secrets, "").close()
    account = NoticeAccount(
        new_id("nac"), merchant_id, provider, name or plugin.name, plugin.channels(secrets)
    )
    async with transactions.begin(merchant_id) as work:
        await work.notices.put_account(account, credentials)
    return account


async def switch_notifier(
    transactions: Transactions, merchant_id: str, account_id: str, *, enabled: bool
) -> NoticeAccount:
    """Send by an account, or no more; raises `NotFound`."""
    async with transactions.begin(merchant_id) as work:
        found = next((one for one in await work.notices.accounts() if one.id == account_id), None)
        if found is None:
            raise NotFound(account_id)
        changed = replace(found, enabled=enabled)
        await work.notices.put_account(changed)
        return changed


async def check_notifier(notifiers: Notifiers, account: NoticeAccount) -> tuple[HealthCheck, ...]:
    """Try an account; sends nothing."""
    try:
        linked = await notifiers.of(account.merchant_id, account.id)
    except NoticeRefused as refused:
        return (HealthCheck("account", False, f"{refused.why} ({refused.raw_code})", "sender_rejected"),)
    if linked is None:
        text = "It is switched off, or nobody speaks for its provider."
        return (HealthCheck("account", False, text, "sender_off"),)
    return tuple(await linked.notifier.check())
