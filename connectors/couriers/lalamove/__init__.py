"""Lalamove: couriers on two wheels up to lorries, within the cities of thirteen markets (API v3)."""

from connectors.couriers.lalamove.connector import CREDENTIALS, connect
from connectors.couriers.lalamove.heard import Heard
from connectors.couriers.lalamove.planning import LIMITS
from connectors.couriers.lalamove.webhook import LalamoveWebhooks
from connectors.couriers.lalamove.wording import NAME, SYSTEM
from doorstep.delivery_status import DeliveryStatus
from doorstep.ports import CancelPolicy, CarrierPlugin, QuotePolicy
from doorstep.quote import DeliveryMode


def plugin(heard: Heard, webhook_path: str = "") -> CarrierPlugin:
    """The plug-in with a memory of its own for what webhooks and answers tell of orders.

    Parameters
    ----------
    webhook_path
        Where Lalamove posts, where the headers do not say; see `LalamoveWebhooks`.
    """
    return CarrierPlugin(
        carrier=SYSTEM,
        name=NAME,
        mode=DeliveryMode.COURIER,
        credentials=CREDENTIALS,
        connect=lambda credentials, base_url: connect(credentials, base_url, heard),
        webhooks=LalamoveWebhooks(heard, path=webhook_path),
        # Lalamove signs its webhooks with the secret that signs our calls; there is no other.
        webhook_secret_field="api_secret",  # noqa: S106 - a field's name
        limits=LIMITS,
        # An order of Lalamove's takes up to fifteen drop-offs (API guide v3), but it has one number and one
        # status for all, is called off only whole, and its doors change once and after the match alone: no
        # stop could be followed, called off or replaced by itself.
        most_stops=1,
        # Every quotation counts against a hundred a minute, and its price holds for five minutes.
        quoting=QuotePolicy(timeout_s=5.0, may_hedge=False, cached_s=300),
        # Lalamove's API guide v3 takes cancellations for five minutes more; how long ago the driver was
        # matched is not kept, so that nobody counts on them.
        cancelling=CancelPolicy(free_before=DeliveryStatus.COURIER_ASSIGNED),
    )


CONNECTOR = plugin(Heard())

__all__ = ["CONNECTOR", "Heard", "plugin"]
