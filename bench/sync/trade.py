"""What shoppers and staff do in the two stores, drawn from the seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from bench.sync import people
from doorstep.address import Address
from simulator.stores.shopify import Customer, FakeShopify, Refusal
from simulator.stores.shopify.units import DONE
from simulator.stores.woocommerce import FakeWooCommerce

Deed = Callable[[], object]

Act = Callable[[str], Deed | None]
"""What could be done to an order; None where it cannot be done."""

Acts = list[tuple[Act, float]]
"""What may be done, and how often."""

_DIGITAL = 0.05


class Trade:
    """One store's trade.

    Attributes
    ----------
    wanted
        Orders that were placed for a carrier.
    did
        How often each kind of change was made.
    """

    def __init__(self, rng: random.Random) -> None:
        self.wanted: set[str] = set()
        self.did: Counter[str] = Counter()
        self.rng = rng
        self._ids: list[str] = []

    def place(self, *, is_carried: bool) -> str:
        """A shopper orders; carried, picked up, or nothing to carry."""
        is_digital = not is_carried and self.rng.random() < _DIGITAL
        order_id = self._place(is_carried, is_digital)
        self._ids.append(order_id)
        if is_carried:
            self.wanted.add(order_id)
        return order_id

    def change(self) -> None:
        """Somebody changes an order, one of the latest more often than an old one."""
        if not self._ids:
            return
        recent = self.rng.random() < 0.5
        order_id = self.rng.choice(self._ids[-200:] if recent else self._ids)
        acts, weights = zip(*self._acts(order_id in self.wanted), strict=True)
        (act,) = self.rng.choices(acts, weights)
        deed = act(order_id)
        try:
            if deed is not None:
                deed()
                self.did[act.__name__.lstrip("_")] += 1
        except Refusal:
            return  # by the shop's rules it could not be done

    def _drop(self, order_id: str) -> None:
        self._ids.remove(order_id)
        self.wanted.discard(order_id)

    def _place(self, is_carried: bool, is_digital: bool) -> str:
        raise NotImplementedError

    def _acts(self, is_carried: bool) -> Acts:
        raise NotImplementedError


class WooCommerceTrade(Trade):
    """Trade in a WooCommerce store."""

    def __init__(self, store: FakeWooCommerce, rng: random.Random) -> None:
        super().__init__(rng)
        self._store = store
        self._trashed: list[str] = []

    def _place(self, is_carried: bool, is_digital: bool) -> str:
        lines = people.basket(self.rng, is_digital=is_digital)
        method = "flat_rate" if is_carried else "" if is_digital else "local_pickup"
        home = people.home(self.rng)
        place = self._store.place_order if self.rng.random() < 0.8 else self._place_in_blocks
        return place([(sku, float(count)) for sku, count in lines], home, shipping_method=method)

    def _place_in_blocks(
        self, lines: Sequence[tuple[str, float]], home: Address, *, shipping_method: str
    ) -> str:
        draft = self._store.start_checkout(lines, home, shipping_method=shipping_method)
        return self._store.finish_checkout(draft)

    def _acts(self, is_carried: bool) -> Acts:
        gentle: Acts = [
            (self._correct_address, 8),
            (self._refund_piece, 3),
        ]
        if is_carried:
            return [*gentle, (self._cancel, 1)]
        return [
            *gentle,
            (self._hold_or_go_on, 8),
            (self._cancel, 3),
            (self._complete, 4),
            (self._trash, 3),
            (self._restore_another, 2),
            (self._delete_forever, 2),
        ]

    def _status(self, order_id: str) -> str:
        return self._store.shelf.order(order_id).status

    def _correct_address(self, order_id: str) -> Deed | None:
        if self._status(order_id) == "trash":
            return None
        return partial(self._store.edit_address, order_id, people.home(self.rng))

    def _refund_piece(self, order_id: str) -> Deed | None:
        order = self._store.shelf.order(order_id)
        line = order.purchase.lines[0]
        if order.refunds or line.quantity < 2 or order.status != "processing":
            return None
        return partial(self._store.refund, order_id, {line.product.sku: 1})

    def _hold_or_go_on(self, order_id: str) -> Deed | None:
        moves = {"processing": "on-hold", "on-hold": "processing", "cancelled": "processing"}
        status = self._status(order_id)
        return partial(self._store.set_status, order_id, moves[status]) if status in moves else None

    def _cancel(self, order_id: str) -> Deed | None:
        if self._status(order_id) not in {"processing", "on-hold"}:
            return None
        return partial(self._store.cancel_order, order_id)

    def _complete(self, order_id: str) -> Deed | None:
        if self._status(order_id) != "processing":
            return None
        return partial(self._store.set_status, order_id, "completed")

    def _trash(self, order_id: str) -> Deed | None:
        if self._status(order_id) == "trash":
            return None
        self._trashed.append(order_id)
        return partial(self._store.trash, order_id)

    def _restore_another(self, _order_id: str) -> Deed | None:
        if not self._trashed:
            return None
        return partial(self._store.restore, self._trashed.pop(self.rng.randrange(len(self._trashed))))

    def _delete_forever(self, order_id: str) -> Deed | None:
        if order_id in self._trashed:
            self._trashed.remove(order_id)
        self._drop(order_id)
        return partial(self._store.delete_forever, order_id)


class ShopifyTrade(Trade):
    """Trade in a Shopify shop."""

    def __init__(self, store: FakeShopify, rng: random.Random) -> None:
        super().__init__(rng)
        self._store = store

    def _place(self, is_carried: bool, is_digital: bool) -> str:
        home = people.home(self.rng)
        first, _, last = home.name.partition(" ")
        lines = people.cart(self.rng, people.basket(self.rng, is_digital=is_digital))
        method = "SHIPPING" if is_carried else "NONE" if is_digital else "PICK_UP"
        customer = Customer(first, last, home.email, home.phone_raw)
        return self._store.place_order(customer, None if is_digital else home, lines, method=method)

    def _acts(self, is_carried: bool) -> Acts:
        gentle: Acts = [
            (self._correct_address, 8),
            (self._refund_piece, 3),
            (self._remove_piece, 3),
            (self._move, 4),
            (self._split, 3),
        ]
        if is_carried:
            return [*gentle, (self._cancel, 1)]
        return [
            *gentle,
            (self._add_line, 2),
            (self._hold_or_release, 6),
            (self._merge, 4),
            (self._reschedule, 2),
            (self._cancel, 3),
            (self._delete, 1),
        ]

    def _correct_address(self, gid: str) -> Deed | None:
        order = self._store.order(gid)
        if order.address is None or order.cancelled_at:
            return None
        return partial(self._store.edit_address, gid, people.home(self.rng))

    def _refund_piece(self, gid: str) -> Deed | None:
        order = self._store.order(gid)
        if order.refunds or order.cancelled_at or order.fulfillments or order.lines[0].current_quantity < 2:
            return None
        return partial(self._store.refund, gid, {0: 1}, self.rng.choice(("CANCEL", "NO_RESTOCK")))

    def _remove_piece(self, gid: str) -> Deed | None:
        order = self._store.order(gid)
        if order.cancelled_at or order.fulfillments or order.lines[0].current_quantity < 2:
            return None
        return partial(self._store.remove_pieces, gid, 0, 1)

    def _add_line(self, gid: str) -> Deed | None:
        order = self._store.order(gid)
        if order.cancelled_at or len(order.lines) > 4:
            return None
        return partial(self._store.edit_order, gid, added=people.cart(self.rng, [(people.BREAD, 1)]))

    def _open_units(self, gid: str) -> list[str]:
        units = self._store.order(gid).units
        return [unit.gid for unit in units if unit.status not in DONE and unit.remaining]

    def _move(self, gid: str) -> Deed | None:
        units = self._open_units(gid)
        if not units:
            return None
        unit = self._store.unit(units[0])
        places = self._store.places
        other = places[1] if unit.place is places[0] else places[0]
        return partial(self._store.move_unit, unit.gid, other)

    def _split(self, gid: str) -> Deed | None:
        units = self._open_units(gid)
        if not units or len(self._store.order(gid).units) > 4:
            return None
        return partial(self._store.split_unit, units[0], {0: 1})

    def _merge(self, gid: str) -> Deed | None:
        units = self._open_units(gid)
        return partial(self._store.merge_units, units) if len(units) > 1 else None

    def _hold_or_release(self, gid: str) -> Deed | None:
        units = self._open_units(gid)
        if not units:
            return None
        is_held = bool(self._store.unit(units[0]).holds)
        act = self._store.release_unit if is_held else self._store.hold_unit
        return partial(act, units[0])

    def _reschedule(self, gid: str) -> Deed | None:
        units = self._open_units(gid)
        if not units:
            return None
        day = self._store.now() + timedelta(hours=self.rng.randint(1, 72))
        return partial(self._store.reschedule_unit, units[0], day)

    def _cancel(self, gid: str) -> Deed | None:
        order = self._store.order(gid)
        if order.cancelled_at or order.fulfillments:
            return None
        return partial(self._store.cancel_order, gid)

    def _delete(self, gid: str) -> Deed | None:
        self._drop(gid)
        return partial(self._store.delete_order, gid)
