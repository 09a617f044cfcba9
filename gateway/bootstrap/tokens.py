"""Access tokens of Shopify that end: kept sealed beside the store, renewed by one process for all.

Shopify documentation, November 2026: an offline token lasts an hour, its refresh token 90 days, and each
renewal gives a new pair. The old refresh token stays good until the new pair is first used. So nobody uses a
pair before it is committed: whatever ends us between Shopify's answer and the commit, the kept pair still
opens, and the next one to ask renews again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from doorstep.clock import Clock
from doorstep.errors import AccountProblem, RemoteError, RemoteRefused, RemoteUnavailable, UnknownOutcome
from doorstep.order import LinkStatus, Store
from doorstep.secret import Secret
from gateway.flow.intake.reach import granted, turned_away
from gateway.store.unit_of_work import SqlUnitOfWork, Transactions

AHEAD = timedelta(minutes=5)
"""How long before its end a token is renewed: longer than any call takes."""

PAUSE = timedelta(seconds=30)
"""How long a token that still lasts is used before the next try, when it could not be renewed."""

RENEWAL_S = 5.0
"""What one renewal may take, seconds of the machine.

While it lasts it holds the store's row, which whoever links or disconnects the store waits for, and one of
the pool's connections, which everybody waits for. Shopify grants a token within a second; where it does not,
giving up costs nothing, as the kept token lasts for minutes yet and the refresh token until its successor is
used: the next call tries again."""

ACCESS_ENDED = "Shopify no longer lets us in: open the app in Shopify's admin once, that renews its access."

_OVER = ("invalid_grant", "invalid_subject_token")
"""What Shopify calls a refresh token that is good no more."""

_PAIR = ("access_token", "access_token_expires_at", "refresh_token", "refresh_token_expires_at")


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a renewal or an installation gave."""

    access_token: Secret
    access_ends_at: datetime
    refresh_token: Secret
    refresh_ends_at: datetime
    scopes: tuple[str, ...]

    def lasts(self, until: datetime) -> bool:
        """Whether the access token is good beyond a moment."""
        return self.access_ends_at > until

    def as_credentials(self) -> dict[str, str]:
        """As they lie sealed; the scopes are the store's own."""
        return {
            "access_token": self.access_token.reveal(),
            "access_token_expires_at": self.access_ends_at.isoformat(),
            "refresh_token": self.refresh_token.reveal(),
            "refresh_token_expires_at": self.refresh_ends_at.isoformat(),
        }


Renew = Callable[[str, Secret], Awaitable[TokenPair]]
"""Domain of a shop, refresh token -> the next pair; raises as `OurShopifyApp.refresh`."""


def read_pair(credentials: Mapping[str, Secret], scopes: tuple[str, ...]) -> TokenPair | None:
    """The pair among a store's credentials; None where it has none, as one that was linked by hand."""
    if any(name not in credentials for name in _PAIR):
        return None
    return TokenPair(
        access_token=credentials["access_token"],
        access_ends_at=datetime.fromisoformat(credentials["access_token_expires_at"].reveal()),
        refresh_token=credentials["refresh_token"],
        refresh_ends_at=datetime.fromisoformat(credentials["refresh_token_expires_at"].reveal()),
        scopes=scopes,
    )


class StoreTokens:
    """See `doorstep.ports.AccessTokens`; of one shop that installed our app."""

    def __init__(
        self, transactions: Transactions, renew: Renew, clock: Clock, merchant_id: str, store_id: str
    ) -> None:
        self._transactions = transactions
        self._renew = renew
        self._clock = clock
        self._merchant_id = merchant_id
        self._store_id = store_id
        self._kept: TokenPair | None = None
        self._refused = Secret("")
        self._not_before: datetime | None = None
        self._turn = asyncio.Lock()

    async def current(self) -> Secret:
        """The token to send now.

        Raises
        ------
        AccountProblem
            If Shopify gives none any more: the merchant has to open the app once.
        RemoteUnavailable
            If the kept one has ended and Shopify could not be asked.
        """
        return (await self._good(None)).access_token

    async def renewed(self, rejected: Secret) -> Secret:
        """Another token after the shop turned this one away; raises as `current`."""
        return (await self._good(rejected)).access_token

    async def _good(self, rejected: Secret | None) -> TokenPair:
        pair = self._at_hand(rejected)
        if pair is not None:
            return pair
        # One of this process goes to the database; the others find what it brought.
        async with self._turn:
            pair = self._at_hand(rejected)
            if pair is None:
                pair = self._kept = await self._read_or_renew(rejected)
            return pair

    def _at_hand(self, rejected: Secret | None) -> TokenPair | None:
        pair, now = self._kept, self._clock.now()
        if pair is None or pair.access_token == rejected:
            return None
        may_wait = self._not_before is not None and now < self._not_before
        return pair if pair.lasts(now if may_wait else now + AHEAD) else None

    async def _read_or_renew(self, rejected: Secret | None) -> TokenPair:
        """What is kept, or the next pair.

        The store's row is locked from before the kept pair is read until the next one is committed, so of
        many processes one renews and the others, when they get the lock, find the fresh pair.
        """
        async with self._transactions.begin_sql(self._merchant_id) as work:
            store = await work.accounts.store(self._store_id, lock=True)
            credentials = await work.accounts.store_credentials(self._store_id)
            pair = read_pair(credentials, store.scopes) if store else None
            if store is None or pair is None:
                raise _ended()
            now = self._clock.now()
            is_usable = pair.access_token != rejected
            if is_usable and pair.lasts(now + AHEAD):
                return pair
            try:
                fresh = await self._ask(store, pair)
            except RemoteError as error:
                if is_usable and pair.lasts(now):
                    self._not_before = now + PAUSE
                    return pair
                refusal = error
            else:
                await _keep(work, store, credentials, fresh)
                return fresh
        if isinstance(refusal, AccountProblem):
            await self._tell_merchant(pair, refusal)
        raise refusal

    async def _ask(self, store: Store, pair: TokenPair) -> TokenPair:
        if pair.refresh_token == self._refused or pair.refresh_ends_at <= self._clock.now():
            raise _ended()
        try:
            async with asyncio.timeout(RENEWAL_S):
                return await self._renew(store.external_id, pair.refresh_token)
        except AccountProblem as problem:
            if problem.raw_code not in _OVER:
                raise  # a frozen shop, or a wrong client secret: in words of its own
            self._refused = pair.refresh_token
            raise _ended() from None
        except RemoteRefused:
            raise _ended() from None
        except (TimeoutError, UnknownOutcome):
            # Nothing is lost with the answer: the kept refresh token stays good until its successor is used.
            text = "Shopify did not answer in time when access was to be renewed"
            raise RemoteUnavailable(text, system="shopify", raw_code="timeout") from None

    async def _tell_merchant(self, pair: TokenPair, refusal: AccountProblem) -> None:
        now = self._clock.now()
        async with self._transactions.begin_sql(self._merchant_id) as work:
            # First how it answers, then the store: in the order in which everybody locks.
            sync = await work.syncs.get(self._store_id, lock=True)
            store = await work.accounts.store(self._store_id, lock=True)
            credentials = await work.accounts.store_credentials(self._store_id)
            is_same = credentials.get("refresh_token") == pair.refresh_token
            if store is None or not is_same or store.status is LinkStatus.DISCONNECTED:
                return  # the app was opened, or taken out, meanwhile
            # Even where scopes are missing: opening the app again, which this asks for, judges them anew.
            await work.syncs.put(turned_away(granted(sync), refusal, now))
            await work.accounts.put_store(replace(store, status=LinkStatus.DEGRADED))


async def _keep(
    work: SqlUnitOfWork, store: Store, credentials: Mapping[str, Secret], fresh: TokenPair
) -> None:
    kept = {name: value.reveal() for name, value in credentials.items()}
    scopes = fresh.scopes or store.scopes
    await work.accounts.put_store(replace(store, scopes=scopes), kept | fresh.as_credentials())


def _ended() -> AccountProblem:
    return AccountProblem(ACCESS_ENDED, system="shopify", raw_code="invalid_grant")
