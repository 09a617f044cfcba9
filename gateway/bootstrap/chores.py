"""What the gateway does again and again for every merchant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from doorstep.errors import DoorstepError
from doorstep.events import StoreNotified
from doorstep.order import LinkStatus, Store, StorePlatform
from gateway.bootstrap.eta import learn_arrivals
from gateway.bootstrap.healing import heal_store
from gateway.bootstrap.house import House
from gateway.flow.choosing.due import wave_due
from gateway.flow.desk.timers import look_after_answers
from gateway.flow.documents.let_go import let_go_of_old
from gateway.flow.intake.compare import count_due
from gateway.flow.intake.linking import places_changed
from gateway.flow.intake.sync import rescan_due, sync_store
from gateway.flow.mending.run import look_for_due_steps
from gateway.flow.messaging.people.send import look_after, send_due
from gateway.flow.messaging.systems.call import call_endpoint
from gateway.flow.planning.changes.unseen import end_unseen_tours
from gateway.flow.planning.plans.improve import improve_due
from gateway.flow.planning.plans.over import end_lost_plans
from gateway.flow.planning.plans.request import plan_due
from gateway.flow.ports import Means
from gateway.flow.privacy.requests import redact_due
from gateway.flow.records import Remembered
from gateway.flow.returning.looking_after import look_after_returns
from gateway.flow.stacking.leaving import end_waits
from gateway.flow.telling.tell import tell_due
from gateway.flow.tracking.take import look_after_fixes
from gateway.flow.watching.watch import sweep
from gateway.flow.watching.watch_carriers import look_at_carriers
from gateway.store.accounts import all_merchants
from gateway.store.repositories.notices import merchants_with_due_notices
from gateway.store.repositories.webhooks import endpoints_with_due_calls
from gateway.store.tidy import tidy
from gateway.workers.periodic import Chore
from gateway.workers.rescue import rescue_stalled
from gateway.workers.rounds import Rounds

log = structlog.get_logger(__name__)

SWEEP_EVERY_S, PLAN_EVERY_S, RESCUE_EVERY_S = 30.0, 300.0, 30.0
CATCH_UP_EVERY_S, TELL_EVERY_S, LEAVE_EVERY_S = 15.0, 15.0, 15.0
MEND_EVERY_S = 30.0
COUNT_EVERY_S = 15.0
CALL_EVERY_S = NOTICE_EVERY_S = 1.0
IMPROVE_EVERY_S = 30.0
RETURNS_EVERY_S = ASK_EVERY_S = 60.0
LEARN_EVERY_S = HEAL_EVERY_S = TIDY_EVERY_S = LOOK_AGAIN_EVERY_S = 3600.0

LINKED = frozenset({LinkStatus.CONNECTED, LinkStatus.DEGRADED})

Act = Callable[[House, str], Awaitable[None]]
OfStore = Callable[[House, Store], Awaitable[object]]


def chores(house: House) -> Sequence[Chore]:
    """All of them; their times are those of the house's clock."""

    def each(name: str, every_s: float, act: Act) -> Chore:
        return Chore(name, every_s, lambda: _each_merchant(house, act))

    def each_store(name: str, every_s: float, act: OfStore, among: Collection[LinkStatus] = LINKED) -> Chore:
        # Places of its own for each kind: slow walks hold up no webhook that has to be taken up.
        rounds = Rounds()
        return Chore(name, every_s, lambda: _each_store(house, name, act, among, rounds), rounds)

    calls, notices = Rounds(), Rounds()
    return (
        Chore("rescue", RESCUE_EVERY_S, lambda: _rescue(house)),
        each_store("sync", float(house.settings.sync_every_s), _sync),
        each_store("catch up", CATCH_UP_EVERY_S, _catch_up, among=LinkStatus),
        each_store("look again", LOOK_AGAIN_EVERY_S, _look_again),
        each_store("heal", HEAL_EVERY_S, _heal),
        each("tell", TELL_EVERY_S, _tell),
        Chore("call", CALL_EVERY_S, lambda: _call(house, calls), calls),
        Chore("notices", NOTICE_EVERY_S, lambda: _notices(house, notices), notices),
        each("ask of notices", ASK_EVERY_S, _ask_of_notices),
        each("leave", LEAVE_EVERY_S, _leave),
        each("watch", SWEEP_EVERY_S, _sweep),
        each("answers", SWEEP_EVERY_S, _answers),
        each("mend", MEND_EVERY_S, _mend),
        each("returns", RETURNS_EVERY_S, _returns),
        each("tidy", TIDY_EVERY_S, _tidy),
        Chore("count", COUNT_EVERY_S, lambda: _count(house)),
        each("plan", PLAN_EVERY_S, _plan),
        each("learn arrivals", LEARN_EVERY_S, learn_arrivals),
        each("improve", IMPROVE_EVERY_S, _improve),
    )


async def _rescue(house: House) -> None:
    await rescue_stalled(house.queue)


async def _count(house: House) -> None:
    """Write down how carriers answered, and who is left alone here: each process asks for itself.

    What a killed process had not written down is not counted.
    """
    for merchant_id, counts in house.means.rates.take_counts().items():
        async with house.means.begin(merchant_id) as work:
            await work.scores.add(counts)
        await look_at_carriers(house.means, merchant_id)


async def _sync(house: House, store: Store) -> None:
    await sync_store(house.means, store.merchant_id, store.id)


async def _catch_up(house: House, store: Store) -> None:
    """Take up webhooks that nobody worked on, because the store did not answer or a worker died."""
    async with house.means.begin(store.merchant_id) as work:
        waiting = await work.inbox.waiting(store.id, 1)
        if waiting and _waited(house, waiting[0].received_at):
            await work.emit(StoreNotified(store.merchant_id, store.id))


def _waited(house: House, since: datetime) -> bool:
    return (house.clock.now() - since).total_seconds() >= CATCH_UP_EVERY_S


async def _look_again(house: House, store: Store) -> None:
    """A count of sixty days, which is cheap, and a second look at the last two; each once a day."""
    if await claim_turn(house, store, "look again", LOOK_AGAIN_EVERY_S):
        await count_due(house.means, store)
        await rescan_due(house.means, store)


async def _heal(house: House, store: Store) -> None:
    """Stores switch webhooks off by themselves after a few failures, and rates with a plan."""
    if await claim_turn(house, store, "heal", HEAL_EVERY_S):
        await heal_store(house, store)
        if store.platform is StorePlatform.WOOCOMMERCE:
            # Nobody is told when its merchant enters another address.
            await places_changed(house.means, store)


async def claim_turn(house: House, store: Store, chore: str, every_s: float) -> bool:
    """Whether it is this process that does it this time, of all that do the same chores.

    The first that writes the number of the span down has it. Whoever comes next just behind the border of
    two spans finds the claim of the one before, half a span old at most, and leaves it: two that mend a
    store's webhooks side by side would register them twice. A process that dies with a claim costs one turn.
    """
    now = house.clock.now()
    number = int(now.timestamp() // every_s)
    operation = f"chore {chore}"
    async with house.means.begin(store.merchant_id) as work:
        claims = await work.memory.seen(operation, [f"{store.id} {number - 1}"])
        if any(now - at < timedelta(seconds=every_s / 2) for at in claims.values()):
            return False
        return await work.memory.remember(Remembered(operation, f"{store.id} {number}", "", "", now))


async def _tell(house: House, merchant_id: str) -> None:
    await tell_due(house.means, merchant_id)


async def _call(house: House, rounds: Rounds) -> None:
    """Begin a turn for every endpoint that is to be called: a slow one holds up nobody else's."""
    async with house.database.doors() as connection:
        due = await endpoints_with_due_calls(connection, house.clock.now())
    for merchant_id, endpoint_id in due:
        rounds.start(endpoint_id, partial(_call_one, house, merchant_id, endpoint_id))


async def _call_one(house: House, merchant_id: str, endpoint_id: str) -> None:
    try:
        await call_endpoint(house.means, merchant_id, endpoint_id)
    except Exception as error:
        log.warning("endpoint could not be called", endpoint_id=endpoint_id, error=type(error).__name__)


async def _notices(house: House, rounds: Rounds) -> None:
    """Begin a turn for every merchant whose shoppers are to be told something."""
    async with house.database.doors() as connection:
        due = await merchants_with_due_notices(connection, house.clock.now())
    for merchant_id in due:
        rounds.start(merchant_id, partial(_notices_of, house, merchant_id))


async def _notices_of(house: House, merchant_id: str) -> None:
    try:
        await send_due(house.means, merchant_id)
    except Exception as error:
        log.warning("notices could not be sent", merchant_id=merchant_id, error=type(error).__name__)


async def _ask_of_notices(house: House, merchant_id: str) -> None:
    await look_after(house.means, merchant_id)


async def _leave(house: House, merchant_id: str) -> None:
    await wave_due(house.means, merchant_id)
    await end_waits(house.means, merchant_id)


async def _sweep(house: House, merchant_id: str) -> None:
    # First, so that what was kept and not yet looked at is no reason to call a van silent.
    await look_after_fixes(house.means, merchant_id)
    await sweep(house.means, merchant_id)


async def _answers(house: House, merchant_id: str) -> None:
    await look_after_answers(house.means, merchant_id)


async def _mend(house: House, merchant_id: str) -> None:
    await look_for_due_steps(house.means, merchant_id)


async def _returns(house: House, merchant_id: str) -> None:
    await look_after_returns(house.means, merchant_id)


async def _tidy(house: House, merchant_id: str) -> None:
    await redact_due(house.means, merchant_id)
    await tidy(house.database, merchant_id, house.clock.now())
    await let_go_of_old(house.means, merchant_id)


async def _plan(house: House, merchant_id: str) -> None:
    await plan_tours(house.means, merchant_id)


async def _improve(house: House, merchant_id: str) -> None:
    await improve_due(house.means, merchant_id)


async def plan_tours(means: Means, merchant_id: str) -> None:
    """End what nobody works on; then ask for what is due: a wave first, which plans when it is over."""
    await end_lost_plans(means, merchant_id)
    await end_unseen_tours(means, merchant_id)
    if not await wave_due(means, merchant_id, before_plan=True):
        await plan_due(means, merchant_id)


async def _each_merchant(house: House, act: Act) -> None:
    for merchant_id in await _merchants(house):
        try:
            await act(house, merchant_id)
        except Exception as error:
            log.warning("chore failed", merchant_id=merchant_id, error=type(error).__name__)


async def _each_store(
    house: House, chore: str, act: OfStore, among: Collection[LinkStatus], rounds: Rounds
) -> None:
    """Begin a turn for every store of these that has none going on."""
    for merchant_id in await _merchants(house):
        async with house.means.begin(merchant_id) as work:
            stores = await work.accounts.stores()
        for store in stores:
            if store.status in among:
                rounds.start(store.id, partial(_serve, house, chore, act, store))


async def _serve(house: House, chore: str, act: OfStore, store: Store) -> None:
    """One store's turn; what goes wrong with it is told and nobody else's trouble."""
    try:
        await act(house, store)
    except DoorstepError as error:
        log.warning("store could not be served", chore=chore, store_id=store.id, code=error.code)
    except Exception as error:
        log.warning("chore failed", chore=chore, store_id=store.id, error=type(error).__name__)


async def _merchants(house: House) -> Sequence[str]:
    async with house.database.doors() as connection:
        return await all_merchants(connection)
