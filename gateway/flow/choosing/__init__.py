"""Own van, courier or parcel: orders that nobody chose a carrier for wait, and are chosen for together."""
