"""Whether a single order is lost, doubled or stale between two stores and the gateway, whatever goes wrong.

`python -m bench sync --orders 100000 --seed 7`: a simulated Shopify shop and a simulated WooCommerce store
trade over real HTTP while a real `doorstep serve --no-worker` takes their webhooks and real `doorstep worker`
processes read them, over an embedded PostgreSQL. At the end the stores' own books are counted against the
gateway's database.
"""

from bench.sync.run import main

__all__ = ["main"]
