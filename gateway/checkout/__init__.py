"""Checkout: what stores ask while a shopper waits, answered by the engine behind `deliveryOptions`.

One path for all: a store's words become a cart (`reading`), the `Counter` answers it in time, and the answer
becomes the store's words again (`answer`).
"""
