"""What a city is written to: OpenStreetMap XML for OSRM, GeoJSON for the browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from simulator.city import City, build_city
from simulator.city.__main__ import main
from simulator.city.drawing import geojson
from simulator.city.osm import osm_xml


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(7)


@pytest.fixture(scope="module")
def osm(city: City) -> ElementTree.Element:
    return ElementTree.fromstring(osm_xml(city))  # noqa: S314  our own text


@pytest.fixture(scope="module")
def features(city: City) -> list[dict[str, Any]]:
    drawn: dict[str, Any] = json.loads(json.dumps(geojson(city)))
    assert drawn["type"] == "FeatureCollection"
    return list(drawn["features"])


def test_xml_holds_every_node_where_it_is(city: City, osm: ElementTree.Element) -> None:
    places = [(float(node.attrib["lat"]), float(node.attrib["lon"])) for node in osm.iter("node")]
    assert places == [(node.lat, node.lng) for node in city.nodes]


def test_xml_ways_refer_to_nodes_by_id_and_carry_the_tags_of_a_car_profile(
    city: City, osm: ElementTree.Element
) -> None:
    ways = list(osm.iter("way"))
    assert len(ways) == len(city.streets)
    for way, street in zip(ways, city.streets, strict=True):
        assert [int(nd.attrib["ref"]) - 1 for nd in way.iter("nd")] == list(street.nodes)
        tags = {tag.attrib["k"]: tag.attrib["v"] for tag in way.iter("tag")}
        assert tags["highway"] == street.road_class.value
        assert tags["maxspeed"] == str(street.road_class.speed_kmh)
        assert tags["name"] == street.name
        assert (tags.get("oneway") == "yes") == street.is_one_way
        assert (tags.get("bridge") == "yes") == street.is_bridge


def test_xml_marks_the_traffic_lights(city: City, osm: ElementTree.Element) -> None:
    lit = {int(node.attrib["id"]) - 1 for node in osm.iter("node") if node.find("tag") is not None}
    assert lit == city.signals


def test_the_map_is_small_enough_for_a_browser(city: City) -> None:
    assert len(json.dumps(geojson(city), separators=(",", ":")).encode()) < 400_000


def test_the_map_shows_every_kind_of_thing(city: City, features: list[dict[str, Any]]) -> None:
    kinds = [feature["properties"]["kind"] for feature in features]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "district": len(city.districts),
        "park": 1,
        "river": 1,
        "street": len(city.streets),
        "place": len(city.places),
    }


def test_polygons_of_the_map_are_closed(features: list[dict[str, Any]]) -> None:
    rings = [
        feature["geometry"]["coordinates"][0]
        for feature in features
        if feature["geometry"]["type"] == "Polygon"
    ]
    assert rings
    assert all(ring[0] == ring[-1] and len(ring) >= 4 for ring in rings)


def test_the_map_carries_no_address_of_a_front_door(city: City) -> None:
    text = json.dumps(geojson(city))
    own = {place.address.line1 for place in city.places}
    assert not [
        address.line1
        for address in city.addresses[::10]
        if address.line1 not in own and address.line1 in text
    ]


def test_the_command_writes_both_files_and_prints_counts(tmp_path: Path, city: City) -> None:
    out, drawn = tmp_path / "city.osm", tmp_path / "city.geojson"
    result = CliRunner().invoke(main, ["--seed", "7", "--out", str(out), "--map", str(drawn)])
    assert result.exit_code == 0, result.output
    assert f"{city.junction_count} junctions" in result.output
    assert out.read_bytes() == osm_xml(city)
    assert json.loads(drawn.read_text())["type"] == "FeatureCollection"


def test_the_command_refuses_a_size_out_of_range() -> None:
    result = CliRunner().invoke(main, ["--size", "3"])
    assert result.exit_code == 2
    assert "size must lie in 20 to 44" in result.output
