"""Privacy from the command line: an operator meets what a merchant without compliance webhooks is asked."""

from __future__ import annotations

import json

import psycopg

from doorstep.ids import new_id, prefix_of
from tests.conftest import Dsn
from tests.integration.app.market import HOME, Market
from tests.integration.processes.commands import Shell
from tests.integration.processes.test_commands import TILL, store_options


async def test_a_shopper_is_given_their_data_and_then_forgotten(
    shell: Shell, market: Market, dsn: Dsn
) -> None:
    await shell.says("merchant", "create", "Corner shop")
    await shell.says("merchant", "location", *TILL)
    nobody = await shell("privacy", "erase", "--email", HOME.email)
    assert nobody.err == "Error: No store is linked yet.\n"
    store_id = await shell.says("store", "add", *store_options(market), "--skip-check")
    order = market.order_at("woocommerce")
    await shell.says("sync")
    assert (await shell("privacy", "list")).err == "Nothing waits.\n"

    # Given a request for their data, as a platform would send it
    request_id = await _ask_for_data(dsn, store_id)
    assert (await shell.says("privacy", "list")).startswith(f"{request_id}  DATA_REQUEST  due ")
    known = json.loads(await shell.says("privacy", "export", request_id, "--done"))
    assert HOME.line1 in json.dumps(known["orders"])
    assert (await shell("privacy", "list")).err == "Nothing waits.\n"
    assert "There is no prv_nobody" in (await shell("privacy", "export", "prv_nobody")).err

    # When they are forgotten, then it is said what was done and to whom is not repeated
    assert (await shell("privacy", "erase")).err == "Error: Say whom: --order, --email or --phone.\n"
    assert (await shell("privacy", "erase", "--order", "0")).err == "Error: There is no order 0.\n"
    done = await shell("privacy", "erase", "--email", HOME.email)
    _, done_id, *words = done.out.split()
    assert (prefix_of(done_id), " ".join(words)) == ("prv", "1 orders forgotten")
    assert HOME.email not in done.out + done.err
    assert (await shell.says("privacy", "erase", "--order", order)).endswith("1 orders  forgotten")
    async with await psycopg.AsyncConnection.connect(dsn.app) as connection:
        await _as_the_merchant(connection)
        left = await connection.execute("SELECT doc::text FROM orders")
        assert all(HOME.line1 not in row[0] for row in await left.fetchall())


async def _as_the_merchant(connection: psycopg.AsyncConnection[tuple[str, ...]]) -> str:
    row = await (await connection.execute("SELECT door_merchants()")).fetchone()
    assert row is not None
    await connection.execute("SELECT set_config('app.merchant_id', %s, false)", [row[0]])
    return str(row[0])


async def _ask_for_data(dsn: Dsn, store_id: str) -> str:
    async with await psycopg.AsyncConnection.connect(dsn.app) as connection:
        merchant_id = await _as_the_merchant(connection)
        row = await (await connection.execute("SELECT id FROM orders")).fetchone()
        assert row is not None
        request_id = new_id("prv")
        received_at, due_at = "2026-11-23T15:00:00Z", "2026-12-23T15:00:00Z"
        doc = {
            "id": request_id, "merchant_id": merchant_id, "store_id": store_id, "kind": "DATA_REQUEST",
            "external_id": "1", "order_ids": [row[0]], "status": "WAITING",
            "received_at": received_at, "due_at": due_at,
        }  # fmt: skip
        await connection.execute(
            "INSERT INTO privacy_requests VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                request_id, merchant_id, store_id, "DATA_REQUEST", "1", "WAITING", received_at, due_at,
                json.dumps(doc),
            ],
        )  # fmt: skip
    return request_id
