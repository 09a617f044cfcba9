"""When a delivery will be there, and between which times it will be with which probability.

`table` holds columns, `reading` makes them of text, `leaks` finds those that tell of the end. `history`
orders them by time and adds what the past said, `fit` learns a model, `trial` tries one on what came after.
The parts that need LightGBM or pandas load them only when they are used.
"""
