"""Try rules: what drafts would make of a cart or of a past question, beside what today's rules make of it.

Nothing is kept, and nothing changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from doorstep.address import Address
from doorstep.deadline import Deadline
from doorstep.errors import NotFound
from doorstep.geo import distance_m
from doorstep.merchant import Merchant
from doorstep.quote import Quote, QuoteSet
from doorstep.rule import Rule, RuleTrace
from doorstep.scorecard import Scorecard
from gateway.flow.ports import LinkedCarrier, Means, UnitOfWork
from gateway.flow.quoting.cart import Cart
from gateway.flow.quoting.cart_question import cart_question
from gateway.flow.quoting.question import facts_of, load_unit
from gateway.flow.quoting.ranking import Candidate, rank
from gateway.flow.rules import Facts, Option, RuleBook, RuleOutcome, compile_rules, preview
from gateway.flow.rules.save import require_sound


@dataclass(frozen=True, slots=True)
class TriedRules:
    """One question under two books.

    Attributes
    ----------
    before, after
        The same offers as today's rules and as the drafts rank them, and who fell out.
    rules
        Every rule that a trace is about, by id.
    """

    before: QuoteSet
    after: QuoteSet
    traces: tuple[RuleTrace, ...]
    rules: Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class _Sample:
    """Offers before any rule, and what rules are told of them."""

    merchant: Merchant
    book: RuleBook
    facts: Facts
    offers: QuoteSet
    carriers: Sequence[LinkedCarrier]
    scorecards: Mapping[str, Scorecard] = field(default_factory=dict)


async def try_on_cart(
    means: Means, merchant_id: str, drafts: Sequence[Rule], destination: Address, cart: Cart, budget_s: float
) -> TriedRules:
    """Ask carriers for a sample cart, as a checkout does, and apply both books to their offers.

    Raises
    ------
    InvalidInput
        If a draft is wrong, or the cart or destination is.
    """
    deadline = Deadline(budget_s)
    question = await cart_question(means, merchant_id, destination, cart, deadline)
    asking = question.asking
    _check(drafts, asking.merchant)
    without_rules = replace(asking, book=compile_rules([], asking.merchant.currency))
    offers = await replace(question, asking=without_rules).put(deadline)
    known = (asking.merchant, asking.book, asking.facts)
    return _tried(_Sample(*known, offers, question.premises.carriers, asking.scorecards), drafts)


async def try_on_quote_set(
    means: Means, merchant_id: str, drafts: Sequence[Rule], quote_set_id: str
) -> TriedRules:
    """Apply both books to the offers of a past question; nobody is asked.

    An offer that a rule turned away then was not kept, and stays among the declined. Of a checkout its store
    and articles are not known any more.

    Raises
    ------
    NotFound
        If there is no such question, or what it was about is gone.
    InvalidInput
        If a draft is wrong.
    """
    async with means.begin(merchant_id) as work:
        kept = await work.quotes.get(quote_set_id)
        if kept is None:
            raise NotFound(quote_set_id, path=("quoteSetId",))
        merchant = await work.accounts.merchant()
        _check(drafts, merchant)
        book = await means.shelf.book(work.rules, merchant)
        facts = await _facts_then(work, kept)
    carriers = await means.links.carriers(merchant_id)
    return _tried(_Sample(merchant, book, facts, kept, carriers), drafts)


def _check(drafts: Sequence[Rule], merchant: Merchant) -> None:
    for place, draft in enumerate(drafts):
        require_sound(draft, merchant.currency, ("drafts", str(place)))


async def _facts_then(work: UnitOfWork, kept: QuoteSet) -> Facts:
    if kept.fulfillment_order_id is not None:
        unit = await load_unit(work, kept.fulfillment_order_id, must_be_placed=False)
        if unit is None:
            raise NotFound(kept.fulfillment_order_id, path=("quoteSetId",))
        return facts_of(unit, kept.request)
    here, there = kept.request.pickup.location, kept.request.dropoff.location
    metres = None if here is None or there is None else round(distance_m(here, there))
    return Facts.of(kept.request, location_id=kept.origin_id, distance_m=metres)


def _tried(sample: _Sample, drafts: Sequence[Rule]) -> TriedRules:
    replaced = {draft.id for draft in drafts}
    stay = [rule for rule in sample.book.rules if rule.id not in replaced]
    after = compile_rules([*stay, *drafts], sample.book.currency)
    handovers = {carrier.account.id: carrier.limits.handovers for carrier in sample.carriers}
    options = [
        Option(quote.offer, quote.account_id, handovers[quote.account_id])
        if quote.account_id in handovers
        else Option(quote.offer, quote.account_id)
        for quote in sample.offers.quotes
    ]
    seen = preview(sample.book, after, sample.facts, options)
    return TriedRules(
        before=_ranked(sample, seen.before),
        after=_ranked(sample, seen.after),
        traces=seen.traces,
        rules={rule.id: rule for rule in after.rules},
    )


def _ranked(sample: _Sample, outcome: RuleOutcome) -> QuoteSet:
    offers = sample.offers
    quotes = rank(
        [_candidate(quote) for quote in offers.quotes],
        sample.merchant.weights,
        offers.request.asked_at,
        outcome=outcome,
        scorecards=sample.scorecards,
    )
    return replace(offers, quotes=quotes, declined=(*offers.declined, *outcome.declined))


def _candidate(quote: Quote) -> Candidate:
    return Candidate(quote.account_id, quote.offer, quote.reliability, quote.response_ms)
