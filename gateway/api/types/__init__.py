"""The schema's types, one file for each group; each is made from a value of the ground floor by `of`."""

# The ground floor's enums must be shown before the first type names one.
from gateway.api.types import enums

__all__ = ["enums"]
