"""A plan as GPX 1.1 (topografix.com/GPX/1/1), which navigators and maps read.

A route (``rte``) for each tour, its stops in their order, and a track (``trk``) along the roads where they
are known. Personal data are in it only if asked for, and the places themselves, which a navigator needs.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from doorstep.geo import LatLng
from doorstep.route_solution import StopKind
from gateway.flow.showing.sheet import PlanSheet, StopLine, TourSheet
from gateway.flow.showing.xml_text import fit_for_xml

NAMESPACE = "http://www.topografix.com/GPX/1/1"
CONTENT_TYPE = "application/gpx+xml"

_KINDS = {StopKind.PICKUP: "pick up", StopKind.RETURN: "take back", StopKind.RELOAD: "reload"}


def gpx_of(sheet: PlanSheet, *, with_names: bool = False) -> bytes:
    """Stops are named by their numbers; with names, also drivers, recipients and addresses are told."""
    root = Element("gpx", {"xmlns": NAMESPACE, "version": "1.1", "creator": "Doorstep"})
    _text(SubElement(root, "metadata"), "name", sheet.title)
    for number, tour in enumerate(sheet.tours, start=1):
        _route(root, sheet, tour, number, with_names=with_names)
    for number, tour in enumerate(sheet.tours, start=1):
        if tour.path and not tour.is_approximate:
            track = SubElement(root, "trk")
            _text(track, "name", _name_of(tour, number, with_names=with_names))
            segment = SubElement(track, "trkseg")
            for place in tour.path:
                _point(segment, "trkpt", place)
    indent(root)
    file: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return file


def _route(root: Element, sheet: PlanSheet, tour: TourSheet, number: int, *, with_names: bool) -> None:
    route = SubElement(root, "rte")
    _text(route, "name", _name_of(tour, number, with_names=with_names))
    kilometres, hours = tour.distance_m / 1000, (tour.ends_at - tour.starts_at).total_seconds() / 3600
    about = "estimated, without a road map" if tour.is_approximate else "by road"
    _text(route, "desc", f"{len(tour.doors)} stops, {kilometres:.1f} km {about}, {hours:.1f} h")
    _text(route, "number", str(number))
    if tour.start is not None:
        _end(route, tour.start, tour.starts_at.isoformat(), "Start")
    for stop in tour.stops:
        if stop.kind is not StopKind.BREAK:
            _stop(route, sheet, stop, with_names=with_names)
    if tour.end is not None:
        _end(route, tour.end, tour.ends_at.isoformat(), "End")


def _stop(route: Element, sheet: PlanSheet, stop: StopLine, *, with_names: bool) -> None:
    point = _point(route, "rtept", stop.place)
    _text(point, "time", stop.service_start.isoformat())
    _text(point, "name", str(stop.number) if stop.is_door else f"{stop.number} Reload")
    told = [_KINDS.get(stop.kind, ""), stop.reference, sheet.span(stop.window)]
    told += [stop.recipient, stop.address] if with_names else []
    _text(point, "desc", ", ".join(part for part in told if part))
    _text(point, "type", stop.kind.value)


def _end(route: Element, place: LatLng, time: str, name: str) -> None:
    point = _point(route, "rtept", place)
    _text(point, "time", time)
    _text(point, "name", name)
    _text(point, "type", StopKind.DEPOT.value)


def _name_of(tour: TourSheet, number: int, *, with_names: bool) -> str:
    known = (tour.driver if with_names else "") or tour.vehicle
    return f"Tour {number}: {known}" if known else f"Tour {number}"


def _point(parent: Element, tag: str, place: LatLng) -> Element:
    return SubElement(parent, tag, {"lat": f"{place.lat:.6f}", "lon": f"{place.lng:.6f}"})


def _text(parent: Element, tag: str, text: str) -> None:
    if text:
        SubElement(parent, tag).text = fit_for_xml(text)
