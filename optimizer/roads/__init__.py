"""Travel times and ways: on a map with OSRM, without one by estimate."""

from optimizer.roads.affine import AffineEstimate, AffineRoads, unpacked
from optimizer.roads.build import Algorithm, BuildStep, build_roads
from optimizer.roads.cached import CachedRoads
from optimizer.roads.engine import OsrmRoads
from optimizer.roads.errors import NoRoad, RoadsBuildFailed, RoadsTimedOut, RoadsUnavailable
from optimizer.roads.live import LiveRoads
from optimizer.roads.speed_book import SpeedBook, read_book, turn_at_book, write_book
from optimizer.roads.speeds import SpeedSet, put_on_roads

__all__ = [
    "AffineEstimate",
    "AffineRoads",
    "Algorithm",
    "BuildStep",
    "CachedRoads",
    "LiveRoads",
    "NoRoad",
    "OsrmRoads",
    "RoadsBuildFailed",
    "RoadsTimedOut",
    "RoadsUnavailable",
    "SpeedBook",
    "SpeedSet",
    "build_roads",
    "put_on_roads",
    "read_book",
    "turn_at_book",
    "unpacked",
    "write_book",
]
