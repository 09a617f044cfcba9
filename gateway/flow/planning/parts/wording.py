"""Wording: broken rules as a dispatcher says them, with the name of the delivery that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from doorstep.delivery import Delivery
from doorstep.route_solution import RouteViolation


def named(
    violations: Iterable[RouteViolation], deliveries: Mapping[str, Delivery]
) -> tuple[RouteViolation, ...]:
    """The same, each that is about a stop with what the merchant calls its delivery; deliveries by id."""
    return tuple(_named(one, deliveries.get(one.visit_id)) for one in violations)


def _named(violation: RouteViolation, delivery: Delivery | None) -> RouteViolation:
    if delivery is None or violation.text.startswith(f"{delivery.reference}: "):
        return violation
    text = f"{delivery.reference}: {violation.text[:1].lower()}{violation.text[1:]}"
    return replace(violation, text=text)
