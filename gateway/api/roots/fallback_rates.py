"""The write about the merchant's own prices, and how they are read; part of the root."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from doorstep.calendar import DaySpan
from doorstep.errors import InvalidInput, Issue
from doorstep.merchant import FallbackRate
from doorstep.quote import DeliveryMode
from gateway.api.admission.checks import root
from gateway.api.context import Context, Info
from gateway.api.countries import COUNTRIES
from gateway.api.marks import shape
from gateway.api.ports.records import Scope
from gateway.api.reading import Path, read_money, read_span, read_text, wrong
from gateway.api.roots.given import INPUT
from gateway.api.types.fallback_rates import (
    FallbackRateInput,
    FallbackRates,
    SaveFallbackRatesInput,
    SaveFallbackRatesResult,
    SaveFallbackRatesSuccess,
)
from gateway.flow.dispatching.plain_settings import FallbackTable

_AT = ("input", "rates")
_MOST_DAYS = 60
_MOST_GRAMS = 10_000_000

type Modes = Mapping[str, DeliveryMode]
"""By the code of a carrier that there is."""


@shape()
class FallbackRateMutations:
    """The write about the merchant's own prices."""

    @root(scope=Scope.CONFIGURE)
    async def save_fallback_rates(
        self, info: Info, given: Annotated[SaveFallbackRatesInput, INPUT]
    ) -> SaveFallbackRatesResult:
        """Keeps prices for when carriers cannot be asked, whole and in order."""
        modes = await _modes_of(info.context, {row.carrier_code for row in given.rates})
        table = FallbackTable(_read_rows(given.rates, modes))
        kept = await info.context.commands.save_merchant_rules(
            rules=table, expected_version=given.expected_version
        )
        return SaveFallbackRatesSuccess(fallback_rates=FallbackRates.of(kept))


async def _modes_of(context: Context, codes: set[str]) -> Modes:
    """How carriers deliver: those that can be linked, and those that the merchant has accounts with."""
    modes = {card.code: card.mode for card in await context.reads.carriers()}
    others = sorted(codes - modes.keys())
    if others:
        ids = await context.reads.account_ids_of(others)
        first = {code: accounts[0] for code, accounts in ids.items() if accounts}
        accounts = await context.reads.carrier_accounts(list(first.values()))
        modes |= {code: accounts[id_].mode for code, id_ in first.items() if id_ in accounts}
    return modes


def _read_rows(given: Sequence[FallbackRateInput], modes: Modes) -> tuple[FallbackRate, ...]:
    """Every row, or everything that is wrong with any of them."""
    rates: list[FallbackRate] = []
    issues: list[Issue] = []
    for number, row in enumerate(given):
        at = (*_AT, str(number))
        read = _Row(at, issues).read(row, modes)
        if read is not None:
            rates.append(read)
    if not issues:
        issues.extend(_unreached(rates))
    if issues:
        raise InvalidInput(issues[0].message, path=issues[0].path, issues=issues)
    return tuple(rates)


class _Row:
    """Reads one row and gathers what is wrong with it."""

    def __init__(self, at: Path, issues: list[Issue]) -> None:
        self._at = at
        self._issues = issues

    def read(self, given: FallbackRateInput, modes: Modes) -> FallbackRate | None:
        """The row; None if something is wrong with it."""
        at = self._at
        carrier = self._checked(lambda: _read_carrier(given.carrier_code, modes, (*at, "carrierCode")))
        service = self._checked(lambda: _read_word(given.service, (*at, "service")))
        title = self._checked(lambda: _read_word(given.title, (*at, "title")))
        price = self._checked(lambda: read_money(given.price, (*at, "price")))
        days = self._checked(lambda: _read_days(given, at))
        weight_g = self._checked(lambda: _read_weight(given.max_weight_grams, (*at, "maxWeightGrams")))
        countries = self._checked(lambda: _read_countries(given.countries or (), (*at, "countries")))
        # Spelled out, so that the types say which of them are there.
        if carrier is None or service is None or title is None or price is None:
            return None
        if days is None or weight_g is None or countries is None:
            return None
        return FallbackRate(
            carrier=carrier,
            service=service,
            title=title,
            mode=modes[carrier],
            price=price,
            days=days,
            max_weight_g=weight_g or None,
            countries=countries,
            vehicle=given.vehicle,
        )

    def _checked[T](self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except InvalidInput as fault:
            self._issues.extend(fault.issues)
            return None


def _read_carrier(given: str, modes: Modes, path: Path) -> str:
    if given not in modes:
        raise wrong(path, f"there is no carrier {read_text(given, path, 100)!r}; `carriers` lists them all")
    return given


def _read_word(given: str, path: Path) -> str:
    text = read_text(given, path, 100)
    if not text:
        raise wrong(path, f"{path[-1]} must not be empty", "REQUIRED")
    return text


def _read_days(given: FallbackRateInput, path: Path) -> DaySpan:
    fewest = read_span(given.fewest_days, (*path, "fewestDays"), 0, _MOST_DAYS)
    return DaySpan(fewest, read_span(given.most_days, (*path, "mostDays"), fewest, _MOST_DAYS))


def _read_weight(given: int | None, path: Path) -> int:
    """0 for any."""
    return 0 if given is None else read_span(given, path, 1, _MOST_GRAMS)


def _read_countries(given: Sequence[str], path: Path) -> tuple[str, ...]:
    countries = dict[str, None]()
    for number, country in enumerate(given):
        code = country.strip().upper()
        if code not in COUNTRIES:
            text = "must be an ISO 3166-1 alpha-2 code such as ES, or GB for the United Kingdom"
            raise wrong((*path, str(number)), f"{path[-1]} {text}")
        countries[code] = None
    return tuple(countries)


def _unreached(rates: Sequence[FallbackRate]) -> list[Issue]:
    """Rows that never count, as one before them takes all that they take."""
    issues = []
    for number, rate in enumerate(rates):
        first = next((at for at, other in enumerate(rates[:number]) if _takes_all_of(other, rate)), None)
        if first is not None:
            text = f"row {number} would never count: row {first} takes all that it takes; put it before that"
            issues.append(Issue((*_AT, str(number)), text))
    return issues


def _takes_all_of(one: FallbackRate, other: FallbackRate) -> bool:
    is_as_heavy = one.max_weight_g is None or (
        other.max_weight_g is not None and other.max_weight_g <= one.max_weight_g
    )
    goes_there = not one.countries or (bool(other.countries) and set(other.countries) <= set(one.countries))
    return (one.carrier, one.service) == (other.carrier, other.service) and is_as_heavy and goes_there
