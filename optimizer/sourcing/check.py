"""The last word on every plan: measures it from the task alone.

Nothing here is shared with the parts that decide, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from doorstep.sourcing import PlaceStock, Source, SourcingPlan, SourcingTask


def check(task: SourcingTask, plan: SourcingPlan) -> tuple[str, ...]:
    """Everything that is wrong with a plan, in words; () for a good one."""
    if not plan.parts:
        return () if plan.reason else ("nothing ships, and nobody says why",)
    return (*_shares(task, plan), *_places(task, plan), *_stock(task, plan), *_words(task, plan))


def _shares(task: SourcingTask, plan: SourcingPlan) -> Iterator[str]:
    shipped: Counter[str] = Counter()
    for part in plan.parts:
        if not part.lines:
            yield f"nothing ships from {part.location_id}"
        for share in part.lines:
            if share.pieces <= 0:
                yield f"{share.pieces} pieces of {share.line_id} ship from {part.location_id}"
            shipped[share.line_id] += share.pieces
    wanted = {need.line_id: need.pieces for need in task.needs}
    for line_id in {**wanted, **shipped}:
        if shipped[line_id] != wanted.get(line_id, 0):
            yield f"{shipped[line_id]} of {wanted.get(line_id, 0)} pieces of {line_id} ship"


def _places(task: SourcingTask, plan: SourcingPlan) -> Iterator[str]:
    known = {source.location_id: source for source in task.sources}
    ids = [part.location_id for part in plan.parts]
    if len(set(ids)) < len(ids):
        yield "a place ships twice"
    if len(ids) > task.rules.most_shipments:
        yield f"{len(ids)} parts where {task.rules.most_shipments} are allowed"
    for id_ in ids:
        source = known.get(id_)
        if source is None:
            yield f"there is no place {id_}"
        elif not source.terms.may_ship or (source.terms.is_shop and not task.rules.ship_from_shops):
            yield f"{id_} may not ship"
    unsaid = known.keys() - set(ids) - {one.location_id for one in plan.passed}
    for id_ in sorted(unsaid):
        yield f"nobody says why {id_} does not ship"


def _stock(task: SourcingTask, plan: SourcingPlan) -> Iterator[str]:
    known = {source.location_id: source for source in task.sources}
    article_of = {need.line_id: need.article for need in task.needs}
    for part in plan.parts:
        source = known.get(part.location_id)
        taken: Counter[str] = Counter()
        for share in part.lines:
            taken[article_of.get(share.line_id, "")] += share.pieces
        for article, pieces in taken.items():
            if source is not None and not _can_give(task, source, article, pieces):
                yield f"{part.location_id} does not have {pieces} pieces of {article}"


def _can_give(task: SourcingTask, source: Source, article: str, pieces: int) -> bool:
    if article not in source.stock:
        return source.terms.stock is PlaceStock.EVERYTHING
    available = source.stock[article]
    return available is None or available >= pieces + task.rules.safety_stock


def _words(task: SourcingTask, plan: SourcingPlan) -> Iterator[str]:
    known = {source.location_id: source for source in task.sources}
    total = 0
    for part in plan.parts:
        source = known.get(part.location_id)
        if source is None:
            continue
        amounts = (source.delivery, source.terms.handling)
        cost = sum(one.minor for one in amounts if one is not None and one.currency == task.currency)
        if part.cost.minor != cost:
            yield f"{part.location_id} costs {cost}, not {part.cost.minor}"
        total += cost
    if plan.cost is None or plan.cost.minor != total:
        yield f"the parts cost {total} together"
    if not plan.reason or any(not one.text for one in plan.passed):
        yield "a reason is missing"
