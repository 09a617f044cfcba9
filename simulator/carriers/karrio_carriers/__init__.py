"""Small stand-ins for UPS, FedEx, USPS, DHL Express, Canada Post and Purolator, over HTTP.

Written from the carriers' public documentation: enough of each protocol to rate a parcel, sell a label, find
it again, take it back and follow it.
"""

from simulator.carriers.karrio_carriers.canada_post import FakeCanadaPost
from simulator.carriers.karrio_carriers.fedex import FakeFedEx
from simulator.carriers.karrio_carriers.house import House, Refusal
from simulator.carriers.karrio_carriers.mydhl import FakeMyDhl
from simulator.carriers.karrio_carriers.purolator import FakePurolator
from simulator.carriers.karrio_carriers.ups import FakeUps
from simulator.carriers.karrio_carriers.usps import FakeUsps

__all__ = [
    "FakeCanadaPost",
    "FakeFedEx",
    "FakeMyDhl",
    "FakePurolator",
    "FakeUps",
    "FakeUsps",
    "House",
    "Refusal",
]
