"""A plan as GPX, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from doorstep.errors import InvalidInput
from gateway.flow.showing.gpx import NAMESPACE, gpx_of
from gateway.flow.showing.of_solution import read_solved, sheet_of_solution, write_solved
from gateway.flow.showing.sheet import PlanSheet, StopLine
from gateway.flow.showing.spreadsheet import csv_of
from tests.unit.flow.showing.day import REASON, solved_day

GPX = {"g": NAMESPACE}


@pytest.fixture
def sheet() -> PlanSheet:
    return sheet_of_solution(solved_day(), "Routes of Monday")


def named(sheet: PlanSheet, **fields: str) -> PlanSheet:
    """The sheet with something else in every stop."""

    def change(stop: StopLine) -> StopLine:
        return replace(stop, **fields)  # type: ignore[arg-type]  # all of these fields are texts

    tours = (replace(tour, stops=tuple(change(stop) for stop in tour.stops)) for tour in sheet.tours)
    return replace(sheet, tours=tuple(tours))


def texts(element: ElementTree.Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall(path, GPX)]


def test_a_tour_is_a_gpx_route_with_its_stops_by_number_in_the_order_of_driving(sheet: PlanSheet) -> None:
    root = ElementTree.fromstring(gpx_of(sheet))  # noqa: S314  our own
    assert (root.tag, root.get("version")) == (f"{{{NAMESPACE}}}gpx", "1.1")
    ann, bob = root.findall("g:rte", GPX)
    # A break is no place to drive to; Ann's tour is over at her last door.
    assert texts(ann, "g:rtept/g:name") == ["Start", "1", "2 Reload", "3", "5"]
    assert texts(bob, "g:rtept/g:name") == ["Start", "1", "End"]
    assert texts(ann, "g:rtept/g:time")[1] == "2026-03-02T12:10:00+00:00"
    assert texts(ann, "g:rtept/g:desc")[0] == "a, 07:00–07:30"
    assert "estimated, without a road map" in texts(ann, "g:desc")[0]
    # The order of children is part of the schema.
    assert [child.tag.partition("}")[2] for child in ann][:3] == ["name", "desc", "number"]
    assert [child.tag.partition("}")[2] for child in ann.findall("g:rtept", GPX)[1]] == [
        "time",
        "name",
        "desc",
        "type",
    ]


def test_only_a_way_along_roads_is_a_track(sheet: PlanSheet) -> None:
    root = ElementTree.fromstring(gpx_of(sheet))  # noqa: S314  our own
    (track,) = root.findall("g:trk", GPX)
    assert len(track.findall("g:trkseg/g:trkpt", GPX)) == 4


def test_people_are_named_in_gpx_only_if_asked_for(sheet: PlanSheet) -> None:
    sheet = named(sheet, recipient="Someone", address="7 Elm Street")
    quiet, told = gpx_of(sheet).decode(), gpx_of(sheet, with_names=True).decode()
    for name in ("Someone", "7 Elm Street", "Bob"):
        assert name not in quiet
        assert name in told


def test_text_that_xml_cannot_hold_is_made_fit(sheet: PlanSheet) -> None:
    sheet = named(sheet, reference='5 < 6 & "7"\x00\x0b\ud800')
    root = ElementTree.fromstring(gpx_of(sheet))  # noqa: S314  our own
    assert texts(root, "g:rte/g:rtept/g:desc")[0].startswith('5 < 6 & "7"\ufffd\ufffd\ufffd')


def test_csv_has_a_row_for_each_stop_and_for_what_found_no_place(sheet: PlanSheet) -> None:
    text = csv_of(sheet).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(row["tour"], row["sequence"], row["kind"]) for row in rows] == [
        ("1", "1", "DROPOFF"),
        ("1", "2", "RELOAD"),
        ("1", "3", "DROPOFF"),
        ("1", "4", "BREAK"),
        ("1", "5", "DROPOFF"),
        ("2", "1", "DROPOFF"),
        ("", "", ""),
    ]
    late, loose = rows[2], rows[-1]
    assert late["planned_arrival"] == "2026-03-02T07:31-05:00"
    assert (late["window_from"], late["window_to"]) == ("2026-03-02T07:00-05:00", "2026-03-02T07:30-05:00")
    assert (late["late_minutes"], late["weight_kg"], late["longitude"]) == ("2", "2.5", "-71.5")
    assert (loose["delivery_id"], loose["unassigned_because"]) == ("e & f <g>", REASON)
    assert text.endswith("\r\n")


def test_csv_says_of_each_tour_how_long_it_is_what_it_emits_and_how_much_is_in_time(sheet: PlanSheet) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(sheet).decode(), newline="")))
    ann, bob, loose = rows[0], rows[-2], rows[-1]
    names = ("tour_distance_km", "tour_co2e_kg", "tour_on_time_rate")
    # 12.3 km of a van at 180 g each; one of three doors is late, a reload and a rest are none.
    assert [ann[name] for name in names] == ["12.3", "2.214", "0.6667"]
    # Nobody said what Bob drives.
    assert [bob[name] for name in names] == ["2.0", "", "1.0"]
    assert [loose[name] for name in names] == ["", "", ""]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_csv_holds_no_formulas(sheet: PlanSheet, start: str) -> None:
    text = csv_of(named(sheet, address=f'{start}HYPERLINK("x")')).decode()
    row = next(csv.DictReader(io.StringIO(text, newline="")))
    assert row["address"] == f'\'{start}HYPERLINK("x")'
    assert row["driver"] == "'=Ann"
    assert row["longitude"] == "-71.5"


def test_csv_names_recipients_only_if_asked_for(sheet: PlanSheet) -> None:
    sheet = named(sheet, recipient="Someone")
    assert b"Someone" not in csv_of(sheet)
    assert b"Someone" in csv_of(sheet, with_names=True)


def test_a_solved_day_reads_as_it_was_written() -> None:
    assert read_solved(write_solved(solved_day())) == solved_day()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"{", b"[", "no plan can be read"),
        (b'"lat":39.9,', b'"lat":99,', r"latitude must lie in .* at `\$\.problem\.vans\[0\]\.start`"),
        (b'"van_id":"Bob"', b'"van_id":"Eve"', r"solution\.routes: no van 'Eve'"),
        (b'"visit_id":"d"', b'"visit_id":"z"', r"solution\.routes\[Bob\]: no visit 'z'"),
        (b'"currency":"USD"', b'"currency":"XXX"', "currency: 'XXX' is no ISO 4217"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_its_place(old: bytes, new: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_solved(write_solved(solved_day()).replace(old, new, 1))
