"""How long a book of rules takes for one question, every verdict explained.

`python -m bench rules --rules 10000 --options 50`. One run is one order with facts and prices of its own.
Timed (`p50_ms`, `p99_ms`; `cpu_p99_ms` without the turns of other programs) is all of this: `RuleBook.apply`
with its explanation, and every trace of every rule that matched, as objects with their words.
After `apply` alone (`apply_p99_ms`) the verdict of each rule about each option stands; which condition failed
where one did not match is read from the same sets when it is asked for: `ask_us` each, and `every_trace_ms`
for all `verdicts` of the last question (a rule about the whole list has a single one).
The rules are compiled once before, in `compile_ms`.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import perf_counter, thread_time

from bench.figures import percentile
from doorstep.goods import GoodsTrait
from doorstep.money import Money
from doorstep.quote import CarrierQuote, DeliveryMode, PriceBasis, VehicleKind
from doorstep.rule import (
    Condition,
    ConditionField,
    ConditionGroup,
    ConditionOperator,
    Rule,
    RuleAction,
    RuleEffect,
)
from doorstep.window import Promise, PromiseBasis, Window
from gateway.flow.rules import Explanation, Facts, Option, RuleBook, compile_rules

NOW = datetime(2026, 11, 2, tzinfo=UTC)
CARRIERS = [f"carrier_{number}" for number in range(12)]
COUNTRIES = "US CA MX DE FR GB IT ES NL BE AT CH SE NO DK FI PL CZ PT IE".split()
VEHICLES = [kind.value for kind in VehicleKind if kind is not VehicleKind.OTHER]
MODES = [mode.value for mode in DeliveryMode if mode is not DeliveryMode.OTHER]
TRAITS = [trait for trait in GoodsTrait if trait is not GoodsTrait.OTHER]
TAGS, ZONES, SKUS = 2000, 1000, 20_000
"""How many of each a merchant has: a rule about one of them meets few orders."""

WARM_UP = 20


@dataclass(slots=True)
class Meter:
    """What each run took and found."""

    whole_ms: list[float] = field(default_factory=list)
    apply_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    ask_us: list[float] = field(default_factory=list)
    matched: list[int] = field(default_factory=list)
    traces: list[int] = field(default_factory=list)


def main(arguments: list[str]) -> dict[str, object]:
    """Compile the rules, ask many questions, and count."""
    options = _options(arguments)
    chance = random.Random(options.seed)
    rules = [made_rule(chance, number) for number in range(options.rules)]
    began = perf_counter()
    book = compile_rules(rules, "USD")
    compile_ms = (perf_counter() - began) * 1000
    print(f"{options.rules} rules compiled in {compile_ms:.0f} ms", file=sys.stderr)
    # A gateway keeps its books for long; what is alive here is not looked through again by each collection.
    gc.collect()
    gc.freeze()
    explanation, meter = _warm_up(book, chance, options.options), Meter()
    for run in range(options.runs):
        explanation = _ask(book, chance, options.options, meter)
        if run % 200 == 0:
            print(f"  {run:>5} of {options.runs}: {meter.whole_ms[-1]:.2f} ms", file=sys.stderr)
    began = perf_counter()
    verdicts = len(list(explanation.every()))
    every_ms = (perf_counter() - began) * 1000
    gc.unfreeze()
    return {
        "rules": options.rules,
        "options": options.options,
        "runs": options.runs,
        "seed": options.seed,
        "p50_ms": percentile(meter.whole_ms, 0.5, 3),
        "p99_ms": percentile(meter.whole_ms, 0.99, 3),
        "cpu_p50_ms": percentile(meter.cpu_ms, 0.5, 3),
        "cpu_p99_ms": percentile(meter.cpu_ms, 0.99, 3),
        "apply_p50_ms": percentile(meter.apply_ms, 0.5, 3),
        "apply_p99_ms": percentile(meter.apply_ms, 0.99, 3),
        "matched": round(sum(meter.matched) / options.runs, 1),
        "matched_most": max(meter.matched),
        "traces": round(sum(meter.traces) / options.runs, 1),
        "traces_most": max(meter.traces),
        "ask_us": percentile(meter.ask_us, 0.5, 3),
        "verdicts": verdicts,
        "every_trace_ms": round(every_ms, 1),
        "compile_ms": round(compile_ms, 1),
    }


def _warm_up(book: RuleBook, chance: random.Random, count: int) -> Explanation:
    """Some questions that nobody times."""
    for _ in range(WARM_UP):
        _ask(book, chance, count, Meter())
    return _ask(book, chance, count, Meter())


def _ask(book: RuleBook, chance: random.Random, count: int, meter: Meter) -> Explanation:
    """One question, timed."""
    facts, options = made_facts(chance), made_options(chance, count)
    began, began_cpu = perf_counter(), thread_time()
    explanation = book.apply(facts, options).explanation
    applied = perf_counter()
    assert explanation is not None
    traces = explanation.matched()
    ended, ended_cpu = perf_counter(), thread_time()
    rule_id, place = chance.choice(book.rules).id, chance.randrange(count)
    asked = perf_counter()
    explanation.trace(rule_id, place)
    meter.ask_us.append((perf_counter() - asked) * 1_000_000)
    meter.whole_ms.append((ended - began) * 1000)
    meter.apply_ms.append((applied - began) * 1000)
    meter.cpu_ms.append((ended_cpu - began_cpu) * 1000)
    meter.matched.append(len({trace.rule_id for trace in traces}))
    meter.traces.append(len(traces))
    return explanation


def made_rule(chance: random.Random, number: int) -> Rule:
    """A rule of one to four conditions, every fifth of two groups, as merchants with many of them write them.

    All but one group of three hundred begin with something that few orders have: who has ten thousand rules
    has them for articles, postcodes, zones and customers, and some thirty that are about most orders.
    """
    groups = tuple(
        ConditionGroup(tuple(_conditions(chance))) for _ in range(2 if chance.random() < 0.2 else 1)
    )
    effects = (_effect(chance),) if chance.random() < 0.8 else (_effect(chance), _effect(chance))
    return Rule(
        id=f"rul_{number:06d}",
        merchant_id="mer_bench",
        name=f"Rule {number}",
        groups=groups,
        effects=effects,
        updated_at=NOW,
        priority=chance.randint(1, 200),
    )


def made_facts(chance: random.Random) -> Facts:
    """An order of one to eight articles."""
    return Facts(
        value=Money(chance.randint(500, 60_000), "USD"),
        at=NOW + timedelta(seconds=chance.randrange(7 * 86_400)),
        time_zone="America/New_York",
        order_tags=frozenset(f"tag-{chance.randrange(TAGS)}" for _ in range(3)),
        item_tags=frozenset(f"kind-{chance.randrange(TAGS)}" for _ in range(5)),
        item_skus=frozenset(f"SKU-{chance.randrange(SKUS)}" for _ in range(chance.randint(1, 8))),
        item_count=chance.randint(1, 20),
        traits=frozenset(chance.sample(TRAITS, chance.choice((0, 0, 1, 2)))),
        weight_g=chance.randint(100, 30_000),
        distance_m=chance.randint(300, 40_000),
        zone_ids=frozenset(f"zone-{chance.randrange(ZONES)}" for _ in range(2)),
        postal_code=f"{chance.randrange(100_000):05d}",
        country=chance.choice(COUNTRIES),
        store_id=f"sto_{chance.randrange(8)}",
        location_id=f"loc_{chance.randrange(30)}",
        customer_tags=frozenset(f"group-{chance.randrange(TAGS)}" for _ in range(2)),
    )


def made_options(chance: random.Random, count: int) -> list[Option]:
    """Offers of twelve carriers, each of its own price."""
    return [Option(_offer(chance, number), f"acc_{number % len(CARRIERS)}") for number in range(count)]


def _offer(chance: random.Random, number: int) -> CarrierQuote:
    return CarrierQuote(
        carrier=CARRIERS[number % len(CARRIERS)],
        service=f"service_{number // len(CARRIERS)}",
        title="An offer",
        mode=DeliveryMode(MODES[number % len(MODES)]),
        vehicle=VehicleKind(VEHICLES[number % len(VEHICLES)]),
        price=Money(chance.randint(300, 5000), "USD"),
        price_basis=PriceBasis.LIVE,
        promise=Promise(Window(NOW, NOW + timedelta(hours=number + 1)), "UTC", PromiseBasis.CALENDAR),
        expires_at=NOW + timedelta(minutes=15),
    )


def _conditions(chance: random.Random) -> list[Condition]:
    chosen = [_rare(chance)] if chance.random() > 1 / 300 else []
    chosen += [_common(chance) for _ in range(chance.randint(0 if chosen else 2, 3))]
    return chosen


def _rare(chance: random.Random) -> Condition:
    """Something that one order of tens or hundreds has."""
    equals, one_of = ConditionOperator.EQUALS, ConditionOperator.IN
    few = [f"SKU-{chance.randrange(SKUS)}" for _ in range(chance.randint(1, 8))]
    zones = [f"zone-{chance.randrange(ZONES)}" for _ in range(3)]
    return chance.choice(
        [
            _condition(ConditionField.ITEM_SKU, one_of, *few),
            _condition(ConditionField.ORDER_TAG, equals, f"tag-{chance.randrange(TAGS)}"),
            _condition(ConditionField.ITEM_TAG, equals, f"kind-{chance.randrange(TAGS)}"),
            _condition(ConditionField.CUSTOMER_TAG, equals, f"group-{chance.randrange(TAGS)}"),
            _condition(ConditionField.ZONE, one_of, *zones),
            _condition(
                ConditionField.POSTAL_CODE, ConditionOperator.STARTS_WITH, f"{chance.randrange(1000):03d}"
            ),
        ]
    )


def _common(chance: random.Random) -> Condition:
    """Something that a good part of all orders or options has."""
    most = chance.choice((ConditionOperator.GREATER, ConditionOperator.LESS))
    amount = f"{chance.randint(10, 600)}.{chance.randint(0, 99):02d}"
    heavy, far = (
        sorted((chance.randint(100, 30_000), chance.randint(100, 30_000))),
        chance.randint(300, 40_000),
    )
    opens, closes = (f"{chance.randrange(24):02d}:{chance.choice(('00', '30'))}" for _ in range(2))
    between, one_of, none_of = (
        ConditionOperator.BETWEEN,
        ConditionOperator.IN,
        ConditionOperator.NOT_IN,
    )
    return chance.choice(
        [
            _condition(ConditionField.ORDER_VALUE, most, amount),
            _condition(ConditionField.TOTAL_WEIGHT_GRAMS, between, *map(str, heavy)),
            _condition(ConditionField.DISTANCE_METERS, most, str(far)),
            _condition(ConditionField.TIME_OF_DAY, between, opens, closes),
            _condition(ConditionField.WEEKDAY, one_of, *chance.sample("1234567", 3)),
            _condition(ConditionField.COUNTRY, none_of, *chance.sample(COUNTRIES, 4)),
            _condition(ConditionField.GOODS, ConditionOperator.NOT_EQUALS, chance.choice(TRAITS).value),
            _condition(ConditionField.STORE, one_of, *(f"sto_{n}" for n in chance.sample(range(8), 3))),
            _condition(ConditionField.CARRIER, one_of, *chance.sample(CARRIERS, 4)),
            _condition(ConditionField.MODE, ConditionOperator.EQUALS, chance.choice(MODES)),
            _condition(ConditionField.VEHICLE, none_of, *chance.sample(VEHICLES, 2)),
            _condition(ConditionField.PRICE, most, f"{chance.randint(3, 50)}.{chance.randint(0, 99):02d}"),
        ]
    )


def _condition(field: ConditionField, operator: ConditionOperator, *values: str) -> Condition:
    return Condition(field, operator, values)


def _effect(chance: random.Random) -> RuleEffect:
    amount = Money(chance.randint(500, 4000), "USD")
    return chance.choice(
        [
            RuleEffect(RuleAction.EXCLUDE, chance.choice(VEHICLES)),
            RuleEffect(RuleAction.EXCLUDE, chance.choice(CARRIERS)),
            RuleEffect(RuleAction.PREFER, ",".join(chance.sample(CARRIERS, 3))),
            RuleEffect(RuleAction.CAP_PRICE, "charge", amount),
            RuleEffect(RuleAction.CAP_PRICE, "cost", Money(4900, "USD")),
            RuleEffect(RuleAction.MARK_UP, str(chance.randint(1, 20))),
            RuleEffect(RuleAction.MAKE_FREE),
            RuleEffect(RuleAction.SET_PRICE, "", amount),
            RuleEffect(RuleAction.REQUIRE_HANDOVER, chance.choice(("ID_CHECK", "SIGNATURE", "PHOTO"))),
            RuleEffect(RuleAction.SPLIT_COST, "50"),
            RuleEffect(RuleAction.SET_WEIGHTS, "price=1,speed=0.5"),
        ]
    )


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench rules", description=__doc__)
    parser.add_argument("--rules", type=int, default=10_000)
    parser.add_argument("--options", type=int, default=50)
    parser.add_argument("--runs", type=int, default=2000, help="questions, each with facts of its own")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    if min(options.rules, options.options, options.runs) < 1:
        parser.error("--rules, --options and --runs must be at least 1")
    return options
