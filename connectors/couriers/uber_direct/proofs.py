"""What Uber keeps of a pickup and of a handover (its OpenAPI 1.0.1: `verification` of a waypoint)."""

from __future__ import annotations

from collections.abc import Iterator

from doorstep.json_reading import Json, child, children, instant, text
from doorstep.proof import Proof, ProofKind

_SCANNED = "SUCCESS"


def read_proofs(delivery: Json) -> tuple[Proof, ...]:
    """Everything that proves that it was fetched, and then that it was handed over."""
    return tuple(
        proof
        for side in ("pickup", "dropoff")
        for proof in _of_waypoint(child(delivery, side), is_pickup=side == "pickup")
    )


def _of_waypoint(waypoint: Json, *, is_pickup: bool) -> Iterator[Proof]:
    told = child(waypoint, "verification")
    at = instant(waypoint, "status_timestamp")
    for name, kind in (("picture", ProofKind.PHOTO), ("signature", ProofKind.SIGNATURE)):
        entry = child(told, name)
        url, signed_by = text(entry, "image_url"), text(entry, "name")
        if url or signed_by:
            yield Proof(kind, url, at, signed_by, is_pickup)
    if text(child(told, "pin_code"), "entered"):
        yield Proof(ProofKind.PIN, taken_at=at, is_pickup=is_pickup)
    if child(told, "identification").get("min_age_verified"):
        yield Proof(ProofKind.IDENTITY, taken_at=at, is_pickup=is_pickup)
    for barcode in children(told, "barcodes"):
        scan = child(barcode, "scan_result")
        if text(scan, "outcome") == _SCANNED:
            scanned_at = instant(scan, "timestamp") or at
            yield Proof(ProofKind.BARCODE, taken_at=scanned_at, is_pickup=is_pickup)
