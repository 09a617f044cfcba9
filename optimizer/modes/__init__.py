"""Own van, courier or parcel for each order of a wave.

`WaveChooser` is the way in. `book` puts the offers in arrays; `prices` bounds what any choice costs; `levels`
branches on volume discounts, with `filling` and `closing` for choices that keep every limit; `cp_sat` proves
small ones; `vans` asks planner and carriers in turn, `zones` divides large waves for the planner; `billing`
adds the answer up anew; `wording` says why.
"""

from optimizer.modes.chooser import WaveChooser

__all__ = ["WaveChooser"]
