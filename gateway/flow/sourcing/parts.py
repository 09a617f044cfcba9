"""Parts: what the store knows as one fulfillment order and we have cut into several. Pure.

The part that keeps the store's id is the stem; each other one has an id of its own and says in `part_of` what
it was cut from. The store goes on speaking of the whole: what it says is spread over the parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from doorstep.order import FulfillmentLine, FulfillmentOrder, FulfillmentOrderStatus
from doorstep.sourcing import LineShare, SourcingDecision, SourcingPlan

_SIGN = "::part-"

_LOOSE = (
    FulfillmentOrderStatus.CANCELLED,
    FulfillmentOrderStatus.OPEN,
    FulfillmentOrderStatus.ON_HOLD,
    FulfillmentOrderStatus.QUOTED,
    FulfillmentOrderStatus.OTHER,
)
"""Of what nobody has fetched yet pieces are taken away first, and put to."""


def shares_of(unit: FulfillmentOrder) -> tuple[LineShare, ...]:
    """What a fulfillment order has to ship, to be compared."""
    pieces: Counter[str] = Counter()
    for line in unit.lines:
        pieces[line.line_external_id] += line.quantity
    return tuple(LineShare(line_id, count) for line_id, count in sorted(pieces.items()) if count)


def is_decided(unit: FulfillmentOrder) -> bool:
    """Whether it has been decided where these very lines leave from."""
    return unit.sourcing is not None and unit.sourcing.lines == shares_of(unit)


def decided(unit: FulfillmentOrder, decision: SourcingDecision) -> FulfillmentOrder:
    """The fulfillment order with what was decided for it."""
    return replace(unit, sourcing=replace(decision, lines=shares_of(unit)))


def whole_of(unit: FulfillmentOrder) -> str:
    """The store's id of what it is, or was cut from."""
    return unit.part_of or unit.external_id


def siblings(unit: FulfillmentOrder, units: Sequence[FulfillmentOrder]) -> Sequence[FulfillmentOrder]:
    """The other parts of the same fulfillment order of the store."""
    return [one for one in units if one.id != unit.id and whole_of(one) == whole_of(unit)]


def cut(
    unit: FulfillmentOrder, units: Sequence[FulfillmentOrder], plan: SourcingPlan, new_ids: Sequence[str]
) -> tuple[FulfillmentOrder, ...]:
    """A fulfillment order as the parts of a plan; the first of them keeps its id.

    What the plan does not speak of, since nobody carries it, stays with the first.

    Parameters
    ----------
    units
        All of the order.
    new_ids
        Our ids for the further parts.
    """
    # Where it stays for a part, that part keeps the id: whatever is known of it goes on.
    parts = sorted(plan.parts, key=lambda part: part.location_id != unit.location_id)
    if len(parts) == 1:
        return (replace(unit, location_id=parts[0].location_id),)
    names = _free_names(unit, units)
    left = _pieces(unit)
    made: list[FulfillmentOrder] = []
    for part, id_, name in zip(parts[1:], new_ids, names, strict=False):
        pieces = Counter({share.line_id: share.pieces for share in part.lines})
        left -= pieces
        cut_off = replace(unit, id=id_, external_id=name, part_of=whole_of(unit))
        made.append(_holding(cut_off, pieces, part.location_id))
    return (_holding(unit, left, parts[0].location_id), *made)


def divide(
    unit: FulfillmentOrder,
    units: Sequence[FulfillmentOrder],
    line_ids: Sequence[Collection[str]],
    new_ids: Sequence[str],
) -> Sequence[FulfillmentOrder]:
    """A fulfillment order cut along its lines; the first part keeps its id, and what nobody named.

    Parameters
    ----------
    units
        All of the order, so that no name is given twice.
    line_ids
        What each part takes.
    new_ids
        Our ids for the further parts.
    """
    left = _pieces(unit)
    made: list[FulfillmentOrder] = []
    for ids, id_, name in zip(line_ids[1:], new_ids, _free_names(unit, units), strict=False):
        pieces = Counter({line_id: count for line_id, count in left.items() if line_id in ids})
        left -= pieces
        cut_off = replace(unit, id=id_, external_id=name, part_of=whole_of(unit))
        made.append(_holding(cut_off, pieces, unit.location_id))
    return (_holding(unit, left, unit.location_id), *made)


def _holding(unit: FulfillmentOrder, pieces: Counter[str], location_id: str) -> FulfillmentOrder:
    # What the store packed was the whole.
    return replace(unit, lines=_lines(pieces), location_id=location_id, parcels=())


def _lines(pieces: Counter[str]) -> tuple[FulfillmentLine, ...]:
    return tuple(FulfillmentLine(line_id, count) for line_id, count in sorted(pieces.items()) if count)


def _free_names(unit: FulfillmentOrder, units: Sequence[FulfillmentOrder]) -> Sequence[str]:
    taken = {one.external_id for one in units}
    names = (f"{whole_of(unit)}{_SIGN}{number}" for number in range(2, 30 + len(taken)))
    return [name for name in names if name not in taken]


def spread(told: FulfillmentOrder, parts: Sequence[FulfillmentOrder]) -> Sequence[FulfillmentOrder]:
    """What a store says of the whole, as if it had said it of each part.

    Where the store says more pieces of a line than the parts have, the further ones go to a part that nobody
    has fetched yet, the stem first; where it says fewer, they are taken away from such parts first, the
    youngest first. A part with nothing left is called off.

    Parameters
    ----------
    told
        The whole, as the store has it now.
    parts
        As we know them: the stem, with the store's id, and those cut from it.
    """
    ordered = sorted(parts, key=lambda part: (part.part_of != "", part.id))
    if len(ordered) < 2:
        return [told]
    shares = {part.id: _pieces(part) for part in ordered}
    wanted = _pieces(told)
    for line_id in dict.fromkeys([*wanted, *(line for part in shares.values() for line in part)]):
        _level(line_id, wanted[line_id], ordered, shares)
    return [_told_of(part, told, shares[part.id]) for part in ordered]


def _pieces(unit: FulfillmentOrder) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for line in unit.lines:
        pieces[line.line_external_id] += line.quantity
    return pieces


def _level(
    line_id: str, wanted: int, parts: Sequence[FulfillmentOrder], shares: Mapping[str, Counter[str]]
) -> None:
    """Let the parts have as many pieces of a line as the store says."""
    have = sum(shares[part.id][line_id] for part in parts)
    loose = [part for part in parts if part.status in _LOOSE]
    if wanted > have:
        holder = next((part for part in loose if shares[part.id][line_id]), None)
        taker = holder or next(
            (part for part in loose if part.status is not FulfillmentOrderStatus.CANCELLED), parts[0]
        )
        shares[taker.id][line_id] += wanted - have
        return
    fast = [part for part in parts if part.status not in _LOOSE]
    # What was delivered is the last that a refund takes away: those pieces have been shipped.
    fast.sort(key=lambda part: part.status is FulfillmentOrderStatus.DISPATCHED)
    for part in reversed([*fast, *loose]):
        taken = min(have - wanted, shares[part.id][line_id])
        shares[part.id][line_id] -= taken
        have -= taken


def _told_of(part: FulfillmentOrder, told: FulfillmentOrder, pieces: Counter[str]) -> FulfillmentOrder:
    status = told.status
    if not +pieces:
        is_over = part.status in {FulfillmentOrderStatus.DELIVERED, FulfillmentOrderStatus.RETURNED}
        status = part.status if is_over else FulfillmentOrderStatus.CANCELLED
    view = replace(told, external_id=part.external_id, part_of=part.part_of, status=status)
    return replace(view, lines=_lines(pieces), parcels=())
