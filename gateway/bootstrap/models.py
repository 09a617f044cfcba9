"""Who foretells arrivals."""

from __future__ import annotations

from gateway.flow.ports.eta import EtaModels
from optimizer.eta.merchant import MerchantModels


def open_models() -> EtaModels:
    """LightGBM itself is loaded only when there is something to learn or to foretell."""
    return MerchantModels()
