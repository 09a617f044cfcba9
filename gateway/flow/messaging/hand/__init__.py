"""What a shopper does with the tracking link beyond what follows from a failed attempt."""
