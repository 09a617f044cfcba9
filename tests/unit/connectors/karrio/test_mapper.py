"""karrio's mapper behind our wrapper, without karrio: loading within a budget, and faults without text."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.parcel.karrio.dialect import Line
from connectors.parcel.karrio.importing import Library
from connectors.parcel.karrio.mapper import Mapper, MapperFault, Piece
from connectors.refusing import Refusals
from doorstep.deadline import Deadline
from doorstep.errors import RemoteUnavailable
from doorstep.money import Money


class Deserializable:
    """Stands for karrio's: a value, how to read it, a context."""

    def __init__(self, value: object, read: Callable[[object], object], ctx: dict[str, object]) -> None:
        self.value, self.ctx = value, ctx


class Stumbling:
    """A mapper that raises on every second price, with an address in its text."""

    def __init__(self, **_: object) -> None:
        pass

    def parse_rate_response(self, response: Deserializable) -> tuple[list[Any], list[Any]]:
        if response.value == "bad":
            raise AttributeError("2 Side St")
        rate = SimpleNamespace(
            service="ground",
            total_charge=0.1 + 0.2,
            currency="USD",
            transit_days="soon",
            estimated_delivery=None,
            meta=None,
        )
        note = SimpleNamespace(code="1", message="beware", level="warning")
        return [rate], [note]


def library(_module: str) -> Library:
    lib = SimpleNamespace(Deserializable=Deserializable)
    return Library(mapper=lambda _settings: Stumbling(), settings=dict, models=None, lib=lib)


async def opened() -> Mapper:
    mapper = Mapper("some_carrier", {}, library)
    await mapper.open(1.0)
    return mapper


async def test_loading_takes_no_longer_than_somebody_waits_and_goes_on() -> None:
    let_go = threading.Event()

    def slow(module: str) -> Library:
        let_go.wait(10)
        return library(module)

    mapper = Mapper("some_carrier", {}, slow)
    refusals = Refusals("some_carrier", "Some Carrier", {}, lambda _: "", lambda _: "")
    line = Line(client=None, mapper=mapper, account={}, refusals=refusals)  # type: ignore[arg-type]  # unused

    with pytest.raises(RemoteUnavailable) as loading:
        await line.open(Deadline(0.01))
    let_go.set()
    await line.open(Deadline(5.0))

    assert loading.value.raw_code == "loading"
    assert len(mapper.read_rates([Piece("good")], {})[0]) == 1


async def test_a_mapper_that_was_not_opened_says_so() -> None:
    with pytest.raises(RuntimeError):
        Mapper("some_carrier", {}, library).build_tracking("1")


async def test_one_bad_price_does_not_sink_the_others() -> None:
    mapper = await opened()

    rates, messages = mapper.read_rates([Piece("bad"), Piece("good"), Piece("bad")], {})

    assert [(rate.service, rate.price) for rate in rates] == [("ground", Money(30, "USD"))]
    assert [(message.code, message.is_error) for message in messages] == [("1", False)]


async def test_where_all_are_bad_the_fault_names_its_kind_and_no_address() -> None:
    mapper = await opened()

    with pytest.raises(MapperFault) as fault:
        mapper.read_rates([Piece("bad")], {})

    assert fault.value.kind == "AttributeError"
    assert "Side St" not in f"{fault.value!r} {fault.value} {fault.value.__cause__}"
    assert fault.value.__suppress_context__


async def test_what_karrio_loses_is_taken_from_the_piece() -> None:
    mapper = await opened()

    ((rate,), _) = mapper.read_rates([Piece("good", arrives="2026-11-26", days=3)], {})

    # What karrio read is no number of days, and it gave no date.
    assert (rate.transit_days, rate.arrives) == (3, "2026-11-26")
