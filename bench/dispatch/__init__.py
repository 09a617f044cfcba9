"""Whether an order ever has other than one live booking, whatever crashes when.

`python -m bench dispatch --runs 20000 --seed 1`. The real quoting, dispatching, stacking, cancelling and
watching over a real PostgreSQL; four couriers in process who keep books of their own, refuse, lose answers
before or after the deed, are down, and drop out. Around every transaction and every call a worker may be
killed; what it was at runs again, twice at the same time now and then, and couriers' messages come twice and
in the wrong order. Couriers come late, are offered more, called off and replaced; now and then one says no
though it has booked. Some merchants let orders wait for company, and two of the couriers take several doors
in one tour. People press "dispatch", call deliveries off, and stores cancel. Then nothing goes wrong any
more, sweeps go by, and the couriers' books are counted: one live booking for each order, none for those that
were called off, and each of them the one that the gateway knows. `two_at_once` counts orders with two live
bookings at any moment, but for those that a courier had denied.
"""

from bench.dispatch.run import main

__all__ = ["main"]
