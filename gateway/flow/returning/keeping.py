"""Keep: a return that stands otherwise than before is written down, and whoever wants to know hears of it."""

from __future__ import annotations

from dataclasses import replace

from doorstep.events import ReturnMoved
from doorstep.return_request import ReturnRequest
from gateway.flow.ports import UnitOfWork


async def keep_request(work: UnitOfWork, request: ReturnRequest) -> ReturnRequest:
    """Write down a locked return as it is now, under its next version."""
    return await _told(work, replace(request, version=request.version + 1))


async def add_request(work: UnitOfWork, request: ReturnRequest) -> ReturnRequest:
    """Write down a return that is new."""
    return await _told(work, request)


async def _told(work: UnitOfWork, request: ReturnRequest) -> ReturnRequest:
    await work.returns.put_request(request)
    work.announce("order", request.order_id)
    await work.emit(ReturnMoved(request.merchant_id, request.id))
    return request
