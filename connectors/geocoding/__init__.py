"""Finding places on the map: any server that speaks Nominatim's search."""

from connectors.geocoding.nominatim import NominatimGeocoder

__all__ = ["NominatimGeocoder"]
