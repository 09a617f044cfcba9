"""What drafts of rules would do to options, beside what today's rules do."""

from __future__ import annotations

from typing import Annotated

import strawberry

from gateway.api.marks import part, shape
from gateway.api.problems import InvalidInput, NotFound
from gateway.api.types.quotes import DeclinedCarrier
from gateway.api.types.rules import RuleTrace
from gateway.api.types.storefront import DeliveryOption
from gateway.flow.quoting.try_rules import TriedRules

MOST_OPTIONS, MOST_TRACES = 30, 1000


@shape()
class RulesPreview:
    """Options for a sample with the draft rules beside today's."""

    before: list[DeliveryOption] = part("As today's rules rank them.", most=MOST_OPTIONS, usual=8)
    after: list[DeliveryOption] = part("As they would be with the drafts.", most=MOST_OPTIONS, usual=8)
    declined_before: list[DeclinedCarrier] = part("Who falls out today.", most=50, usual=4)
    declined_after: list[DeclinedCarrier] = part("Who would fall out with the drafts.", most=50, usual=4)
    traces: list[RuleTrace] = part(
        "What each draft does to each option or why not, then what the other rules do that match.",
        most=MOST_TRACES,
        usual=50,
    )

    @staticmethod
    def of(tried: TriedRules) -> RulesPreview:
        before, after = tried.before, tried.after
        return RulesPreview(
            before=[DeliveryOption.of(one, before) for one in before.quotes[:MOST_OPTIONS]],
            after=[DeliveryOption.of(one, after) for one in after.quotes[:MOST_OPTIONS]],
            declined_before=[DeclinedCarrier.of(one) for one in before.declined[:50]],
            declined_after=[DeclinedCarrier.of(one) for one in after.declined[:50]],
            traces=[RuleTrace.of(trace, tried.rules[trace.rule_id]) for trace in tried.traces[:MOST_TRACES]],
        )


RulesPreviewResult = Annotated[
    RulesPreview | InvalidInput | NotFound,
    strawberry.union("RulesPreviewResult", description="What drafts would do, or what is wrong with them."),
]
