"""What would have been: past decisions with other settings. Nobody is asked and nothing is written."""

from __future__ import annotations

import math

from doorstep.quote import Quote, QuoteSet, RankingWeights
from gateway.api.context import Context
from gateway.api.reading import Path, wrong
from gateway.api.types.quotes import RankingPreview, RankingWeightsInput
from gateway.flow.quoting.ranking import rerank

MOST_WEIGHT = 1_000


async def preview_ranking(
    context: Context, quote_set_id: str, weights: RankingWeights
) -> RankingPreview | None:
    """A quote set ranked with other weights, and what was chosen of it; None where there is no such set."""
    answers = await context.loaders.quote_set.load(quote_set_id)
    if answers is None:
        return None
    return RankingPreview.of(rerank(answers, weights), await _chosen_of(context, answers))


def read_weights(given: RankingWeightsInput, path: Path) -> RankingWeights:
    """Weights of which none is negative and one is positive.

    Raises
    ------
    InvalidInput
        If they are not.
    """
    named = {
        "price": given.price,
        "speed": given.speed,
        "reliability": given.reliability,
        "emissions": given.emissions,
    }
    for name, value in named.items():
        if not math.isfinite(value) or not 0 <= value <= MOST_WEIGHT:
            raise wrong((*path, name), f"{name} must be 0 to {MOST_WEIGHT}")
    if not any(named.values()):
        raise wrong(path, "one of the weights must be positive")
    return RankingWeights(**named)


async def _chosen_of(context: Context, answers: QuoteSet) -> Quote | None:
    """The offer that the shopper chose, or with which the first booking was made."""
    if answers.fulfillment_order_id is None:
        choice = await context.loaders.choice_of_quote_set.load(answers.id)
        return None if choice is None else answers.quote(choice.quote_id)
    unit = await context.loaders.fulfillment_order.load(answers.fulfillment_order_id)
    deliveries = () if unit is None else await context.loaders.deliveries_of_order.load(unit.order_id)
    legs = (leg for delivery in deliveries for leg in delivery.legs)
    booked = (answers.quote(leg.quote_id) for leg in legs if leg.external_id)
    return next((quote for quote in booked if quote is not None), None)
