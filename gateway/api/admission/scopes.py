"""Which scope a secret key needs for what a merchant sets, and for what explains a choice.

| what | to read | to try a draft | to write |
|---|---|---|---|
| what explains a choice | READ | READ | |
| settings | CONFIGURE | CONFIGURE | CONFIGURE |
| links to stores and carriers | READ | CONFIGURE | ADMINISTER |

A choice is explained where it stands: the rule behind a reason, why a place, a carrier or a tour, scorecards
and how accounts do, what other weights had chosen. Settings are rules, playbooks, boxes, goods, handling,
sourcing, dispatch and its kin, slot templates, zones and rate sheets, as lists or whole. Webhooks to systems
of the merchant are read like settings and written like links.

Root fields and fields of the merchant say so with `@access`, which is checked before anything runs. What
`node` finds depends on the id that is given, and is checked here.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphql import GraphQLError

from gateway.auth.caller import Audience, Caller, Scope

SCOPES_OF_NODES: Mapping[str, Scope] = {
    "rul": Scope.CONFIGURE,
    "box": Scope.CONFIGURE,
    "slt": Scope.CONFIGURE,
    "whe": Scope.CONFIGURE,
    "pbk": Scope.CONFIGURE,
}
"""By the prefix of the id; READ for all others."""


def require_scope_of_node(caller: Caller, prefix: str) -> None:
    """See that a key may read a thing by its id alone.

    Raises
    ------
    GraphQLError
        If it lacks the scope.
    """
    scope = SCOPES_OF_NODES.get(prefix, Scope.READ)
    if caller.audience is Audience.SECRET and not caller.may(scope):
        facts = {"code": "FORBIDDEN", "retryable": False, "scope": scope.value}
        raise GraphQLError(f"Settings are not open to a key without the scope {scope}.", extensions=facts)
