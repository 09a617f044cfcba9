"""Save: what a merchant says of goods, and of the way from an order to goods that can be fetched."""

from __future__ import annotations

from dataclasses import replace

from doorstep.calendar import HandlingRules
from doorstep.errors import InvalidInput
from doorstep.goods import GoodsRules
from doorstep.merchant import Merchant
from gateway.flow.ports import Means
from gateway.flow.settings_version import require_version


async def save_goods_rules(
    means: Means, merchant_id: str, rules: GoodsRules, expected_version: int | None = None
) -> Merchant:
    """Keep what the merchant's articles are; questions from now on go by it.

    Raises
    ------
    StateConflict
        If what is kept is not of the expected version; None takes any.
    """
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant(lock=True)
        require_version(expected_version, merchant.goods)
        merchant = replace(merchant, goods=rules)
        await work.accounts.put_merchant(merchant)
    return merchant


async def save_handling_rules(
    means: Means,
    merchant_id: str,
    location_id: str | None,
    rules: HandlingRules | None,
    expected_version: int | None = None,
) -> Merchant:
    """Keep how orders are handled at a place, or (None) at all places without rules of their own.

    Parameters
    ----------
    rules
        None takes away a place's own rules, or puts the usual ones back for all others.
    expected_version
        Of the rules of all places together; None saves over whatever stands there.

    Raises
    ------
    InvalidInput
        If it is no location of the merchant.
    StateConflict
        If they are not of the expected version.
    """
    async with means.begin(merchant_id) as work:
        merchant = await work.accounts.merchant(lock=True)
        require_version(expected_version, merchant.handling, merchant.handling_at)
        if location_id is None:
            merchant = replace(merchant, handling=rules or HandlingRules())
        else:
            if location_id not in {place.id for place in await work.accounts.locations()}:
                text = f"{location_id} is no location of this merchant."
                raise InvalidInput(text, path=("input", "locationId"))
            others = {id_: kept for id_, kept in merchant.handling_at.items() if id_ != location_id}
            merchant = replace(
                merchant, handling_at=others if rules is None else others | {location_id: rules}
            )
        await work.accounts.put_merchant(merchant)
    return merchant
