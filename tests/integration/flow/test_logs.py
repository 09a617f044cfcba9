"""What a process writes to its log holds nobody's name, street or number, also when everything fails."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

import pytest

from tests.conftest import Dsn
from tests.integration.flow.fakes import MERCHANT_ID
from tests.integration.flow.stage import Stage

CANARIES = ("Cornelia Canary", "77 Canary Street", "+12125550177", "canary@shop.example")


@pytest.mark.parametrize("log_format", ["json", "console"])
async def test_no_line_of_a_failed_handler_tells_whom_it_was_about(
    stage: Stage, dsn: Dsn, log_format: str
) -> None:
    name, street, phone, email = CANARIES
    for external_id in ("1001", "1002", "1003", "1004"):
        stage.shop.put(external_id)
    await stage.take_in()
    async with stage.means.begin(MERCHANT_ID) as work:
        for external_id in ("1001", "1002", "1003", "1004"):
            order = await stage.order(external_id)
            assert order.destination is not None
            private = replace(order.destination, name=name, line1=street, phone=phone, email=email)
            await work.orders.put(replace(order, destination=private))
    worker = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.flow.gossiping_worker",
        dsn.app,
        log_format,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    written = b"".join(await worker.communicate()).decode()
    assert worker.returncode == 0, written
    for error in ("ValueError", "RuntimeError", "NotServiceable", "RemoteUnavailable"):
        assert error in written, "what went wrong is said"
    assert MERCHANT_ID in written
    for canary in CANARIES:
        assert canary not in written


async def test_an_error_of_the_database_shows_no_document(stage: Stage) -> None:
    from sqlalchemy.exc import DBAPIError

    stage.shop.put("1001", street=CANARIES[1])
    await stage.take_in()
    order = await stage.order()
    with pytest.raises(DBAPIError) as failure:
        async with stage.means.begin(MERCHANT_ID) as work:
            await work.orders.put(replace(order, id="ord_another", fulfillment_orders=()))
    assert CANARIES[1] not in str(failure.value)
