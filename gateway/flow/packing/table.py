"""The packing table: which parcels an order or a cart fills.

The packer counts; that takes a fraction of a millisecond for a few pieces and up to ten for thirty, so what
is large is packed beside the loop, one after the other, and what was packed is remembered. Where the size of
a piece is not known nobody can pack: one usual carton by weight stands in, and the merchant is told what is
missing.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from doorstep.goods import GoodsRules, GoodsTrait
from doorstep.packing import Box, PackedParcel, Packing, Piece, Placement
from doorstep.parcel import Parcel
from doorstep.ports import Packer
from doorstep.product import Dimensions
from gateway.flow.packing.lines import LoadLine
from gateway.flow.packing.traits import Nature, natures_of
from gateway.flow.quoting.parcels import UNKNOWN_ITEM_G, USUAL_CARTONS, usual_carton

log = structlog.get_logger(__name__)

AT_ONCE = 10
"""Up to so many pieces are packed on the spot: about a third of a millisecond, less than a thread costs."""

MOST_PIECES = 150
"""Of more pieces nobody waits for a packing: it would take a hundredth of a second and more."""

REMEMBERED = 2_000
"""Loads that are remembered; the one that nobody asked for the longest goes first."""

_MOST_NAMED = 5

Kinds = tuple[tuple[Piece, int], ...]
"""Pieces that are alike, and how many of them."""

_Article = tuple[LoadLine, Nature, Dimensions | None]
"""A line, what its article is, and the sides of a piece by the store or by the merchant's rules."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be carried, as parcels.

    Attributes
    ----------
    packed
        What lies where, in the order of `parcels`; () where it is an estimate.
    notes
        What the merchant should know: why it is an estimate, and what goes into no box.
    """

    parcels: tuple[Parcel, ...]
    packed: tuple[PackedParcel, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_estimate(self) -> bool:
        """Whether nobody could pack it."""
        return not self.packed


class PackingTable:
    """Where everything is packed. One for a process.

    Parameters
    ----------
    packer
        None where there is none: then everything is an estimate.
    """

    def __init__(self, packer: Packer | None = None) -> None:
        self._packer = packer
        self._known: OrderedDict[tuple[object, ...], Packing] = OrderedDict()
        self._under_way: dict[tuple[object, ...], asyncio.Task[Packing]] = {}
        self._turn = asyncio.Semaphore(1)

    async def load(
        self,
        lines: Sequence[LoadLine],
        rules: GoodsRules,
        boxes: Sequence[Box] = (),
        *,
        divisor: int | None = None,
        within_s: float | None = None,
    ) -> Load:
        """Pack these lines, or estimate what they fill.

        Parameters
        ----------
        boxes
            The merchant's; () for the usual cartons.
        divisor
            Cubic centimetres that carriers bill as a kilogram; None where weight alone counts.
        within_s
            After so long, seconds, the caller goes with an estimate; the packing is there for the next one.
        """
        articles = _articles(lines, rules)
        estimate = _estimated(articles)
        pieces = sum(line.quantity for line in lines)
        if self._packer is None or estimate.notes or not pieces:
            return estimate
        if pieces > MOST_PIECES:
            note = f"{pieces} pieces are too many to be packed at once; the parcel is an estimate."
            return replace(estimate, notes=(note,))
        kinds, chosen = tuple(_kinds(articles)), tuple(boxes) or USUAL_CARTONS
        key = (kinds, chosen, divisor)
        try:
            packing = await self._packing(self._packer, key, kinds, chosen, divisor, pieces, within_s)
        except TimeoutError:
            return replace(estimate, notes=("Packing took too long; the parcel is an estimate.",))
        except Exception:
            # The packer is handed in, and no checkout shall be empty for its faults.
            log.exception("packing failed", pieces=pieces, boxes=len(chosen))
            return replace(estimate, notes=("Packing failed; the parcel is an estimate.",))
        return _load_of(packing, {line.line_id: line.name for line in lines})

    async def _packing(
        self,
        packer: Packer,
        key: tuple[object, ...],
        kinds: Kinds,
        boxes: Sequence[Box],
        divisor: int | None,
        pieces: int,
        within_s: float | None,
    ) -> Packing:
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        if pieces <= AT_ONCE:
            return self._keep(key, packer.pack(_single(kinds), boxes, dimensional_divisor=divisor))
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(self._pack_beside(packer, key, kinds, boxes, divisor), name="pack")
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
            task.add_done_callback(_look_at)
        return await asyncio.wait_for(asyncio.shield(task), within_s)

    async def _pack_beside(
        self,
        packer: Packer,
        key: tuple[object, ...],
        kinds: Kinds,
        boxes: Sequence[Box],
        divisor: int | None,
    ) -> Packing:
        async with self._turn:
            packing = await asyncio.to_thread(packer.pack, _single(kinds), boxes, dimensional_divisor=divisor)
        return self._keep(key, packing)

    def _keep(self, key: tuple[object, ...], packing: Packing) -> Packing:
        self._known[key] = packing
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return packing


def estimate_of(lines: Sequence[LoadLine], rules: GoodsRules) -> Load:
    """What these lines fill as far as can be said without packing them."""
    return _estimated(_articles(lines, rules))


def _estimated(articles: Sequence[_Article]) -> Load:
    """One usual carton that takes all pieces by weight and by what is known of their size."""
    weight_g, volume_ml, longest_mm = 0, 0.0, 0
    missing: list[str] = []
    for line, _, sides in articles:
        weight_g += (UNKNOWN_ITEM_G if line.weight_g is None else line.weight_g) * line.quantity
        if sides is not None:
            volume_ml += sides.length_mm * sides.width_mm * sides.height_mm / 1000 * line.quantity
            longest_mm = max(longest_mm, sides.length_mm, sides.width_mm, sides.height_mm)
        lacks = [name for name, known in (("weight", line.weight_g), ("sides", sides)) if known is None]
        if lacks:
            missing.append(f"{line.name} has no {' and no '.join(lacks)}")
    parcel = usual_carton(weight_g if articles else UNKNOWN_ITEM_G, volume_ml, longest_mm)
    return Load((parcel,), notes=_estimate_notes(missing))


def _estimate_notes(missing: Sequence[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    named = list(dict.fromkeys(missing))
    more = [f"{len(named) - _MOST_NAMED} more lack something"] if len(named) > _MOST_NAMED else []
    return (f"The parcel is an estimate: {'; '.join([*named[:_MOST_NAMED], *more])}.",)


def _articles(lines: Sequence[LoadLine], rules: GoodsRules) -> tuple[_Article, ...]:
    return tuple(
        (line, nature, nature.sides if line.sides is None else line.sides)
        for line, nature in zip(lines, natures_of(lines, rules), strict=True)
    )


def _kinds(articles: Sequence[_Article]) -> Iterator[tuple[Piece, int]]:
    for line, nature, sides in articles:
        if sides is not None and line.weight_g is not None:
            piece = Piece(
                line.line_id or line.sku,
                sides,
                line.weight_g,
                is_upright=nature.is_upright,
                is_fragile=GoodsTrait.FRAGILE in nature.traits,
                ships_alone=nature.ships_alone,
            )
            yield piece, line.quantity


def _single(kinds: Kinds) -> list[Piece]:
    return [piece for piece, quantity in kinds for _ in range(quantity)]


def _load_of(packing: Packing, names: Mapping[str, str]) -> Load:
    """What goes into no box is a parcel of its own, as it is."""
    loose = tuple(_as_it_is(left.piece) for left in packing.unpacked)
    notes = dict.fromkeys(
        f"{names.get(left.piece.line_id) or 'A piece'} is taken as it is: {left.text}"
        for left in packing.unpacked
    )
    packed = (*packing.parcels, *loose)
    parcels = tuple(_weighing(one.parcel) for one in packed)
    return Load(parcels, packed, tuple(notes)[:_MOST_NAMED])


def _as_it_is(piece: Piece) -> PackedParcel:
    sides = piece.sides
    parcel = Parcel(piece.weight_g, sides.length_mm, sides.width_mm, sides.height_mm)
    placement = Placement(piece, 0, 0, 0, sides.length_mm, sides.width_mm, sides.height_mm)
    return PackedParcel(parcel, "", (placement,))


def _weighing(parcel: Parcel) -> Parcel:
    """No carrier takes a parcel of no weight at all."""
    return replace(parcel, weight_g=max(parcel.weight_g, 1))


def _look_at(task: asyncio.Task[Packing]) -> None:
    """Nobody may be waiting for it any more: its error is not a surprise."""
    if not task.cancelled():
        task.exception()
