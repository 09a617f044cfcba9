"""A day as a problem, and its answer as tours."""
