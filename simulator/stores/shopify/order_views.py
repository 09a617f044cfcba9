"""Orders, their lines, refunds and returns as the Admin API 2026-10 shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doorstep.money import Money, zero
from simulator.stores.shopify.listing import connection
from simulator.stores.shopify.plain import View, attributes, money, stamp, weight
from simulator.stores.shopify.records import LineRecord, OrderRecord
from simulator.stores.shopify.units import RefundedLine, RefundRecord, ReturnedLine, ReturnRecord

if TYPE_CHECKING:
    from simulator.stores.shopify.views import Views


def order_view(see: Views, order: OrderRecord) -> View:
    """An Order."""
    presentment = order.presentment or see.presentment
    return {
        "__typename": "Order",
        "id": order.gid,
        "legacyResourceId": str(order.number),
        "name": order.name,
        "confirmationNumber": order.confirmation_number,
        "number": order.position,
        "createdAt": stamp(order.created_at),
        "processedAt": stamp(order.created_at),
        "updatedAt": stamp(order.updated_at),
        "cancelledAt": stamp(order.cancelled_at),
        "cancelReason": order.cancel_reason or None,
        "closed": order.closed_at is not None,
        "closedAt": stamp(order.closed_at),
        "confirmed": True,
        "edited": order.is_edited,
        "test": order.is_test,
        "sourceName": order.source_name,
        "email": see.personal(order.customer.email or None),
        "phone": see.personal(order.customer.phone or None),
        "customer": customer(see, order),
        "customerLocale": "en-US",
        "note": order.note or None,
        "tags": order.tags,
        "poNumber": order.company.po_number or None if order.company else None,
        "currencyCode": order.shipping_price.currency,
        "presentmentCurrencyCode": presentment[0],
        "taxesIncluded": False,
        "dutiesIncluded": False,
        "displayFinancialStatus": order.financial_status,
        "paymentGatewayNames": order.gateways,
        "displayFulfillmentStatus": lambda _: order.fulfillment_status,
        "requiresShipping": order.needs_shipping,
        "returnStatus": lambda _: _return_status(order),
        "customAttributes": attributes(order.attributes),
        "purchasingEntity": purchasing_entity(see, order),
        "shippingAddress": see.personal(mailing_address(order)),
        "totalPriceSet": lambda _: money(order.original_total, presentment),
        "currentTotalPriceSet": lambda _: money(order.total, presentment),
        "currentSubtotalPriceSet": lambda _: money(order.total - order.shipping_price, presentment),
        "totalShippingPriceSet": lambda _: money(order.shipping_price, presentment),
        "totalRefundedSet": lambda _: money(_refunded(order), presentment),
        "currentSubtotalLineItemsQuantity": sum(line.current_quantity for line in order.lines),
        "shippingLine": lambda _: shipping_line(order, presentment),
        "shippingLines": connection([order], lambda one: shipping_line(one, presentment), lambda _: 0),
        "lineItems": connection(
            order.lines, lambda line: line_view(see, line, presentment), lambda line: line.number
        ),
        "fulfillments": lambda _, first=None, **__: [
            see.fulfillment(shipment) for shipment in order.fulfillments[:first]
        ],
        "fulfillmentsCount": lambda _: {"count": len(order.fulfillments), "precision": "EXACT"},
        "fulfillmentOrders": connection(order.units, see.unit, lambda unit: unit.number),
        "refunds": lambda _, first=None: [refund_view(see, refund) for refund in order.refunds[:first]],
        "returns": connection(order.returns, lambda one: return_view(see, one), lambda one: one.number),
    }


def line_view(see: Views, record: LineRecord, presentment: tuple[str, int]) -> View:
    """A LineItem."""
    article = record.article
    return {
        "__typename": "LineItem",
        "id": record.gid,
        "sku": article.sku,
        "title": article.title,
        "name": f"{article.title} - {article.variant_title}" if article.variant_title else article.title,
        "variantTitle": article.variant_title or None,
        "vendor": None,
        "quantity": article.quantity,
        "currentQuantity": record.current_quantity,
        "unfulfilledQuantity": max(0, record.current_quantity - record.fulfilled),
        "requiresShipping": article.requires_shipping,
        "taxable": True,
        "isGiftCard": article.is_gift_card,
        "customAttributes": attributes(article.properties),
        "duties": (),
        "weight": weight(article.weight_g),
        "originalUnitPriceSet": money(article.unit_price, presentment),
        "discountedUnitPriceSet": money(article.unit_price, presentment),
        "originalTotalSet": lambda _: money(article.unit_price.times(article.quantity), presentment),
        "product": lambda _: see.product_of(article.sku),
        "variant": lambda _: see.variant_of(article.sku),
    }


def shipping_line(order: OrderRecord, presentment: tuple[str, int]) -> View:
    """A ShippingLine."""
    return {
        "id": f"gid://shopify/ShippingLine/{order.number}",
        "code": order.shipping_code,
        "title": order.shipping_code.replace("_", " ").title(),
        "source": "shopify",
        "custom": False,
        "carrierIdentifier": None,
        "deliveryCategory": None,
        "shippingRateHandle": None,
        "isRemoved": False,
        "originalPriceSet": money(order.shipping_price, presentment),
    }


def mailing_address(order: OrderRecord) -> View | None:
    """The order's shipping address."""
    address = order.address
    if address is None:
        return None
    location = address.location
    return {
        "id": f"gid://shopify/MailingAddress/{order.number}",
        "firstName": order.customer.first_name,
        "lastName": order.customer.last_name,
        "name": order.customer.name,
        "company": address.company or None,
        "address1": address.line1,
        "address2": address.line2 or None,
        "city": address.city,
        "country": address.country,
        "province": address.province or None,
        "provinceCode": address.province or None,
        "zip": address.postal_code or None,
        "countryCodeV2": address.country,
        "phone": order.customer.phone or None,
        "latitude": location.lat if location else None,
        "longitude": location.lng if location else None,
        "coordinatesValidated": location is not None,
        "validationResultSummary": "NO_ISSUES" if location else None,
    }


def customer(see: Views, order: OrderRecord) -> View:
    """A Customer."""
    return {
        "__typename": "Customer",
        "id": f"gid://shopify/Customer/{customer_number(order)}",
        "firstName": see.personal(order.customer.first_name),
        "lastName": see.personal(order.customer.last_name),
        "displayName": see.personal(order.customer.name),
    }


def customer_number(order: OrderRecord) -> int:
    """The number of whoever ordered; each order of this shop has a customer of its own."""
    return order.number + 1


def purchasing_entity(see: Views, order: OrderRecord) -> View:
    """A PurchasingEntity: the shopper, or the company that the order was bought for."""
    if order.company is None:
        return customer(see, order)
    return {
        "__typename": "PurchasingCompany",
        "company": {"id": f"gid://shopify/Company/{order.number}", "name": order.company.name},
        "location": {
            "id": f"gid://shopify/CompanyLocation/{order.number}",
            "name": order.company.location_name,
        },
    }


def refund_view(see: Views, refund: RefundRecord) -> View:
    """A Refund."""
    presentment = refund.order.presentment or see.presentment

    def line(part: RefundedLine) -> View:
        return {
            "id": f"gid://shopify/RefundLineItem/{part.number}",
            "lineItem": line_view(see, part.line, presentment),
            "quantity": part.quantity,
            "restockType": part.restock_type,
            "restocked": part.restock_type != "NO_RESTOCK",
            "location": see.place(part.place) if part.place else None,
            "subtotalSet": money(part.subtotal, presentment),
        }

    return {
        "__typename": "Refund",
        "id": refund.gid,
        "legacyResourceId": str(refund.number),
        "createdAt": stamp(refund.created_at),
        "updatedAt": stamp(refund.created_at),
        "processedAt": stamp(refund.created_at),
        "note": refund.note or None,
        "order": lambda _: see.order(refund.order),
        "totalRefundedSet": money(refund.total, presentment),
        "refundLineItems": connection(refund.lines, line, lambda part: part.number),
    }


def return_view(see: Views, record: ReturnRecord) -> View:
    """A Return."""

    def line(part: ReturnedLine) -> View:
        return {
            "__typename": "ReturnLineItem",
            "id": f"gid://shopify/ReturnLineItem/{part.number}",
            "quantity": part.quantity,
            "customerNote": None,
            "returnReasonNote": part.reason,
            "fulfillmentLineItem": see.fulfillment_line(part.picked),
        }

    return {
        "__typename": "Return",
        "id": record.gid,
        "name": record.name,
        "status": record.status,
        "createdAt": stamp(record.created_at),
        "closedAt": None,
        "order": lambda _: see.order(record.order),
        "totalQuantity": sum(part.quantity for part in record.lines),
        "returnLineItems": connection(record.lines, line, lambda part: part.number),
    }


def _refunded(order: OrderRecord) -> Money:
    total = zero(order.shipping_price.currency)
    for refund in order.refunds:
        total += refund.total
    return total


def _return_status(order: OrderRecord) -> str:
    statuses: dict[str, Any] = dict.fromkeys(one.status for one in order.returns)
    if "REQUESTED" in statuses:
        return "RETURN_REQUESTED"
    if "OPEN" in statuses:
        return "IN_PROGRESS"
    return "RETURNED" if "CLOSED" in statuses else "NO_RETURN"
