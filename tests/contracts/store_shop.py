"""A simulated store behind buttons that are alike for every platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from doorstep.address import Address
from doorstep.geo import LatLng
from simulator.actor import Actor

HOME = Address(
    "US",
    name="Ana Lopez",
    line1="350 5th Ave",
    city="New York",
    province="NY",
    postal_code="10118",
    phone_raw="(212) 736-3100",
    email="ana@example.test",
    location=LatLng(40.7484, -73.9857),
)
WAREHOUSE = Address("US", line1="55 Water St", city="Brooklyn", province="NY", postal_code="11201")


@dataclass(frozen=True, slots=True)
class Kept:
    """An order as its store has it: what walks must give."""

    placed_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """What a store shows of an order's delivery.

    Attributes
    ----------
    shipments
        Tracking numbers of what counts as sent, once for each time that it does.
    steps
        A word for each step that it shows, repeats included.
    holds
        How often a person is waited for.
    """

    shipments: Sequence[str]
    steps: Sequence[object]
    holds: int
    is_delivered: bool


class Shop(Protocol):
    """The buttons of a simulated store.

    Attributes
    ----------
    ailments
        Ways to be unwell, by name, that spoil every call until `get_well`.
    secrets
        What must never be seen in a text.
    unknown_id, article_id, unknown_article_id
        The first and the last look like an order's and an article's, and are none.
    vital_path
        Where in a `RawOrder.body` a number of pieces stands, and how a refusal names it.
    """

    ailments: Sequence[str]
    secrets: Sequence[str]
    unknown_id: str
    article_id: str
    unknown_article_id: str
    vital_path: Sequence[str | int]

    @property
    def actor(self) -> Actor: ...

    def link(self, base_url: str) -> Mapping[str, str]: ...

    def fill(self, count: int) -> None: ...

    def place(self) -> str: ...

    def touch(self, order_id: str) -> None: ...

    def touch_part(self, order_id: str) -> bool: ...

    def hold(self, order_id: str) -> None: ...

    def delete(self, order_id: str) -> None: ...

    def kept(self) -> Mapping[str, Kept]: ...

    def shown(self, order_id: str) -> Shown: ...

    def writes(self) -> int: ...

    def fall_ill(self, ailment: str) -> None: ...

    def get_well(self) -> None: ...

    def lose_answers(self, chance: float) -> None: ...

    def double_letters(self) -> None: ...

    def webhooks(self) -> Sequence[tuple[str, str]]: ...

    def break_webhooks(self) -> None: ...


# Every request or write of a call, and more than any call makes.
MANY_CALLS = 1_000


async def at_once(seconds: float) -> None:
    del seconds
