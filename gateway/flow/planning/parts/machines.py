"""Machines: what a merchant lets them plan without being asked. Pure."""

from __future__ import annotations

from doorstep.merchant import Merchant


def is_mended(merchant: Merchant) -> bool:
    """Whether tours that are disturbed are planned again."""
    return merchant.planning.mends and merchant.auto_plan_horizon_s > 0
