"""How many positions one core takes, safely, and how soon those who watch see them.

`python -m bench ingest --seconds 8`: a real gateway in a process of its own, over an embedded PostgreSQL,
takes fixes of vans on tour in OsmAnd's protocol, one fix a request, from this process. The same fixes go once
to the product's address and once to one that keeps and works out each fix by itself, in a transaction of its
own, as the product did before. What is counted is the processor time of gateway and database together, until
all that was acknowledged is worked out too. Then shoppers watch vans over sockets, and each ping is timed
from the phone's request to the shopper's message.
"""

from bench.ingest.run import main

__all__ = ["main"]
