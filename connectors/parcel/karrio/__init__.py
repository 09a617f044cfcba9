"""UPS, FedEx, USPS, DHL Express, Canada Post and Purolator through karrio's mappers: the extra `parcel`.

karrio (LGPL-3.0, used as it is) builds the bodies of requests and reads rates, labels and voids. All else
is ours: transport, signing in, time-outs, money, tracking, statuses, and buying exactly once. What karrio
does on being imported, and where its mappers are wrong or call the network, is told where it is mended:
`importing`, `payloads`, and the dialects under `carriers`.

Exactly once
------------
None of the six refuses to sell a second label for the same order, so `book` looks before it buys, always:

============ ======================================= ================== =====================================
carrier      how `book` looks for an earlier label   "none" is proof    what is found
============ ======================================= ================== =====================================
UPS          Label Recovery by reference             yes, within 1 s    number and label
USPS         reprint by X-Idempotency-Key            yes, within 2 s,   number, price and label; each reprint
                                                     for 7 days         spends one of three
Canada Post  Get Shipments by request id             yes                number, price and label; one whose
                                                                        refund was asked for is found as well
Purolator    TrackPackagesByReference                no                 number and label
FedEx        tracking by reference                   no                 number, the label is lost
DHL Express  tracking by reference                   no                 number, the label is lost
============ ======================================= ================== =====================================

How soon the first two know of a label was seen in a public integration's measurements of September 2026.

Where "none" is no proof, a booking whose answer was lost stays an `UnknownOutcome` on every repeat, with a
sentence that says so, until the label turns up or a person calls the delivery off. Whoever repeats for a
process that is gone says so (`BookingRequest.is_repeat`), so that a restart forgets no doubt.

A void is judged by the carrier's own words, and a repeat succeeds. DHL Express has no void: a label without a
scan counts as called off. None of the six sends webhooks that are read here; parcels are polled.
"""

from __future__ import annotations

from functools import partial

from connectors.parcel.karrio.carriers.canada_post import CanadaPost
from connectors.parcel.karrio.carriers.fedex import FedEx
from connectors.parcel.karrio.carriers.mydhl import MyDhl
from connectors.parcel.karrio.carriers.purolator import Purolator
from connectors.parcel.karrio.carriers.ups import Ups
from connectors.parcel.karrio.carriers.usps import Usps
from connectors.parcel.karrio.connector import connect
from connectors.parcel.karrio.dialect import Dialect
from doorstep.ports import CarrierPlugin
from doorstep.ports.carriers import PollPolicy, QuotePolicy
from doorstep.quote import DeliveryMode


def _plugin(dialect: Dialect) -> CarrierPlugin:
    facts = dialect.facts
    return CarrierPlugin(
        carrier=facts.code,
        name=facts.name,
        mode=DeliveryMode.PARCEL,
        credentials=facts.credentials,
        connect=partial(connect, dialect),
        webhooks=None,
        limits=facts.limits,
        # Their limits on calls are low and not published for every plan.
        quoting=QuotePolicy(may_hedge=False),
        polling=PollPolicy(every_s=1800, slowest_s=6 * 3600),
    )


UPS = _plugin(Ups())
FEDEX = _plugin(FedEx())
USPS = _plugin(Usps())
MYDHL = _plugin(MyDhl())
CANADA_POST = _plugin(CanadaPost())
PUROLATOR = _plugin(Purolator())

CONNECTORS = (UPS, FEDEX, USPS, MYDHL, CANADA_POST, PUROLATOR)

__all__ = ["CANADA_POST", "CONNECTORS", "FEDEX", "MYDHL", "PUROLATOR", "UPS", "USPS"]
