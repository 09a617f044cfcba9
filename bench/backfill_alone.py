"""The connector alone in `bench backfill`: a process that reads and maps a history, and keeps nothing."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from typing import Any

from bench.backfill_child import peak_rss_mb
from bench.backfill_shop import CREDENTIALS, DOMAIN
from connectors.stores.shopify import connect
from doorstep.ports import StoreLink
from doorstep.secret import Secret


async def read_alone(request: Mapping[str, Any]) -> dict[str, object]:
    """Read and map every order."""
    credentials = {name: Secret(value) for name, value in CREDENTIALS.items()}
    credentials["api_endpoint"] = Secret(request["url"])
    connector = connect(StoreLink(f"https://{DOMAIN}", credentials))
    seen: set[str] = set()
    async for raw in connector.all_orders():
        seen.add(connector.read_order(raw).external_id)
    ended_s = time.monotonic()
    await connector.close()
    return {"ended_s": ended_s, "orders": len(seen), "peak_rss_mb": peak_rss_mb()}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(read_alone(json.loads(sys.argv[1])))), flush=True)
