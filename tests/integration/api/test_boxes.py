"""Boxes through GraphQL, from the merchant's list to what orders are packed in."""

from __future__ import annotations

from typing import Any

from tests.integration.api.test_slots_chosen import Counter, counter
from tests.integration.flow.fakes import MERCHANT_ID

__all__ = ["counter"]

SAVE = """mutation($in: SaveBoxInput!) { saveBox(input: $in) {
  ... on SaveBoxSuccess { box { id version inside { lengthMillimeters } outside { lengthMillimeters } } }
  ... on InvalidInput { issues { path } } ... on Problem { code } } }"""
ARCHIVE = """mutation($in: ArchiveBoxInput!) { archiveBox(input: $in) {
  ... on ArchiveBoxSuccess { box { version } } ... on Problem { code } } }"""
BOXES = "{ boxes { nodes { id name emptyGrams mostGrams } total { value } } }"
CRATE: dict[str, Any] = {
    "name": "Crate",
    "inside": {"lengthMillimeters": 300, "widthMillimeters": 200, "heightMillimeters": 150},
    "emptyGrams": 200,
    "mostGrams": 10_000,
}


async def test_a_box_is_saved_listed_and_archived(counter: Counter) -> None:
    saved = (await counter.by_merchant(SAVE, **{"in": CRATE}))["box"]
    assert (saved["version"], saved["outside"]) == (1, {"lengthMillimeters": 300})
    changed = {**CRATE, "id": saved["id"], "expectedVersion": 1, "mostGrams": 12_000}
    assert (await counter.by_merchant(SAVE, **{"in": changed}))["box"]["version"] == 2
    assert (await counter.by_merchant(SAVE, **{"in": changed}))["code"] == "STATE_CONFLICT"
    listed = {"id": saved["id"], "name": "Crate", "emptyGrams": 200, "mostGrams": 12_000}
    assert await counter.by_merchant(BOXES) == {"nodes": [listed], "total": {"value": 1}}
    gone = await counter.by_merchant(ARCHIVE, **{"in": {"id": saved["id"], "expectedVersion": 2}})
    assert gone == {"box": {"version": 3}}
    assert await counter.by_merchant(BOXES) == {"nodes": [], "total": {"value": 0}}
    async with counter.stage.means.begin(MERCHANT_ID) as work:
        assert await work.boxes.boxes() == []


async def test_everything_that_is_wrong_with_a_box_is_named_at_once(counter: Counter) -> None:
    small = {"lengthMillimeters": 100, "widthMillimeters": 100, "heightMillimeters": 100}
    wrong = {**CRATE, "name": "", "outside": small, "mostGrams": 100}
    answer = await counter.by_merchant(SAVE, **{"in": wrong})
    assert [issue["path"] for issue in answer["issues"]] == [
        ["input", "name"],
        ["input", "outside"],
        ["input", "mostGrams"],
    ]
    flat = {**CRATE, "inside": {**small, "widthMillimeters": 0}}
    answer = await counter.by_merchant(SAVE, **{"in": flat})
    assert answer["issues"] == [{"path": ["input", "inside", "widthMillimeters"]}]
