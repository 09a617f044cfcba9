"""The merchant's own vans: rate sheets, windows, bookings that nobody outside has to hear of, and GPS fixes.

`gps` reads what tracking apps send, without the connector; `preview` explains prices and finds zones.
"""

from connectors.fleet.connector import FleetConnector
from connectors.fleet.declined import CARRIER
from connectors.fleet.settings import FleetSettings

__all__ = ["CARRIER", "FleetConnector", "FleetSettings"]
