"""Dispatch: one live booking for each fulfillment order, whatever happens meanwhile."""
