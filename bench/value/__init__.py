"""What it is worth to book the best value instead of the lowest price, at the same share of orders on time.

`python -m bench value --months 3 --seed 1`. A shop with six on-demand couriers, simulated in worlds that each
follow from a published seed. Two merchants see the same orders, quotes and luck (every draw belongs to order,
carrier and attempt) and book with the gateway's own code: `rank` for the list, `line_up` for the order in
which carriers are asked, `wait_until`, `tours` and `Tour.saving` for what goes together, scorecards and
`standings` for what is known of a carrier.

One books the LOWEST PRICE, each order as soon as it is placed. The other books the BEST VALUE, and lets
orders wait for company where one courier may bring several: when the time of one is over, prices are asked
for again, and it goes with those that save most, or alone. Both go first by who promises in time, and both
book the next at the price of the moment when a courier refuses, drops out, finds nobody for
`ASSIGN_LIMIT_MIN` minutes, or fails at the door; what was on a tour that was lost goes on alone. What
carriers are really like stands in `world` and is seen by neither; reliability is learned from what the
merchant's own past showed, from nothing on the first day, read anew each morning.

The numbers of BEST_VALUE (`DispatchRules.miss_cost` and `StackRules`) are tuned on worlds of other seeds than
those that are reported: the least total cost among those on time at least as often as the baseline there. So
is each row of the sensitivity table (`--sensitivity`), in worlds that are otherwise in one respect; it looks
at half of the worlds for a third of the time, and tries fewer numbers.

What the merchant pays: the price of each booking that was picked up; for a failed one its way back, the talk
about it and a second booking; for a late order `world.Terms.late_cost`. `cost_ratio` is best value's total
over the baseline's, `on_time_difference` its share of orders within the window less the baseline's, `stacked`
the share of orders that were driven with others on one tour.

Assumptions about the world, each with its reason
-------------------------------------------------
Orders
    40 a day, in twelve hours with peaks at noon and in the evening. Independent restaurants are said to get 8
    to 60 orders online a day. Where there are more, more go together.
Prices
    Half of the couriers charge 9.75 for five miles and 0.75 for each mile more: the list price in DoorDash
    Drive's documentation. Half charge by distance from the first metre with a surge, made to cost the same at
    the median distance. One standard deviation of the price level is 12 %: a reseller asks 7.35 where that
    list says 9.75, a quarter less.
Surge
    None off-peak; 15 % at noon and in the evening in the middle, at most 50 %. No public figures; platforms
    say only that fares follow demand.
Distance
    Median 4 km, at most 16: on-demand couriers deliver to some ten to fifteen miles, most orders are near. In
    any direction alike, and as far from each other as roads like those to the shop make them. Shoppers who
    live close together would speak for stacks; nothing of that is assumed.
Windows
    60 to 120 minutes, of which a courier's own estimate takes 34 at the median distance.
Late
    Something delays one ride in twelve by half an hour on average, at a middling courier off-peak. Uber gives
    90 % as the example when it tells couriers of their on-time rate; the baseline ends near that.
Dropped
    3 % of bookings before the pickup at a middling courier: couriers of platforms say that those who cancel
    more than 5 % are warned, and platforms find another for some by themselves. Nothing is charged for one.
Refused
    2 % of bookings off-peak ("couriers busy"), more at peaks; the next in line is asked at once.
Assigned
    After 4 minutes on average at a middling courier; a booking without a courier is called off free of
    charge, as DoorDash Drive and Lalamove let one.
Failed
    1 % whoever drives (nobody home, wrong address) and 1.5 % through a middling courier. Parcels, whose
    recipients are often out, are said to fail at 5 to 8 % of first attempts. The way back costs 60 % of the
    fare (DoorDash Drive's documentation), the second trip a new booking, the talk with the shopper 6.00.
Late order
    9.00: the shopper's delivery charge of 6.00 back, and every second one writes or calls at 6.00; published
    costs of one "where is my order" are 4 to 12. A failed order, nearly always late as well, so costs some 30
    with its second fare, where the industry's often quoted average for parcels is 17.20.
How carriers differ
    One hidden quality each: a carrier one standard deviation better is late, drops out and fails 1.8 times
    less often. No public figures compare couriers; this is a guess. The price level follows quality with a
    correlation of 0.5, a guess too: who is better tends to be dearer.
Spells
    Now and then (once in 40 days) a carrier is 2.5 times worse for three to ten days: strikes, weather, a new
    dispatcher. It keeps what was learned from being right for ever.
Who stacks
    Two of the six, of those that charge by distance: of the five couriers that are connected Stuart takes
    several doors in one tour (8 by its help pages) and Lalamove (15 by its API guide).
Price of a tour
    The fare for the whole way by all its doors, and 3.00 for each further door, both at the carrier's level
    and surge. That is 31 % of a common fare: Lalamove's list for Vietnam adds 5,000 to 16,000 VND for the
    first three kilometres (31 %), a courier in Singapore asks 10 dollars on 38 whatever the distance (26 %),
    a bicycle courier in Berlin 4.50 on 9.00 euros (50 %); Deliveree asks the fare of the whole way and an
    amount for each further place, as here.
Time of a tour
    Each further bag takes a minute at the shop, each door 4 minutes on average and 2 at least; where nobody
    is home another 6, and the goods come back after the last door. A courier who refuses or drops out does so
    with all of it. A further door is delayed by a chance of its own, less than a whole ride's by its share of
    the minutes, and what is late at one door is late at the next. The last word is a guess: the table says
    what becomes of it where every door is delayed as often as a ride.

What is not in the world: own vans, parcel carriers, refunds that carriers grant for lateness, goods that are
lost, and shoppers who never come back; the last two would speak for best value.
"""

from bench.value.run import main

__all__ = ["main"]
