"""The GraphQL documents of reporting, in `../queries/report_*.graphql`."""

from __future__ import annotations

from importlib import resources

from connectors.stores.shopify.documents import Document

_FOLDER = resources.files("connectors.stores.shopify") / "queries"


def _read(name: str, *, is_write: bool) -> Document:
    return Document(name, (_FOLDER / f"{name}.graphql").read_text(encoding="utf-8"), is_write=is_write)


UNIT = _read("report_unit", is_write=False)
PROGRESS = _read("report_progress", is_write=True)
REOPEN = _read("report_reopen", is_write=True)
SHIPMENT = _read("report_shipment", is_write=True)
RECALL = _read("report_recall", is_write=True)
TRACKING = _read("report_tracking", is_write=True)
EVENT = _read("report_event", is_write=True)
HOLD = _read("report_hold", is_write=True)
RELEASE = _read("report_release", is_write=True)

ALL = (UNIT, PROGRESS, REOPEN, SHIPMENT, RECALL, TRACKING, EVENT, HOLD, RELEASE)

_UNITS = "merchant_managed_fulfillment_orders"
SCOPES = {
    UNIT.name: (f"read_{_UNITS}", "read_orders"),
    EVENT.name: ("write_fulfillments",),
    **{
        document.name: (f"write_{_UNITS}",)
        for document in (PROGRESS, REOPEN, SHIPMENT, RECALL, TRACKING, HOLD, RELEASE)
    },
}
"""Access scopes that an operation needs, as Shopify publishes them for 2026-10; events are read with
read_orders.
"""
