"""Delivery slots: what a merchant offers, what is left of it, and the places that shoppers hold."""
