"""What the flow needs of the rest of the house; `bootstrap` hands it in.

Everything behind a `UnitOfWork` belongs to one merchant, is one transaction, and is committed together
with the jobs that follow from it.
"""

from gateway.flow.ports.choosing import Boxes, KeptBox, Rules, Scores, Slots
from gateway.flow.ports.documents import Documents, Files
from gateway.flow.ports.fleet import Accounts, DriverSessions, Fleet, Routes
from gateway.flow.ports.means import Geocoder, Links, LivePositions, Means, no_link
from gateway.flow.ports.messages import Inbox, Memory, Quarantine
from gateway.flow.ports.modes import Modes
from gateway.flow.ports.orders import Deliveries, Incidents, Orders, Quotes
from gateway.flow.ports.rates import Heard, LinkedCarrier, Rates, Reuse
from gateway.flow.ports.returns import Returns
from gateway.flow.ports.sourcing import Sourcing
from gateway.flow.ports.stacks import Stacks
from gateway.flow.ports.stores import PrivacyRequests, Products, Reports, Syncs
from gateway.flow.ports.unknowns import CodeKind, UnknownCode, Unknowns
from gateway.flow.ports.webhooks import Systems, Webhooks
from gateway.flow.ports.work import Begin, UnitOfWork

__all__ = [
    "Accounts",
    "Begin",
    "Boxes",
    "CodeKind",
    "Deliveries",
    "Documents",
    "DriverSessions",
    "Files",
    "Fleet",
    "Geocoder",
    "Heard",
    "Inbox",
    "Incidents",
    "KeptBox",
    "LinkedCarrier",
    "Links",
    "LivePositions",
    "Means",
    "Memory",
    "Modes",
    "Orders",
    "PrivacyRequests",
    "Products",
    "Quarantine",
    "Quotes",
    "Rates",
    "Reports",
    "Returns",
    "Reuse",
    "Routes",
    "Rules",
    "Scores",
    "Slots",
    "Sourcing",
    "Stacks",
    "Syncs",
    "Systems",
    "UnitOfWork",
    "UnknownCode",
    "Unknowns",
    "Webhooks",
    "no_link",
]
