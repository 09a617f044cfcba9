"""A stand-in for Canada Post: Rating v4, Contract Shipping v8, Tracking v2."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from starlette.requests import Request
from starlette.responses import Response

from doorstep.clock import Clock
from simulator.carriers.karrio_carriers.house import (
    House,
    ParcelRecord,
    Refusal,
    Row,
    Stage,
    is_basic,
    money,
)
from simulator.carriers.pictures import one_page_pdf

# Service code, name, cents, days, expected date ("" where the standard is no promise).
_SERVICES = (
    ("DOM.RP", "Regular Parcel", 1021, 4),
    ("DOM.EP", "Expedited Parcel", 1093, 2),
    ("DOM.PC", "Priority", 2264, 1),
)
_TOLD = {
    Stage.LABEL: "3000",
    Stage.PICKED_UP: "2300",
    Stage.MOVING: "0170",
    Stage.OUT: "0174",
    Stage.DELIVERED: "1408",
}
_SHIPMENT = "application/vnd.cpc.shipment-v8+xml"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


class FakeCanadaPost(House):
    """One Canada Post customer, "2004381": user "user" with password "hush"."""

    name = "canada_post"
    purchase = "/shipment"

    def __init__(self, clock: Clock) -> None:
        self.refunds: set[str] = set()
        self.is_transmitted = True
        self.links_lead_to = ""
        super().__init__(clock)

    def rows(self) -> tuple[Row, ...]:
        """The routes."""
        return (
            ("POST", "/rs/ship/price", "rate", self._rate),
            ("POST", "/rs/2004381/2004381/shipment", "ship", self._ship),
            ("GET", "/rs/2004381/2004381/shipment", "find", self._find),
            ("GET", "/rs/2004381/2004381/shipment/{id}", "get", self._get),
            ("DELETE", "/rs/2004381/2004381/shipment/{id}", "void", self._void),
            ("POST", "/rs/2004381/2004381/shipment/{id}/refund", "void", self._refund),
            ("GET", "/rs/artifact/{id}", "label", self._label),
            ("GET", "/vis/track/pin/{pin}/detail", "track", self._track),
        )

    def admit(self, request: Request, operation: str) -> None:  # noqa: ARG002 - the house's
        """Basic authentication."""
        if not is_basic(request, "user", "hush"):
            raise Refusal(401, "E002", "AAA Authentication Failure")

    def refused(self, refusal: Refusal) -> Response:
        """In Canada Post's words."""
        body = (
            f'{_XML}<messages xmlns="http://www.canadapost.ca/ws/messages"><message><code>{refusal.code}</code>'
            f"<description>{escape(refusal.text)}</description></message></messages>"
        )
        return Response(body, refusal.status, media_type="application/vnd.cpc.messages+xml")

    def number(self, serial: int) -> str:
        """Sixteen digits."""
        return f"70230000{serial:08d}"

    async def _rate(self, request: Request) -> Response:
        told = ElementTree.fromstring(await request.body())  # noqa: S314 - from our own tests
        if _text(told, "postal-code") == "X9X9X9":
            raise Refusal(400, "9111", "The destination is not served.")
        quotes = "".join(_price_quote(*service) for service in _SERVICES)
        body = (
            f'{_XML}<price-quotes xmlns="http://www.canadapost.ca/ws/ship/rate-v4">\n{quotes}</price-quotes>'
        )
        return Response(body, media_type="application/vnd.cpc.ship.rate-v4+xml")

    async def _ship(self, request: Request) -> Response:
        told = ElementTree.fromstring(await request.body())  # noqa: S314 - from our own tests
        code = _text(told, "service-code")
        cents = next((price for service, _, price, _ in _SERVICES if service == code), None)
        if cents is None:
            raise Refusal(400, "9100", "The service code is invalid.")
        parcel = self.sell(_text(told, "customer-request-id"), cents)
        return self._info(request, parcel)

    async def _find(self, request: Request) -> Response:
        query = request.query_params
        parcel = self.parcels.get(query.get("trackingPIN", "")) or self.by_reference(
            query.get("requestId", "")
        )
        link = ""
        if parcel is not None and not self._is_gone(parcel):
            href = quoteattr(f"{self._base(request)}/rs/2004381/2004381/shipment/{_id(parcel)}")
            link = f'<link rel="shipment" href={href} media-type="{_SHIPMENT}"/>'
        body = f'{_XML}<shipments xmlns="http://www.canadapost.ca/ws/shipment-v8">{link}</shipments>'
        return Response(body, media_type=_SHIPMENT)

    async def _get(self, request: Request) -> Response:
        return self._info(request, self._known(request))

    async def _void(self, request: Request) -> Response:
        parcel = self._known(request)
        if self.is_transmitted:
            text = "A Shipment can only be void if it is in a PROCESSED or PRINTED state."
            raise Refusal(412, "8064", text)
        parcel.is_void = True
        return Response(status_code=204)

    async def _refund(self, request: Request) -> Response:
        parcel = self._known(request)
        if self.has_moved(parcel):
            raise Refusal(412, "8080", "The label has been used.")
        if parcel.number in self.refunds:
            raise Refusal(412, "7292", "A refund request has already been submitted for this shipment.")
        self.refunds.add(parcel.number)
        parcel.is_void = True
        body = (
            f'{_XML}<shipment-refund-request-info xmlns="http://www.canadapost.ca/ws/shipment-v8">'
            "<service-ticket-date>2026-11-23</service-ticket-date><service-ticket-id>GT12345</service-ticket-id>"
            "</shipment-refund-request-info>"
        )
        return Response(body, media_type=_SHIPMENT)

    async def _label(self, request: Request) -> Response:
        return Response(one_page_pdf(self._known(request).number), media_type="application/pdf")

    async def _track(self, request: Request) -> Response:
        parcel = self.parcels.get(request.path_params["pin"])
        if parcel is None:
            raise Refusal(404, "004", "No Pin History")
        told = [(_TOLD[stage], at) for stage, at in parcel.scans(self.clock.now())]
        if parcel.told:
            told.insert(0, (parcel.told, self.clock.now()))
        events = "".join(
            f"<occurrence><event-identifier>{code}</event-identifier><event-date>{at:%Y-%m-%d}</event-date>"
            f"<event-time>{at:%H:%M:%S}</event-time><event-description>told</event-description></occurrence>"
            for code, at in told
        )
        body = (
            f'{_XML}<tracking-detail xmlns="http://www.canadapost.ca/ws/track"><pin>{parcel.number}</pin>'
            f"<significant-events>{events}</significant-events></tracking-detail>"
        )
        return Response(body, media_type="application/vnd.cpc.track-v2+xml")

    def _base(self, request: Request) -> str:
        own = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
        return self.links_lead_to or own

    def _known(self, request: Request) -> ParcelRecord:
        wanted = request.path_params["id"]
        parcel = next((parcel for parcel in self.parcels.values() if _id(parcel) == wanted), None)
        if parcel is None or self._is_gone(parcel):
            raise Refusal(404, "E404", "The resource does not exist.")
        return parcel

    def _is_gone(self, parcel: ParcelRecord) -> bool:
        return parcel.is_void and parcel.number not in self.refunds

    def _info(self, request: Request, parcel: ParcelRecord) -> Response:
        label = quoteattr(f"{self._base(request)}/rs/artifact/{_id(parcel)}")
        status = "transmitted" if self.is_transmitted else "created"
        body = (
            f'{_XML}<shipment-info xmlns="http://www.canadapost.ca/ws/shipment-v8">'
            f"<customer-request-id>{escape(parcel.reference)}</customer-request-id>"
            f"<shipment-id>{_id(parcel)}</shipment-id><shipment-status>{status}</shipment-status>"
            f"<tracking-pin>{parcel.number}</tracking-pin>"
            f'<links><link rel="label" href={label} media-type="application/pdf" index="0"/></links>'
            "<shipment-price><service-code>DOM.EP</service-code>"
            f"<base-amount>{money(parcel.cents - 130)}</base-amount>"
            f"<pre-tax-amount>{money(parcel.cents - 130)}</pre-tax-amount><hst-amount>1.30</hst-amount>"
            f"<due-amount>{money(parcel.cents)}</due-amount></shipment-price></shipment-info>"
        )
        return Response(body, media_type=_SHIPMENT)


def _price_quote(code: str, name: str, cents: int, days: int) -> str:
    return (
        f"  <price-quote><service-code>{code}</service-code><service-name>{name}</service-name>"
        f"<price-details><base>{money(cents - 130)}</base><taxes><gst>0.00</gst><pst>0</pst>"
        f'<hst percent="13.000">1.30</hst></taxes><due>{money(cents)}</due><options/><adjustments/>'
        f"</price-details>"
        f"<weight-details/><service-standard><am-delivery>false</am-delivery>"
        f"<guaranteed-delivery>true</guaranteed-delivery>"
        f"<expected-transit-time>{days}</expected-transit-time>"
        f"<expected-delivery-date>2026-11-{23 + days}</expected-delivery-date>"
        "</service-standard></price-quote>\n"
    )


def _id(parcel: ParcelRecord) -> str:
    return f"34730{parcel.number[-8:]}"


def _text(root: ElementTree.Element, name: str) -> str:
    return next((node.text or "" for node in root.iter() if node.tag.rpartition("}")[2] == name), "")
