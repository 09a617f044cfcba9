"""Own van, courier or parcel: how near to the best the choice is, and what it saves against two plain ones.

`python -m bench modes`. Two measurements, all from published seeds:

1. 2,000 orders with 40 offers each, no vans: `gap` to the bound and `seconds` of wall time, the worst of
   `--waves` waves. The gap is a fraction of the cost; the bound holds for every choice.
2. Ten days of a shop with vans: `saving_over_cheapest` and `saving_over_fleet_first`, fractions of what the
   policy costs over all days.

Every plan, ours and theirs, is counted by `ledger`, which shares no code with the chooser: each order once,
no pool beyond its limits, tours by the route checker, then prices, discounts, missed commitments, tours, and
12.00 times the chance of each promise to be broken, by vans (3 %) as by carriers.

The policies
------------
Cheapest quote each
    Each order, in the order of placing, takes the lowest price of the list that keeps its promise and still
    has room. The own vans are in that list at `RATE_SHEET_MINOR`, what a stop costs on a common day; what is
    given to them and they cannot do goes to the next. The same policy without vans is printed beside it, and
    the cheaper of the two is what is compared with.
Own fleet first
    The vans take as many orders as they can at the least cost; each of the others takes the cheapest quote
    that still has room.

All plan tours with the same planner, roads, seed and time.

The city, and where its numbers are from
----------------------------------------
Orders
    230 to 320 a day, in one wave at 13:00. 70 % lie in eight quarters within 11 km of the centre, the others
    anywhere within 17 km; the depot is 5 km from the centre. Weights are log-normal with a median of 2.2 kg.
    30 % were promised a window of two hours this afternoon, 30 % today by 21:00, 40 % tomorrow by 20:00.
Vans
    Four, from 14:00 to 21:00, 27.00 an hour with what an employer pays on top, 0.40 a kilometre (the rate
    that tax offices allow for a car is near), 12.00 for each that leaves. They cannot take everything. Roads
    are the affine estimate with which planned days were met; handing over takes three minutes.
Couriers
    Four, at five pickups from 14:00 to 20:00. One asks 9.75 up to 8 km and 0.47 for each more (the list of
    DoorDash Drive: 0.75 a mile), the others less to begin with and more by the kilometre, so that they meet
    near the median way; 15 % more in the evening. Each takes ten orders at a pickup, and the dock hands over
    24 to couriers at one time. Late in 4 to 9 %.
Parcels
    Three carriers by zone and started kilogram, from 5.20, at the door tomorrow, late in 5 to 8 %. One takes
    0.50 off every parcel from 40 on and 0.90 from 80 on; one takes 0.40 off each from the 25th and 0.80 off
    each from the 50th on; to the third 15 a day were committed, at 2.00 for each missing one.
"""

from bench.modes.run import main

__all__ = ["main"]
