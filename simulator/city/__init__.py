"""A city that a seed makes: streets, river, park, districts, addresses and shops, the same every time.

It lies in the open Atlantic south of New York, so that nobody mistakes it for a place where people
live; its addresses read like addresses of the United States, with postal codes
below the lowest one in use there (00501).
"""

from simulator.city.build import build_city
from simulator.city.city import City, CityAddress, District, Place, PlaceKind, RoadClass, Street

__all__ = ["City", "CityAddress", "District", "Place", "PlaceKind", "RoadClass", "Street", "build_city"]
