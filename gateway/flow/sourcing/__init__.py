"""Sourcing: from which of the merchant's places an order leaves, and in how many parts."""
