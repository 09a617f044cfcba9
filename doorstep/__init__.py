"""The language of delivery: values, events and ports that every room of Doorstep speaks.

Pure standard library, no input or output. A plug-in imports this package and nothing else of ours.

Units: money in minor units with a currency, weights in grams, lengths in millimetres, distances in
metres, spans in seconds. Instants are aware UTC datetimes, windows are half-open, coordinates WGS 84.
"""

__version__ = "0.1.0"
