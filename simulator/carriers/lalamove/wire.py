"""Quotations, orders, drivers and cities as Lalamove's JSON."""

from __future__ import annotations

from datetime import UTC, datetime

from doorstep.money import Money
from simulator.carriers.lalamove.ledger import OrderRecord, QuotationRecord, Stop
from simulator.carriers.lalamove.markets import City, Market, Vehicle


def instant(at: datetime) -> str:
    """As quotations have it: "2022-04-13T07:18:38.00Z"."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.00Z"


def odd_instant(at: datetime) -> str:
    """As webhooks and drivers have it, with the seconds where a fraction belongs: "2021-12-01T14:30.00Z"."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M.%S}Z"


def amount(minor: int, currency: str) -> str:
    """Major units without needless zeros."""
    text = Money(minor, currency).amount
    return text.rstrip("0").rstrip(".") if "." in text else text


def quotation_json(quotation: QuotationRecord, currency: str) -> dict[str, object]:
    """The answer to a quotation."""
    price = amount(quotation.price_minor, currency)
    return {
        "quotationId": quotation.id,
        "scheduleAt": instant(quotation.schedule_at or quotation.quoted_at),
        "expiresAt": instant(quotation.expires_at),
        "serviceType": quotation.vehicle.key,
        "specialRequests": [],
        "stops": [{"stopId": stop.id, **_place(stop)} for stop in quotation.stops],
        "isRouteOptimized": False,
        "priceBreakdown": {
            "base": price,
            "totalBeforeOptimization": price,
            "totalExcludePriorityFee": price,
            "total": price,
            "currency": currency,
        },
        "distance": {"value": str(quotation.road_m), "unit": "m"},
    }


def order_json(order: OrderRecord, currency: str) -> dict[str, object]:
    """The order of answers; its stops have no ids and its phone numbers no plus sign."""
    answer: dict[str, object] = {
        "orderId": order.id,
        "quotationId": order.quotation.id,
        "priceBreakdown": _price(order, currency),
        "driverId": order.driver.id if order.driver else "",
        "shareLink": share_link(order),
        "status": order.status,
        "distance": {"value": str(order.quotation.road_m), "unit": "m"},
        "stops": stops_json(order),
        "remarks": [line for stop in order.stops for line in stop.remarks.split("\r\n") if line],
    }
    return answer | ({"metadata": order.metadata} if order.metadata else {})


def stops_json(order: OrderRecord) -> list[dict[str, object]]:
    """Stops with the people there, and the proofs."""
    stops: list[dict[str, object]] = [
        {**_place(stop), "name": stop.name, "phone": stop.phone.replace("+", " ")} for stop in order.stops
    ]
    if order.picked_up_at is not None:
        stops[0]["POP"] = {
            "imageUrls": [f"https://pictures.invalid/{order.id}/pickup.jpg"],
            "pickedUpAt": instant(order.picked_up_at),
        }
    if order.proof:
        proof = {"status": order.proof}
        if order.proof != "PENDING" and order.ended_at is not None:
            proof["image"] = f"https://pictures.invalid/{order.id}/dropoff.jpg"
            proof["deliveredAt"] = instant(order.ended_at)
        stops[-1]["POD"] = proof
    return stops


def share_link(order: OrderRecord) -> str:
    """Where people follow the order."""
    return f"https://share.invalid/?{order.id}&lang=en"


def driver_json(order: OrderRecord, now: datetime) -> dict[str, object]:
    """The driver of an order that has one."""
    driver, fix = order.driver, order.fix(now)
    if driver is None:
        return {}
    answer: dict[str, object] = {
        "driverId": driver.id,
        "name": driver.name,
        "phone": driver.phone,
        "plateNumber": driver.plate,
        "photo": "",
    }
    if fix is not None:
        place, seen_at = fix
        coordinates = {"lat": f"{place.lat:.6f}", "lng": f"{place.lng:.6f}", "updatedAt": instant(seen_at)}
        answer["coordinates"] = coordinates
    return answer


def cities_json(market: Market) -> list[dict[str, object]]:
    """The answer of GET /v3/cities."""
    return [_city(city) for city in market.cities]


def event_data(kind: str, order: OrderRecord, market: Market, at: datetime) -> dict[str, object]:
    """What a webhook of this kind carries as `data`."""
    known: dict[str, object] = {"orderId": order.id}
    data: dict[str, object] = {}
    match kind:
        case "ORDER_CREATED":
            known |= {"status": order.status, "metadata": order.metadata, "shareLink": share_link(order)}
        case "ORDER_STATUS_CHANGED":
            known |= {
                "scheduleAt": odd_instant(order.starts_at),
                "shareLink": share_link(order),
                "market": order.quotation.city.locode.replace(" ", "_"),
                "createdAt": odd_instant(order.created_at),
                "driverId": order.driver.id if order.driver else "",
                "previousStatus": order.previous,
                "status": order.status,
            }
            if order.cancelled_by:
                known["cancelParty"] = order.cancelled_by
        case "DRIVER_ASSIGNED":
            data["driver"] = {
                name: value for name, value in driver_json(order, at).items() if name != "coordinates"
            }
        case "ORDER_AMOUNT_CHANGED":
            known["price"] = {
                "subTotal": amount(order.price_minor, market.currency),
                "priorityFee": amount(order.fee_minor, market.currency),
                "totalPrice": amount(order.total_minor, market.currency),
                "currency": market.currency,
            }
        case "ORDER_EDITED":
            known |= {"status": order.status, "stops": stops_json(order)}
            data |= {"editReason": "CLIENT_REQUEST", "editParty": "USER"}
        case "ORDER_REPLACED":
            data["prevOrderId"] = order.replaces
        case _:
            known["stops"] = stops_json(order)
    return {"order": known, **data, "updatedAt": odd_instant(at)}


def _place(stop: Stop) -> dict[str, object]:
    coordinates = {"lat": f"{stop.at.lat:.7f}", "lng": f"{stop.at.lng:.7f}"}
    return {"coordinates": coordinates, "address": stop.address}


def _price(order: OrderRecord, currency: str) -> dict[str, str]:
    price = {
        "base": amount(order.price_minor, currency),
        "totalExcludePriorityFee": amount(order.price_minor, currency),
        "total": amount(order.total_minor, currency),
        "currency": currency,
    }
    return price | ({"priorityFee": amount(order.fee_minor, currency)} if order.fee_minor else {})


def _city(city: City) -> dict[str, object]:
    return {
        "locode": city.locode,
        "name": city.name,
        "services": [_service(vehicle) for vehicle in city.vehicles],
    }


def _service(vehicle: Vehicle) -> dict[str, object]:
    names = ("length", "width", "height")
    dimensions = {
        name: {"value": side, "unit": "m"} for name, side in zip(names, vehicle.sides_m, strict=True)
    }
    return {
        "key": vehicle.key,
        "description": vehicle.key.capitalize(),
        "dimensions": dimensions,
        "load": {"value": vehicle.load_kg, "unit": "kg"},
        "specialRequests": [],
        "deliveryItemSpecification": {},
    }
