"""The merchant's own vans: rate sheets, windows, bookings that nobody outside has to hear of, and GPS fixes.

`gps` reads what tracking apps send, without the connector.
"""

from connectors.fleet.connector import CARRIER, FleetConnector
from connectors.fleet.settings import FleetSettings

__all__ = ["CARRIER", "FleetConnector", "FleetSettings"]
