"""Failed attempts, returns and claims."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from doorstep.failed_attempt import AttemptState, FailedAttempt
from doorstep.loss_claim import ClaimStatus, LossClaim
from doorstep.return_request import ReturnRequest, ReturnStatus
from gateway.store.codec import to_json
from gateway.store.documents import Documents, insert_new
from gateway.store.tables import failed_attempts, loss_claims, return_requests


class SqlReturns:
    """What nobody took in, and what comes back; see `gateway.flow.ports.Returns`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._attempts = Documents(connection, failed_attempts, FailedAttempt, _of_attempt)
        self._requests = Documents(connection, return_requests, ReturnRequest, _of_request)
        self._claims = Documents(connection, loss_claims, LossClaim, _of_claim)

    async def attempt(self, attempt_id: str, *, lock: bool = False) -> FailedAttempt | None:
        return await self._attempts.get(attempt_id, lock=lock)

    async def attempts_of(self, delivery_id: str) -> Sequence[FailedAttempt]:
        c = failed_attempts.c
        return await self._attempts.find(c.delivery_id == delivery_id, order_by=c.id)

    async def attempt_before(self, delivery_id: str) -> FailedAttempt | None:
        return await self._attempts.first(failed_attempts.c.doc["next_delivery_id"].astext == delivery_id)

    async def open_attempts(self, limit: int) -> Sequence[FailedAttempt]:
        c = failed_attempts.c
        return await self._attempts.find(c.is_open, order_by=c.id, limit=limit)

    async def put_attempt(self, attempt: FailedAttempt) -> None:
        await self._attempts.put(attempt)

    async def request(self, return_id: str, *, lock: bool = False) -> ReturnRequest | None:
        return await self._requests.get(return_id, lock=lock)

    async def requests_of(self, order_id: str) -> Sequence[ReturnRequest]:
        c = return_requests.c
        return await self._requests.find(c.order_id == order_id, order_by=c.id)

    async def requests(
        self, statuses: Collection[ReturnStatus], after: str, limit: int
    ) -> Sequence[ReturnRequest]:
        c = return_requests.c
        wanted = [c.status.in_(list(statuses))] if statuses else []
        return await self._requests.find(c.id > after, *wanted, order_by=c.id, limit=limit)

    async def count_requests(self, statuses: Collection[ReturnStatus], up_to: int) -> int:
        return await self._count(return_requests, statuses, up_to)

    async def put_request(self, request: ReturnRequest) -> None:
        await self._requests.put(request)

    async def claim(self, claim_id: str, *, lock: bool = False) -> LossClaim | None:
        return await self._claims.get(claim_id, lock=lock)

    async def claim_of_leg(self, leg_id: str) -> LossClaim | None:
        return await self._claims.first(loss_claims.c.leg_id == leg_id)

    async def claims(self, statuses: Collection[ClaimStatus], after: str, limit: int) -> Sequence[LossClaim]:
        c = loss_claims.c
        wanted = [c.status.in_(list(statuses))] if statuses else []
        return await self._claims.find(c.id > after, *wanted, order_by=c.id, limit=limit)

    async def count_claims(self, statuses: Collection[ClaimStatus], up_to: int) -> int:
        return await self._count(loss_claims, statuses, up_to)

    async def add_claim(self, claim: LossClaim) -> bool:
        return await insert_new(self._connection, loss_claims, {**_of_claim(claim), "doc": to_json(claim)})

    async def put_claim(self, claim: LossClaim) -> None:
        await self._claims.put(claim)

    async def drop_claim(self, claim_id: str) -> None:
        await self._connection.execute(delete(loss_claims).where(loss_claims.c.id == claim_id))

    async def _count(self, table: Table, statuses: Collection[str], up_to: int) -> int:
        wanted = [table.c.status.in_(list(statuses))] if statuses else []
        some = select(table.c.id).where(*wanted).limit(up_to).subquery()
        return (await self._connection.execute(select(func.count()).select_from(some))).scalar_one()


async def erase_returns(connection: AsyncConnection, order_ids: Collection[str]) -> Sequence[str]:
    """Take the people out: pictures of doors, and labels that show who sent a parcel back.

    Gives the ids of the returns.
    """
    claims = Documents(connection, loss_claims, LossClaim, _of_claim)
    for claim in await claims.find(loss_claims.c.order_id.in_(list(order_ids))):
        evidence = tuple(replace(proof, url="") for proof in claim.evidence)
        await claims.put(replace(claim, evidence=evidence))
    requests = Documents(connection, return_requests, ReturnRequest, _of_request)
    found = await requests.find(return_requests.c.order_id.in_(list(order_ids)))
    for request in found:
        await requests.put(replace(request, label_url=""))
    return [request.id for request in found]


def _of_attempt(attempt: FailedAttempt) -> Mapping[str, object]:
    return {
        "id": attempt.id,
        "merchant_id": attempt.merchant_id,
        "delivery_id": attempt.delivery_id,
        "event_id": attempt.event_id,
        # What lies at the shop and waits for a person moves by no report and by no clock.
        "is_open": attempt.is_open and (attempt.state is not AttemptState.BACK or bool(attempt.answer_by)),
        "failed_at": attempt.failed_at,
    }


def _of_request(request: ReturnRequest) -> Mapping[str, object]:
    return {
        "id": request.id,
        "merchant_id": request.merchant_id,
        "order_id": request.order_id,
        "status": request.status,
    }


def _of_claim(claim: LossClaim) -> Mapping[str, object]:
    return {
        "id": claim.id,
        "merchant_id": claim.merchant_id,
        "order_id": claim.order_id,
        "delivery_id": claim.delivery_id,
        "leg_id": claim.leg_id,
        "status": claim.status,
    }
