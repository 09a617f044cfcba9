"""The seams: what a connector, a road engine or a planner offers, whoever wrote it.

A connector raises only errors of `doorstep.errors`, never its transport's. All methods that do input or
output are coroutines; those with a `budget_s` take no longer than that, in seconds.
"""

from doorstep.ports.carriers import (
    CarrierConnector,
    CarrierPlugin,
    CarrierWebhookReader,
    ChangesBookings,
    QuotePolicy,
    RaisesOffers,
    ShowsProof,
)
from doorstep.ports.credentials import AccessTokens, CredentialField
from doorstep.ports.planning import Packer, PromiseMaker, RoadEngine, RoutePlanner
from doorstep.ports.stores import (
    NoticeKind,
    RawOrder,
    StoreConnector,
    StoreLink,
    StoreNotice,
    StorePlugin,
    StoreWebhookReader,
    Touch,
)

__all__ = [
    "AccessTokens",
    "CarrierConnector",
    "CarrierPlugin",
    "CarrierWebhookReader",
    "ChangesBookings",
    "CredentialField",
    "NoticeKind",
    "Packer",
    "PromiseMaker",
    "QuotePolicy",
    "RaisesOffers",
    "RawOrder",
    "RoadEngine",
    "RoutePlanner",
    "ShowsProof",
    "StoreConnector",
    "StoreLink",
    "StoreNotice",
    "StorePlugin",
    "StoreWebhookReader",
    "Touch",
]
