"""How fast a store's checkout is answered, with all carriers well, half of them hung, and all of them down.

`python -m bench checkout`. Signed CarrierService calls over HTTP at a steady rate, each with a door that
nobody asked for before, through the real routes, flow and database to eight carriers on loopback; the
merchant has a table of prices. Half hung: four of the eight never answer. Down: all answer 503. Nobody waits
for the answer before the next call is made, so that what is late is seen.

`within_timeout` is the share that was answered within what Shopify said it waits, `live` the share that came
with prices of carriers; the others had the table's.
"""

from bench.checkout.run import main

__all__ = ["main"]
