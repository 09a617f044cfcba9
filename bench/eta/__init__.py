"""How well arrival times are foretold, on any table of deliveries that are over.

`python -m bench eta --data FILE --target COLUMN --time COLUMN`. The rows are ordered by `--time`; a model
learns from the first four fifths and foretells the last one, row by row, as it would have been asked. Nothing
that was known only later is used: columns that tell of the end are found, named and left out, and what became
of a delivery counts only from the moment at which it was known.

`mae` and `rmse` are of one and the same point forecast. `coverage` is how often the interval of 90 % held;
`worst_slice_coverage` that of the slice in which it held least, of slices with at least 100 rows (at least 30
where fewer than 1,000 rows are tried): each value of a category, hours, fifths of distances, of
planned durations and of the forecast. `baselines` are the mean, a line and LightGBM with default settings, on
the same rows and the same columns.
"""

from bench.eta.run import main

__all__ = ["main"]
