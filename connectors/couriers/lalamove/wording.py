"""What Lalamove is called in our code and in our sentences."""

SYSTEM = "lalamove"
NAME = "Lalamove"
