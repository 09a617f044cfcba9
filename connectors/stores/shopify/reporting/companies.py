"""Names of tracking companies, spelt as Shopify wants them. Pure."""

from __future__ import annotations

_SPELLINGS = (
    "An Post|APC|Australia Post|Bonds|BPost|BRT|Bluedart|Canada Post|Canpar|Chronopost|Colissimo|Correios|"
    "Correos|Couriers Please|CTT|Delhivery|Deutsche Post|DHL|DHL eCommerce|DHL Express|DPD|DPD Local|DPD UK|"
    "DTDC|Evri|FedEx|GLS|Hermes|Inpost|Intelcom|La Poste Colissimo|Lasership|Loomis|Lone Star Overnight|"
    "Mondial Relay|New Zealand Post|OnTrac|Packeta|Parcelforce|Pitney Bowes|Poste Italiane|PostNL|Purolator|"
    "Royal Mail|Sendle|SEUR|SF Express|Singapore Post|Speedy|StarTrack|Swiss Post|TNT|UPS|USPS|Venipak|"
    "XPO Logistics|Yodel"
).split("|")


def _bare(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


_BY_BARE_NAME = {_bare(name): name for name in _SPELLINGS}


def tracking_company(carrier: str) -> str:
    """A carrier's name for `FulfillmentTrackingInput.company`.

    Shopify's schema 2026-10 asks for names of its list exactly as written there, capitals included; any
    other is shown as it is. A code of ours, "dhl_express", is made a name.
    """
    known = _BY_BARE_NAME.get(_bare(carrier))
    if known:
        return known
    is_code = carrier == carrier.lower() and " " not in carrier
    return carrier.replace("_", " ").title() if is_code else carrier
