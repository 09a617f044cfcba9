"""A city as OpenStreetMap XML 0.6, as far as OSRM's car profile reads it."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from simulator.city.city import City, Street


def osm_xml(city: City) -> bytes:
    """Nodes and ways with ids counted from 1, in the order of the city's own tuples."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="doorstep simulator">']
    for index, node in enumerate(city.nodes):
        head = f'  <node id="{index + 1}" version="1" lat="{node.lat:.6f}" lon="{node.lng:.6f}"'
        if index in city.signals:
            lines += [f"{head}>", _tag("highway", "traffic_signals"), "  </node>"]
        else:
            lines.append(f"{head}/>")
    for index, street in enumerate(city.streets):
        lines.append(f'  <way id="{index + 1}" version="1">')
        lines += [f'    <nd ref="{node + 1}"/>' for node in street.nodes]
        lines += [_tag(key, value) for key, value in _tags(street).items()]
        lines.append("  </way>")
    lines.append("</osm>\n")
    return "\n".join(lines).encode()


def _tags(street: Street) -> dict[str, str]:
    tags = {
        "highway": street.road_class.value,
        "name": street.name,
        "maxspeed": str(street.road_class.speed_kmh),
    }
    if street.is_one_way:
        tags["oneway"] = "yes"
    if street.is_bridge:
        tags |= {"bridge": "yes", "layer": "1"}
    return tags


def _tag(key: str, value: str) -> str:
    return f"    <tag k={quoteattr(key)} v={quoteattr(value)}/>"
