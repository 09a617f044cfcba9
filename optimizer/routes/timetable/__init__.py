"""When a van arrives, waits, serves, rests and leaves on a tour; what is on board; what is wrong with it."""
