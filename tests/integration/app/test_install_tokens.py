"""Access tokens that end: renewed once for everybody, never lost, and mended by the merchant when refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from doorstep.errors import AccountProblem, RemoteUnavailable
from doorstep.merchant import Merchant
from doorstep.order import LinkStatus, Store, StorePlatform
from doorstep.secret import Secret
from gateway.auth.vault import Vault
from gateway.bootstrap.tokens import ACCESS_ENDED, PAUSE, StoreTokens, TokenPair
from gateway.store.database import Database
from gateway.store.jobs import open_queue
from gateway.store.unit_of_work import Transactions
from tests.conftest import Dsn

MERCHANT_ID = "mer_01jd0000000000000000000000"
STORE_ID = "sto_01jd0000000000000000000000"
SHOP = "corner-shop.myshopify.com"
STORE = Store(
    STORE_ID,
    MERCHANT_ID,
    StorePlatform.SHOPIFY,
    "Corner shop",
    f"https://{SHOP}",
    SHOP,
    "",
    scopes=("read_orders",),
)
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@dataclass
class HandClock:
    """Shows what it was set to."""

    time: datetime = NOON

    def now(self) -> datetime:
        return self.time


@dataclass
class Mint:
    """Shopify's token endpoint as documented: a used refresh token works until its successor is used.

    Attributes
    ----------
    renewals
        Shop and refresh token of every call that was answered with a pair.
    before_answer
        What happens between the renewal and its answer.
    """

    clock: HandClock
    good: set[str] = field(default_factory=lambda: {"refresh-0"})
    renewals: list[tuple[str, str]] = field(default_factory=list)
    before_answer: Callable[[], Awaitable[None]] | None = None
    answers: bool = True

    def pair(self, number: int) -> TokenPair:
        now = self.clock.now()
        ends_at, refresh_ends_at = now + timedelta(hours=1), now + timedelta(days=90)
        return TokenPair(
            Secret(f"access-{number}"),
            ends_at,
            Secret(f"refresh-{number}"),
            refresh_ends_at,
            ("read_orders",),
        )

    async def renew(self, shop: str, refresh_token: Secret) -> TokenPair:
        await asyncio.sleep(0.01)  # long enough for the others to come to the lock
        if not self.answers:
            raise RemoteUnavailable("Shopify is unwell", system="shopify")
        if refresh_token.reveal() not in self.good:
            raise AccountProblem("refused", system="shopify", raw_code="invalid_grant")
        # Its first use ends what came before it.
        number = int(refresh_token.reveal().rpartition("-")[2])
        self.good -= {f"refresh-{earlier}" for earlier in range(number)}
        pair = self.pair(len(self.renewals) + 1)
        self.good.add(pair.refresh_token.reveal())
        self.renewals.append((shop, refresh_token.reveal()))
        if self.before_answer is not None:
            await self.before_answer()
        return pair


@dataclass
class Process:
    """One gateway process: a database and its cache of the token."""

    transactions: Transactions
    tokens: StoreTokens


@asynccontextmanager
async def open_process(dsn: Dsn, mint: Mint) -> AsyncIterator[Process]:
    database, queue = Database(dsn.app, pool_size=3), open_queue(dsn.app)
    transactions = Transactions(database, queue, Vault([Secret("k" * 40)]), lambda _news: None)
    yield Process(transactions, StoreTokens(transactions, mint.renew, mint.clock, MERCHANT_ID, STORE_ID))
    await database.close()


@pytest.fixture
async def mint() -> Mint:
    return Mint(HandClock())


@pytest.fixture
async def processes(dsn: Dsn, mint: Mint) -> AsyncIterator[list[Process]]:
    """Two processes and a shop that installed the app 56 minutes ago."""
    async with AsyncExitStack() as stack:
        both = [await stack.enter_async_context(open_process(dsn, mint)) for _ in range(2)]
        async with both[0].transactions.begin(MERCHANT_ID) as work:
            await work.accounts.put_merchant(Merchant(MERCHANT_ID, "Corner shop", "USD", "UTC"))
            await work.accounts.put_store(STORE, mint.pair(0).as_credentials())
        mint.clock.time += timedelta(minutes=56)
        yield both


async def kept(process: Process) -> tuple[Store, dict[str, str]]:
    async with process.transactions.begin_sql(MERCHANT_ID) as work:
        store = await work.accounts.store(STORE_ID)
        credentials = await work.accounts.store_credentials(STORE_ID)
    assert store is not None
    return store, {name: value.reveal() for name, value in credentials.items()}


async def test_many_tasks_of_two_processes_renew_an_ending_token_once(
    processes: list[Process], mint: Mint
) -> None:
    asked = [processes[number % 2].tokens.current() for number in range(20)]
    found = {token.reveal() for token in await asyncio.gather(*asked)}
    assert (found, mint.renewals) == ({"access-1"}, [(SHOP, "refresh-0")])


async def test_a_rejected_token_is_renewed_once_for_everybody_it_was_rejected_for(
    processes: list[Process], mint: Mint
) -> None:
    mint.clock.time = NOON  # it would last another hour, if the shop took it
    rejected = await processes[0].tokens.current()
    asked = [processes[number % 2].tokens.renewed(rejected) for number in range(20)]
    found = {token.reveal() for token in await asyncio.gather(*asked)}
    assert (found, len(mint.renewals)) == ({"access-1"}, 1)


async def test_a_pair_is_committed_before_anybody_has_it(processes: list[Process], mint: Mint) -> None:
    token = await processes[0].tokens.current()
    _, credentials = await kept(processes[1])
    assert (token.reveal(), credentials["refresh_token"]) == ("access-1", "refresh-1")
    assert datetime.fromisoformat(credentials["access_token_expires_at"]) == mint.clock.time + timedelta(
        hours=1
    )


async def test_what_dies_between_the_answer_and_the_commit_loses_nothing(
    processes: list[Process], mint: Mint
) -> None:
    # Given a process that is ended when Shopify has renewed and nothing is committed
    here = asyncio.Event()

    async def never() -> None:
        here.set()
        await asyncio.Event().wait()

    mint.before_answer = never
    dying = asyncio.create_task(processes[0].tokens.current())
    await here.wait()
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    assert (await kept(processes[1]))[1]["refresh_token"] == "refresh-0"

    # Then the next one renews with the token that is kept, which is good as long as its successor is unused
    mint.before_answer = None
    assert (await processes[1].tokens.current()).reveal() == "access-2"
    assert [used for _, used in mint.renewals] == ["refresh-0", "refresh-0"]

    # And so it goes on
    mint.clock.time += timedelta(hours=2)
    assert (await processes[0].tokens.current()).reveal() == "access-3"


async def test_a_token_that_lasts_is_used_while_shopify_cannot_renew_it(
    processes: list[Process], mint: Mint
) -> None:
    mint.answers = False
    assert (await processes[0].tokens.current()).reveal() == "access-0"
    # It is not asked again at every call …
    mint.answers = True
    assert (await processes[0].tokens.current()).reveal() == "access-0"
    # … but after a pause.
    mint.clock.time += PAUSE
    assert (await processes[0].tokens.current()).reveal() == "access-1"


async def test_an_ended_token_is_never_used(processes: list[Process], mint: Mint) -> None:
    mint.answers = False
    mint.clock.time += timedelta(minutes=4)
    with pytest.raises(RemoteUnavailable):
        await processes[0].tokens.current()
    assert (await kept(processes[0]))[0].status is LinkStatus.CONNECTED


async def test_a_refused_renewal_degrades_the_store_in_words_and_is_not_repeated(
    processes: list[Process], mint: Mint
) -> None:
    mint.good = set()
    mint.clock.time += timedelta(hours=1)
    for _ in range(2):
        with pytest.raises(AccountProblem) as refusal:
            await processes[0].tokens.current()
        assert refusal.value.message == ACCESS_ENDED
    store, _ = await kept(processes[0])
    async with processes[0].transactions.begin(MERCHANT_ID) as work:
        sync = await work.syncs.get(STORE_ID)
    assert (store.status, sync.problem_text) == (LinkStatus.DEGRADED, ACCESS_ENDED)
    # Once the app was opened, the fresh pair is found without a word between the processes.
    async with processes[1].transactions.begin(MERCHANT_ID) as work:
        await work.accounts.put_store(STORE, mint.pair(7).as_credentials())
    assert (await processes[0].tokens.current()).reveal() == "access-7"


async def test_a_store_that_was_taken_out_gives_no_token(processes: list[Process]) -> None:
    async with processes[0].transactions.begin(MERCHANT_ID) as work:
        await work.accounts.put_store(replace(STORE, status=LinkStatus.DISCONNECTED), {})
    with pytest.raises(AccountProblem):
        await processes[1].tokens.current()


async def test_whoever_read_a_store_before_it_was_renewed_does_not_undo_that(
    processes: list[Process], mint: Mint
) -> None:
    async with processes[1].transactions.begin(MERCHANT_ID) as slow:
        read = await slow.accounts.store(STORE_ID)
        assert read is not None
        await processes[0].tokens.current()
        await slow.accounts.put_store(read)
    assert (await kept(processes[0]))[1]["refresh_token"] == "refresh-1"
