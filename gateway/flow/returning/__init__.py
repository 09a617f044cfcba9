"""Returning: what nobody took in goes out again, is left, or comes back; and what is lost is claimed."""
