"""Travel times and ways: on a map with OSRM, without one by estimate."""

from optimizer.roads.affine import AffineEstimate, AffineRoads, unpacked
from optimizer.roads.build import Algorithm, BuildStep, build_roads
from optimizer.roads.cached import CachedRoads
from optimizer.roads.engine import OsrmRoads
from optimizer.roads.errors import NoRoad, RoadsBuildFailed, RoadsTimedOut, RoadsUnavailable

__all__ = [
    "AffineEstimate",
    "AffineRoads",
    "Algorithm",
    "BuildStep",
    "CachedRoads",
    "NoRoad",
    "OsrmRoads",
    "RoadsBuildFailed",
    "RoadsTimedOut",
    "RoadsUnavailable",
    "build_roads",
    "unpacked",
]
