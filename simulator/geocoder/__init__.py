"""A simulated Nominatim that knows the addresses of one city."""

from simulator.geocoder.app import FakeGeocoder
from simulator.geocoder.gazetteer import Gazetteer

__all__ = ["FakeGeocoder", "Gazetteer"]
