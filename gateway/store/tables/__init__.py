"""The tables, as SQLAlchemy Core sees them.

An aggregate is kept whole in `doc` (JSON of its dataclass, see `codec`); the columns beside it are
projections of it that queries and constraints need. The migrations are the truth for DDL; a test
compares the two.

Every table but `ROOMS_WITHOUT_TENANT` carries `merchant_id` and is under forced row level security.
"""

from __future__ import annotations

from gateway.store.tables.accounts import (
    api_keys,
    carrier_accounts,
    carrier_unknowns,
    link_checks,
    locations,
    merchants,
    people,
    stores,
)
from gateway.store.tables.choosing import (
    boxes,
    carrier_counts,
    requotes,
    rules,
    slot_days,
    slot_holds,
    slot_templates,
)
from gateway.store.tables.delivering import (
    deliveries,
    delivery_events,
    documents,
    failed_attempts,
    incidents,
    legs,
    loss_claims,
    return_requests,
)
from gateway.store.tables.driving import (
    device_keys,
    driver_sessions,
    driver_states,
    drivers,
    last_positions,
    positions,
    route_plans,
    route_stops,
    routes,
)
from gateway.store.tables.learning import eta_trips, eta_versions
from gateway.store.tables.mending import playbooks
from gateway.store.tables.messages import (
    erasures,
    inbox,
    memory,
    privacy_requests,
    products,
    quarantine,
    reports,
    store_syncs,
)
from gateway.store.tables.modes import mode_choices, mode_waves
from gateway.store.tables.ordering import choices, fulfillment_orders, orders, quote_sets
from gateway.store.tables.parts import metadata
from gateway.store.tables.stacking import stack_waits, stacks
from gateway.store.tables.telling import (
    consents,
    notice_accounts,
    notice_templates,
    notices,
    suppressions,
    thread_messages,
    uploads,
    webhook_attempts,
    webhook_calls,
    webhook_endpoints,
)

OWNER_ROLE = "doorstep_owner"
APP_ROLE = "doorstep_app"

ROOMS_WITHOUT_TENANT: frozenset[str] = frozenset({"alembic_version"})
"""Tables of ours that hold nobody's data; procrastinate's tables, which hold ids only, come beside them."""

TENANT_TABLES = tuple(metadata.tables.values())

__all__ = [
    "APP_ROLE",
    "OWNER_ROLE",
    "ROOMS_WITHOUT_TENANT",
    "TENANT_TABLES",
    "api_keys",
    "boxes",
    "carrier_accounts",
    "carrier_counts",
    "carrier_unknowns",
    "choices",
    "consents",
    "deliveries",
    "delivery_events",
    "device_keys",
    "documents",
    "driver_sessions",
    "driver_states",
    "drivers",
    "erasures",
    "eta_trips",
    "eta_versions",
    "failed_attempts",
    "fulfillment_orders",
    "inbox",
    "incidents",
    "last_positions",
    "legs",
    "link_checks",
    "locations",
    "loss_claims",
    "memory",
    "merchants",
    "metadata",
    "mode_choices",
    "mode_waves",
    "notice_accounts",
    "notice_templates",
    "notices",
    "orders",
    "people",
    "playbooks",
    "positions",
    "privacy_requests",
    "products",
    "quarantine",
    "quote_sets",
    "reports",
    "requotes",
    "return_requests",
    "route_plans",
    "route_stops",
    "routes",
    "rules",
    "slot_days",
    "slot_holds",
    "slot_templates",
    "stack_waits",
    "stacks",
    "store_syncs",
    "stores",
    "suppressions",
    "thread_messages",
    "uploads",
    "webhook_attempts",
    "webhook_calls",
    "webhook_endpoints",
]
