"""The seams: what a connector, a road engine or a planner offers, whoever wrote it.

A connector raises only errors of `doorstep.errors`, never its transport's. All methods that do input or
output are coroutines; those with a `budget_s` take no longer than that, in seconds.
"""

from doorstep.ports.carriers import (
    CancelPolicy,
    CarrierConnector,
    CarrierPlugin,
    CarrierWebhookReader,
    ChangesBookings,
    PollPolicy,
    PublishesKeys,
    QuotePolicy,
    RaisesOffers,
    ShowsProof,
    StacksDeliveries,
)
from doorstep.ports.credentials import AccessTokens, CredentialField
from doorstep.ports.planning import (
    ModeChooser,
    Packer,
    PromiseMaker,
    RoadEngine,
    RouteDesk,
    RoutePlanner,
    Sourcer,
)
from doorstep.ports.stores import (
    FindsArticles,
    KnowsBuyers,
    MovesUnits,
    NoticeKind,
    RawOrder,
    ShowsRates,
    StoreConnector,
    StoreLink,
    StoreNotice,
    StorePlugin,
    StoreWebhookReader,
    Touch,
)

__all__ = [
    "AccessTokens",
    "CancelPolicy",
    "CarrierConnector",
    "CarrierPlugin",
    "CarrierWebhookReader",
    "ChangesBookings",
    "CredentialField",
    "FindsArticles",
    "KnowsBuyers",
    "ModeChooser",
    "MovesUnits",
    "NoticeKind",
    "Packer",
    "PollPolicy",
    "PromiseMaker",
    "PublishesKeys",
    "QuotePolicy",
    "RaisesOffers",
    "RawOrder",
    "RoadEngine",
    "RouteDesk",
    "RoutePlanner",
    "ShowsProof",
    "ShowsRates",
    "Sourcer",
    "StacksDeliveries",
    "StoreConnector",
    "StoreLink",
    "StoreNotice",
    "StorePlugin",
    "StoreWebhookReader",
    "Touch",
]
