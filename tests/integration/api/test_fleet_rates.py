"""Zones and rate sheets of own vans through GraphQL: read, saved, tried out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

from connectors.fleet.settings import Depot, FleetSettings, RateBand, Surcharge
from connectors.fleet.zone import Zone
from doorstep.money import Money
from gateway.api.types.fleet_rates import MOST_BANDS, MOST_ZONES
from gateway.api.types.zones import MOST_POSTCODES
from tests.integration.api.test_slots_chosen import Counter, counter
from tests.integration.flow.fakes import DOOR, MERCHANT_ID, SHOP, STORE

__all__ = ["counter"]

SHEETS = """{ rateSheets { nodes { id name version currencyCode freeAbove { amount }
  bands { zoneId maxWeightGrams price { amount } pricePerKilometer { amount } }
  surcharges { name percent amount { amount } weekdays startsAt endsAt } } } }"""
ZONES = """query($first: Int) { zones(first: $first) { nodes { id countries postcodes version }
  pageInfo { hasNextPage } } }"""
SAVE_SHEET = """mutation($in: SaveRateSheetInput!) { saveRateSheet(input: $in) { __typename
  ... on SaveRateSheetSuccess { rateSheet { version bands { price { amount } } surcharges { percent } } }
  ... on InvalidInput { issues { path message } } ... on Problem { code } } }"""
SAVE_ZONE = """mutation($in: SaveZoneInput!) { saveZone(input: $in) { __typename
  ... on SaveZoneSuccess { zone { id version countries postcodes polygon } }
  ... on InvalidInput { issues { path message } } ... on Problem { code } } }"""
REMOVE = """mutation($in: RemoveZoneInput!) { removeZone(input: $in) { __typename
  ... on RemoveZoneSuccess { rateSheet { version } } ... on Problem { code message path } } }"""
PREVIEW = """query($draft: SaveRateSheetInput, $to: DestinationInput!, $g: Int!, $at: DateTime,
  $v: MoneyInput) {
  previewRateSheet(draft: $draft, destination: $to, weightGrams: $g, at: $at, value: $v) { __typename
  ... on RateSheetPreview { zoneId distanceMeters price { amount } band { price { amount } }
    surcharges { name } parts { kind text amount { amount } } }
  ... on InvalidInput { issues { path } } ... on NotServiceable { message } } }"""
ZONES_AT = "query($to: DestinationInput!) { zonesAt(destination: $to) { id } }"
CUT_ZONES = "{ zones { nodes { isCut postcodeCount postcodes } } }"
PAGE = "nodes { %s } total { value } pageInfo { endCursor hasNextPage }"
EVERY_CODE = f"""query($after: String) {{ zones(first: 1) {{ nodes {{
  everyPostcode(first: 250, after: $after) {{ {PAGE % "value"} }} }} }} }}"""
EVERY_BAND = f"""query($after: String) {{ rateSheets(first: 1) {{ nodes {{
  everyBand(first: 250, after: $after) {{ {PAGE % "zoneId maxWeightGrams"} }} }} }} }}"""
CUT_SHEETS = "{ rateSheets { nodes { isCut bandCount bands { zoneId } } } }"
USD = "USD"
RING = [[-72, 39], [-71, 39], [-71, 40], [-72, 40], [-72, 39]]
SQUARE: dict[str, Any] = {"type": "Polygon", "coordinates": [RING]}
HOME = {"countryCode": "US", "address1": "12 Mill Street", "city": "Port Meridian", "postalCode": "00412"}


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currencyCode": USD}


async def fleet_of(counter: Counter, **other: Any) -> Any:
    """Settings of two zones, or others; the sheet as the API shows it."""
    settings = FleetSettings(
        currency=USD,
        depots={STORE.location_id: Depot(SHOP, "America/New_York")},
        zones=(Zone("harbour", postcode_prefixes=("004",), country="US"), Zone("near", radius_m=5_000)),
        bands=(
            RateBand("harbour", 10_000, Money(300, USD), price_per_km=Money(100, USD)),
            RateBand(None, None, Money(900, USD)),
        ),
        surcharges=(Surcharge("Evening", start="18:00", percent=Decimal("12.5")),),
        free_above=Money(10_000, USD),
    )
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_carrier(counter.account, {}, replace(settings, **other).to_json())
    (sheet,) = (await counter.by_merchant(SHEETS))["nodes"]
    return sheet


async def kept_of(counter: Counter) -> FleetSettings:
    """The settings as they lie in the database."""
    async with counter.commands.house.transactions.begin_sql(MERCHANT_ID) as work:
        return FleetSettings.from_json(await work.accounts.carrier_settings(counter.account.id))


def draft_of(sheet: Any, **other: Any) -> dict[str, Any]:
    bands = [{"zoneId": None, "price": usd("7.00")}]
    draft = {"id": sheet["id"], "expectedVersion": sheet["version"], "currencyCode": USD, "bands": bands}
    return {**draft, **other}


async def whole_of(counter: Counter, document: str, field: str) -> list[Any]:
    """All pages of a list of the only zone or sheet."""
    found: list[Any] = []
    after = None
    while True:
        (shown,) = (await counter.by_merchant(document, after=after))["nodes"]
        found += shown[field]["nodes"]
        after = shown[field]["pageInfo"]["endCursor"]
        if not shown[field]["pageInfo"]["hasNextPage"]:
            assert shown[field]["total"] == {"value": len(found)}
            return found


async def test_what_the_fleet_has_set_is_shown(counter: Counter) -> None:
    sheet = await fleet_of(counter)
    assert (sheet["id"], sheet["currencyCode"], sheet["freeAbove"]) == (
        counter.account.id,
        USD,
        {"amount": "100.00"},
    )
    assert [band["price"]["amount"] for band in sheet["bands"]] == ["3.00", "9.00"]
    (evening,) = sheet["surcharges"]
    assert (evening["percent"], evening["startsAt"], evening["endsAt"]) == (12.5, "18:00", "24:00")
    zones = await counter.by_merchant(ZONES, first=1)
    assert zones["pageInfo"]["hasNextPage"]
    (harbour,) = zones["nodes"]
    assert (harbour["id"], harbour["countries"], harbour["postcodes"]) == ("harbour", ["US"], ["004*"])
    assert harbour["version"] == sheet["version"]


async def test_a_sheet_is_saved_over_the_version_that_was_read_and_decides_the_next_price(
    counter: Counter,
) -> None:
    sheet = await fleet_of(counter)
    surcharge = {"name": "Sunday", "percent": 7.25, "weekdays": [7]}
    draft = draft_of(sheet, surcharges=[surcharge])
    saved = (await counter.by_merchant(SAVE_SHEET, **{"in": draft}))["rateSheet"]
    assert (saved["bands"], saved["surcharges"]) == ([{"price": {"amount": "7.00"}}], [{"percent": 7.25}])
    assert saved["version"] != sheet["version"]
    assert (await counter.by_merchant(SAVE_SHEET, **{"in": draft}))["code"] == "STATE_CONFLICT"
    priced = await counter.by_merchant(PREVIEW, to=HOME, g=500, at="2026-11-23T17:00:00Z")
    assert priced["price"] == {"amount": "7.00"}
    # What the API says nothing of stays as it was.
    kept = await kept_of(counter)
    assert [zone.id for zone in kept.zones] == ["harbour", "near"]
    assert kept.surcharges[0].percent == Decimal("7.25")


async def test_everything_that_is_wrong_with_a_sheet_is_named_in_the_words_of_the_input(
    counter: Counter,
) -> None:
    sheet = await fleet_of(counter)
    draft = draft_of(
        sheet,
        bands=[{"zoneId": "moon", "price": {"amount": "1.00", "currencyCode": "EUR"}, "maxWeightGrams": 0}],
        surcharges=[{"name": "Never"}, {"name": "Late", "amount": usd("1.00"), "startsAt": "25:00"}],
    )
    answer = await counter.by_merchant(SAVE_SHEET, **{"in": draft})
    assert {".".join(issue["path"]) for issue in answer["issues"]} == {
        "input.bands",  # neither of the zones has a price
        "input.bands.0.zoneId",
        "input.bands.0.price",
        "input.bands.0.maxWeightGrams",
        "input.surcharges.0",
        "input.surcharges.1.startsAt",
    }
    unsaved = await counter.by_merchant(PREVIEW, draft=draft, to=HOME, g=500)
    assert unsaved["issues"][0]["path"][0] == "draft"


async def test_a_price_is_told_in_parts_that_add_up(counter: Counter) -> None:
    await fleet_of(counter)
    # 19:00 in New York: 3.00, the way there at a dollar a kilometre, and an eighth of both.
    given: dict[str, Any] = {"to": HOME, "g": 500, "at": "2026-11-24T00:00:00Z"}
    priced = await counter.by_merchant(PREVIEW, **given)
    assert (priced["zoneId"], priced["band"]["price"]["amount"]) == ("harbour", "3.00")
    assert [one["name"] for one in priced["surcharges"]] == ["Evening"]
    amounts = {one["kind"]: Decimal(one["amount"]["amount"]) for one in priced["parts"]}
    assert amounts["KILOMETERS"] == round(Decimal(priced["distanceMeters"]) / 1000, 2)
    assert sum(amounts.values()) == Decimal(priced["price"]["amount"])
    free = await counter.by_merchant(PREVIEW, **given, v=usd("100.00"))
    assert free["price"] == {"amount": "0.00"}
    assert Decimal(free["parts"][-1]["amount"]["amount"]) == -sum(amounts.values())
    nowhere = {**HOME, "postalCode": "99999", "location": {"latitude": 10, "longitude": 10}}
    refused = await counter.by_merchant(PREVIEW, **{**given, "to": nowhere})
    assert refused == {
        "__typename": "NotServiceable",
        "message": "The address lies in none of the fleet's zones.",
    }


async def test_zones_are_added_changed_found_and_removed(counter: Counter) -> None:
    sheet = await fleet_of(counter)
    wide = {"accountId": sheet["id"], "id": "wide", "polygon": SQUARE, "expectedVersion": sheet["version"]}
    made = (await counter.by_merchant(SAVE_ZONE, **{"in": {**wide, "price": usd("4.00")}}))["zone"]
    assert (made["id"], made["polygon"]) == ("wide", SQUARE)
    at_home = {**HOME, "location": {"latitude": DOOR.lat, "longitude": DOOR.lng}}
    found = await counter.by_merchant(ZONES_AT, to=at_home)
    assert [zone["id"] for zone in found] == ["harbour", "near", "wide"]
    open_ring = {**SQUARE, "coordinates": [RING[:-1]]}
    wrong = {**wide, "polygon": open_ring, "radiusMeters": 0, "expectedVersion": made["version"]}
    answer = await counter.by_merchant(SAVE_ZONE, **{"in": wrong})
    assert {".".join(issue["path"]) for issue in answer["issues"]} == {
        "input.polygon.coordinates.0",
        "input.radiusMeters",
    }
    smaller = {**wide, "polygon": None, "postcodes": ["9*"], "expectedVersion": made["version"]}
    changed = (await counter.by_merchant(SAVE_ZONE, **{"in": smaller}))["zone"]
    assert [zone["id"] for zone in await counter.by_merchant(ZONES_AT, to=at_home)] == ["harbour", "near"]
    gone = {"accountId": sheet["id"], "expectedVersion": changed["version"]}
    kept = await counter.by_merchant(REMOVE, **{"in": {**gone, "id": "wide"}})
    assert (kept["code"], kept["path"]) == ("INVALID_INPUT", ["input", "id"])
    removed = await counter.by_merchant(REMOVE, **{"in": {**gone, "id": "near"}})
    assert removed["__typename"] == "RemoveZoneSuccess"
    assert (await counter.by_merchant(REMOVE, **{"in": {**gone, "id": "moon"}}))["code"] == "STATE_CONFLICT"


async def test_a_zone_that_is_saved_with_a_price_again_has_one_row_that_counts(counter: Counter) -> None:
    sheet = await fleet_of(counter)
    version = sheet["version"]
    for amount in ("4.00", "5.00", "6.00"):
        given = {"accountId": sheet["id"], "id": "near", "radiusMeters": 5_000, "expectedVersion": version}
        saved = await counter.by_merchant(SAVE_ZONE, **{"in": {**given, "price": usd(amount)}})
        version = saved["zone"]["version"]
    heavy = RateBand("harbour", 10_000, Money(300, USD), price_per_km=Money(100, USD))
    # Before the row for any zone: behind it, it would never count.
    rest = RateBand(None, None, Money(900, USD))
    assert (await kept_of(counter)).bands == (heavy, RateBand("near", None, Money(600, USD)), rest)
    at_home = {**HOME, "postalCode": "1", "location": {"latitude": DOOR.lat, "longitude": DOOR.lng}}
    priced = await counter.by_merchant(PREVIEW, to=at_home, g=500, at="2026-11-23T17:00:00Z")
    assert (priced["zoneId"], priced["price"]) == ("near", {"amount": "6.00"})


async def test_a_new_price_of_a_zone_takes_the_place_of_every_row_that_was_added_before(
    counter: Counter,
) -> None:
    light = RateBand("near", 1_000, Money(100, USD))
    by_road = RateBand("near", None, Money(200, USD), price_per_km=Money(50, USD))
    added = RateBand("near", None, Money(300, USD))
    harbour = RateBand("harbour", None, Money(400, USD))
    sheet = await fleet_of(counter, bands=(light, by_road, harbour, added, added))
    given = {"accountId": sheet["id"], "id": "near", "radiusMeters": 1, "expectedVersion": sheet["version"]}
    await counter.by_merchant(SAVE_ZONE, **{"in": {**given, "price": usd("7.00")}})
    dearer = replace(by_road, price=Money(700, USD))
    assert (await kept_of(counter)).bands == (light, dearer, harbour)


async def test_zones_and_rows_do_not_grow_beyond_what_is_shown(counter: Counter) -> None:
    rows = [RateBand("harbour", grams + 1, Money(300, USD)) for grams in range(MOST_BANDS - 1)]
    sheet = await fleet_of(counter, bands=(*rows, RateBand(None, 99_000, Money(900, USD))))
    given = {"accountId": sheet["id"], "id": "near", "radiusMeters": 9, "expectedVersion": sheet["version"]}
    full = await counter.by_merchant(SAVE_ZONE, **{"in": {**given, "price": usd("1.00")}})
    assert full["issues"] == [
        {"path": ["input", "price"], "message": "The fleet has 500 bands already; take some out first."}
    ]
    zones = tuple(Zone(f"z{number}", radius_m=1 + number) for number in range(MOST_ZONES))
    sheet = await fleet_of(counter, zones=zones, bands=(RateBand(None, None, Money(900, USD)),))
    given["expectedVersion"] = sheet["version"]
    full = await counter.by_merchant(SAVE_ZONE, **{"in": given})
    assert [issue["path"] for issue in full["issues"]] == [["input"]]
    changed = await counter.by_merchant(SAVE_ZONE, **{"in": {**given, "id": "z7"}})
    assert changed["zone"]["id"] == "z7"


async def test_what_is_shown_cut_is_not_saved_back_without_a_word(counter: Counter) -> None:
    codes = tuple(str(10_000 + number) for number in range(MOST_POSTCODES))
    town = Zone("town", postcode_prefixes=("004",), country="US", postcodes=codes)
    rows = tuple(RateBand("town", 1 + grams, Money(300, USD)) for grams in range(MOST_BANDS))
    rest = RateBand(None, None, Money(900, USD))
    sheet = await fleet_of(counter, zones=(town,), bands=(*rows, rest))
    (zone,) = (await counter.by_merchant(CUT_ZONES))["nodes"]
    assert (zone["isCut"], zone["postcodeCount"], len(zone["postcodes"])) == (True, 5_001, 5_000)
    (shown,) = (await counter.by_merchant(CUT_SHEETS))["nodes"]
    assert (shown["isCut"], shown["bandCount"], len(shown["bands"])) == (True, 501, 500)
    # What is cut there is read page by page.
    every = [row["value"] for row in await whole_of(counter, EVERY_CODE, "everyPostcode")]
    assert (len(every), every.count("004*"), set(codes) < set(every)) == (5_001, 1, True)
    bands = await whole_of(counter, EVERY_BAND, "everyBand")
    weights = [row.max_weight_g for row in (*rows, rest)]
    assert [band["maxWeightGrams"] for band in bands] == weights
    given = {"accountId": sheet["id"], "id": "town", "expectedVersion": sheet["version"]}
    saving = {**given, "countries": ["US"], "postcodes": zone["postcodes"]}
    refused = await counter.by_merchant(SAVE_ZONE, **{"in": saving})
    assert [issue["path"] for issue in refused["issues"]] == [["input", "postcodes"]]
    refused = await counter.by_merchant(SAVE_SHEET, **{"in": draft_of(sheet)})
    assert [issue["path"] for issue in refused["issues"]] == [["input", "bands"]]
    assert "501 bands are kept and 500 of them shown" in refused["issues"][0]["message"]
    assert (await kept_of(counter)).bands == (*rows, rest)
    # Said out loud it is done, and what is whole again is saved as ever.
    saved = await counter.by_merchant(SAVE_SHEET, **{"in": draft_of(sheet, dropsWhatIsCut=True)})
    saving["expectedVersion"] = saved["rateSheet"]["version"]
    saved = await counter.by_merchant(SAVE_ZONE, **{"in": {**saving, "dropsWhatIsCut": True}})
    (zone,) = (await counter.by_merchant(CUT_ZONES))["nodes"]
    assert (zone["isCut"], zone["postcodeCount"]) == (False, 5_000)
    saving |= {"expectedVersion": saved["zone"]["version"], "postcodes": ["004*"]}
    assert (await counter.by_merchant(SAVE_ZONE, **{"in": saving}))["zone"]["postcodes"] == ["004*"]


async def test_a_zone_without_postcodes_that_is_shown_and_saved_back_does_not_grow_by_its_country(
    counter: Counter,
) -> None:
    near, town = Zone("near", country="US", radius_m=5_000), Zone("town", ("004",), "US")
    sheet = await fleet_of(counter, zones=(near, town), bands=(RateBand(None, None, Money(900, USD)),))
    shown = {zone["id"]: zone["countries"] for zone in (await counter.by_merchant(ZONES))["nodes"]}
    assert shown == {"near": [], "town": ["US"]}
    far = {**HOME, "postalCode": "99999", "location": {"latitude": 10, "longitude": 10}}
    given = {"accountId": sheet["id"], "id": "near", "expectedVersion": sheet["version"]}
    same = {**given, "countries": shown["near"], "radiusMeters": 5_000}
    assert (await counter.by_merchant(SAVE_ZONE, **{"in": same}))["zone"]["countries"] == []
    assert await counter.by_merchant(ZONES_AT, to=far) == []


async def test_a_zone_that_is_saved_while_the_account_is_switched_off_does_not_switch_it_on(
    counter: Counter,
) -> None:
    sheet = await fleet_of(counter)
    given = {"accountId": sheet["id"], "id": "near", "radiusMeters": 9, "expectedVersion": sheet["version"]}
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        await work.accounts.put_carrier(replace(counter.account, enabled=False))
        saving = asyncio.create_task(counter.by_merchant(SAVE_ZONE, **{"in": given}))
        await asyncio.sleep(0.2)  # for the zone to come as far as it can
    assert (await saving)["__typename"] == "SaveZoneSuccess"
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        (account,) = [one for one in await work.accounts.carriers() if one.id == counter.account.id]
    assert not account.enabled


async def test_an_account_that_is_put_without_settings_keeps_those_of_the_same_moment(
    counter: Counter,
) -> None:
    async def switch_off() -> None:
        async with counter.stage.means.begin(MERCHANT_ID) as work:
            await work.accounts.put_carrier(replace(counter.account, enabled=False))

    await fleet_of(counter)
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        cheaper = replace(await kept_of(counter), bands=(RateBand(None, None, Money(1, USD)),))
        await work.accounts.put_carrier(counter.account, {"key": "fresh"}, cheaper.to_json())
        switching = asyncio.create_task(switch_off())
        await asyncio.sleep(0.2)  # for the other to come as far as it can
    await switching
    assert (await kept_of(counter)).bands == cheaper.bands
    async with counter.commands.house.transactions.begin_sql(MERCHANT_ID) as work:
        credentials = await work.accounts.carrier_credentials(counter.account.id)
    assert credentials["key"].reveal() == "fresh"
