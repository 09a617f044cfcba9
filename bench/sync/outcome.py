"""What a run is worth: its counts, its figures, and whether it was put to the test at all."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from bench.sync.cast import Run, say
from bench.sync.ours import PASSING
from bench.sync.tally import Tally


async def result_of(
    run: Run, tally: Tally, converge_s: float, world_h: float, reading_s: float, seconds: float
) -> dict[str, object]:
    """The figures of the last line, for machines."""
    work = await run.gateway.open_work()
    hooks = run.stores.woocommerce.hooks
    happened = {**run.bad_times.figures(), "kills": run.machines.kills}
    orders = tally.checked["orders"] + tally.counts["lost"]
    failures = _failures(run.folder / "worker.log")
    for what, times in failures.most_common(10):
        say(f"  failed in a worker {times} times: {what}")
    changed = sum(trade.did.total() for trade in run.trades)
    result: dict[str, object] = {
        "orders": orders,
        **tally.counts,
        "converge_s": round(converge_s, 1),
        "converge_world_h": round(world_h, 1),
        "seconds": round(seconds, 1),
        "reading_s": round(reading_s, 1),
        "stores_cpu_s": round(time.process_time(), 1),
        "orders_per_s": round(orders / (reading_s + converge_s), 1),
        "changes": changed,
        "deliveries": tally.checked["deliveries"],
        "carried_wanted": sum(len(trade.wanted) for trade in run.trades),
        "writes": tally.checked["writes"],
        "webhooks_sent": run.stores.postman.posted + run.stores.postman.repeated,
        **happened,
        "calls": len(run.stores.woocommerce.door.seen) + run.stores.shopify.requests,
        "failed_in_workers": failures.total(),
        "jobs_given_up": work["jobs given up"],
        "quarantined": work["quarantined"],
        "reports_refused": work["reports refused"],
        "still_open": {name: work[name] for name in PASSING if work[name]},
    }
    _require_that_it_happened(run, happened, result, hooks.waiting)
    return result


def _require_that_it_happened(
    run: Run, happened: Mapping[str, int], result: dict[str, object], waiting: int
) -> None:
    """A run in which nothing went wrong, or nothing was carried, has shown nothing."""
    missing = [name for name, count in happened.items() if not count]
    deliveries = result["deliveries"]
    assert isinstance(deliveries, int)
    if deliveries < run.plan.orders * run.plan.carried / 2:
        missing.append("deliveries")
    if run.machines.end_by_themselves():
        missing.append("workers that live")
    result["was_put_to_the_test"] = not missing
    if missing or waiting:
        say(f"this run has shown too little: {', '.join(missing)}; {waiting} webhooks waiting")


def _failures(log: Path) -> Counter[str]:
    """What the workers' log says failed for another reason than a store that does not answer."""
    found: Counter[str] = Counter()
    for line in log.read_text().splitlines():
        row = json.loads(line) if line.startswith("{") else {}
        if row.get("event") in {"handler failed", "chore failed"}:
            found[f"{row.get('handler') or row.get('chore')}: {row.get('error')}"] += 1
    return found
