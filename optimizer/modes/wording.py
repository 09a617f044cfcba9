"""Why each order goes as it does, in sentences for a dispatcher."""

from __future__ import annotations

from collections.abc import Mapping

from doorstep.money import Money
from doorstep.quote import DeliveryMode
from doorstep.route_solution import PlannedStop, RouteSolution
from doorstep.wave import OfferKey, Pool, Wave, WaveOption, WaveOrder
from doorstep.wave_plan import ModeChoice, ModeReason, PoolUse
from optimizer.modes.billing import Taken


class Wording:
    """Words for one choice.

    Parameters
    ----------
    taken
        By order id, the offer that it takes.
    uses
        What each pool got, in the wave's order.
    """

    def __init__(
        self, wave: Wave, taken: Taken, uses: tuple[PoolUse, ...], routes: RouteSolution | None
    ) -> None:
        self._wave, self._taken, self._uses = wave, taken, uses
        self._driven: Mapping[str, tuple[str, PlannedStop]] = {
            stop.visit_id: (route.van_id, stop)
            for route in (routes.routes if routes else ())
            for stop in route.stops
        }
        self._left = {visit.visit_id: visit.reasons for visit in (routes.unassigned if routes else ())}
        self._pools: dict[OfferKey, tuple[tuple[Pool, PoolUse], ...]] = {}
        self._off_minor: dict[OfferKey, int] = {}

    def choices(self) -> tuple[ModeChoice, ...]:
        """One for each order, in the wave's order."""
        return tuple(self._choice(order) for order in self._wave.orders)

    def _choice(self, order: WaveOrder) -> ModeChoice:
        if order.id in self._driven:
            return self._by_van(order, *self._driven[order.id])
        if order.id in self._taken:
            return self._by_carrier(order, self._taken[order.id])
        return ModeChoice(order.id, None, ModeReason.LEFT_OUT, self._why_nobody(order))

    def _by_van(self, order: WaveOrder, van_id: str, stop: PlannedStop) -> ModeChoice:
        late = (order.broken_promise.minor if order.broken_promise else 0) * self._wave.van_late_chance
        cost = None if stop.why is None else self._money(stop.why.cost_here_minor + round(late))
        others = self._able(order)
        how = f"Own van: {f'{cost} ' if cost else ''}on {van_id}'s route"
        if not others:
            text = f"{how}; no carrier can take it."
            return ModeChoice(order.id, DeliveryMode.OWN_FLEET, ModeReason.ONLY_WAY, text, "", van_id, cost)
        best = others[0]
        next_best = self._money(self._net_minor(order, best))
        is_cheaper = cost is None or cost <= next_best
        return ModeChoice(
            order.id,
            DeliveryMode.OWN_FLEET,
            ModeReason.CHEAPEST if is_cheaper else ModeReason.CHEAPER_FULL,
            f"{how}, next best {_offer(order, best)}{'' if is_cheaper else ', which has no room'}.",
            "",
            van_id,
            cost,
            next_best,
            best.carrier,
        )

    def _by_carrier(self, order: WaveOrder, option: WaveOption) -> ModeChoice:
        others = [other for other in self._able(order) if other.id != option.id]
        reason, text = self._why(order, option, others)
        if reasons := self._left.get(order.id):
            text += f" Own van: {reasons[0].text}"
        return ModeChoice(
            order.id,
            option.mode,
            reason,
            text,
            option.id,
            "",
            self._money(self._net_minor(order, option)),
            self._money(self._net_minor(order, others[0])) if others else None,
            others[0].carrier if others else "",
        )

    def _why(self, order: WaveOrder, option: WaveOption, others: list[WaveOption]) -> tuple[ModeReason, str]:
        how = self._how(order, option)
        if not others:
            return ModeReason.ONLY_WAY, f"{how}; no other carrier can take it."
        best = others[0]
        if self._net_minor(order, option) <= self._net_minor(order, best):
            by_list = order.expected_minor(option) <= order.expected_minor(best)
            reason = ModeReason.CHEAPEST if by_list else ModeReason.FOR_VOLUME
            return reason, f"{how}; next best {_offer(order, best)}."
        if full := self._full(order, option, best):
            return ModeReason.CHEAPER_FULL, f"{how}; {_offer(order, best)} would be cheaper, but {full}."
        if aim := self._aim(option):
            return ModeReason.FOR_VOLUME, f"{how}, although {_offer(order, best)} is cheaper: {aim}."
        return ModeReason.OTHER, f"{how}; {_offer(order, best)} is left to orders that save more with it."

    def _how(self, order: WaveOrder, option: WaveOption) -> str:
        off = self._off(option)
        less = f", less {self._money(off * order.parcels)} for volume" if off else ""
        return f"{option.carrier}: {option.price}{_risk(order, option)}{less}"

    def _full(self, order: WaveOrder, option: WaveOption, better: WaveOption) -> str:
        """The pool that has no room for a better offer, in words; "" where all have."""
        for pool, use in self._counted(better):
            here = pool.counts(option.key)
            parcels = use.parcels + (0 if here else order.parcels)
            spent = use.spent + better.price - (option.price if here else self._money(0))
            if pool.most is not None and parcels > pool.most:
                return f"{pool.id} is full ({use.parcels} of {pool.most})"
            if pool.most_spent is not None and spent > pool.most_spent:
                return f"{pool.id} has {use.spent} of {pool.most_spent} spent"
        return ""

    def _aim(self, option: WaveOption) -> str:
        """What volume an offer helps to, in words; "" for none."""
        for pool, use in self._counted(option):
            reached = [tier for tier in pool.tiers if tier.from_parcel <= use.parcels]
            if reached:
                last = reached[-1]
                return f"with {use.parcels} parcels {pool.id} takes {last.off} off from {last.from_parcel} on"
            if pool.least and use.parcels <= pool.least:
                return f"{pool.id} was promised parcels, and gets {use.parcels} of {pool.least}"
        return ""

    def _why_nobody(self, order: WaveOrder) -> str:
        able = self._able(order)
        if not able:
            text = "No carrier can take it in time." if order.options else "No carrier offers to take it."
        else:
            nothing = WaveOption("", "", DeliveryMode.OTHER, self._money(0))
            full = self._full(order, nothing, able[0])
            text = f"Nobody has room: {full}." if full else f"Cheaper left out than {_offer(order, able[0])}."
        reasons = self._left.get(order.id)
        return f"{text} Own van: {reasons[0].text}" if reasons else text

    def _able(self, order: WaveOrder) -> list[WaveOption]:
        """Offers that it may take, cheapest first."""
        able = [option for option in order.options if order.may_take(option)]
        return sorted(able, key=lambda option: (self._net_minor(order, option), option.id))

    def _net_minor(self, order: WaveOrder, option: WaveOption) -> int:
        """With its risk, and with the discounts that its pools have reached."""
        return order.expected_minor(option) - self._off(option) * order.parcels

    def _off(self, option: WaveOption) -> int:
        """What the discounts that are reached take off each parcel."""
        if option.key not in self._off_minor:
            self._off_minor[option.key] = sum(_each_minor(pool, use) for pool, use in self._counted(option))
        return self._off_minor[option.key]

    def _counted(self, option: WaveOption) -> tuple[tuple[Pool, PoolUse], ...]:
        """The pools that an offer counts for, with what they got."""
        if option.key not in self._pools:
            pairs = zip(self._wave.pools, self._uses, strict=True)
            self._pools[option.key] = tuple(pair for pair in pairs if pair[0].counts(option.key))
        return self._pools[option.key]

    def _money(self, minor: int) -> Money:
        return Money(minor, self._wave.currency)


def _each_minor(pool: Pool, use: PoolUse) -> int:
    """What each parcel more or less changes by discounts, within the tier that is reached."""
    return max((tier.off.minor for tier in pool.tiers if tier.from_parcel <= use.parcels), default=0)


def _offer(order: WaveOrder, option: WaveOption) -> str:
    return f"{option.carrier} at {option.price}{_risk(order, option)}"


def _risk(order: WaveOrder, option: WaveOption) -> str:
    chance = order.late_chance(option)
    if chance >= 1:
        return " (too late)"
    return f" ({chance:.0%} late)" if chance >= 0.005 and order.broken_promise else ""
